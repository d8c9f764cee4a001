/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomised healthy answers of all API families raise no alarm: answers made here, in any form that the families allow.
 * test_sim_healthy.c does the same with what the simulator answers.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/hash.h"
#include "base/random.h"
#include "healthy_bed.h"

enum { ANSWERS = 2000, TEXT_MAX = 1024 * 1024 };

#define NOW_S INT64_C(1795341600) /* 2026-11-22T10:00:00Z */

/* ---- making answers ---- */

struct maker {
	struct random random;
	struct buf text; /* of the body */
	const char *line_end;
	bool named; /* events have an event: field */
	bool numbered; /* ... and a sequence number */
	unsigned number;
	uint64_t members; /* by the hash of its name: is an optional member in this answer? */
};

static uint64_t
below(struct maker *m, uint64_t limit)
{
	return random_below(&m->random, limit);
}

static bool
chance(struct maker *m)
{
	return below(m, 2) == 0;
}

#define PICK(m, ...) pick(m, (const char *const[]){ __VA_ARGS__, NULL })

static const char *
pick(struct maker *m, const char *const *words)
{
	size_t count = 0;
	while (words[count])
		count++;
	return words[below(m, count)];
}

static void put(struct buf *out, const char *format, ...) ATTR_PRINTF(2, 3);

static void
put(struct buf *out, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	assert_true(buf_vprintf(out, format, args));
	va_end(args);
}

/* A member that may be there, in one of its forms: in each chunk of an answer, or in none. */
static void
maybe(struct maker *m, struct buf *out, const char *key, const char *const *values)
{
	if (m->members >> hash_str(0, str_of(key)) % 64 & 1)
		put(out, ",\"%s\":%s", key, pick(m, values));
}

#define MAYBE(m, out, key, ...) maybe(m, out, key, (const char *const[]){ __VA_ARGS__, NULL })

/* What nobody has heard of; a name stands for one type. */
static void
unknown(struct maker *m, struct buf *out)
{
	MAYBE(m, out, "x_text", "\"a\"", "\"\\u00e9 \\ud83d\\ude00\"", "\"\"");
	MAYBE(m, out, "x_number", "0", "-1.5e-3", "12345678901");
	MAYBE(m, out, "x_truth", "true", "false");
	MAYBE(m, out, "x_nothing", "null");
	MAYBE(m, out, "x_object", "{}", "{\"a\":1}", "{\"b\":{\"c\":[1,2]}}");
	MAYBE(m, out, "x_list", "[1]", "[]", "[2,3]");
}

/* One event, in any form that the standard allows, with whatever may stand around it. */
static void
event(struct maker *m, const char *name, const char *data)
{
	struct buf *out = &m->text;
	const char *end = m->line_end;
	if (below(m, 4) == 0)
		put(out, "%s%s%s", PICK(m, ": keep-alive", ":", ": PROCESSING"), end, chance(m) ? end : "");
	if (name && m->named)
		put(out, "event:%s%s%s", chance(m) ? " " : "", name, end);
	if (below(m, 8) == 0)
		put(out, "id: %u%s", m->number, end);
	if (below(m, 8) == 0)
		put(out, "x-unknown-field: 1%s", end);
	put(out, "data:%s%s%s%s", chance(m) ? " " : "", data, end, end);
	m->number++;
}

static const char words[] = "ok, this is a short and healthy answer";

static const char *
snapshot(struct maker *m, const char *model, const char *dated)
{
	return chance(m) ? model : dated;
}

/* Pieces of the answer's text, each through fn. */
static void
pieces(struct maker *m, void (*fn)(struct maker *m, const char *piece, unsigned index), unsigned index)
{
	size_t count = 1 + below(m, 5), at = 0;
	for (size_t i = 0; i < count; i++) {
		char piece[sizeof(words)];
		size_t len = 1 + below(m, 6);
		snprintf(piece, sizeof(piece), "%.*s", (int)len, words + at);
		at += len;
		fn(m, piece, index);
	}
}

/* ---- chat completions ---- */

