/* SPDX-License-Identifier: Apache-2.0 */
/* Embeddings: POST …/embeddings. No streaming. */
#include "config.h"

#include "dialect/family.h"
#include "dialect/field.h"
#include "dialect/usage.h"

static const struct usage_shape usage_shape = {
	.input = "prompt_tokens",
	.total = "total_tokens",
	.needs_input = true,
};

static void
write_members(struct jsonw *body, const struct endpoint *endpoint, const struct asked *asked)
{
	jsonw_str(body, "model", asked->model);
	jsonw_text(body, "input", endpoint->request.prompt);
	jsonw_text(body, "encoding_format", asked->base64 ? "base64" : "float");
}

/* Each number takes four bytes, three of which base64 writes in four characters. */
static int64_t
vector_length(struct json vector)
{
	struct str text = json_str(vector);
	while (text.len > 0 && text.at[text.len - 1] == '=')
		text.len--;
	return vector.kind == JSON_ARRAY ? (int64_t)json_count(vector) : (int64_t)(text.len * 3 / 4 / sizeof(float));
}

static bool
read_vector(struct reply *reply, const struct asked *asked, struct json item)
{
	static const char path[] = "$.data[].embedding";
	field_required(reply, item, "index", FIELD_INT, "$.data[].index");
	struct json vector = field_needed(reply, item, "embedding", FIELD_ARRAY | FIELD_STRING, path);
	if (vector.kind == JSON_ABSENT)
		return false;
	if ((vector.kind == JSON_STRING) != asked->base64)
		reply_find(reply, RULE_EMBEDDING_ENCODING_CHANGED, path);
	bool empty = vector.kind == JSON_STRING ? json_str(vector).len == 0 : json_count(vector) == 0;
	if (empty)
		reply_find(reply, RULE_ARRAY_BECAME_EMPTY, path);
	else if (vector.kind == JSON_ARRAY)
		field_check(reply, json_at(vector, 0), FIELD_NUMBER, "$.data[].embedding[]");
	if (!empty && asked->dimensions > 0 && vector_length(vector) != asked->dimensions)
		reply_find(reply, RULE_EMBEDDING_DIMENSION_CHANGED, path);
	reply->has_output = true;
	return false;
}

static void
read_body(struct reply *reply, const struct asked *asked, struct json root)
{
	field_model(reply, root, "model", "$.model");
	field_data(reply, asked, root, read_vector);
	usage_read(reply, &usage_shape, json_get(root, "usage"));
}

const struct dialect dialect_openai_embeddings = {
	.name = "openai-embeddings",
	.method = HTTP_POST,
	.caps = DIALECT_MODEL | DIALECT_PROMPT | DIALECT_USAGE,
	.usage = &usage_shape,
	.skeleton = (const char *const[]){ "data", "model", NULL },
	.required_key = "input",
	.write_members = write_members,
	.read_body = read_body,
};
