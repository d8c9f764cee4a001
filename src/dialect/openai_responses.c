/* SPDX-License-Identifier: Apache-2.0 */
/* Responses: POST …/responses, sync and streaming (typed events, exactly one of completed, failed, incomplete at the
 * end). */
#include "config.h"

#include "base/attr.h"
#include "dialect/ask.h"
#include "dialect/error.h"
#include "dialect/family.h"
#include "dialect/field.h"
#include "dialect/usage.h"

static const struct usage_shape usage_shape = {
	.input = "input_tokens",
	.output = "output_tokens",
	.total = "total_tokens",
};

static void
write_members(struct jsonw *body, const struct endpoint *endpoint, const struct asked *asked)
{
	const struct request_config *request = &endpoint->request;
	jsonw_str(body, "model", asked->model);
	jsonw_text(body, "input", request->prompt);
	ask_limits(body, request);
	jsonw_bool(body, "stream", asked->stream);
}

/* What is not text and not thought is an act: a call of a tool, an image. */
static bool
is_act(struct str item_type)
{
	return str_ends(item_type, STR("_call")) || str_ends(item_type, STR("_request"));
}

static void
read_message(struct reply *reply, struct json message)
{
	struct json content = field_needed(reply, message, "content", FIELD_ARRAY, "$.output[].content");
	for (size_t i = 0; i < json_count(content); i++) {
		struct json part = json_at(content, i);
		struct str type = json_str(json_get(part, "type"));
		if (str_eq(type, STR("output_text")))
			reply_add_text(reply,
			    json_str(field_needed(reply, part, "text", FIELD_STRING, "$.output[].content[].text")));
		else if (str_eq(type, STR("refusal")))
			reply->refused = true;
	}
}

static bool
is_message(struct json item)
{
	return str_eq(json_str(json_get(item, "type")), STR("message"));
}

static bool
read_item(struct reply *reply, const struct asked *asked, struct json item)
{
	(void)asked;
	if (is_message(item))
		read_message(reply, item);
	else if (is_act(json_str(json_get(item, "type"))))
		reply->has_output = true;
	return false;
}

/* In a stream, which may have told its parts before: they need not be here. */
static void
read_streamed_item(struct reply *reply, const struct asked *asked, struct json item)
{
	if (!is_message(item) || json_get(item, "content").kind == JSON_ARRAY)
		read_item(reply, asked, item);
}

/* The status of a response object, sync or at the end of a stream. */
static void
read_status(struct reply *reply, const struct asked *asked, struct json response, const char *path)
{
	struct str status = json_str(field_needed(reply, response, "status", FIELD_STRING, path));
	if (!status.at)
		return;
	reply_keep(&reply->finish_reason, status);
	if (str_eq(status, STR("failed")) || str_eq(status, STR("cancelled"))) {
		error_read(reply, asked, response);
	} else if (str_eq(status, STR("incomplete"))) {
		struct str reason = json_str(json_get(json_get(response, "incomplete_details"), "reason"));
		reply->hit_limit = str_eq(reason, STR("max_output_tokens"));
		reply->blocked = str_eq(reason, STR("content_filter"));
	} else if (str_eq(status, STR("queued")) || str_eq(status, STR("in_progress"))) {
		reply->not_finished = true;
	} else if (!str_eq(status, STR("completed"))) {
		reply_find(reply, RULE_ENUM_VALUE_UNKNOWN, path);
	}
}

static void
read_body(struct reply *reply, const struct asked *asked, struct json root)
{
	field_id(reply, root, "$.id");
	field_required(reply, root, "object", FIELD_STRING, "$.object");
	field_created(reply, root, "created_at", FIELD_NUMBER, "$.created_at");
	field_model(reply, root, "model", "$.model");
	struct json output = field_output_list(reply, root, "output", "$.output");
	field_items(reply, asked, output, "$.output[]", read_item);
	read_status(reply, asked, root, "$.status");
	usage_read(reply, &usage_shape, json_get(root, "usage"));
}

/* ---- events ---- */

/* Numbers rise; the first event that tells of the response comes before its parts. */
static void
check_order(struct reply *reply, struct str type, struct json root)
{
	struct json number = json_get(root, "sequence_number");
	if (json_is_set(number)) {
		bool rises = number.kind == JSON_INT && json_int(number) > reply->stream.last_number;
		if (number.kind != JSON_INT)
			reply_find(reply, RULE_FIELD_TYPE_CHANGED, "$.sequence_number");
		else if (!rises && reply->stream.numbered)
			reply_find(reply, RULE_SSE_EVENT_ORDER, "$.sequence_number");
		reply->stream.last_number = json_int(number);
		reply->stream.numbered = true;
	}
	if (str_eq(type, STR("response.created"))) {
		if (reply->stream.opened)
			reply_find(reply, RULE_SSE_EVENT_ORDER, "$.type");
		reply->stream.opened = true;
	} else if (str_starts(type, STR("response.output_"))) {
		reply->stream.opened = true;
	}
}

