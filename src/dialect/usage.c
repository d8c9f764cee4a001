/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dialect/usage.h"

#include "base/attr.h"

/* Parts of usage that may be wrong, until a later event puts them right: bits of struct usage. */
enum { PART_WHOLE, PART_DETAILS, PART_INPUT, PART_OUTPUT, PART_TOTAL, PART_ADDENDS };

static void
mark(unsigned *parts, unsigned part, bool wrong)
{
	*parts = wrong ? *parts | 1U << part : *parts & ~(1U << part);
}

static void
merge(struct usage *usage, unsigned part, int64_t *count, struct json value, bool keep_larger)
{
	if (!json_is_set(value))
		return;
	usage->reported = true;
	mark(&usage->bad_types, part, value.kind != JSON_INT);
	if (value.kind != JSON_INT)
		return;
	int64_t number = json_int(value);
	mark(&usage->negatives, part, number < 0);
	if (!keep_larger || number > *count)
		*count = number;
}

/* The family's other parts of the total; absent ones count as nothing. */
static void
merge_addends(struct usage *usage, const struct usage_shape *shape, struct json value)
{
	usage->extra_tokens = 0;
	for (unsigned i = 0; i < ARRAY_LEN(shape->addends) && shape->addends[i]; i++) {
		merge(usage, PART_ADDENDS + i, &usage->addends[i], json_get(value, shape->addends[i]), false);
		usage->extra_tokens += usage->addends[i];
	}
}

/* Counts of tokens are whole numbers, also those that nobody adds up; what is broken down is an object, or with Gemini a
 * list. */
static bool
has_wrong_counts(struct json object, unsigned depth)
{
	struct json_walk walk = { 0 };
	while (json_next(object, &walk)) {
		struct str key = str_of(walk.key);
		bool details =
		    depth == 0 && (str_ends(key, STR("_tokens_details")) || str_ends(key, STR("TokensDetails")));
		bool count = str_ends(key, STR("_tokens")) || str_ends(key, STR("TokenCount"));
		if (!json_is_set(walk.value))
			continue;
		if (details && walk.value.kind != JSON_ARRAY &&
		    (walk.value.kind != JSON_OBJECT || has_wrong_counts(walk.value, depth + 1)))
			return true;
		if (count && walk.value.kind != JSON_INT)
			return true;
	}
	return false;
}

void
usage_read(struct reply *reply, const struct usage_shape *shape, struct json value)
{
	struct usage *usage = &reply->usage;
	if (!json_is_set(value))
		return;
	mark(&usage->bad_types, PART_WHOLE, value.kind != JSON_OBJECT);
	if (value.kind != JSON_OBJECT) {
		usage->reported = true;
		return;
	}
	if (shape->input)
		merge(usage, PART_INPUT, &usage->input_tokens, json_get(value, shape->input), shape->keep_larger);
	if (shape->output)
		merge(usage, PART_OUTPUT, &usage->output_tokens, json_get(value, shape->output), shape->keep_larger);
	if (shape->total)
		merge(usage, PART_TOTAL, &usage->total_tokens, json_get(value, shape->total), shape->keep_larger);
	merge_addends(usage, shape, value);
	mark(&usage->bad_types, PART_DETAILS, has_wrong_counts(value, 0));
}
