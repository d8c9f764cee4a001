/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/messages: whole messages, and streams of named events from message_start to message_stop. */
#include "config.h"

#include "base/jsonw.h"
#include "sim/draw.h"
#include "sim/generate.h"
#include "sim/profile.h"
#include "sim/provider.h"
#include "sim/vary.h"

enum { TOKENS_OF_REPLY = 3, TOKENS_THOUGHT = 24, BUDGET_MIN = 1024, ID_LETTERS = 22, SIGNATURE_LETTERS = 64 };

static const char *const reasons[FINISH_KINDS] = {
	[FINISH_NORMAL] = "end_turn",
	[FINISH_LENGTH] = "max_tokens",
	[FINISH_CONTENT_FILTER] = "refusal",
	[FINISH_REFUSAL] = "refusal",
	[FINISH_SEQUENCE] = "stop_sequence",
};

struct messages {
	const struct ask *ask;
	char id[64];
	struct generated made;
	int64_t blocks; /* of a stream, so far */
};

static void
read_wish(const struct ask *ask, struct wish *wish)
{
	struct json messages = json_get(ask->body, "messages"), thinking = json_get(ask->body, "thinking");
	struct str mode = json_str(json_get(thinking, "type"));
	wish->tokens_in = TOKENS_OF_REPLY;
	if (json_is_set(json_get(ask->body, "system")))
		generate_read_message(wish, json_get(ask->body, "system"));
	for (size_t i = 0; i < json_count(messages); i++)
		generate_read_message(wish, json_get(json_at(messages, i), "content"));
	generate_read_cap(wish, json_get(ask->body, "max_tokens"));
	wish->stop = json_get(ask->body, "stop_sequences");
	wish->shows_reasoning = str_eq(mode, STR("enabled")) || str_eq(mode, STR("adaptive"));
	wish->reasoning_tokens = generate_own_reasoning(ask, wish->shows_reasoning ? STR_NONE : STR("none"));
	if (wish->shows_reasoning && wish->reasoning_tokens == 0)
		wish->reasoning_tokens = TOKENS_THOUGHT;
}

static void
write_signature(struct jsonw *w, const struct messages *m)
{
	char signature[SIGNATURE_LETTERS + 1];
	draw_name(draw_mix(m->ask->hash, 5), signature, SIGNATURE_LETTERS);
	jsonw_text(w, "signature", signature);
}

/* output: tokens said so far. At the end of a stream the input is said again, or not. */
static void
write_usage(struct jsonw *w, const struct messages *m, size_t output, bool ends_stream)
{
	const struct ask *ask = m->ask;
	jsonw_open_object(w, "usage");
	if (!ends_stream || !vary_omits(ask, "input said again"))
		jsonw_int(w, "input_tokens", (int64_t)m->made.tokens_in);
	if (!vary_omits(ask, "cache tokens")) {
		jsonw_int(w, "cache_creation_input_tokens", 0);
		jsonw_int(w, "cache_read_input_tokens", 0);
	}
	if (!vary_omits(ask, "cache_creation")) {
		jsonw_open_object(w, "cache_creation");
		jsonw_int(w, "ephemeral_5m_input_tokens", 0);
		jsonw_int(w, "ephemeral_1h_input_tokens", 0);
		jsonw_close_object(w);
	}
	jsonw_int(w, "output_tokens", (int64_t)output);
	if (!vary_omits(ask, "service_tier"))
		jsonw_text(w, "service_tier", "standard");
	vary_extend(ask, w, "usage");
	jsonw_close_object(w);
}

static size_t
tokens_out(const struct messages *m)
{
	return m->made.tokens_visible + m->made.tokens_reasoning;
}

static void
write_stop(struct jsonw *w, const struct messages *m, bool stopped)
{
	if (stopped)
		jsonw_text(w, "stop_reason", reasons[m->made.finish]);
	else
		jsonw_null(w, "stop_reason");
	if (stopped && m->made.finish == FINISH_SEQUENCE)
		jsonw_str(w, "stop_sequence", m->made.stopped_by);
	else
		jsonw_null(w, "stop_sequence");
}

