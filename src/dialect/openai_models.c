/* SPDX-License-Identifier: Apache-2.0 */
/* The list of models: GET, both {"object", "data"} and {"success", "data"}. Costs nothing. */
#include "config.h"

#include "dialect/family.h"
#include "dialect/field.h"

static bool
read_model(struct reply *reply, const struct asked *asked, struct json item)
{
	(void)asked;
	if (json_get(item, "id").kind != JSON_STRING)
		reply_find(reply, RULE_ID_MISSING, "$.data[].id");
	return false;
}

static void
read_body(struct reply *reply, const struct asked *asked, struct json root)
{
	reply->has_output = json_count(field_data(reply, asked, root, read_model)) > 0;
}

const struct dialect dialect_openai_models = {
	.name = "openai-models",
	.method = HTTP_GET,
	.read_body = read_body,
};
