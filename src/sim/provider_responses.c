/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/responses: whole response objects, and streams of named, numbered events that end with one of completed,
 * incomplete, failed. */
#include "config.h"

#include <stdio.h>

#include "base/jsonw.h"
#include "sim/draw.h"
#include "sim/generate.h"
#include "sim/profile.h"
#include "sim/provider.h"
#include "sim/vary.h"

enum { TOKENS_OF_REPLY = 3, CAP_MIN = 16, ID_LETTERS = 48 };

static const char refusal_text[] = "I can't help with that.";

enum state { IN_PROGRESS, DONE };

struct responses {
	const struct ask *ask;
	char id[64], message_id[64], reasoning_id[64];
	int64_t created;
	struct generated made;
	struct json cap;
	size_t events; /* numbered so far */
	int64_t outputs; /* items so far */
	bool has_padding;
};

static void
read_wish(const struct ask *ask, struct wish *wish)
{
	struct json input = json_get(ask->body, "input"), instructions = json_get(ask->body, "instructions");
	struct json reasoning = json_get(ask->body, "reasoning");
	struct str format = json_str(json_get(json_get(json_get(ask->body, "text"), "format"), "type"));
	wish->tokens_in = TOKENS_OF_REPLY;
	if (json_is_set(instructions))
		generate_read_message(wish, instructions);
	if (input.kind == JSON_STRING)
		generate_read_message(wish, input);
	for (size_t i = 0; i < json_count(input) && input.kind == JSON_ARRAY; i++)
		generate_read_message(wish, json_get(json_at(input, i), "content"));
	generate_read_cap(wish, json_get(ask->body, "max_output_tokens"));
	wish->reasoning_tokens = generate_own_reasoning(ask, json_str(json_get(reasoning, "effort")));
	wish->shows_reasoning = json_is_set(json_get(reasoning, "summary"));
	wish->wants_json = str_starts(format, STR("json_"));
}

static const char *
status_of(const struct responses *r, enum state state)
{
	enum finish finish = r->made.finish;
	if (state == IN_PROGRESS)
		return "in_progress";
	if (r->ask->shape.failed)
		return "failed";
	return finish == FINISH_LENGTH || finish == FINISH_CONTENT_FILTER ? "incomplete" : "completed";
}

/* What used up its cap before a word was said has no message at all. */
static bool
has_message(const struct responses *r)
{
	enum finish finish = r->made.finish;
	return finish != FINISH_CONTENT_FILTER && (finish != FINISH_LENGTH || r->made.text.len > 0);
}

static void
write_part(struct jsonw *w, const char *key, const struct responses *r, enum state state)
{
	jsonw_open_object(w, key);
	if (r->made.finish == FINISH_REFUSAL) {
		jsonw_text(w, "type", "refusal");
		jsonw_text(w, "refusal", state == DONE ? refusal_text : "");
	} else {
		jsonw_text(w, "type", "output_text");
		jsonw_open_array(w, "annotations");
		jsonw_close_array(w);
		if (!vary_omits(r->ask, "part logprobs")) {
			jsonw_open_array(w, "logprobs");
			jsonw_close_array(w);
		}
		jsonw_str(w, "text", state == DONE ? r->made.text : STR(""));
	}
	jsonw_close_object(w);
}

static void
write_message(struct jsonw *w, const char *key, const struct responses *r, enum state state)
{
	jsonw_open_object(w, key);
	jsonw_text(w, "id", r->message_id);
	jsonw_text(w, "type", "message");
	jsonw_text(w, "status",
	    state == IN_PROGRESS                  ? "in_progress"
		: r->made.finish == FINISH_LENGTH ? "incomplete"
						  : "completed");
	jsonw_open_array(w, "content");
	if (state == DONE)
		write_part(w, NULL, r, DONE);
	jsonw_close_array(w);
	jsonw_text(w, "role", "assistant");
	jsonw_close_object(w);
}

static void
write_summary(struct jsonw *w, const char *key, struct str text)
{
	jsonw_open_object(w, key);
	jsonw_text(w, "type", "summary_text");
	jsonw_str(w, "text", text);
	jsonw_close_object(w);
}

static void
write_reasoning(struct jsonw *w, const char *key, const struct responses *r, enum state state)
{
	jsonw_open_object(w, key);
	jsonw_text(w, "id", r->reasoning_id);
	jsonw_text(w, "type", "reasoning");
	jsonw_open_array(w, "summary");
	if (state == DONE && r->made.reasoning.len > 0)
		write_summary(w, NULL, buf_view(&r->made.reasoning));
	jsonw_close_array(w);
	jsonw_close_object(w);
}

