/* SPDX-License-Identifier: Apache-2.0 */
/* Chat completions: POST …/chat/completions, sync and streaming (data-only events, [DONE] at the end). */
#include "config.h"

#include "base/attr.h"
#include "dialect/ask.h"
#include "dialect/family.h"
#include "dialect/field.h"
#include "dialect/usage.h"

static const struct usage_shape usage_shape = {
	.input = "prompt_tokens",
	.output = "completion_tokens",
	.total = "total_tokens",
};

static void
write_members(struct jsonw *body, const struct endpoint *endpoint, const struct asked *asked)
{
	const struct request_config *request = &endpoint->request;
	jsonw_str(body, "model", asked->model);
	ask_messages(body, request);
	ask_limits(body, request);
	jsonw_bool(body, "stream", asked->stream);
	if (asked->stream && request->stream_usage) {
		jsonw_open_object(body, "stream_options");
		jsonw_bool(body, "include_usage", true);
		jsonw_close_object(body);
	}
}

static bool
is_known_finish(struct str reason)
{
	static const char *const known[] = { "stop", "length", "tool_calls", "content_filter", "function_call" };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(reason, str_of(known[i])))
			return true;
	return false;
}

/* "" and "null" are how some gateways write "not yet": no finish. */
static bool
read_finish(struct reply *reply, struct str reason)
{
	static const char path[] = "$.choices[].finish_reason";
	reply_keep(&reply->finish_reason, reason);
	if (!is_known_finish(reason))
		reply_find(reply, RULE_ENUM_VALUE_UNKNOWN, path);
	if (reason.len == 0 || str_eq(reason, STR("null")))
		return false;
	reply->blocked = reply->blocked || str_eq(reason, STR("content_filter"));
	reply->hit_limit = reply->hit_limit || str_eq(reason, STR("length")) || str_eq(reason, STR("max_tokens"));
	return true;
}

/* What a message and a delta have in common besides their text. */
static void
read_output(struct reply *reply, struct json message, struct json content)
{
	reply_add_text(reply, json_str(content));
	if (json_count(json_get(message, "tool_calls")) > 0 || json_is_set(json_get(message, "function_call")))
		reply->has_output = true;
	if (json_str(json_get(message, "refusal")).len > 0)
		reply->refused = true;
}

static bool
read_choice(struct reply *reply, const struct asked *asked, struct json choice)
{
	(void)asked;
	field_required(reply, choice, "index", FIELD_INT, "$.choices[].index");
	struct json message = field_needed(reply, choice, "message", FIELD_OBJECT, "$.choices[].message");
	if (message.kind == JSON_OBJECT)
		read_output(reply, message,
		    field_needed(reply, message, "content", FIELD_STRING | FIELD_NULL, "$.choices[].message.content"));
	struct json finish = json_get(choice, "finish_reason");
	if (json_is_set(finish) && finish.kind != JSON_STRING)
		reply_find(reply, RULE_FIELD_TYPE_CHANGED, "$.choices[].finish_reason");
	else if (finish.kind != JSON_STRING || !read_finish(reply, json_str(finish)))
		reply_find(reply, RULE_FINISH_REASON_MISSING, "$.choices[].finish_reason");
	else
		return false;
	reply->unreadable = true; /* how it ended is not known, so neither is whether the output is all there is */
	return false;
}

static void
read_body(struct reply *reply, const struct asked *asked, struct json root)
{
	field_id(reply, root, "$.id");
	field_required(reply, root, "object", FIELD_STRING, "$.object");
	field_created(reply, root, "created", FIELD_INT, "$.created");
	field_model(reply, root, "model", "$.model");
	struct json choices = field_output_list(reply, root, "choices", "$.choices");
	field_items(reply, asked, choices, "$.choices[]", read_choice);
	usage_read(reply, &usage_shape, json_get(root, "usage"));
}

/* True when the choice brought visible text. */
static bool
read_chunk_choice(struct reply *reply, const struct asked *asked, struct json choice)
{
	(void)asked;
	static const char finish_path[] = "$.choices[].finish_reason";
	struct json delta = field_needed(reply, choice, "delta", FIELD_OBJECT, "$.choices[].delta");
	struct json content = field_optional(reply, delta, "content", FIELD_STRING, "$.choices[].delta.content");
	struct json index = json_get(choice, "index");
	uint64_t bit = json_int(index) >= 0 && json_int(index) < 64 ? UINT64_C(1) << json_int(index) : 0;
	bool visible = json_str(content).len > 0;
	if (visible && reply->stream.finished_choices & bit)
		reply_find(reply, RULE_SSE_EVENT_ORDER, "$.choices[].delta.content");
	read_output(reply, delta, content);

	struct json finish = field_optional(reply, choice, "finish_reason", FIELD_STRING, finish_path);
	struct str reason = json_str(finish);
	if (reason.at && read_finish(reply, reason)) {
		if (reply->stream.finished_choices & bit)
			reply_find(reply, RULE_FINISH_REASON_REPEATED, finish_path);
		reply->stream.finished_choices |= bit;
		reply->stream.completed = true;
		reply->stream.error_event = reply->stream.error_event || str_eq(reason, STR("error"));
	}
	return visible;
}

/* What Azure adds about its filters, under a head of empty texts: no part of the answer. */
static bool
is_annotation(struct json root)
{
	struct json id = json_get(root, "id"), object = json_get(root, "object");
	return id.kind == JSON_STRING && json_str(id).len == 0 && object.kind == JSON_STRING &&
	    json_str(object).len == 0;
}

static bool
read_event(struct reply *reply, const struct asked *asked, const struct sse_event *event, struct json root)
{
	(void)event;
	reply->success_body = true;
	struct json choices = field_needed(reply, root, "choices", FIELD_ARRAY, "$.choices");
	size_t count = json_count(choices);
	if (choices.kind == JSON_ARRAY && count == 0)
		reply_find(reply, RULE_SSE_EMPTY_CHOICES, "$.choices");
	if (is_annotation(root))
		return false;
	field_id(reply, root, "$.id");
	field_required(reply, root, "object", FIELD_STRING, "$.object");
	field_model(reply, root, "model", "$.model");
	if (count > 0) /* a chunk without choices may carry a time of its own, or 0 */
		field_created(reply, root, "created", FIELD_INT, "$.created");
	else
		field_required(reply, root, "created", FIELD_INT, "$.created");
	bool visible = field_items(reply, asked, choices, "$.choices[]", read_chunk_choice);
	usage_read(reply, &usage_shape, json_get(root, "usage"));
	return visible;
}

static bool
read_marker(struct reply *reply, struct str data)
{
	if (!str_eq(data, STR("[DONE]")))
		return false;
	reply->stream.terminals++;
	return true;
}

const struct dialect dialect_openai_chat = {
	.name = "openai-chat",
	.method = HTTP_POST,
	.caps = DIALECT_STREAM | DIALECT_MODEL | DIALECT_PROMPT | DIALECT_USAGE | DIALECT_TERMINAL |
	    DIALECT_STREAM_USAGE | DIALECT_TEXT,
	.token_fields = (const char *const[]){ "max_tokens", "max_completion_tokens", NULL },
	.usage = &usage_shape,
	.skeleton = (const char *const[]){ "id", "choices", "model", NULL },
	.required_key = "messages",
	.completion_path = "$.choices[].finish_reason",
	.write_members = write_members,
	.read_body = read_body,
	.read_event = read_event,
	.read_marker = read_marker,
};