static void
chat_usage(struct maker *m, struct buf *out)
{
	uint64_t output = 1 + below(m, 16);
	put(out, "{\"prompt_tokens\":15,\"completion_tokens\":%d,\"total_tokens\":%d", (int)output, (int)(15 + output));
	MAYBE(m, out, "prompt_tokens_details", "{\"cached_tokens\":0}", "{\"cached_tokens\":0,\"audio_tokens\":0}",
	    "null");
	MAYBE(m, out, "completion_tokens_details", "{\"reasoning_tokens\":0}", "null", "{}");
	put(out, "}");
}

static void
chat_sync(struct maker *m)
{
	struct buf *out = &m->text;
	put(out, "{\"id\":\"chatcmpl-%x\",\"object\":\"chat.completion\",\"created\":%lld,\"model\":\"%s\"",
	    (unsigned)below(m, 1 << 24), (long long)(NOW_S - (int64_t)below(m, 30)),
	    snapshot(m, "gpt-5.4-mini", "gpt-5.4-mini-2026-03-17"));
	MAYBE(m, out, "service_tier", "\"default\"", "null");
	MAYBE(m, out, "system_fingerprint", "\"fp_44709d6fcb\"", "null");
	unknown(m, out);
	put(out, ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\"", words);
	MAYBE(m, out, "refusal", "null");
	MAYBE(m, out, "annotations", "[]");
	MAYBE(m, out, "reasoning_content", "\"hm\"", "null");
	MAYBE(m, out, "tool_calls", "null");
	put(out, "}");
	MAYBE(m, out, "logprobs", "null");
	put(out, ",\"finish_reason\":\"%s\"}],\"usage\":", PICK(m, "stop", "length"));
	chat_usage(m, out);
	put(out, "}");
}

struct chunk {
	const char *delta, *finish, *usage; /* usage NULL = not there */
	bool empty; /* no choices */
};

static void
chat_chunk(struct maker *m, const struct chunk *chunk)
{
	auto_buf struct buf out = BUF_INIT(TEXT_MAX);
	put(&out,
	    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":%lld,\"model\":\"gpt-5.4-mini\"",
	    (long long)NOW_S);
	MAYBE(m, &out, "service_tier", "\"default\"", "null");
	MAYBE(m, &out, "obfuscation", "\"aB3x\"");
	unknown(m, &out);
	if (chunk->empty) {
		put(&out, ",\"choices\":[]");
	} else {
		put(&out, ",\"choices\":[{\"index\":0,\"delta\":%s", chunk->delta);
		MAYBE(m, &out, "logprobs", "null");
		put(&out, ",\"finish_reason\":%s}]", chunk->finish);
	}
	if (chunk->usage)
		put(&out, ",\"usage\":%s", chunk->usage);
	put(&out, "}");
	event(m, NULL, buf_cstr(&out));
}

/* In index: usage is null until the last chunk. */
static void
chat_piece(struct maker *m, const char *piece, unsigned null_usage)
{
	char delta[256];
	const char *form = PICK(m, "{\"content\":\"%s\"}", "{\"content\":\"%s\",\"role\":\"assistant\"}",
	    "{\"content\":\"%s\",\"reasoning_content\":null}");
	struct str rest = str_of(form);
	struct str before = str_split(&rest, '%');
	snprintf(delta, sizeof(delta), "%.*s%s%s", STR_ARG(before), piece, rest.at + 1);
	chat_chunk(m, &(struct chunk){ delta, "null", null_usage ? "null" : NULL, false });
}