static void
write_content(struct jsonw *w, const struct messages *m)
{
	if (m->made.reasoning.len > 0) {
		jsonw_open_object(w, NULL);
		jsonw_text(w, "type", "thinking");
		jsonw_str(w, "thinking", buf_view(&m->made.reasoning));
		write_signature(w, m);
		jsonw_close_object(w);
	}
	if (m->made.text.len > 0) {
		jsonw_open_object(w, NULL);
		jsonw_text(w, "type", "text");
		jsonw_str(w, "text", m->made.text);
		jsonw_close_object(w);
	}
}

/* whole: as it is at the end; else as message_start has it. */
static void
write_message(struct jsonw *w, const char *key, const struct messages *m, bool whole)
{
	jsonw_open_object(w, key);
	jsonw_text(w, "id", m->id);
	jsonw_text(w, "type", "message");
	jsonw_text(w, "role", "assistant");
	jsonw_str(w, "model", provider_model_name(m->ask));
	jsonw_open_array(w, "content");
	if (whole)
		write_content(w, m);
	jsonw_close_array(w);
	write_stop(w, m, whole);
	write_usage(w, m, whole ? tokens_out(m) : tokens_out(m) > 0, false);
	vary_extend(m->ask, w, "top");
	jsonw_close_object(w);
}

/* ---- events: begin_event(), members, end_event() ---- */

struct event_writer {
	struct messages *m;
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
}

static void
end_event(struct event_writer *e, enum event_kind kind)
{
	jsonw_close_object(&e->w);
	answer_end_event(e->answer, kind, e->name, e->from);
}

static void
add_ping(struct event_writer *e)
{
	begin_event(e, "ping");
	end_event(e, EVENT_PART);
}

static void
add_block_start(struct event_writer *e, const char *type, const char *member)
{
	begin_event(e, "content_block_start");
	jsonw_int(&e->w, "index", e->m->blocks);
	jsonw_open_object(&e->w, "content_block");
	jsonw_text(&e->w, "type", type);
	jsonw_text(&e->w, member, "");
	if (str_eq(str_of(type), STR("thinking")))
		jsonw_text(&e->w, "signature", "");
	jsonw_close_object(&e->w);
	end_event(e, EVENT_PART);
}

static void
begin_delta(struct event_writer *e, const char *type)
{
	begin_event(e, "content_block_delta");
	jsonw_int(&e->w, "index", e->m->blocks);
	jsonw_open_object(&e->w, "delta");
	jsonw_text(&e->w, "type", type);
}

static void
end_delta(struct event_writer *e, enum event_kind kind)
{
	jsonw_close_object(&e->w);
	end_event(e, kind);
}

static void
add_block_stop(struct event_writer *e)
{
	begin_event(e, "content_block_stop");
	jsonw_int(&e->w, "index", e->m->blocks++);
	end_event(e, EVENT_PART);
}

static void
add_thinking(struct event_writer *e)
{
	struct str rest = buf_view(&e->m->made.reasoning);
	add_block_start(e, "thinking", "thinking");
	while (rest.len > 0) {
		begin_delta(e, "thinking_delta");
		jsonw_str(&e->w, "thinking", vary_next_piece(e->m->ask, &rest));
		end_delta(e, EVENT_REASONING);
	}
	begin_delta(e, "signature_delta");
	write_signature(&e->w, e->m);
	end_delta(e, EVENT_PART);
	add_block_stop(e);
}

static void
add_text(struct event_writer *e)
{
	struct str rest = e->m->made.text;
	add_block_start(e, "text", "text");
	if (!vary_omits(e->m->ask, "ping"))
		add_ping(e);
	while (rest.len > 0) {
		begin_delta(e, "text_delta");
		jsonw_str(&e->w, "text", vary_next_piece(e->m->ask, &rest));
		end_delta(e, EVENT_CONTENT);
	}
	add_block_stop(e);
}

