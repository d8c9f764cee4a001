/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a recording cannot show: how the transport's end and the parser bear on the outcome. The last test proves that
 * every outcome code is reached here or by a recording of test_replay.
 */
#include "config.h"

#include "classify/classify.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/attr.h"
#include "classify/model.h"
#include "dialect/reader.h"
#include "file.h"

#define EVENTS_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define JSON_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
#define CHUNK(delta, finish) \
	"data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0," \
	"\"delta\":{" delta "},\"finish_reason\":" finish "}]}\n\n"
#define OK_CHUNK CHUNK("\"content\":\"ok\"", "null")
#define LAST_CHUNK CHUNK("", "\"stop\"")
#define DONE "data: [DONE]\n\n"
#define BODY \
	"{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0," \
	"\"message\":{\"role\":\"assistant\",\"content\":\"ok\"},\"finish_reason\":\"stop\"}]}"

static const struct {
	const char *name;
	enum exchange_end end;
	bool stream;
	const char *head, *body; /* head NULL: it never came */
	enum outcome outcome;
	enum fallback_reason reason;
} cases[] = {
	{ "our own limit", END_LOCAL, false, NULL, "", OUTCOME_LOCAL_ERROR, REASON_NONE },
	{ "our own limit in the body", END_LOCAL, true, EVENTS_HEAD, OK_CHUNK, OUTCOME_LOCAL_ERROR, REASON_NONE },
	{ "dns", END_DNS, false, NULL, "", OUTCOME_DNS_ERROR, REASON_CONNECTION },
	{ "refused", END_CONNECT, false, NULL, "", OUTCOME_CONNECT_ERROR, REASON_CONNECTION },
	{ "tls", END_TLS, false, NULL, "", OUTCOME_TLS_ERROR, REASON_NONE },
	{ "closed before the head", END_CLOSED, true, NULL, "", OUTCOME_CONNECTION_CLOSED, REASON_CONNECTION },
	{ "connect deadline", END_TIMEOUT_CONNECT, false, NULL, "", OUTCOME_TIMEOUT_CONNECT, REASON_CONNECTION },
	{ "first byte deadline", END_TIMEOUT_FIRST_BYTE, false, NULL, "", OUTCOME_TIMEOUT_FIRST_BYTE, REASON_TIMEOUT },
	{ "total before the head", END_TIMEOUT_TOTAL, false, NULL, "", OUTCOME_TIMEOUT_TOTAL, REASON_TIMEOUT },
	{ "head over its cap", END_HEAD_TOO_LARGE, false, NULL, "", OUTCOME_BODY_TOO_LARGE, REASON_NONE },
	{ "no token", END_TIMEOUT_FIRST_TOKEN, true, EVENTS_HEAD, "", OUTCOME_TIMEOUT_FIRST_TOKEN, REASON_TIMEOUT },
	{ "only keep-alives", END_TIMEOUT_FIRST_TOKEN, true, EVENTS_HEAD, ": ping\n\n: ping\n\n",
	    OUTCOME_TIMEOUT_FIRST_TOKEN, REASON_TIMEOUT },
	{ "silence after content", END_TIMEOUT_IDLE, true, EVENTS_HEAD, OK_CHUNK, OUTCOME_TIMEOUT_IDLE, REASON_NONE },
	{ "silence before content", END_TIMEOUT_IDLE, true, EVENTS_HEAD, CHUNK("\"role\":\"assistant\"", "null"),
	    OUTCOME_TIMEOUT_IDLE, REASON_TIMEOUT },
	{ "silence instead of the marker", END_TIMEOUT_IDLE, true, EVENTS_HEAD, OK_CHUNK LAST_CHUNK,
	    OUTCOME_TIMEOUT_IDLE, REASON_NONE },
	{ "silence in a sync body", END_TIMEOUT_IDLE, false, JSON_HEAD, "{\"id\":", OUTCOME_TIMEOUT_IDLE,
	    REASON_TIMEOUT },
	{ "total in a stream", END_TIMEOUT_TOTAL, true, EVENTS_HEAD, OK_CHUNK, OUTCOME_TIMEOUT_TOTAL, REASON_NONE },
	{ "left open after the marker", END_COMPLETE, true, EVENTS_HEAD, OK_CHUNK LAST_CHUNK DONE, OUTCOME_OK,
	    REASON_NONE },
	{ "deadline after the marker", END_TIMEOUT_TOTAL, true, EVENTS_HEAD, OK_CHUNK LAST_CHUNK DONE, OUTCOME_OK,
	    REASON_NONE },
	{ "reset after the marker", END_CLOSED, true, EVENTS_HEAD, OK_CHUNK LAST_CHUNK DONE, OUTCOME_OK, REASON_NONE },
	{ "reset before the marker", END_CLOSED, true, EVENTS_HEAD, OK_CHUNK LAST_CHUNK, OUTCOME_CONTRACT_VIOLATION,
	    REASON_NONE },
	{ "reset before completion", END_CLOSED, true, EVENTS_HEAD, OK_CHUNK, OUTCOME_STREAM_TRUNCATED, REASON_NONE },
	{ "reset before any byte", END_CLOSED, true, EVENTS_HEAD, "", OUTCOME_STREAM_TRUNCATED,
	    REASON_STREAM_DISCONNECT },
	{ "cut among keep-alives", END_CLOSED, true, EVENTS_HEAD, ": ping\n\n", OUTCOME_STREAM_TRUNCATED,
	    REASON_STREAM_DISCONNECT },
	{ "error event, then silence", END_TIMEOUT_IDLE, true, EVENTS_HEAD, "data: {\"error\":{\"message\":\"x\"}}\n\n",
	    OUTCOME_STREAM_ERROR, REASON_SERVER_ERROR },
	{ "sync body cut", END_CLOSED, false, JSON_HEAD, "{\"id\":", OUTCOME_CONNECTION_CLOSED, REASON_CONNECTION },
	{ "sync body whole, framing not", END_CLOSED, false, JSON_HEAD, BODY, OUTCOME_CONNECTION_CLOSED,
	    REASON_CONNECTION },
	{ "sync body, nothing of it", END_CLOSED, false, JSON_HEAD, "", OUTCOME_CONNECTION_CLOSED, REASON_CONNECTION },
	{ "declared encoding does not decode", END_BAD_ENCODING, false, JSON_HEAD, "", OUTCOME_BAD_ENCODING,
	    REASON_NONE },
	{ "error status, body cut", END_CLOSED, false, "HTTP/1.1 500 x\r\n\r\n", "{\"err", OUTCOME_SERVER_ERROR,
	    REASON_SERVER_ERROR },
	{ "error status, body late", END_TIMEOUT_IDLE, true, "HTTP/1.1 429 x\r\n\r\n", "", OUTCOME_RATE_LIMITED,
	    REASON_RATE_LIMIT },
};

