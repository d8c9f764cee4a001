/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator as a client sees it: forms of requests, odd requests, what is the same every time, its own interface. */
#include "config.h"

#include "sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/loop.h"
#include "sim/fault.h"
#include "sim_bed.h"

static void
record_session(const struct bed *bed, struct buf *out)
{
	static const char *const bodies[] = { ASK_WHOLE, ASK_STREAM, "{\"model\":\"nobody\"}", "{", ASK_WHOLE };
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		auto_buf struct buf request = BUF_INIT(REPLY_PIECE);
		struct reply reply;
		write_request(&request, "POST", "/v1/chat/completions", bodies[i]);
		exchange(bed->ports[HTTP], buf_cstr(&request), PATIENCE_MS, &reply);
		buf_str(out, buf_view(&reply.bytes));
		buf_done(&reply.bytes);
	}
}

static void
test_same_seed_same_bytes(void **state)
{
	(void)state;
	static const uint64_t seeds[] = { 7, 7, 8 };
	struct buf said[ARRAY_LEN(seeds)];
	static const char flaky[] = "{\"probability\":0.5,\"faults\":[{\"fault\":\"error\",\"name\":\"html_502\"}]}";
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
		struct bed bed;
		said[i] = BUF_INIT(REPLY_MAX);
		bed_start(&bed, seeds[i]);
		add_rule(&bed, flaky);
		for (int round = 0; round < 4; round++)
			record_session(&bed, &said[i]);
		bed_stop(&bed);
	}
	assert_true(str_eq(buf_view(&said[0]), buf_view(&said[1])));
	assert_false(str_eq(buf_view(&said[0]), buf_view(&said[2])));
	size_t failed = count_of(buf_view(&said[0]), "HTTP/1.1 502 ");
	assert_in_range(failed, 4, 16); /* half of twenty */
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
		buf_done(&said[i]);
}

/* The request in pieces of one byte, as one, chunked, and twice on one connection: the same answer. */
static void
test_forms_of_requests(void **state)
{
	(void)state;
	static const char chunked[] =
	    "POST /v1/embeddings HTTP/1.1\r\nHost: sim\r\nauthorization: bearer sk-sim-demo\r\n"
	    "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
	    "5;x=y\r\n{\"mod\r\n38\r\nel\":\"text-embedding-3-small\",\"input\":\"a\",\"dimensions\":3}"
	    "\r\n0\r\nTrailer: t\r\n\r\n";
	struct reply whole, pieces, chunks;
	struct bed bed;
	auto_buf struct buf plain = BUF_INIT(REPLY_PIECE);
	write_request(&plain, "POST", "/v1/embeddings",
	    "{\"model\":\"text-embedding-3-small\",\"input\":\"a\",\"dimensions\":3}");
	const char *request = buf_cstr(&plain);
	bed_start(&bed, 1);
	exchange(bed.ports[HTTP], request, PATIENCE_MS, &whole);
	assert_int_equal(whole.ending, CLOSED);
	assert_true(str_starts(buf_view(&whole.bytes), STR("HTTP/1.1 200 OK\r\n")));

	pieces = (struct reply){ .bytes = BUF_INIT(REPLY_MAX) };
	int fd = dial(bed.ports[HTTP]);
	for (size_t i = 0; i < strlen(request); i++)
		assert_true(send_all(fd, request + i, 1));
	listen_to(fd, PATIENCE_MS, REPLY_MAX - REPLY_PIECE, &pieces);
	close(fd);
	assert_true(str_eq(body_of(&pieces), body_of(&whole)));

	exchange(bed.ports[HTTP], chunked, PATIENCE_MS, &chunks);
	assert_true(str_eq(body_of(&chunks), body_of(&whole)));
	buf_done(&whole.bytes);
	buf_done(&pieces.bytes);
	buf_done(&chunks.bytes);
	bed_stop(&bed);
}

