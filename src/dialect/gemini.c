/* SPDX-License-Identifier: Apache-2.0 */
/* Gemini: POST …/models/{model}:generateContent, and :streamGenerateContent?alt=sse (data-only events that end with the
 * connection). A stream's event has the form of a whole answer. */
#include "config.h"

#include "base/attr.h"
#include "dialect/family.h"
#include "dialect/field.h"
#include "dialect/usage.h"

static const struct usage_shape usage_shape = {
	.input = "promptTokenCount",
	.output = "candidatesTokenCount",
	.total = "totalTokenCount",
	.addends = { "thoughtsTokenCount", "toolUsePromptTokenCount" },
};

static void
write_members(struct jsonw *body, const struct endpoint *endpoint, const struct asked *asked)
{
	const struct request_config *request = &endpoint->request;
	(void)asked;
	jsonw_open_array(body, "contents");
	jsonw_open_object(body, NULL);
	jsonw_text(body, "role", "user");
	jsonw_open_array(body, "parts");
	jsonw_open_object(body, NULL);
	jsonw_text(body, "text", request->prompt);
	jsonw_close_object(body);
	jsonw_close_array(body);
	jsonw_close_object(body);
	jsonw_close_array(body);
	jsonw_open_object(body, "generationConfig");
	if (request->token_field && request->max_tokens > 0)
		jsonw_int(body, "maxOutputTokens", request->max_tokens);
	if (request->has_temperature)
		jsonw_real(body, "temperature", request->temperature);
	jsonw_close_object(body);
}

static bool
is_one_of(struct str text, const char *const *list)
{
	for (; *list; list++)
		if (str_eq(text, str_of(*list)))
			return true;
	return false;
}

static void
read_finish(struct reply *reply, struct str reason)
{
	static const char *const blocked[] = { "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
		"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", NULL };
	static const char *const others[] = { "STOP", "MAX_TOKENS", "LANGUAGE", "OTHER", "MALFORMED_FUNCTION_CALL",
		"UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "IMAGE_OTHER", "NO_IMAGE", "FINISH_REASON_UNSPECIFIED",
		NULL };
	bool is_blocked = is_one_of(reason, blocked);
	reply_keep(&reply->finish_reason, reason);
	if (!is_blocked && !is_one_of(reason, others))
		reply_find(reply, RULE_ENUM_VALUE_UNKNOWN, "$.candidates[].finishReason");
	reply->blocked = reply->blocked || is_blocked;
	reply->hit_limit = reply->hit_limit || str_eq(reason, STR("MAX_TOKENS"));
}

/* True when a part was visible text. A part marked as thought is none. */
static bool
read_parts(struct reply *reply, struct json parts)
{
	bool visible = false;
	for (size_t i = 0; i < json_count(parts); i++) {
		struct json part = json_at(parts, i);
		struct json text =
		    field_optional(reply, part, "text", FIELD_STRING, "$.candidates[].content.parts[].text");
		if (json_truth(json_get(part, "thought")))
			continue;
		reply_add_text(reply, json_str(text));
		visible = visible || json_str(text).len > 0;
		if (json_is_set(json_get(part, "functionCall")) || json_is_set(json_get(part, "inlineData")))
			reply->has_output = true;
	}
	return visible;
}

/* required: a sync candidate that stopped by itself has its content. */
static bool
read_content(struct reply *reply, struct json candidate, bool required)
{
	static const char content_path[] = "$.candidates[].content", parts_path[] = "$.candidates[].content.parts";
	struct json content = required ? field_needed(reply, candidate, "content", FIELD_OBJECT, content_path)
				       : field_optional(reply, candidate, "content", FIELD_OBJECT, content_path);
	if (content.kind != JSON_OBJECT)
		return false;
	struct json parts = required ? field_needed(reply, content, "parts", FIELD_ARRAY, parts_path)
				     : field_optional(reply, content, "parts", FIELD_ARRAY, parts_path);
	return read_parts(reply, parts);
}