struct live {
	struct arena arena;
	struct reader reader;
	struct reply reply;
	struct asked asked;
	struct exchange exchange;
};

static const struct expectation expectation = { .prompt_tokens_min = -1, .prompt_tokens_max = -1 };

static void
live_init(struct live *live, bool stream)
{
	*live = (struct live){ .asked = {
				   .dialect = dialect_find(STR("openai-chat")),
				   .probe = stream ? PROBE_STREAM : PROBE_SYNC,
				   .stream = stream,
				   .caps = { 1 << 20, 1 << 16, 1 << 18, 1 << 20 },
				   .expect = &expectation,
			       } };
	arena_init(&live->arena, 1 << 18);
	reader_init(&live->reader, &live->asked, &live->reply, &live->arena);
}

static void
live_feed(struct live *live, const char *head_text, const char *body, enum exchange_end end)
{
	struct head head;
	live->exchange.end = end;
	live->exchange.head_whole = head_text != NULL;
	if (head_text) {
		assert_true(head_parse(str_of(head_text), &head));
		live->exchange.status = head.status;
		reader_head(&live->reader, &head, (struct wall){ 0 });
		reader_feed(&live->reader, body, strlen(body));
	}
	reader_end(&live->reader);
}

static void
live_done(struct live *live)
{
	reader_done(&live->reader);
	reply_done(&live->reply);
	arena_done(&live->arena);
}

static uint64_t reached;

static void
the_end_decides_in_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		static struct live live;
		live_init(&live, cases[i].stream);
		live_feed(&live, cases[i].head, cases[i].body, cases[i].end);
		struct verdict verdict = classify(&live.exchange, &live.reply, &live.asked);
		if (verdict.outcome != cases[i].outcome || verdict.reason != cases[i].reason)
			fail_msg(
			    "%s: %s, reason %d", cases[i].name, outcome_code(verdict.outcome), (int)verdict.reason);
		reached |= UINT64_C(1) << verdict.outcome;
		live_done(&live);
	}
}