static void
test_odd_requests(void **state)
{
	(void)state;
	static const struct {
		const char *request, *begins;
	} cases[] = {
		{ "hello\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n" },
		{ "GET / HTTP/2.0\r\n\r\n", "HTTP/1.1 400 " },
		{ "GET nowhere HTTP/1.1\r\n\r\n", "HTTP/1.1 400 " },
		{ "POST / HTTP/1.1\r\nContent-Length: ten\r\n\r\n", "HTTP/1.1 400 " },
		{ "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "HTTP/1.1 413 " },
		{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "HTTP/1.1 400 " },
		{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", "HTTP/1.1 413 " },
		{ "POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n" },
		{ "GET /v1/models HTTP/1.0\r\n\r\n", "HTTP/1.1 401 " },
		{ "GET /v1/models HTTP/1.0\r\nAuthorization: sk-sim-demo\r\n\r\n", "HTTP/1.1 401 " },
		{ "GET /v1/models HTTP/1.0\r\nx-api-key: sk-sim-demo\r\n\r\n", "HTTP/1.1 200 " },
		{ "GET /v1/chat/completions HTTP/1.0\r\n\r\n", "HTTP/1.1 301 Moved Permanently\r\n" },
		{ "GET /elsewhere HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n" },
		{ "GET /_sim/nothing HTTP/1.0\r\n\r\n", "HTTP/1.1 404 Not Found\r\n" },
		{ "DELETE /_sim/faults/77 HTTP/1.0\r\n\r\n", "HTTP/1.1 404 Not Found\r\n" },
		{ "POST /v1/models HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
		    "HTTP/1.1 100 Continue\r\n\r\n" },
	};
	struct bed bed;
	bed_start(&bed, 1);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct reply reply;
		exchange(bed.ports[HTTP], cases[i].request, strstr(cases[i].request, "Expect") ? QUIET_MS : PATIENCE_MS,
		    &reply);
		if (!str_starts(buf_view(&reply.bytes), str_of(cases[i].begins)))
			fail_msg("%s: %s", cases[i].request, buf_cstr(&reply.bytes));
		buf_done(&reply.bytes);
	}
	bed_stop(&bed);
}

static void
test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *path, *body, *begins, *says;
	} cases[] = {
		{ "/v1/chat/completions", "{\"model\":", "HTTP/1.1 400 ",
		    "{\"error\":{\"code\":\"\",\"message\":\"invalid request: " },
		{ "/v1/chat/completions", "[]", "HTTP/1.1 400 ", "the body is no JSON object" },
		{ "/v1/chat/completions", "{}", "HTTP/1.1 400 ", "model name is required (request id: 20261122100000" },
		{ "/v1/chat/completions", "{\"model\":\"a\\\"b\"}", "HTTP/1.1 503 ", "and model a\\\"b (distributor)" },
		{ "/v1/chat/completions", "{\"model\":\"text-embedding-3-small\"}", "HTTP/1.1 503 ",
		    "model_not_found" },
		{ "/v1/chat/completions", "{\"model\":\"gpt-5.4-mini\"}", "HTTP/1.1 500 ",
		    "\"param\":\"\",\"code\":\"invalid_request\"" },
		{ "/v1/chat/completions", "{\"model\":\"gpt-5.4-mini\",\"messages\":[]}", "HTTP/1.1 500 ",
		    "non-empty array" },
		{ "/v1/chat/completions", "{\"model\":\"gpt-5.4-mini\",\"messages\":[{}]}", "HTTP/1.1 500 ",
		    "needs a role" },
		{ "/v1/embeddings", "{\"model\":\"text-embedding-3-small\",\"input\":\"a\",\"dimensions\":0}",
		    "HTTP/1.1 500 ", "out of range" },
		{ "/v1/embeddings", "{\"model\":\"text-embedding-3-small\",\"input\":{}}", "HTTP/1.1 500 ",
		    "input must be" },
		{ "/v1/embeddings", "{\"model\":\"text-embedding-ada-002\",\"input\":\"a\",\"dimensions\":9}",
		    "HTTP/1.1 500 ", "parameter dimensions" },
		{ "/v1/responses", "{\"model\":\"gpt-5.4-mini\"}", "HTTP/1.1 500 ", "field input is required" },
		{ "/v1/responses", "{\"model\":\"gpt-5.4-mini\",\"input\":[]}", "HTTP/1.1 500 ", "input must be" },
		{ "/v1/messages", "{\"model\":\"claude-haiku-4-5-20251001\"}", "HTTP/1.1 400 ",
		    "{\"error\":{\"type\":\"comet_api_error\",\"message\":\"field messages is required (request id: " },
		{ "/v1/messages", "{\"model\":\"claude-haiku-4-5-20251001\",\"messages\":[]}", "HTTP/1.1 400 ",
		    "field max_tokens is required" },
		{ "/v1/messages", "{\"model\":\"nobody\",\"messages\":[]}", "HTTP/1.1 503 ", "model_not_found" },
		{ "/v1beta/models/gemini-2.5-flash:generateContent", "{}", "HTTP/1.1 500 ",
		    "field contents is required" },
		{ "/v1beta/models/nobody:streamGenerateContent?alt=sse", "{}", "HTTP/1.1 503 ", "and model nobody " },
		{ "/v1beta/models/gemini-2.5-flash:countTokens", "{}", "HTTP/1.1 301 ", "Location: /\r\n" },
		{ "/v1/images/generations", "{\"model\":\"gpt-image-2\",\"prompt\":\"a\",\"n\":11}", "HTTP/1.1 500 ",
		    "n must be" },
		{ "/v1/chat/completion", "{}", "HTTP/1.1 301 ", "Location: /\r\n" },
		{ "/chat/completions", "{}", "HTTP/1.1 200 ", "<!DOCTYPE html>" },
	};
	struct bed bed;
	bed_start(&bed, 1);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf request = BUF_INIT(REPLY_PIECE);
		struct reply reply;
		write_request(&request, "POST", cases[i].path, cases[i].body);
		exchange(bed.ports[HTTP], buf_cstr(&request), PATIENCE_MS, &reply);
		if (!str_starts(buf_view(&reply.bytes), str_of(cases[i].begins)) ||
		    count_of(buf_view(&reply.bytes), cases[i].says) != 1)
			fail_msg("%s %s: %s", cases[i].path, cases[i].body, buf_cstr(&reply.bytes));
		buf_done(&reply.bytes);
	}
	bed_stop(&bed);
}