static void
write_usage(struct jsonw *w, const struct responses *r)
{
	size_t out = r->made.tokens_visible + r->made.tokens_reasoning;
	jsonw_open_object(w, "usage");
	jsonw_int(w, "input_tokens", (int64_t)r->made.tokens_in);
	if (!vary_omits(r->ask, "input_tokens_details")) {
		jsonw_open_object(w, "input_tokens_details");
		jsonw_int(w, "cached_tokens", 0);
		jsonw_close_object(w);
	}
	jsonw_int(w, "output_tokens", (int64_t)out);
	if (!vary_omits(r->ask, "output_tokens_details")) {
		jsonw_open_object(w, "output_tokens_details");
		jsonw_int(w, "reasoning_tokens", (int64_t)r->made.tokens_reasoning);
		jsonw_close_object(w);
	}
	jsonw_int(w, "total_tokens", (int64_t)(r->made.tokens_in + out));
	vary_extend(r->ask, w, "usage");
	jsonw_close_object(w);
}

/* error, incomplete_details, output, usage: what the end decides. */
static void
write_outcome(struct jsonw *w, const struct responses *r, enum state state)
{
	bool failed = r->ask->shape.failed && state == DONE;
	if (failed) {
		jsonw_open_object(w, "error");
		jsonw_text(w, "code", "server_error");
		jsonw_text(w, "message", "The server had an error while processing your request.");
		jsonw_close_object(w);
	} else {
		jsonw_null(w, "error");
	}
	if (state == DONE && !failed && str_eq(str_of(status_of(r, state)), STR("incomplete"))) {
		jsonw_open_object(w, "incomplete_details");
		jsonw_text(w, "reason", r->made.finish == FINISH_LENGTH ? "max_output_tokens" : "content_filter");
		jsonw_close_object(w);
	} else {
		jsonw_null(w, "incomplete_details");
	}
	jsonw_open_array(w, "output");
	if (state == DONE && r->made.tokens_reasoning > 0)
		write_reasoning(w, NULL, r, DONE);
	if (state == DONE && !failed && has_message(r))
		write_message(w, NULL, r, DONE);
	jsonw_close_array(w);
	if (state == DONE && !failed)
		write_usage(w, r);
	else
		jsonw_null(w, "usage");
}

/* What was asked for, said again. */
static void
write_echo(struct jsonw *w, const struct responses *r)
{
	const struct ask *ask = r->ask;
	jsonw_bool(w, "background", false);
	jsonw_null(w, "instructions");
	if (json_is_set(r->cap))
		jsonw_int(w, "max_output_tokens", json_int(r->cap));
	else
		jsonw_null(w, "max_output_tokens");
	jsonw_bool(w, "parallel_tool_calls", true);
	jsonw_null(w, "previous_response_id");
	if (!vary_omits(ask, "prompt_cache_key"))
		jsonw_null(w, "prompt_cache_key");
	jsonw_open_object(w, "reasoning");
	jsonw_null(w, "effort");
	jsonw_null(w, "summary");
	jsonw_close_object(w);
	if (!vary_omits(ask, "safety_identifier"))
		jsonw_null(w, "safety_identifier");
	if (!vary_omits(ask, "service_tier"))
		jsonw_text(w, "service_tier", "default");
	jsonw_bool(w, "store", true);
	jsonw_real(w, "temperature", 1.0);
	jsonw_open_object(w, "text");
	jsonw_open_object(w, "format");
	jsonw_text(w, "type", "text");
	jsonw_close_object(w);
	if (!vary_omits(ask, "verbosity"))
		jsonw_text(w, "verbosity", "medium");
	jsonw_close_object(w);
	jsonw_text(w, "tool_choice", "auto");
	jsonw_open_array(w, "tools");
	jsonw_close_array(w);
	jsonw_real(w, "top_p", 1.0);
	jsonw_text(w, "truncation", "disabled");
	jsonw_null(w, "user");
	jsonw_open_object(w, "metadata");
	jsonw_close_object(w);
}

static void
write_response(struct jsonw *w, const char *key, const struct responses *r, enum state state)
{
	jsonw_open_object(w, key);
	jsonw_text(w, "id", r->id);
	jsonw_text(w, "object", "response");
	jsonw_int(w, "created_at", r->created);
	jsonw_text(w, "status", status_of(r, state));
	if (state == DONE && !vary_omits(r->ask, "completed_at"))
		jsonw_int(w, "completed_at", r->created);
	jsonw_str(w, "model", provider_model_name(r->ask));
	write_outcome(w, r, state);
	write_echo(w, r);
	vary_extend(r->ask, w, "top");
	jsonw_close_object(w);
}