/* The finish reason of a candidate; absent when it has none (yet). */
static struct str
finish_of(struct reply *reply, struct json candidate)
{
	static const char path[] = "$.candidates[].finishReason";
	struct json finish = json_get(candidate, "finishReason");
	if (json_is_set(finish) && finish.kind != JSON_STRING) {
		reply_find(reply, RULE_FIELD_TYPE_CHANGED, path);
		reply->unreadable = true;
		return STR_NONE;
	}
	struct str reason = json_str(finish);
	if (reason.at)
		read_finish(reply, reason);
	bool is_reason = reason.len > 0 && !str_eq(reason, STR("null"));
	return is_reason ? reason : STR_NONE;
}

static bool
read_candidate(struct reply *reply, struct json candidate, bool stream)
{
	struct str finish = finish_of(reply, candidate);
	enum json_kind kind = json_get(candidate, "finishReason").kind;
	if (stream) {
		reply->stream.completed = reply->stream.completed || finish.at;
	} else if (!finish.at && (kind == JSON_ABSENT || kind == JSON_NULL || kind == JSON_STRING)) {
		reply_find(reply, RULE_FINISH_REASON_MISSING, "$.candidates[].finishReason");
		reply->unreadable = true;
	}
	return read_content(reply, candidate, !stream && str_eq(finish, STR("STOP")));
}

static bool
read_whole_candidate(struct reply *reply, const struct asked *asked, struct json candidate)
{
	(void)asked;
	return read_candidate(reply, candidate, false);
}

static bool
read_candidate_piece(struct reply *reply, const struct asked *asked, struct json candidate)
{
	(void)asked;
	return read_candidate(reply, candidate, true);
}

/* A whole answer, or one event of a stream. True when it brought visible text. */
static bool
read_answer(struct reply *reply, const struct asked *asked, struct json root, bool stream)
{
	struct json candidates = json_get(root, "candidates");
	bool refused = json_is_set(json_get(json_get(root, "promptFeedback"), "blockReason"));
	/* an event may bring usage alone */
	bool may_be_absent = refused || (stream && json_is_set(json_get(root, "usageMetadata")));
	if (!may_be_absent || json_is_set(candidates))
		candidates = field_needed(reply, root, "candidates", FIELD_ARRAY, "$.candidates");
	bool is_list = candidates.kind == JSON_ARRAY;
	reply->success_body = stream || is_list || refused;
	reply->blocked = reply->blocked || refused;
	reply->empty_list = !stream && !refused && is_list && json_count(candidates) == 0;
	reply->stream.completed = reply->stream.completed || (stream && refused);
	field_item_fn *read_one = stream ? read_candidate_piece : read_whole_candidate;
	bool visible = field_items(reply, asked, candidates, "$.candidates[]", read_one);
	struct str model = json_str(field_optional(reply, root, "modelVersion", FIELD_STRING, "$.modelVersion"));
	if (model.len > 0)
		reply_keep(&reply->model, model);
	usage_read(reply, &usage_shape, json_get(root, "usageMetadata"));
	return visible;
}

static void
read_body(struct reply *reply, const struct asked *asked, struct json root)
{
	read_answer(reply, asked, root, false);
}

static bool
read_event(struct reply *reply, const struct asked *asked, const struct sse_event *event, struct json root)
{
	(void)event;
	return read_answer(reply, asked, root, true);
}

const struct dialect dialect_gemini = {
	.name = "gemini",
	.method = HTTP_POST,
	.caps = DIALECT_STREAM | DIALECT_MODEL | DIALECT_PROMPT | DIALECT_USAGE | DIALECT_TEXT,
	.token_fields = (const char *const[]){ "max_output_tokens", NULL },
	.cap_group = "generationConfig",
	.cap_fields = (const char *const[]){ "maxOutputTokens", "max_output_tokens", NULL },
	.answers_field = "candidateCount",
	.spellings =
	    (const char *const[]){ "generation_config", "generationConfig", "candidate_count", "candidateCount", NULL },
	.usage = &usage_shape,
	.skeleton = (const char *const[]){ "candidates", "modelVersion", NULL },
	.auth_statuses = (const int[]){ 400, 401, 403, 0 },
	.numeric_error_code = true,
	.model_path = "$.modelVersion",
	.usage_path = "$.usageMetadata",
	.stream_path = { ":generateContent", ":streamGenerateContent?alt=sse" },
	.required_key = "contents",
	.completion_path = "$.candidates[].finishReason",
	.write_members = write_members,
	.read_body = read_body,
	.read_event = read_event,
};