static void
chat_stream(struct maker *m)
{
	bool null_usage = chance(m), usage_alone = chance(m);
	const char *nothing = null_usage ? "null" : NULL;
	if (below(m, 4) == 0)
		event(m, NULL,
		    "{\"id\":\"\",\"object\":\"\",\"created\":0,\"model\":\"\",\"choices\":[],\"prompt_filter_results\":[]}");
	chat_chunk(m,
	    &(struct chunk){ PICK(m, "{\"role\":\"assistant\",\"content\":\"\"}", "{\"role\":\"assistant\"}"), "null",
		nothing, false });
	for (uint64_t i = below(m, 3); i > 0; i--)
		chat_chunk(m,
		    &(struct chunk){
			PICK(m, "{\"reasoning_content\":\"hm\"}", "{\"reasoning\":\"hm\"}"), "null", nothing, false });
	pieces(m, chat_piece, null_usage);
	auto_buf struct buf usage = BUF_INIT(4096);
	chat_usage(m, &usage);
	const char *last = buf_cstr(&usage);
	chat_chunk(m, &(struct chunk){ "{}", PICK(m, "\"stop\"", "\"length\""), usage_alone ? nothing : last, false });
	if (usage_alone)
		chat_chunk(m, &(struct chunk){ .usage = last, .empty = true });
	event(m, NULL, "[DONE]");
}

/* ---- responses ---- */

static void
responses_object(struct maker *m, struct buf *out, bool done, bool reasons)
{
	put(out,
	    "{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":%lld,\"status\":\"%s\",\"error\":null,"
	    "\"incomplete_details\":null,\"model\":\"gpt-5.4-mini\"",
	    (long long)NOW_S, done ? "completed" : "in_progress");
	MAYBE(m, out, "metadata", "{}");
	MAYBE(m, out, "temperature", "1.0", "1");
	MAYBE(m, out, "service_tier", "\"auto\"", "\"default\"");
	unknown(m, out);
	put(out, ",\"output\":[");
	if (done && reasons)
		put(out, "{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[]},");
	if (done)
		put(out,
		    "{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"completed\",\"role\":\"assistant\",\"content\":"
		    "[{\"type\":\"output_text\",\"annotations\":[],\"text\":\"%s\"}]}",
		    words);
	uint64_t output = 1 + below(m, 16);
	put(out, "],\"usage\":");
	if (done)
		put(out,
		    "{\"input_tokens\":15,\"output_tokens\":%d,\"total_tokens\":%d,\"input_tokens_details\":"
		    "{\"cached_tokens\":0},\"output_tokens_details\":{\"reasoning_tokens\":%d}}}",
		    (int)output, (int)(15 + output), reasons);
	else
		put(out, "null}");
}

static void
responses_sync(struct maker *m)
{
	responses_object(m, &m->text, true, chance(m));
}

/* rest: further members, with their comma. */
static void
responses_event(struct maker *m, const char *type, const char *rest)
{
	auto_buf struct buf out = BUF_INIT(TEXT_MAX);
	put(&out, "{\"type\":\"%s\"", type);
	if (m->numbered)
		put(&out, ",\"sequence_number\":%u", m->number);
	put(&out, "%s}", rest);
	event(m, type, buf_cstr(&out));
}

static void
responses_piece(struct maker *m, const char *piece, unsigned index)
{
	char rest[256];
	snprintf(rest, sizeof(rest),
	    ",\"item_id\":\"msg_1\",\"output_index\":%u,\"content_index\":0,\"delta\":\"%s\"%s", index, piece,
	    m->members & 1 ? ",\"obfuscation\":\"x\"" : "");
	responses_event(m, "response.output_text.delta", rest);
}

static void
responses_whole(struct maker *m, const char *type, bool done, bool reasons)
{
	auto_buf struct buf rest = BUF_INIT(TEXT_MAX);
	put(&rest, ",\"response\":");
	responses_object(m, &rest, done, reasons);
	responses_event(m, type, buf_cstr(&rest));
}

