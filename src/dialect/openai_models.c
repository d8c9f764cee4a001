/* SPDX-License-Identifier: Apache-2.0 */
/* The list of models: GET, both {"object", "data"} and {"success", "data"}. Costs nothing. */
#include "config.h"

#include "dialect/family.h"
#include "dialect/field.h"

static void
read_body(struct reply *reply, const struct asked *asked, struct json root)
{
	(void)asked;
	struct json data = field_needed(reply, root, "data", FIELD_ARRAY, "$.data");
	reply->success_body = data.kind == JSON_ARRAY;
	reply->empty_list = data.kind == JSON_ARRAY && json_count(data) == 0;
	reply->has_output = json_count(data) > 0;
	for (size_t i = 0; i < json_count(data); i++) {
		struct json item = field_check(reply, json_at(data, i), FIELD_OBJECT, "$.data[]");
		if (item.kind == JSON_OBJECT && json_get(item, "id").kind != JSON_STRING)
			reply_find(reply, RULE_ID_MISSING, "$.data[].id");
	}
}

const struct dialect dialect_openai_models = {
	.name = "openai-models",
	.method = HTTP_GET,
	.skeleton = (const char *const[]){ "data", NULL },
	.read_body = read_body,
};
