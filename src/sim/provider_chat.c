/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/chat/completions: whole answers and event streams. */
#include "config.h"

#include <stdio.h>

#include "base/escape.h"
#include "base/jsonw.h"
#include "sim/draw.h"
#include "sim/generate.h"
#include "sim/profile.h"
#include "sim/provider.h"
#include "sim/vary.h"

enum { CHOICES_MAX = 8, PREFIX_MAX = 64 * 1024, TOKENS_OF_REPLY = 3 };

static const char refusal_text[] = "I can't help with that.";
static const char *const reasons[FINISH_KINDS] = {
	[FINISH_NORMAL] = "stop",
	[FINISH_LENGTH] = "length",
	[FINISH_CONTENT_FILTER] = "content_filter",
	[FINISH_REFUSAL] = "stop",
	[FINISH_SEQUENCE] = "stop",
};

struct chat {
	const struct ask *ask;
	char id[64];
	int64_t created;
	size_t choices;
	struct generated made;
	struct buf prefix; /* of the chunks of a stream */
	bool wants_usage, null_usage, usage_in_finish; /* null_usage: until the chunk that has it */
	bool has_logprobs, has_padding;
};

static void
read_wish(const struct ask *ask, struct wish *wish)
{
	struct json messages = json_get(ask->body, "messages"), cap = json_get(ask->body, "max_completion_tokens");
	struct str format = json_str(json_get(json_get(ask->body, "response_format"), "type"));
	wish->tokens_in = TOKENS_OF_REPLY;
	for (size_t i = 0; i < json_count(messages); i++)
		generate_read_message(wish, json_get(json_at(messages, i), "content"));
	generate_read_cap(wish, json_int(cap) > 0 ? cap : json_get(ask->body, "max_tokens"));
	wish->reasoning_tokens = generate_own_reasoning(ask, json_str(json_get(ask->body, "reasoning_effort")));
	wish->wants_json = str_starts(format, STR("json_"));
	wish->stop = json_get(ask->body, "stop");
}

static size_t
tokens_out(const struct chat *chat)
{
	return chat->choices * (chat->made.tokens_visible + chat->made.tokens_reasoning);
}

static void
write_usage(struct jsonw *w, const struct chat *chat)
{
	const struct ask *ask = chat->ask;
	jsonw_open_object(w, "usage");
	jsonw_int(w, "prompt_tokens", (int64_t)chat->made.tokens_in);
	jsonw_int(w, "completion_tokens", (int64_t)tokens_out(chat));
	jsonw_int(w, "total_tokens", (int64_t)(chat->made.tokens_in + tokens_out(chat)));
	if (!vary_omits(ask, "prompt_tokens_details")) {
		jsonw_open_object(w, "prompt_tokens_details");
		jsonw_int(w, "cached_tokens", 0);
		jsonw_int(w, "audio_tokens", 0);
		jsonw_close_object(w);
	}
	if (!vary_omits(ask, "completion_tokens_details")) {
		jsonw_open_object(w, "completion_tokens_details");
		jsonw_int(w, "reasoning_tokens", (int64_t)(chat->choices * chat->made.tokens_reasoning));
		jsonw_int(w, "audio_tokens", 0);
		jsonw_int(w, "accepted_prediction_tokens", 0);
		jsonw_int(w, "rejected_prediction_tokens", 0);
		jsonw_close_object(w);
	}
	vary_extend(ask, w, "usage");
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
	if (!vary_omits(chat->ask, "service_tier"))
		jsonw_text(w, "service_tier", "default");
	if (!vary_omits(chat->ask, "system_fingerprint"))
		jsonw_text(w, "system_fingerprint", fingerprint);
	vary_extend(chat->ask, w, "top");
}