static void
write_stream(struct messages *m, struct answer *answer)
{
	struct event_writer e = { .m = m, .answer = answer };
	provider_begin_stream(answer);
	begin_event(&e, "message_start");
	write_message(&e.w, "message", m, false);
	end_event(&e, EVENT_START);
	if (m->made.reasoning.len > 0)
		add_thinking(&e);
	if (m->made.text.len > 0)
		add_text(&e);
	begin_event(&e, "message_delta");
	jsonw_open_object(&e.w, "delta");
	write_stop(&e.w, m, true);
	jsonw_close_object(&e.w);
	write_usage(&e.w, m, tokens_out(m), true);
	end_event(&e, EVENT_FINISH);
	begin_event(&e, "message_stop");
	end_event(&e, EVENT_TERMINAL);
}

static void
unknown_event(const struct ask *ask, struct answer *answer, size_t index)
{
	if (vary_chance(ask, "extra ping", 2))
		answer_insert_event(answer, index, EVENT_PART, "ping", STR("{\"type\":\"ping\"}"));
	else
		answer_insert_event(
		    answer, index, EVENT_PART, "x_progress", STR("{\"type\":\"x_progress\",\"share\":0.5}"));
}

/* What is wrong; NULL = nothing. */
static const char *
fault_of(const struct ask *ask)
{
	struct json messages = json_get(ask->body, "messages"), thinking = json_get(ask->body, "thinking");
	int64_t cap = json_int(json_get(ask->body, "max_tokens"));
	int64_t budget = json_int(json_get(thinking, "budget_tokens"));
	bool budgeted = str_eq(json_str(json_get(thinking, "type")), STR("enabled"));
	if (http_header(ask->http, "anthropic-version").len == 0 && profile_is_strict(ask))
		return "anthropic-version: header is required";
	if (messages.kind != JSON_ARRAY || json_count(messages) == 0)
		return "messages: at least one message is required";
	for (size_t i = 0; i < json_count(messages); i++) {
		struct str role = json_str(json_get(json_at(messages, i), "role"));
		if (!str_eq(role, STR("user")) && !str_eq(role, STR("assistant")))
			return "messages: role must be user or assistant";
	}
	if (cap < 1)
		return "max_tokens: must be greater than or equal to 1";
	if (budgeted && budget < BUDGET_MIN)
		return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
	if (budgeted && budget >= cap)
		return "max_tokens: must be greater than thinking.budget_tokens";
	return NULL;
}

/* False when the request was refused. */
static bool
check(const struct ask *ask, struct answer *answer)
{
	if (ask->shape.any_body)
		return true;
	bool no_cap = !json_is_set(json_get(ask->body, "max_tokens"));
	const char *wrong = no_cap ? "max_tokens" : fault_of(ask);
	if (wrong)
		profile_refuse(ask, answer, no_cap ? REFUSE_NO_FIELD : REFUSE_BAD_VALUE, str_of(wrong));
	return !wrong;
}

static void
messages_answer(struct ask *ask, struct answer *answer)
{
	if (!check(ask, answer))
		return;
	struct messages m = { .ask = ask };
	struct wish wish = GENERATE_WISH_INIT;
	provider_id(ask, "msg_01", ID_LETTERS, m.id, sizeof(m.id));
	read_wish(ask, &wish);
	generate(ask, &wish, &m.made);
	if (ask->stream) {
		write_stream(&m, answer);
	} else {
		struct jsonw w;
		jsonw_init(&w, &answer->body);
		write_message(&w, NULL, &m, true);
	}
	ask->tokens_in = m.made.tokens_in;
	ask->tokens_out = tokens_out(&m);
	generate_done(&wish, &m.made);
}

const struct provider provider_messages = {
	.name = "anthropic-messages",
	.method = "POST",
	.path = "/v1/messages",
	.has_body = true,
	.kind = MODEL_TEXT,
	.required = "messages",
	.paths = { .id = "id message.id",
	    .model = "model message.model",
	    .list = "content message.content",
	    .usage = "usage message.usage",
	    .input = "usage.input_tokens message.usage.input_tokens",
	    .output = "usage.output_tokens message.usage.output_tokens",
	    .finish = "stop_reason delta.stop_reason" },
	.stream = { .error = "anthropic_overloaded", .named = true },
	.unknown_event = unknown_event,
	.answer = messages_answer,
};
