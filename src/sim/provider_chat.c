/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/chat/completions: whole answers and event streams. */
#include "config.h"

#include <stdio.h>

#include "base/escape.h"
#include "base/jsonw.h"
#include "sim/draw.h"
#include "sim/profile.h"
#include "sim/provider.h"
#include "sim/words.h"

enum { CHOICES_MAX = 8, TEXT_MAX = 1024 * 1024, TOKENS_PER_MESSAGE = 4, TOKENS_OF_REPLY = 3 };

struct chat {
	struct ask *ask;
	char id[64];
	int64_t created;
	size_t choices;
	struct str text; /* visible */
	struct buf reasoning;
	struct buf prefix; /* of the chunks of a stream */
	size_t tokens_in, tokens_visible, tokens_reasoning;
	const char *finish;
	bool wants_usage;
};

static void
collect_prompt(struct chat *chat, struct buf *ret_last)
{
	struct json messages = json_get(chat->ask->body, "messages");
	chat->tokens_in = TOKENS_OF_REPLY;
	for (size_t i = 0; i < json_count(messages); i++) {
		buf_reset(ret_last);
		provider_collect_text(json_get(json_at(messages, i), "content"), ret_last);
		chat->tokens_in += TOKENS_PER_MESSAGE + words_count(buf_view(ret_last));
	}
}

/* What the model would say with no cap at all. */
static void
compose(const struct chat *chat, struct str prompt, struct buf *out)
{
	const struct ask *ask = chat->ask;
	struct str word = words_asked_for(prompt);
	struct str format = json_str(json_get(json_get(ask->body, "response_format"), "type"));
	if (ask->shape.text)
		buf_text(out, ask->shape.text);
	else if (str_starts(format, STR("json_")))
		buf_printf(out, "{\"answer\":\"%.*s\"}", STR_ARG(word.at ? word : STR("yes")));
	else if (word.at)
		buf_str(out, word);
	else
		words_write(out, ask->hash);
	struct str stop = json_str(json_get(ask->body, "stop"));
	const char *cut = stop.len > 0 && out->len > 0 ? memmem(out->at, out->len, stop.at, stop.len) : NULL;
	if (cut)
		out->len = (size_t)(cut - out->at);
}

static size_t
token_cap(const struct ask *ask)
{
	int64_t cap = json_int(json_get(ask->body, "max_completion_tokens"));
	if (cap <= 0)
		cap = json_int(json_get(ask->body, "max_tokens"));
	return cap > 0 ? (size_t)cap : SIZE_MAX;
}

/* Tokens that are thought before anything is said; "none" and "minimal" switch that off. */
static size_t
thinking(const struct ask *ask)
{
	struct str effort = json_str(json_get(ask->body, "reasoning_effort"));
	if (ask->shape.reasoning_tokens > 0)
		return ask->shape.reasoning_tokens;
	if (!ask->entry || str_eq(effort, STR("none")) || str_eq(effort, STR("minimal")))
		return 0;
	return ask->entry->reasoning_tokens;
}

static void
decide(struct chat *chat, struct str full)
{
	const struct shape *shape = &chat->ask->shape;
	size_t cap = token_cap(chat->ask);
	chat->finish = "stop";
	chat->tokens_reasoning = thinking(chat->ask);
	if (shape->cap_eaten)
		chat->tokens_reasoning = cap < SIZE_MAX ? cap : 64;
	if (shape->cap_eaten || chat->tokens_reasoning >= cap) {
		if (chat->tokens_reasoning > cap)
			chat->tokens_reasoning = cap;
		chat->finish = "length";
		chat->text = STR("");
	} else if (shape->filtered) {
		chat->finish = "content_filter";
		chat->text = STR("");
	} else if (shape->no_text) {
		chat->text = STR("");
	} else {
		chat->text = words_cut(full, cap - chat->tokens_reasoning);
		if (chat->text.len < full.len)
			chat->finish = "length";
	}
	chat->tokens_visible = words_count(chat->text);
}