static void
write_message(struct jsonw *w, const struct chat *chat)
{
	const struct ask *ask = chat->ask;
	enum finish finish = chat->made.finish;
	jsonw_open_object(w, "message");
	jsonw_text(w, "role", "assistant");
	if (finish == FINISH_CONTENT_FILTER || finish == FINISH_REFUSAL)
		jsonw_null(w, "content");
	else
		jsonw_str(w, "content", chat->made.text);
	if (chat->made.reasoning.len > 0)
		jsonw_str(w, "reasoning_content", buf_view(&chat->made.reasoning));
	if (finish == FINISH_REFUSAL)
		jsonw_text(w, "refusal", refusal_text);
	else if (!vary_omits(ask, "refusal"))
		jsonw_null(w, "refusal");
	if (!vary_omits(ask, "annotations")) {
		jsonw_open_array(w, "annotations");
		jsonw_close_array(w);
	}
	jsonw_close_object(w);
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
		write_message(&w, chat);
		if (chat->has_logprobs)
			jsonw_null(&w, "logprobs");
		jsonw_text(&w, "finish_reason", reasons[chat->made.finish]);
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
		buf_text(out, chat->has_logprobs ? "},\"logprobs\":null,\"finish_reason\":" : "},\"finish_reason\":");
		if (kind == EVENT_FINISH)
			buf_printf(out, "\"%s\"}]", reasons[chat->made.finish]);
		else
			buf_text(out, "null}]");
		if (chat->usage_in_finish && kind == EVENT_FINISH) {
			struct jsonw w;
			buf_char(out, ',');
			jsonw_init(&w, out);
			write_usage(&w, chat);
		} else if (chat->null_usage) {
			buf_text(out, ",\"usage\":null");
		}
		if (kind == EVENT_CONTENT && chat->has_padding) {
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
	provider_begin_stream(answer);
	write_prefix(chat, &chat->prefix);
	add_chunk(chat, answer, EVENT_START, "content", STR(""));
	struct str rest = buf_view(&chat->made.reasoning);
	while (rest.len > 0)
		add_chunk(chat, answer, EVENT_REASONING, "reasoning_content", vary_next_piece(chat->ask, &rest));
	rest = chat->made.text;
	while (rest.len > 0)
		add_chunk(chat, answer, EVENT_CONTENT, "content", vary_next_piece(chat->ask, &rest));
	if (chat->made.finish == FINISH_REFUSAL)
		add_chunk(chat, answer, EVENT_PART, "refusal", str_of(refusal_text));
	add_chunk(chat, answer, EVENT_FINISH, NULL, STR_NONE);
	if (chat->wants_usage && !chat->usage_in_finish)
		add_usage_chunk(chat, answer);
	answer_add_event(answer, EVENT_TERMINAL, NULL, STR("[DONE]"));
}

/* A filter's verdict on the prompt, or a heartbeat: a chunk without choices. */
static void
unknown_event(const struct ask *ask, struct answer *answer, size_t index)
{
	auto_buf struct buf chunk = BUF_INIT(PREFIX_MAX);
	struct jsonw w;
	struct chat chat = { .ask = ask, .created = ask->now.us / US_PER_SEC };
	provider_id(ask, "chatcmpl-", 29, chat.id, sizeof(chat.id));
	jsonw_init(&w, &chunk);
	jsonw_open_object(&w, NULL);
	write_head(&w, &chat, "chat.completion.chunk");
	jsonw_open_array(&w, "choices");
	jsonw_close_array(&w);
	jsonw_open_array(&w, "prompt_filter_results");
	jsonw_close_array(&w);
	jsonw_close_object(&w);
	answer_insert_event(answer, index, EVENT_PART, NULL, buf_view(&chunk));
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
	struct chat chat = { .ask = ask, .prefix = BUF_INIT(PREFIX_MAX), .created = ask->now.us / US_PER_SEC };
	struct wish wish = GENERATE_WISH_INIT;
	int64_t n = json_int(json_get(ask->body, "n"));
	chat.choices = n < 1 ? 1 : n > CHOICES_MAX ? CHOICES_MAX : (size_t)n;
	chat.wants_usage = json_truth(json_get(json_get(ask->body, "stream_options"), "include_usage"));
	chat.null_usage = chat.wants_usage && !vary_omits(ask, "usage");
	chat.usage_in_finish = chat.wants_usage && chat.choices == 1 && vary_chance(ask, "usage place", 3);
	chat.has_logprobs = !vary_omits(ask, "logprobs");
	chat.has_padding = !vary_omits(ask, "obfuscation");
	provider_id(ask, "chatcmpl-", 29, chat.id, sizeof(chat.id));
	read_wish(ask, &wish);
	generate(ask, &wish, &chat.made);
	if (ask->stream)
		write_stream(&chat, answer);
	else
		write_whole(&chat, answer);
	ask->tokens_in = chat.made.tokens_in;
	ask->tokens_out = tokens_out(&chat);
	generate_done(&wish, &chat.made);
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
	.stream = { .error = "openai_server_error" },
	.unknown_event = unknown_event,
	.answer = chat_answer,
};