static void
responses_stream(struct maker *m)
{
	bool reasons = chance(m);
	unsigned index = reasons;
	char rest[512];
	responses_whole(m, "response.created", false, reasons);
	if (chance(m))
		responses_whole(m, "response.in_progress", false, reasons);
	if (reasons) {
		responses_event(m, "response.output_item.added",
		    ",\"output_index\":0,\"item\":{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[]}");
		responses_event(m, "response.output_item.done",
		    ",\"output_index\":0,\"item\":{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[]}");
	}
	if (chance(m))
		responses_event(m, "response.something.new", ",\"x\":1");
	snprintf(rest, sizeof(rest),
	    ",\"output_index\":%u,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"in_progress\",\"role\":"
	    "\"assistant\",\"content\":[]}",
	    index);
	responses_event(m, "response.output_item.added", rest);
	pieces(m, responses_piece, index);
	snprintf(rest, sizeof(rest), ",\"item_id\":\"msg_1\",\"output_index\":%u,\"content_index\":0,\"text\":\"%s\"",
	    index, words);
	responses_event(m, "response.output_text.done", rest);
	snprintf(rest, sizeof(rest),
	    ",\"output_index\":%u,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"completed\",\"role\":"
	    "\"assistant\",\"content\":[{\"type\":\"output_text\",\"annotations\":[],\"text\":\"%s\"}]}",
	    index, words);
	responses_event(m, "response.output_item.done", rest);
	responses_whole(m, "response.completed", true, reasons);
	if (below(m, 4) == 0)
		event(m, NULL, "[DONE]");
}

/* ---- messages ---- */

static void
messages_sync(struct maker *m)
{
	struct buf *out = &m->text;
	put(out, "{\"id\":\"msg_01\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\",\"content\":[",
	    snapshot(m, "claude-haiku-4-5", "claude-haiku-4-5-20251001"));
	if (chance(m))
		put(out, "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"c2ln\"},");
	put(out, "{\"type\":\"text\",\"text\":\"%s\"}],\"stop_reason\":\"%s\",\"stop_sequence\":null", words,
	    PICK(m, "end_turn", "max_tokens"));
	MAYBE(m, out, "container", "null");
	unknown(m, out);
	put(out, ",\"usage\":{\"input_tokens\":15,\"output_tokens\":%d", 1 + (int)below(m, 16));
	MAYBE(m, out, "cache_read_input_tokens", "0");
	MAYBE(m, out, "service_tier", "\"standard\"");
	put(out, "}}");
}

static void
messages_piece(struct maker *m, const char *piece, unsigned index)
{
	char data[256];
	snprintf(data, sizeof(data),
	    "{\"type\":\"content_block_delta\",\"index\":%u,\"delta\":{\"type\":\"text_delta\",\"text\":\"%s\"}}",
	    index, piece);
	if (below(m, 4) == 0)
		event(m, "ping", "{\"type\":\"ping\"}");
	event(m, "content_block_delta", data);
}

static void
messages_stream(struct maker *m)
{
	unsigned index = 0;
	char data[256];
	auto_buf struct buf start = BUF_INIT(TEXT_MAX);
	put(&start,
	    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_01\",\"type\":\"message\",\"role\":\"assistant\",\"content\":"
	    "[],\"model\":\"%s\",\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":15,"
	    "\"output_tokens\":1}",
	    snapshot(m, "claude-haiku-4-5", "claude-haiku-4-5-20251001"));
	unknown(m, &start);
	put(&start, "}}");
	event(m, "message_start", buf_cstr(&start));
	if (chance(m))
		event(m, "ping", "{\"type\":\"ping\"}");
	if (chance(m)) {
		event(m, "content_block_start",
		    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\","
		    "\"signature\":\"\"}}");
		event(m, "content_block_delta",
		    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}");
		event(m, "content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}");
		index++;
	}
	snprintf(data, sizeof(data),
	    "{\"type\":\"content_block_start\",\"index\":%u,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
	    index);
	event(m, "content_block_start", data);
	pieces(m, messages_piece, index);
	snprintf(data, sizeof(data), "{\"type\":\"content_block_stop\",\"index\":%u}", index);
	event(m, "content_block_stop", data);
	if (chance(m))
		event(m, "something_new", "{\"type\":\"something_new\",\"x\":[1]}");
	snprintf(data, sizeof(data),
	    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"%s\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":"
	    "%d}}",
	    PICK(m, "end_turn", "max_tokens"), 2 + (int)below(m, 14));
	event(m, "message_delta", data);
	event(m, "message_stop", "{\"type\":\"message_stop\"}");
}

/* ---- generateContent ---- */