static void
write_usage(struct jsonw *w, const struct chat *chat)
{
	size_t out = chat->choices * (chat->tokens_visible + chat->tokens_reasoning);
	jsonw_open_object(w, "usage");
	jsonw_int(w, "prompt_tokens", (int64_t)chat->tokens_in);
	jsonw_int(w, "completion_tokens", (int64_t)out);
	jsonw_int(w, "total_tokens", (int64_t)(chat->tokens_in + out));
	jsonw_open_object(w, "prompt_tokens_details");
	jsonw_int(w, "cached_tokens", 0);
	jsonw_int(w, "audio_tokens", 0);
	jsonw_close_object(w);
	jsonw_open_object(w, "completion_tokens_details");
	jsonw_int(w, "reasoning_tokens", (int64_t)(chat->choices * chat->tokens_reasoning));
	jsonw_int(w, "audio_tokens", 0);
	jsonw_int(w, "accepted_prediction_tokens", 0);
	jsonw_int(w, "rejected_prediction_tokens", 0);
	jsonw_close_object(w);
	jsonw_close_object(w);
}

static void
write_head(struct jsonw *w, const struct chat *chat, const char *object)
{
	jsonw_text(w, "id", chat->id);
	jsonw_text(w, "object", object);
	jsonw_int(w, "created", chat->created);
	jsonw_str(w, "model", provider_model_name(chat->ask));
}

static void
write_tail(struct jsonw *w, const struct chat *chat)
{
	char fingerprint[16];
	uint64_t bits = draw_hash(chat->ask->seed, provider_model_name(chat->ask));
	snprintf(fingerprint, sizeof(fingerprint), "fp_%010llx", (unsigned long long)(bits >> 24));
	jsonw_text(w, "service_tier", "default");
	jsonw_text(w, "system_fingerprint", fingerprint);
}