/* ---- events: begin_event(), members, end_event() ---- */

struct event_writer {
	struct responses *r;
	struct answer *answer;
	struct jsonw w;
	size_t from;
	const char *name;
};

static void
begin_event(struct event_writer *e, const char *name)
{
	e->from = e->answer->body.len;
	e->name = name;
	jsonw_init(&e->w, &e->answer->body);
	jsonw_open_object(&e->w, NULL);
	jsonw_text(&e->w, "type", name);
	jsonw_int(&e->w, "sequence_number", (int64_t)e->r->events++);
}

static void
end_event(struct event_writer *e, enum event_kind kind)
{
	jsonw_close_object(&e->w);
	answer_end_event(e->answer, kind, e->name, e->from);
}

static void
add_response_event(struct event_writer *e, const char *name, enum event_kind kind, enum state state)
{
	begin_event(e, name);
	write_response(&e->w, "response", e->r, state);
	end_event(e, kind);
}

/* The members by which an event says which part it belongs to. */
static void
write_place(struct event_writer *e, const char *item_id, const char *part_index)
{
	jsonw_text(&e->w, "item_id", item_id);
	jsonw_int(&e->w, "output_index", e->r->outputs);
	jsonw_int(&e->w, part_index, 0);
}

static void
add_reasoning(struct event_writer *e)
{
	struct responses *r = e->r;
	struct str rest = buf_view(&r->made.reasoning);
	begin_event(e, "response.output_item.added");
	jsonw_int(&e->w, "output_index", r->outputs);
	write_reasoning(&e->w, "item", r, IN_PROGRESS);
	end_event(e, EVENT_PART);
	if (rest.len > 0) {
		begin_event(e, "response.reasoning_summary_part.added");
		write_place(e, r->reasoning_id, "summary_index");
		write_summary(&e->w, "part", STR(""));
		end_event(e, EVENT_PART);
	}
	while (rest.len > 0) {
		begin_event(e, "response.reasoning_summary_text.delta");
		write_place(e, r->reasoning_id, "summary_index");
		jsonw_str(&e->w, "delta", vary_next_piece(r->ask, &rest));
		end_event(e, EVENT_REASONING);
	}
	if (r->made.reasoning.len > 0) {
		begin_event(e, "response.reasoning_summary_text.done");
		write_place(e, r->reasoning_id, "summary_index");
		jsonw_str(&e->w, "text", buf_view(&r->made.reasoning));
		end_event(e, EVENT_PART);
		begin_event(e, "response.reasoning_summary_part.done");
		write_place(e, r->reasoning_id, "summary_index");
		write_summary(&e->w, "part", buf_view(&r->made.reasoning));
		end_event(e, EVENT_PART);
	}
	begin_event(e, "response.output_item.done");
	jsonw_int(&e->w, "output_index", r->outputs++);
	write_reasoning(&e->w, "item", r, DONE);
	end_event(e, EVENT_PART);
}

static void
add_text(struct event_writer *e)
{
	struct responses *r = e->r;
	bool refuses = r->made.finish == FINISH_REFUSAL;
	struct str text = refuses ? str_of(refusal_text) : r->made.text, rest = text;
	while (rest.len > 0) {
		begin_event(e, refuses ? "response.refusal.delta" : "response.output_text.delta");
		write_place(e, r->message_id, "content_index");
		jsonw_str(&e->w, "delta", vary_next_piece(r->ask, &rest));
		if (!refuses && !vary_omits(r->ask, "delta logprobs")) {
			jsonw_open_array(&e->w, "logprobs");
			jsonw_close_array(&e->w);
		}
		if (r->has_padding) {
			char padding[12];
			draw_name(draw_mix(r->ask->hash, e->from), padding, sizeof(padding) - 1);
			jsonw_text(&e->w, "obfuscation", padding);
		}
		end_event(e, refuses ? EVENT_PART : EVENT_CONTENT);
	}
	begin_event(e, refuses ? "response.refusal.done" : "response.output_text.done");
	write_place(e, r->message_id, "content_index");
	jsonw_str(&e->w, refuses ? "refusal" : "text", text);
	end_event(e, EVENT_PART);
}