static void
gemini_usage(struct maker *m, struct buf *out)
{
	int output = 1 + (int)below(m, 16), thoughts = chance(m) ? (int)below(m, 9) : -1;
	put(out, ",\"usageMetadata\":{\"promptTokenCount\":15,\"candidatesTokenCount\":%d", output);
	if (thoughts >= 0)
		put(out, ",\"thoughtsTokenCount\":%d", thoughts);
	MAYBE(m, out, "promptTokensDetails", "[{\"modality\":\"TEXT\",\"tokenCount\":15}]");
	put(out, ",\"totalTokenCount\":%d}", 15 + output + (thoughts > 0 ? thoughts : 0));
}

static void
gemini_tail(struct maker *m, struct buf *out)
{
	put(out, ",\"modelVersion\":\"gemini-3-flash\"");
	MAYBE(m, out, "responseId", "\"x\"");
	unknown(m, out);
	put(out, "}");
}

static void
gemini_sync(struct maker *m)
{
	struct buf *out = &m->text;
	put(out, "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[");
	if (chance(m))
		put(out, "{\"text\":\"hm\",\"thought\":true},");
	put(out, "{\"text\":\"%s\"}]},\"finishReason\":\"%s\"", words, PICK(m, "STOP", "MAX_TOKENS"));
	MAYBE(m, out, "index", "0");
	MAYBE(m, out, "avgLogprobs", "-0.01", "0");
	MAYBE(m, out, "safetyRatings", "[]", "[{\"category\":\"C\",\"probability\":\"NEGLIGIBLE\"}]");
	put(out, "}]");
	gemini_usage(m, out);
	gemini_tail(m, out);
}

static void
gemini_piece(struct maker *m, const char *piece, unsigned counted)
{
	auto_buf struct buf out = BUF_INIT(TEXT_MAX);
	put(&out, "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"%s\"}]}%s}]", piece,
	    chance(m) ? ",\"index\":0" : "");
	if (counted)
		put(&out, ",\"usageMetadata\":{\"promptTokenCount\":15,\"totalTokenCount\":15}");
	gemini_tail(m, &out);
	event(m, NULL, buf_cstr(&out));
}

static void
gemini_stream(struct maker *m)
{
	pieces(m, gemini_piece, chance(m));
	auto_buf struct buf out = BUF_INIT(TEXT_MAX);
	put(&out, "{\"candidates\":[{%s\"finishReason\":\"%s\"}]",
	    PICK(m, "\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\".\"}]},",
		"\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"\"}]},"),
	    PICK(m, "STOP", "MAX_TOKENS"));
	gemini_usage(m, &out);
	gemini_tail(m, &out);
	event(m, NULL, buf_cstr(&out));
}

/* ---- the others ---- */

static void
embeddings_sync(struct maker *m)
{
	struct buf *out = &m->text;
	put(out,
	    "{\"object\":\"list\",\"model\":\"text-embedding-3-small\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
	    "\"embedding\":[0.5");
	for (unsigned i = 1; i < 32; i++)
		put(out, ",%s%llu", PICK(m, "0.0", "-0.", "0.00", "-"), (unsigned long long)below(m, 1000) + 1);
	put(out, "]}]");
	unknown(m, out);
	put(out, ",\"usage\":{\"prompt_tokens\":9,\"total_tokens\":9}}");
}

static void
images_sync(struct maker *m)
{
	struct buf *out = &m->text;
	put(out, "{\"created\":%lld,\"data\":[{\"b64_json\":\"iVBORw0KGgo=\"", (long long)NOW_S);
	MAYBE(m, out, "revised_prompt", "\"a red circle\"", "null");
	put(out, "}]");
	MAYBE(m, out, "size", "\"1024x1024\"");
	MAYBE(m, out, "quality", "\"low\"");
	unknown(m, out);
	put(out, ",\"usage\":{\"input_tokens\":9,\"output_tokens\":100,\"total_tokens\":109}}");
}

