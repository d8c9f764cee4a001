/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: POST …/messages, sync and streaming (typed events from message_start to message_stop). */
#include "config.h"

#include "base/attr.h"
#include "dialect/ask.h"
#include "dialect/family.h"
#include "dialect/field.h"
#include "dialect/usage.h"

/* Proxies put 0 into message_start and the true count into message_delta, or the reverse. There is no total: input
 * tokens leave out what came from the cache. */
static const struct usage_shape usage_shape = {
	.input = "input_tokens",
	.output = "output_tokens",
	.keep_larger = true,
};

static void
write_members(struct jsonw *body, const struct endpoint *endpoint, const struct asked *asked)
{
	const struct request_config *request = &endpoint->request;
	jsonw_str(body, "model", asked->model);
	ask_messages(body, request);
	ask_limits(body, request);
	jsonw_bool(body, "stream", asked->stream);
}

static void
read_stop_reason(struct reply *reply, struct str reason, const char *path)
{
	static const char *const known[] = { "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn",
		"refusal", "model_context_window_exceeded" };
	bool is_known = false;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		is_known = is_known || str_eq(reason, str_of(known[i]));
	reply_keep(&reply->finish_reason, reason);
	if (!is_known)
		reply_find(reply, RULE_ENUM_VALUE_UNKNOWN, path);
	reply->hit_limit = reply->hit_limit || str_eq(reason, STR("max_tokens"));
	reply->blocked = reply->blocked || str_eq(reason, STR("refusal"));
}

/* "" and "null" are no reason to have stopped. */
static bool
is_reason(struct str reason)
{
	return reason.len > 0 && !str_eq(reason, STR("null"));
}

static bool
read_block(struct reply *reply, const struct asked *asked, struct json block)
{
	(void)asked;
	struct str type = json_str(json_get(block, "type"));
	if (!type.at || str_eq(type, STR("text")))
		reply_add_text(reply, json_str(field_needed(reply, block, "text", FIELD_STRING, "$.content[].text")));
	else if (str_ends(type, STR("tool_use")))
		reply->has_output = true;
	return false;
}

static void
read_body(struct reply *reply, const struct asked *asked, struct json root)
{
	static const char stop_path[] = "$.stop_reason";
	field_id(reply, root, "$.id");
	field_required(reply, root, "type", FIELD_STRING, "$.type");
	field_required(reply, root, "role", FIELD_STRING, "$.role");
	field_model(reply, root, "model", "$.model");
	struct json content = field_output_list(reply, root, "content", "$.content");
	field_items(reply, asked, content, "$.content[]", read_block);
	struct json stop = json_get(root, "stop_reason");
	if (stop.kind == JSON_STRING)
		read_stop_reason(reply, json_str(stop), stop_path);
	if (!is_reason(json_str(stop))) {
		bool retyped = json_is_set(stop) && stop.kind != JSON_STRING;
		reply_find(reply, retyped ? RULE_FIELD_TYPE_CHANGED : RULE_FINISH_REASON_MISSING, stop_path);
		reply->unreadable = true;
	}
	usage_read(reply, &usage_shape, json_get(root, "usage"));
}

/* ---- events ---- */

static uint64_t
block_bit(struct json root)
{
	struct json index = json_get(root, "index");
	return index.kind == JSON_INT && json_int(index) >= 0 && json_int(index) < 64 ? UINT64_C(1) << json_int(index)
										      : 0;
}

static bool
on_message_start(struct reply *reply, struct json root)
{
	struct json message = field_required(reply, root, "message", FIELD_OBJECT, "$.message");
	if (reply->stream.opened)
		reply_find(reply, RULE_SSE_EVENT_ORDER, "$.type");
	reply->stream.opened = true;
	if (message.kind != JSON_OBJECT)
		return false;
	field_id(reply, message, "$.message.id");
	field_model(reply, message, "model", "$.message.model");
	usage_read(reply, &usage_shape, json_get(message, "usage"));
	return false;
}