static void
test_two_on_one_connection(void **state)
{
	(void)state;
	static const char two[] = "GET /api/models HTTP/1.1\r\nHost: sim\r\n\r\n"
				  "GET /api/models HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n";
	struct bed bed;
	struct reply reply;
	bed_start(&bed, 1);
	exchange(bed.ports[HTTP], two, PATIENCE_MS, &reply);
	assert_int_equal(count_of(buf_view(&reply.bytes), "HTTP/1.1 200 OK\r\n"), 2);
	assert_int_equal(count_of(buf_view(&reply.bytes), "\"success\":true"), 2);
	buf_done(&reply.bytes);
	bed_stop(&bed);
}

/* A request that never gets an answer is in the journal while it waits; a key is named and never written. */
static void
test_journal(void **state)
{
	(void)state;
	struct bed bed;
	struct reply reply;
	auto_buf struct buf request = BUF_INIT(REPLY_PIECE);
	bed_start(&bed, 1);
	add_rule(&bed, "{\"count\":1,\"path\":\"/v1/*\",\"faults\":[\"silent\"]}");
	write_request(&request, "POST", "/v1/chat/completions?secret=yes", ASK_WHOLE);
	exchange(bed.ports[HTTP], buf_cstr(&request), QUIET_MS, &reply);
	assert_int_equal(reply.ending, SILENT);
	buf_done(&reply.bytes);
	control(&bed, "GET", "/_sim/journal?format=lines", "", &reply);
	struct str said = buf_view(&reply.bytes);
	assert_int_equal(count_of(said, "\n{\"sequence\":1,"), 1);
	assert_int_equal(count_of(said, "\"path\":\"/v1/chat/completions\""), 1);
	assert_int_equal(count_of(said, "\"key\":\"demo\""), 1);
	assert_int_equal(count_of(said, "\"faults\":\"silent\",\"status\":200,\"bytes_sent\":0,"), 1);
	assert_int_equal(count_of(said, "\"ended\":\"hung\""), 1);
	assert_int_equal(count_of(said, "sk-sim-demo") + count_of(said, "secret") + count_of(said, "Count for me"), 0);
	buf_done(&reply.bytes);
	control(&bed, "DELETE", "/_sim/journal", "", &reply);
	buf_done(&reply.bytes);
	control(&bed, "GET", "/_sim/journal", "", &reply);
	assert_true(str_ends(buf_view(&reply.bytes), STR("\r\n\r\n[]\n")));
	buf_done(&reply.bytes);
	bed_stop(&bed);
}

