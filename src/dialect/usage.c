/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dialect/usage.h"

#include "base/attr.h"

static void
merge(struct usage *usage, int64_t *count, struct json value, bool keep_larger)
{
	if (!json_is_set(value))
		return;
	usage->reported = true;
	if (value.kind != JSON_INT) {
		usage->bad_type = true;
		return;
	}
	int64_t number = json_int(value);
	usage->negative = usage->negative || number < 0;
	if (!keep_larger || number > *count)
		*count = number;
}

/* The family's other parts of the total; absent ones count as nothing. */
static void
merge_addends(struct usage *usage, const struct usage_shape *shape, struct json value)
{
	int64_t sum = 0;
	for (size_t i = 0; i < ARRAY_LEN(shape->addends) && shape->addends[i]; i++) {
		int64_t part = 0;
		merge(usage, &part, json_get(value, shape->addends[i]), false);
		sum += part;
	}
	usage->extra_tokens = sum;
}

void
usage_read(struct reply *reply, const struct usage_shape *shape, struct json value)
{
	struct usage *usage = &reply->usage;
	if (!json_is_set(value))
		return;
	if (value.kind != JSON_OBJECT) {
		usage->reported = usage->bad_type = true;
		return;
	}
	if (shape->input)
		merge(usage, &usage->input_tokens, json_get(value, shape->input), shape->keep_larger);
	if (shape->output)
		merge(usage, &usage->output_tokens, json_get(value, shape->output), shape->keep_larger);
	if (shape->total)
		merge(usage, &usage->total_tokens, json_get(value, shape->total), shape->keep_larger);
	merge_addends(usage, shape, value);
}