static void
write_whole(const struct chat *chat, struct answer *answer)
{
	struct jsonw w;
	jsonw_init(&w, &answer->body);
	jsonw_open_object(&w, NULL);
	write_head(&w, chat, "chat.completion");
	jsonw_open_array(&w, "choices");
	for (size_t i = 0; i < chat->choices; i++) {
		jsonw_open_object(&w, NULL);
		jsonw_int(&w, "index", (int64_t)i);
		jsonw_open_object(&w, "message");
		jsonw_text(&w, "role", "assistant");
		if (chat->ask->shape.filtered)
			jsonw_null(&w, "content");
		else
			jsonw_str(&w, "content", chat->text);
		if (chat->reasoning.len > 0)
			jsonw_str(&w, "reasoning_content", buf_view(&chat->reasoning));
		jsonw_null(&w, "refusal");
		jsonw_open_array(&w, "annotations");
		jsonw_close_array(&w);
		jsonw_close_object(&w);
		jsonw_null(&w, "logprobs");
		jsonw_text(&w, "finish_reason", chat->finish);
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	write_usage(&w, chat);
	write_tail(&w, chat);
	jsonw_close_object(&w);
}

/* What all chunks of a stream begin with, up to the choices. */
static void
write_prefix(const struct chat *chat, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	write_head(&w, chat, "chat.completion.chunk");
	write_tail(&w, chat);
}

static void
write_delta(struct buf *out, enum event_kind kind, const char *key, struct str delta)
{
	buf_text(out, kind == EVENT_START ? "\"role\":\"assistant\"," : "");
	if (key) {
		buf_printf(out, "\"%s\":", key);
		escape_json(out, delta);
	}
	buf_text(out, kind == EVENT_START ? ",\"refusal\":null" : "");
}

/* One chunk for each choice, by hand: a stream has many, and they differ in a few bytes. key NULL: an empty delta. */
static void
add_chunk(const struct chat *chat, struct answer *answer, enum event_kind kind, const char *key, struct str delta)
{
	struct buf *out = &answer->body;
	for (size_t i = 0; i < chat->choices; i++) {
		size_t from = out->len;
		buf_str(out, buf_view(&chat->prefix));
		buf_printf(out, ",\"choices\":[{\"index\":%zu,\"delta\":{", i);
		write_delta(out, kind, key, delta);
		buf_text(out, "},\"logprobs\":null,\"finish_reason\":");
		if (kind == EVENT_FINISH)
			buf_printf(out, "\"%s\"}]", chat->finish);
		else
			buf_text(out, "null}]");
		if (chat->wants_usage)
			buf_text(out, ",\"usage\":null");
		if (kind == EVENT_CONTENT) {
			char padding[12];
			draw_name(draw_mix(chat->ask->hash, from), padding, sizeof(padding) - 1);
			buf_printf(out, ",\"obfuscation\":\"%s\"", padding);
		}
		buf_char(out, '}');
		answer_end_event(answer, kind, NULL, from);
	}
}

static void
add_usage_chunk(const struct chat *chat, struct answer *answer)
{
	struct jsonw w;
	size_t from = answer->body.len;
	jsonw_init(&w, &answer->body);
	jsonw_open_object(&w, NULL);
	write_head(&w, chat, "chat.completion.chunk");
	write_tail(&w, chat);
	jsonw_open_array(&w, "choices");
	jsonw_close_array(&w);
	write_usage(&w, chat);
	jsonw_close_object(&w);
	answer_end_event(answer, EVENT_USAGE, NULL, from);
}

static void
write_stream(struct chat *chat, struct answer *answer)
{
	answer->is_stream = true;
	answer->type = "text/event-stream";
	answer_header(answer, "Cache-Control", STR("no-cache"));
	answer_header(answer, "X-Accel-Buffering", STR("no"));
	write_prefix(chat, &chat->prefix);
	add_chunk(chat, answer, EVENT_START, "content", STR(""));
	struct str rest = buf_view(&chat->reasoning);
	while (rest.len > 0)
		add_chunk(chat, answer, EVENT_REASONING, "reasoning_content", words_next_token(&rest));
	rest = chat->text;
	while (rest.len > 0)
		add_chunk(chat, answer, EVENT_CONTENT, "content", words_next_token(&rest));
	add_chunk(chat, answer, EVENT_FINISH, NULL, STR_NONE);
	if (chat->wants_usage)
		add_usage_chunk(chat, answer);
	answer_add_event(answer, EVENT_TERMINAL, NULL, STR("[DONE]"));
}

/* False when the request was refused. */
static bool
check(const struct ask *ask, struct answer *answer)
{
	struct json messages = json_get(ask->body, "messages");
	if (messages.kind != JSON_ARRAY || json_count(messages) == 0) {
		profile_refuse(ask, answer, REFUSE_BAD_VALUE, STR("messages must be a non-empty array"));
		return ask->shape.any_body;
	}
	for (size_t i = 0; i < json_count(messages); i++) {
		if (json_get(json_at(messages, i), "role").kind != JSON_STRING && !ask->shape.any_body) {
			profile_refuse(ask, answer, REFUSE_BAD_VALUE, STR("each message needs a role"));
			return false;
		}
	}
	bool thinks = ask->entry && ask->entry->reasoning_tokens > 0;
	if (thinks && profile_is_strict(ask) && json_is_set(json_get(ask->body, "max_tokens"))) {
		profile_refuse(ask, answer, REFUSE_PARAMETER, STR("max_tokens"));
		return false;
	}
	return true;
}

static void
chat_answer(struct ask *ask, struct answer *answer)
{
	if (!check(ask, answer))
		return;
	answer_reset(answer);
	struct chat chat = { .ask = ask,
		.reasoning = BUF_INIT(TEXT_MAX),
		.prefix = BUF_INIT(TEXT_MAX),
		.created = ask->now.us / US_PER_SEC };
	int64_t n = json_int(json_get(ask->body, "n"));
	chat.choices = n < 1 ? 1 : n > CHOICES_MAX ? CHOICES_MAX : (size_t)n;
	chat.wants_usage = json_truth(json_get(json_get(ask->body, "stream_options"), "include_usage"));
	provider_id(ask, "chatcmpl-", 29, chat.id, sizeof(chat.id));
	auto_buf struct buf prompt = BUF_INIT(HTTP_BODY_MAX);
	auto_buf struct buf full = BUF_INIT(TEXT_MAX);
	collect_prompt(&chat, &prompt);
	compose(&chat, buf_view(&prompt), &full);
	decide(&chat, buf_view(&full));
	for (unsigned i = 0; i < ask->shape.reasoning_tokens; i++)
		buf_text(&chat.reasoning, i ? " so" : "Well");
	if (ask->stream)
		write_stream(&chat, answer);
	else
		write_whole(&chat, answer);
	ask->tokens_in = chat.tokens_in;
	ask->tokens_out = chat.choices * (chat.tokens_visible + chat.tokens_reasoning);
	buf_done(&chat.reasoning);
	buf_done(&chat.prefix);
}

const struct provider provider_chat = {
	.name = "openai-chat",
	.method = "POST",
	.path = "/v1/chat/completions",
	.has_body = true,
	.kind = MODEL_TEXT,
	.required = "messages",
	.paths = { .id = "id",
	    .model = "model",
	    .list = "choices",
	    .usage = "usage",
	    .input = "usage.prompt_tokens",
	    .total = "usage.total_tokens",
	    .output = "usage.completion_tokens",
	    .finish = "choices[].finish_reason" },
	.answer = chat_answer,
};
