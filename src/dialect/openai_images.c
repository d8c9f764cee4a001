/* SPDX-License-Identifier: Apache-2.0 */
/* Images: POST …/images/generations. No streaming; an image comes as a URL or as base64. */
#include "config.h"

#include "dialect/family.h"
#include "dialect/field.h"
#include "dialect/usage.h"

enum { MAX_BODY_BYTES = 16 * 1024 * 1024 };

static const struct usage_shape usage_shape = {
	.input = "input_tokens",
	.output = "output_tokens",
	.total = "total_tokens",
};

static void
write_members(struct jsonw *body, const struct endpoint *endpoint, const struct asked *asked)
{
	jsonw_str(body, "model", asked->model);
	jsonw_text(body, "prompt", endpoint->request.prompt);
	jsonw_int(body, "n", 1);
}

static bool
read_image(struct reply *reply, const struct asked *asked, struct json item)
{
	struct json url = field_optional(reply, item, "url", FIELD_STRING, "$.data[].url");
	struct json base64 = field_optional(reply, item, "b64_json", FIELD_STRING, "$.data[].b64_json");
	bool none = !json_is_set(json_get(item, "url")) && !json_is_set(json_get(item, "b64_json"));
	if (none) {
		reply_find(reply, RULE_REQUIRED_FIELD_MISSING, "$.data[].b64_json");
		reply->unreadable = true;
	} else if (asked->image_form && !json_is_set(json_get(item, asked->image_form))) {
		reply_find(reply, RULE_IMAGE_FORM_CHANGED, "$.data[]");
	}
	reply->has_output = reply->has_output || json_str(url).len > 0 || json_str(base64).len > 0;
	return false;
}

static void
read_body(struct reply *reply, const struct asked *asked, struct json root)
{
	field_created(reply, root, "created", FIELD_INT, "$.created");
	field_data(reply, asked, root, read_image);
	usage_read(reply, &usage_shape, json_get(root, "usage"));
}

const struct dialect dialect_openai_images = {
	.name = "openai-images",
	.method = HTTP_POST,
	.caps = DIALECT_MODEL | DIALECT_PROMPT | DIALECT_USAGE,
	.usage = &usage_shape,
	.skeleton = (const char *const[]){ "data", "created", NULL },
	.max_body_bytes = MAX_BODY_BYTES,
	.required_key = "prompt",
	.write_members = write_members,
	.read_body = read_body,
};