/* Streams that are broken off in the middle leave nothing open, and the journal says who left. */
static void
test_client_goes_away(void **state)
{
	(void)state;
	struct bed bed;
	struct reply reply;
	auto_buf struct buf request = BUF_INIT(REPLY_PIECE);
	bed_start(&bed, 1);
	add_rule(&bed, "{\"faults\":[{\"fault\":\"endless-stream\",\"ms\":1}]}");
	write_request(&request, "POST", "/v1/chat/completions", ASK_STREAM);
	for (int i = 0; i < 20; i++) {
		int fd = dial(bed.ports[HTTP]);
		reply = (struct reply){ .bytes = BUF_INIT(REPLY_MAX) };
		assert_true(fd >= 0 && send_all(fd, request.at, request.len));
		listen_to(fd, PATIENCE_MS, 1000, &reply);
		assert_int_equal(reply.ending, FULL);
		buf_done(&reply.bytes);
		close(fd);
	}
	struct mono start = clock_mono();
	size_t only_this_one = 0;
	while (only_this_one == 0 && ms_since(start) < PATIENCE_MS) {
		control(&bed, "GET", "/_sim/stats", "", &reply);
		only_this_one = count_of(buf_view(&reply.bytes), "\"open_connections\":1,");
		buf_done(&reply.bytes);
	}
	assert_int_equal(only_this_one, 1);
	control(&bed, "GET", "/_sim/journal", "", &reply);
	assert_int_equal(count_of(buf_view(&reply.bytes), "\"ended\":\"client-closed\""), 20);
	buf_done(&reply.bytes);
	bed_stop(&bed);
}

static void
test_rules_over_http(void **state)
{
	(void)state;
	struct bed bed;
	struct reply reply;
	bed_start(&bed, 1);
	add_rule(&bed, "{\"label\":\"one\",\"faults\":[{\"fault\":\"slow\",\"bytes\":3}]}");
	control(&bed, "GET", "/_sim/faults", "", &reply);
	assert_int_equal(
	    count_of(buf_view(&reply.bytes),
		"{\"id\":1,\"label\":\"one\",\"after\":0,\"every\":1,\"count\":0,\"probability\":1,\"faults\":[{\"fault\":"
		"\"slow\",\"bytes\":3,\"ms\":100}],\"seen\":0,\"hits\":0}"),
	    1);
	buf_done(&reply.bytes);
	control(&bed, "POST", "/_sim/faults", "{\"faults\":[\"slwo\"]}", &reply);
	assert_true(str_starts(buf_view(&reply.bytes), STR("HTTP/1.1 400 ")));
	buf_done(&reply.bytes);
	control(&bed, "DELETE", "/_sim/faults/1", "", &reply);
	assert_true(str_starts(buf_view(&reply.bytes), STR("HTTP/1.1 204 ")));
	buf_done(&reply.bytes);
	control(&bed, "GET", "/_sim/faults", "", &reply);
	assert_true(str_ends(buf_view(&reply.bytes), STR("{\"rules\":[]}")));
	buf_done(&reply.bytes);
	control(&bed, "GET", "/_sim/faults/catalogue", "", &reply);
	assert_int_equal(count_of(buf_view(&reply.bytes), "\"stage\":"), FAULT_COUNT);
	buf_done(&reply.bytes);
	bed_stop(&bed);
}