static void
the_parser_comes_last(void **state)
{
	(void)state;
	static struct live live;
	live_init(&live, false);
	live_feed(&live, JSON_HEAD, BODY, END_COMPLETE);
	live.reply.parser_rejected = true;
	assert_int_equal(classify(&live.exchange, &live.reply, &live.asked).outcome, OUTCOME_PARSER_REJECTED);
	reached |= UINT64_C(1) << OUTCOME_PARSER_REJECTED;
	live_done(&live);
}

static void
the_reader_says_when_it_has_enough(void **state)
{
	(void)state;
	static struct live live;
	struct head head;
	live_init(&live, true);
	head_parse(STR(EVENTS_HEAD), &head);
	reader_head(&live.reader, &head, (struct wall){ 0 });
	assert_int_equal(reader_feed(&live.reader, ": ping\n\n", 8), SINK_MORE);
	const char role[] = CHUNK("\"role\":\"assistant\",\"content\":\"\"", "null");
	assert_int_equal(reader_feed(&live.reader, role, sizeof(role) - 1), SINK_MORE);
	assert_int_equal(reader_feed(&live.reader, OK_CHUNK, sizeof(OK_CHUNK) - 1), SINK_CONTENT);
	assert_int_equal(reader_feed(&live.reader, LAST_CHUNK, sizeof(LAST_CHUNK) - 1), SINK_MORE);
	assert_int_equal(reader_feed(&live.reader, DONE, sizeof(DONE) - 1), SINK_LINGER);
	live_done(&live);
}

static void
models_are_matched_by_snapshot(void **state)
{
	(void)state;
	static const struct {
		const char *asked, *returned;
		bool same;
	} pairs[] = {
		{ "gpt-5", "gpt-5", true },
		{ "gpt-5", "gpt-5-2026-03-17", true },
		{ "gpt-4", "gpt-4-0125", true },
		{ "claude-haiku-4-5", "claude-haiku-4-5-20251001", true },
		{ "gemini-3-pro", "models/gemini-3-pro", true },
		{ "openai/gpt-5", "gpt-5-2026-03-17", true },
		{ "gpt-5", "openai/gpt-5-2026-03-17", true },
		{ "gpt-5", "gpt-5-mini", false },
		{ "gpt-5", "gpt-5-mini-2026-03-17", false },
		{ "gpt-5", "gpt-5-2026", true },
		{ "gpt-5", "gpt-5-20a6", false },
		{ "gpt-5-2026-03-17", "gpt-5", false },
		{ "openai/gpt-5", "azure/gpt-5", false },
		{ "gpt-5", "", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (model_matches(str_of(pairs[i].asked), str_of(pairs[i].returned), MODEL_MATCH_PREFIX) !=
		    pairs[i].same)
			fail_msg("%s and %s", pairs[i].asked, pairs[i].returned);
	assert_false(model_matches(STR("a"), STR("a-2026-03-17"), MODEL_MATCH_EXACT));
	assert_true(model_matches(STR("a"), STR("b"), MODEL_MATCH_ANY));
}

static void
note_outcome_of(const char *path)
{
	auto_buf struct buf text = BUF_INIT(64 * 1024);
	assert_true(file_read(path, &text));
	auto_json struct json expect;
	assert_int_equal(json_parse(buf_view(&text), JSON_DEPTH_MAX, &expect), JSON_FINE);
	enum outcome outcome = outcome_from_code(json_str(json_get(expect, "outcome")));
	assert_int_not_equal(outcome, OUTCOME_INVALID);
	reached |= UINT64_C(1) << outcome;
}

static void
every_outcome_is_reached(void **state)
{
	(void)state;
	char pattern[512];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "%s/dialect/*/*.expect", getenv("TEST_DATA"));
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		note_outcome_of(found.gl_pathv[i]);
	globfree(&found);
	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		if (!(reached >> i & 1))
			fail_msg("no test ends in %s", outcome_code((enum outcome)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_decides_in_its_place),
		cmocka_unit_test(the_parser_comes_last),
		cmocka_unit_test(the_reader_says_when_it_has_enough),
		cmocka_unit_test(models_are_matched_by_snapshot),
		cmocka_unit_test(every_outcome_is_reached),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