static bool
on_block_start(struct reply *reply, struct json root)
{
	struct json block = json_get(root, "content_block");
	struct str type = json_str(json_get(block, "type")), text = json_str(json_get(block, "text"));
	reply->stream.open_parts |= block_bit(root);
	if (str_ends(type, STR("tool_use")))
		reply->has_output = true;
	if (str_eq(type, STR("text")))
		reply_add_text(reply, text);
	return text.len > 0;
}

static bool
on_block_delta(struct reply *reply, struct json root)
{
	struct json delta = field_needed(reply, root, "delta", FIELD_OBJECT, "$.delta");
	struct str type = json_str(json_get(delta, "type"));
	uint64_t bit = block_bit(root);
	if (bit && !(reply->stream.open_parts & bit))
		reply_find(reply, RULE_SSE_EVENT_ORDER, "$.index");
	if (!str_eq(type, STR("text_delta")))
		return false;
	struct str text = json_str(field_needed(reply, delta, "text", FIELD_STRING, "$.delta.text"));
	reply_add_text(reply, text);
	return text.len > 0;
}

static bool
on_block_stop(struct reply *reply, struct json root)
{
	reply->stream.open_parts &= ~block_bit(root);
	return false;
}

static bool
on_message_delta(struct reply *reply, struct json root)
{
	static const char path[] = "$.delta.stop_reason";
	struct json stop = json_get(json_get(root, "delta"), "stop_reason");
	if (json_is_set(stop) && stop.kind != JSON_STRING)
		reply_find(reply, RULE_FIELD_TYPE_CHANGED, path);
	if (stop.kind == JSON_STRING) {
		if (reply->stream.completed)
			reply_find(reply, RULE_FINISH_REASON_REPEATED, path);
		read_stop_reason(reply, json_str(stop), path);
		reply->stream.completed = reply->stream.completed || is_reason(json_str(stop));
	}
	usage_read(reply, &usage_shape, json_get(root, "usage"));
	return false;
}

static bool
on_message_stop(struct reply *reply, struct json root)
{
	(void)root;
	reply->stream.terminals++;
	return false;
}

static bool
read_event(struct reply *reply, const struct asked *asked, const struct sse_event *event, struct json root)
{
	static const struct {
		struct str type;
		bool (*fn)(struct reply *reply, struct json root);
	} handlers[] = {
		{ { "message_start", 13 }, on_message_start },
		{ { "content_block_start", 19 }, on_block_start },
		{ { "content_block_delta", 19 }, on_block_delta },
		{ { "content_block_stop", 18 }, on_block_stop },
		{ { "message_delta", 13 }, on_message_delta },
		{ { "message_stop", 12 }, on_message_stop },
	};
	(void)asked;
	(void)event;
	reply->success_body = true;
	struct str type = json_str(field_required(reply, root, "type", FIELD_STRING, "$.type"));
	for (size_t i = 0; i < ARRAY_LEN(handlers); i++) {
		if (!str_eq(type, handlers[i].type))
			continue;
		bool of_block = str_starts(type, STR("content_block_"));
		if ((i > 0 && !reply->stream.opened) || (of_block && reply->stream.completed))
			reply_find(reply, RULE_SSE_EVENT_ORDER, "$.type");
		reply->stream.opened = reply->stream.opened || i > 0;
		return handlers[i].fn(reply, root);
	}
	return false; /* ping, and whatever the family adds: to be ignored */
}

const struct dialect dialect_anthropic_messages = {
	.name = "anthropic-messages",
	.method = HTTP_POST,
	.caps = DIALECT_STREAM | DIALECT_MODEL | DIALECT_PROMPT | DIALECT_USAGE | DIALECT_TERMINAL | DIALECT_TEXT,
	.token_fields = (const char *const[]){ "max_tokens", NULL },
	.usage = &usage_shape,
	.skeleton = (const char *const[]){ "id", "content", "model", NULL },
	.headers = (const char *const[]){ "anthropic-version: 2023-06-01", NULL },
	.required_key = "messages",
	.completion_path = "$.delta.stop_reason",
	.write_members = write_members,
	.read_body = read_body,
	.read_event = read_event,
};