/* What varies is another answer each time, whole JSON each time, and the same again with the same seed. */
static void
test_vary(void **state)
{
	(void)state;
	enum { ROUNDS = 24 };
	static const struct {
		const char *path, *body, *has;
	} cases[] = {
		{ "/v1/chat/completions", ASK_WHOLE, "\"finish_reason\":\"length\"" },
		{ "/v1/responses", "{\"model\":\"gpt-5.4-mini\",\"input\":\"Say the word ok.\"}", "\"text\":\"ok\"" },
		{ "/v1/messages",
		    "{\"model\":\"claude-haiku-4-5-20251001\",\"max_tokens\":9,"
		    "\"messages\":[{\"role\":\"user\",\"content\":\"Say the word ok.\"}]}",
		    "\"text\":\"ok\"" },
		{ "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
		    "{\"contents\":[{\"parts\":[{\"text\":\"Say the word ok.\"}]}]}", "\"text\":\"ok\"" },
		{ "/v1/images/generations", "{\"model\":\"gpt-image-2\",\"prompt\":\"a cat\"}", "\"b64_json\":\"iVBO" },
		{ "/v1/embeddings", "{\"model\":\"text-embedding-3-small\",\"input\":\"a\",\"dimensions\":2}",
		    "\"total_tokens\":1" },
	};
	struct buf said[2] = { BUF_INIT(REPLY_MAX), BUF_INIT(REPLY_MAX) };
	for (size_t turn = 0; turn < ARRAY_LEN(said); turn++) {
		struct bed bed;
		bed_start(&bed, 7);
		add_rule(&bed, "{\"faults\":[\"vary\"]}");
		for (size_t i = 0; i < ROUNDS * ARRAY_LEN(cases); i++) {
			auto_buf struct buf request = BUF_INIT(REPLY_PIECE);
			struct reply reply;
			write_request(
			    &request, "POST", cases[i % ARRAY_LEN(cases)].path, cases[i % ARRAY_LEN(cases)].body);
			exchange(bed.ports[HTTP], buf_cstr(&request), PATIENCE_MS, &reply);
			if (!str_starts(buf_view(&reply.bytes), STR("HTTP/1.1 200 OK\r\n")) ||
			    count_of(body_of(&reply), cases[i % ARRAY_LEN(cases)].has) != 1)
				fail_msg("%s: %s", buf_cstr(&request), buf_cstr(&reply.bytes));
			bool chunked = count_of(buf_view(&reply.bytes), "Transfer-Encoding: chunked") > 0;
			if (!chunked)
				assert_int_equal(json_check(body_of(&reply), JSON_DEPTH_MAX), JSON_FINE);
			buf_str(&said[turn], buf_view(&reply.bytes));
			buf_done(&reply.bytes);
		}
		bed_stop(&bed);
	}
	assert_true(str_eq(buf_view(&said[0]), buf_view(&said[1])));
	static const char *const some[] = { "\r\nVia: ", "\"x_region\":", "\"service_tier\":",
		"\"system_fingerprint\":", "Transfer-Encoding: chunked", "\"model\":\"gpt-5.4-mini\"",
		"\"model\":\"gpt-5.4-mini-2026-03-17\"" };
	for (size_t i = 0; i < ARRAY_LEN(some); i++)
		assert_in_range(count_of(buf_view(&said[0]), some[i]), 1, ROUNDS * ARRAY_LEN(cases) - 1);
	buf_done(&said[0]);
	buf_done(&said[1]);
}

static void
test_wrong_options(void **state)
{
	(void)state;
	static const char *const keys[] = { "sk-lonely-secret", NULL };
	struct loop *loop = loop_sim_new((struct mono){ 1 }, (struct wall){ 1 });
	auto_buf struct buf error = BUF_INIT(1024);
	assert_null(sim_new(loop, &(struct sim_options){ .profile = "acme" }, &error));
	assert_string_equal(
	    buf_cstr(&error), "there is no profile \"acme\"; known are: comet, openai, anthropic, gemini");
	buf_reset(&error);
	assert_null(sim_new(loop, &(struct sim_options){ .keys = keys }, &error));
	assert_null(strstr(buf_cstr(&error), "lonely"));
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms_of_requests),
		cmocka_unit_test(test_odd_requests),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_two_on_one_connection),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_client_goes_away),
		cmocka_unit_test(test_rules_over_http),
		cmocka_unit_test(test_same_seed_same_bytes),
		cmocka_unit_test(test_vary),
		cmocka_unit_test(test_wrong_options),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