static void
add_message(struct event_writer *e)
{
	struct responses *r = e->r;
	begin_event(e, "response.output_item.added");
	jsonw_int(&e->w, "output_index", r->outputs);
	write_message(&e->w, "item", r, IN_PROGRESS);
	end_event(e, EVENT_PART);
	begin_event(e, "response.content_part.added");
	write_place(e, r->message_id, "content_index");
	write_part(&e->w, "part", r, IN_PROGRESS);
	end_event(e, EVENT_PART);
	add_text(e);
	begin_event(e, "response.content_part.done");
	write_place(e, r->message_id, "content_index");
	write_part(&e->w, "part", r, DONE);
	end_event(e, EVENT_PART);
	begin_event(e, "response.output_item.done");
	jsonw_int(&e->w, "output_index", r->outputs++);
	write_message(&e->w, "item", r, DONE);
	end_event(e, EVENT_FINISH);
}

static const char *
terminal_of(const struct responses *r)
{
	struct str status = str_of(status_of(r, DONE));
	return str_eq(status, STR("completed")) ? "response.completed"
	    : str_eq(status, STR("failed"))     ? "response.failed"
						: "response.incomplete";
}

static void
write_stream(struct responses *r, struct answer *answer)
{
	struct event_writer e = { .r = r, .answer = answer };
	provider_begin_stream(answer);
	add_response_event(&e, "response.created", EVENT_START, IN_PROGRESS);
	add_response_event(&e, "response.in_progress", EVENT_START, IN_PROGRESS);
	if (r->made.tokens_reasoning > 0)
		add_reasoning(&e);
	if (has_message(r))
		add_message(&e);
	add_response_event(&e, terminal_of(r), EVENT_TERMINAL, DONE);
}

/* Its number is set when all events are there. */
static void
unknown_event(const struct ask *ask, struct answer *answer, size_t index)
{
	(void)ask;
	answer_insert_event(
	    answer, index, EVENT_PART, "keepalive", STR("{\"type\":\"keepalive\",\"sequence_number\":0}"));
}

/* False when the request was refused. */
static bool
check(const struct ask *ask, struct answer *answer)
{
	struct json input = json_get(ask->body, "input"), cap = json_get(ask->body, "max_output_tokens");
	const char *wrong = NULL;
	if (input.kind != JSON_STRING && (input.kind != JSON_ARRAY || json_count(input) == 0))
		wrong = "input must be a string or a list of items";
	else if (json_is_set(cap) && json_int(cap) < CAP_MIN && profile_is_strict(ask))
		wrong = "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.";
	if (!wrong || ask->shape.any_body)
		return true;
	profile_refuse(ask, answer, REFUSE_BAD_VALUE, str_of(wrong));
	return false;
}

static void
responses_answer(struct ask *ask, struct answer *answer)
{
	if (!check(ask, answer))
		return;
	struct responses r = { .ask = ask,
		.created = ask->now.us / US_PER_SEC,
		.cap = json_get(ask->body, "max_output_tokens"),
		.has_padding = !vary_omits(ask, "obfuscation") };
	struct wish wish = GENERATE_WISH_INIT;
	provider_id(ask, "resp_", ID_LETTERS, r.id, sizeof(r.id));
	provider_id(ask, "msg_", ID_LETTERS, r.message_id, sizeof(r.message_id));
	provider_id(ask, "rs_", ID_LETTERS, r.reasoning_id, sizeof(r.reasoning_id));
	read_wish(ask, &wish);
	generate(ask, &wish, &r.made);
	if (ask->stream) {
		write_stream(&r, answer);
	} else {
		struct jsonw w;
		jsonw_init(&w, &answer->body);
		write_response(&w, NULL, &r, DONE);
	}
	ask->tokens_in = r.made.tokens_in;
	ask->tokens_out = r.made.tokens_visible + r.made.tokens_reasoning;
	generate_done(&wish, &r.made);
}

const struct provider provider_responses = {
	.name = "openai-responses",
	.method = "POST",
	.path = "/v1/responses",
	.has_body = true,
	.kind = MODEL_TEXT,
	.required = "input",
	.paths = { .id = "id response.id",
	    .model = "model response.model",
	    .list = "output response.output",
	    .usage = "usage response.usage",
	    .input = "usage.input_tokens response.usage.input_tokens",
	    .output = "usage.output_tokens response.usage.output_tokens",
	    .total = "usage.total_tokens response.usage.total_tokens",
	    .finish = "status response.status" },
	.stream = { .error = "responses_error", .number = "sequence_number", .named = true },
	.unknown_event = unknown_event,
	.answer = responses_answer,
};