static bool
on_text_delta(struct reply *reply, const struct asked *asked, struct json root)
{
	(void)asked;
	struct str text = json_str(field_needed(reply, root, "delta", FIELD_STRING, "$.delta"));
	reply_add_text(reply, text);
	return text.len > 0;
}

/* Some gateways send no deltas, only the whole. */
static bool
on_text_done(struct reply *reply, const struct asked *asked, struct json root)
{
	(void)asked;
	struct str text = json_str(json_get(root, "text"));
	bool first = reply->output_chars == 0;
	if (first)
		reply_add_text(reply, text);
	return first && text.len > 0;
}

static bool
on_refusal(struct reply *reply, const struct asked *asked, struct json root)
{
	(void)asked;
	(void)root;
	reply->refused = true;
	return false;
}

static bool
on_item_done(struct reply *reply, const struct asked *asked, struct json root)
{
	struct json item = json_get(root, "item");
	bool first = reply->output_chars == 0;
	reply->stream.completed = reply->stream.completed || is_message(item);
	if (first || !is_message(item))
		read_streamed_item(reply, asked, item);
	return first && reply->output_chars > 0;
}

static bool
on_terminal(struct reply *reply, const struct asked *asked, struct json root)
{
	struct json response = field_required(reply, root, "response", FIELD_OBJECT, "$.response");
	struct str type = json_str(json_get(root, "type"));
	struct json output = json_get(response, "output");
	bool first = !reply->has_output && !reply->refused;
	reply->stream.terminals++;
	reply->stream.completed = true;
	if (response.kind == JSON_OBJECT) {
		field_id(reply, response, "$.response.id");
		read_status(reply, asked, response, "$.response.status");
	}
	if (str_eq(type, STR("response.failed")))
		error_read(reply, asked, response);
	reply->stream.error_event = reply->stream.error_event || reply->error.present;
	for (size_t i = 0; first && output.kind == JSON_ARRAY && i < json_count(output); i++)
		read_streamed_item(reply, asked, json_at(output, i));
	return first && reply->output_chars > 0;
}

static bool
read_event(struct reply *reply, const struct asked *asked, const struct sse_event *event, struct json root)
{
	static const struct {
		struct str type;
		bool (*fn)(struct reply *reply, const struct asked *asked, struct json root);
	} handlers[] = {
		{ { "response.output_text.delta", 26 }, on_text_delta },
		{ { "response.output_text.done", 25 }, on_text_done },
		{ { "response.refusal.delta", 22 }, on_refusal },
		{ { "response.refusal.done", 21 }, on_refusal },
		{ { "response.output_item.done", 25 }, on_item_done },
		{ { "response.completed", 18 }, on_terminal },
		{ { "response.incomplete", 19 }, on_terminal },
		{ { "response.failed", 15 }, on_terminal },
	};
	(void)event;
	reply->success_body = true;
	struct str type = json_str(field_required(reply, root, "type", FIELD_STRING, "$.type"));
	struct json response = json_get(root, "response");
	check_order(reply, type, root);
	if (response.kind == JSON_OBJECT) {
		struct str model = json_str(json_get(response, "model"));
		if (model.len > 0)
			reply_keep(&reply->model, model);
		usage_read(reply, &usage_shape, json_get(response, "usage"));
	}
	for (size_t i = 0; i < ARRAY_LEN(handlers); i++)
		if (str_eq(type, handlers[i].type))
			return handlers[i].fn(reply, asked, root);
	return false;
}

/* Not of this family; many gateways add it all the same. It proves nothing. */
static bool
read_marker(struct reply *reply, struct str data)
{
	(void)reply;
	return str_eq(data, STR("[DONE]"));
}

const struct dialect dialect_openai_responses = {
	.name = "openai-responses",
	.method = HTTP_POST,
	.caps = DIALECT_STREAM | DIALECT_MODEL | DIALECT_PROMPT | DIALECT_USAGE | DIALECT_TERMINAL | DIALECT_TEXT,
	.token_fields = (const char *const[]){ "max_output_tokens", NULL },
	.usage = &usage_shape,
	.skeleton = (const char *const[]){ "id", "output", "model", NULL },
	.required_key = "input",
	.completion_path = "$.response.status",
	.write_members = write_members,
	.read_body = read_body,
	.read_event = read_event,
	.read_marker = read_marker,
};