static void
models_sync(struct maker *m)
{
	struct buf *out = &m->text;
	put(out, "{\"object\":\"list\",\"data\":[{\"id\":\"a\",\"object\":\"model\",\"created\":1,\"owned_by\":\"x\"}");
	for (uint64_t i = below(m, 5); i > 0; i--) {
		put(out, ",{\"id\":\"m-%d\",\"object\":\"model\",\"created\":%d,\"owned_by\":\"x\"", (int)i,
		    (int)below(m, 99));
		MAYBE(m, out, "permission", "[]", "null");
		put(out, "}");
	}
	put(out, "]");
	unknown(m, out);
	put(out, "}");
}

static void
json_sync(struct maker *m)
{
	put(&m->text, "{\"success\":true,\"data\":[{\"state\":\"%s\"", PICK(m, "up", "degraded", ""));
	unknown(m, &m->text);
	put(&m->text, "}]}");
}

/* ---- reading them ---- */

static const struct {
	struct healthy_family family;
	void (*sync)(struct maker *m);
	void (*stream)(struct maker *m);
} makers[] = {
	{ { "openai-chat", "gpt-5.4-mini", "/v1/chat/completions", true }, chat_sync, chat_stream },
	{ { "openai-responses", "gpt-5.4-mini", "/v1/responses", true }, responses_sync, responses_stream },
	{ { "anthropic-messages", "claude-haiku-4-5", "/v1/messages", true }, messages_sync, messages_stream },
	{ { "gemini", "gemini-3-flash", "/v1beta/models/{model}:generateContent", true }, gemini_sync, gemini_stream },
	{ { "openai-embeddings", "text-embedding-3-small", "/v1/embeddings", false }, embeddings_sync, NULL },
	{ { "openai-images", "gpt-image-1", "/v1/images/generations", false }, images_sync, NULL },
	{ { "openai-models", NULL, "/v1/models", false }, models_sync, NULL },
	{ { "json-get", NULL, "/health", false }, json_sync, NULL },
};

static void
make_head(struct maker *m, bool stream, struct buf *out)
{
	const char *end = chance(m) ? "\r\n" : "\n";
	put(out, "HTTP/1.1 200 OK%sContent-Type: %s%s", end, stream ? "text/event-stream" : "application/json",
	    chance(m) ? "; charset=utf-8" : "");
	if (chance(m))
		put(out, "%sDate: Sun, 22 Nov 2026 10:00:0%d GMT", end, (int)below(m, 10));
	if (chance(m))
		put(out, "%sX-Request-Id: r%d", end, (int)below(m, 1000));
	put(out, "%s%s", end, end);
}

static void
make_body(struct maker *m, size_t which, bool stream)
{
	m->line_end = PICK(m, "\n", "\r\n", "\r");
	m->named = chance(m);
	m->numbered = chance(m);
	m->number = (unsigned)below(m, 5);
	m->members = random_next(&m->random);
	buf_reset(&m->text);
	if (below(m, 8) == 0)
		put(&m->text, "\xEF\xBB\xBF");
	else if (!stream && below(m, 4) == 0)
		put(&m->text, "\n \n");
	(stream ? makers[which].stream : makers[which].sync)(m);
	if (!stream && chance(m))
		put(&m->text, "\n");
}

static void
healthy_answers_raise_nothing(void **state)
{
	(void)state;
	struct healthy_family families[ARRAY_LEN(makers)];
	struct healthy_bed bed;
	struct maker maker = { .random = { 20261122 }, .text = BUF_INIT(TEXT_MAX) };
	for (size_t i = 0; i < ARRAY_LEN(makers); i++)
		families[i] = makers[i].family;
	healthy_begin(&bed, families, ARRAY_LEN(families));
	for (uint64_t wanted = healthy_wanted(ANSWERS); wanted > 0; wanted--) {
		const struct healthy_question *question = healthy_next(&bed);
		auto_buf struct buf head = BUF_INIT(4096);
		make_head(&maker, question->asked.stream, &head);
		make_body(&maker, question->family, question->asked.stream);
		healthy_judge(&bed, buf_view(&head), buf_view(&maker.text), (struct wall){ NOW_S * US_PER_SEC });
	}
	healthy_end(&bed);
	buf_done(&maker.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(healthy_answers_raise_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
