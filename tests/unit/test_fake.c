/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/loop.h"
#include "transport/deadline.h"
#include "transport/transport.h"

#define MS NS_PER_MS
#define HEAD_200 "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

static struct loop *loop;
static struct transport *transport;

/* What one transfer told its sink. */
struct seen {
	char text[512];
	size_t len;
	int heads, dones;
	struct exchange exchange;
	const char *content_at, *stop_at, *linger_at; /* bytes at which the reader reacts */
};

static enum sink_wants
on_head(void *arg, int status, const char *bytes, size_t len)
{
	struct seen *seen = arg;
	assert_int_equal(strlen(bytes), len);
	assert_int_equal(status, 200);
	seen->heads++;
	return SINK_MORE;
}

static enum sink_wants
on_body(void *arg, const char *bytes, size_t len)
{
	struct seen *seen = arg;
	assert_true(seen->len + len < sizeof(seen->text));
	memcpy(seen->text + seen->len, bytes, len);
	seen->len += len;
	if (seen->stop_at && memmem(bytes, len, seen->stop_at, strlen(seen->stop_at)))
		return SINK_STOP;
	if (seen->linger_at && memmem(bytes, len, seen->linger_at, strlen(seen->linger_at)))
		return SINK_LINGER;
	return seen->content_at && memmem(bytes, len, seen->content_at, strlen(seen->content_at)) ? SINK_CONTENT
												  : SINK_MORE;
}

static void
on_done(void *arg, const struct exchange *exchange)
{
	struct seen *seen = arg;
	seen->dones++;
	seen->exchange = *exchange;
}

static const struct sink sink = { on_head, on_body, on_done };

static struct request
new_request(void)
{
	return (struct request){
		.method = HTTP_POST,
		.url = "http://canary.test/v1/chat/completions",
		.headers = { "Content-Type: application/json" },
		.header_count = 1,
		.body = STR("{\"model\":\"m\"}"),
		.stream = true,
		.fresh = true,
		.deadlines = { 5000 * MS, 20000 * MS, 20000 * MS, 10000 * MS, 30000 * MS },
		.caps = { .head_bytes = 1000 },
	};
}

static int
setup(void **state)
{
	(void)state;
	loop = loop_sim_new((struct mono){ 1000 * NS_PER_SEC }, (struct wall){ US_PER_SEC });
	transport = fake_new(loop);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	transport_free(transport);
	loop_free(loop);
	return 0;
}

static int64_t
since_start_ms(const struct exchange *exchange, struct mono at)
{
	return at.ns ? mono_diff_ns(at, exchange->at.start) / MS : -1;
}

static void
test_a_whole_answer(void **state)
{
	(void)state;
	fake_add(transport,
	    &(struct fake_script){
		.url = "/chat/",
		.dns_ns = 1 * MS,
		.connect_ns = 2 * MS,
		.tls_ns = 4 * MS,
		.send_ns = 8 * MS,
		.first_byte_ns = 16 * MS,
		.head_ns = 32 * MS,
		.head = HEAD_200,
		.chunks = { { 64 * MS, "role", 0 }, { 128 * MS, "hello", 0 }, { 256 * MS, "hello", 0 } },
		.end_ns = 512 * MS,
	    });
	struct request request = new_request();
	struct seen seen = { .content_at = "hello" };
	transport_start(transport, &request, &sink, &seen);
	assert_int_equal(fake_in_flight(transport), 1);
	loop_sim_advance(loop, 1022 * MS);
	assert_int_equal(seen.dones, 0);
	loop_sim_advance(loop, 1 * MS);
	assert_int_equal(seen.dones, 1);
	assert_int_equal(fake_in_flight(transport), 0);
	assert_string_equal(seen.text, "rolehellohello");
	const struct exchange *e = &seen.exchange;
	assert_int_equal(e->end, END_COMPLETE);
	assert_int_equal(e->status, 200);
	assert_int_equal(e->body_bytes, 14);
	assert_int_equal(since_start_ms(e, e->at.dns), 1);
	assert_int_equal(since_start_ms(e, e->at.connect), 3);
	assert_int_equal(since_start_ms(e, e->at.tls), 7);
	assert_int_equal(since_start_ms(e, e->at.sent), 15);
	assert_int_equal(since_start_ms(e, e->at.first_byte), 31);
	assert_int_equal(since_start_ms(e, e->at.head), 63);
	assert_int_equal(since_start_ms(e, e->at.first_content), 255);
	assert_int_equal(since_start_ms(e, e->at.last_content), 511);
	assert_int_equal(since_start_ms(e, e->at.end), 1023);
	assert_int_equal(e->at.max_content_gap_ns, 256 * MS);
}

static void
test_requests_are_kept(void **state)
{
	(void)state;
	struct request request = new_request();
	char secret[] = "Authorization: Bearer k";
	request.secret_header = secret;
	fake_add(transport, &(struct fake_script){ .header = "Authorization: Bearer k", .head = HEAD_200, .times = 1 });
	fake_add(transport, &(struct fake_script){ .body = "\"m\"", .end = END_CLOSED });
	struct seen one = { 0 }, two = { 0 };
	transport_start(transport, &request, &sink, &one);
	transport_start(transport, &request, &sink, &two);
	loop_sim_settle(loop);
	size_t count;
	const struct fake_request *requests = fake_requests(transport, &count);
	assert_int_equal(count, 2);
	assert_int_equal(requests[0].end, END_COMPLETE); /* the first script is used up by it */
	assert_int_equal(requests[1].end, END_CLOSED);
	assert_string_equal(requests[0].url, request.url);
	assert_string_equal(requests[0].headers[0], "Content-Type: application/json");
	assert_string_equal(requests[0].headers[1], "Authorization: Bearer k");
	assert_null(requests[0].headers[2]);
	assert_true(str_eq(requests[1].body, STR("{\"model\":\"m\"}")));
	assert_int_equal(two.exchange.head_whole, false);
	struct seen three = { 0 };
	transport_start(transport, &request, &sink, &three);
	fake_forget(transport);
	loop_sim_settle(loop);
	assert_int_equal(three.dones, 1);
	fake_requests(transport, &count);
	assert_int_equal(count, 0);
}

/* Each script ends in the deadline that is due first, to the nanosecond. */
static void
test_deadlines(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		struct fake_script script;
		enum exchange_end end;
		int64_t at_ms;
	} cases[] = {
		{ "dns hangs", { .dns_ns = FAKE_NEVER }, END_TIMEOUT_CONNECT, 5000 },
		{ "slow stages add up", { .dns_ns = 2000 * MS, .connect_ns = 2000 * MS, .tls_ns = 2000 * MS },
		    END_TIMEOUT_CONNECT, 5000 },
		{ "sending hangs", { .connect_ns = 10 * MS, .send_ns = FAKE_NEVER }, END_TIMEOUT_TOTAL, 30000 },
		{ "no head", { .send_ns = 100 * MS, .first_byte_ns = FAKE_NEVER }, END_TIMEOUT_FIRST_BYTE, 20100 },
		{ "half a head", { .head = HEAD_200, .head_ns = FAKE_NEVER }, END_TIMEOUT_FIRST_BYTE, 20000 },
		{ "nothing after the head", { .head = HEAD_200, .end_ns = FAKE_NEVER }, END_TIMEOUT_FIRST_TOKEN,
		    20000 },
		{ "nothing after a first comment",
		    { .head = HEAD_200, .chunks = { { 1000 * MS, ":", 0 } }, .end_ns = FAKE_NEVER }, END_TIMEOUT_IDLE,
		    11000 },
		{ "comments do not meet the token deadline",
		    { .head = HEAD_200,
			.chunks = { { 9000 * MS, ":", 0 }, { 9000 * MS, ":", 0 }, { 9000 * MS, ":", 0 } } },
		    END_TIMEOUT_FIRST_TOKEN, 20000 },
		{ "a gap after content",
		    { .head = HEAD_200,
			.chunks = { { 1000 * MS, "hello", 0 }, { 3000 * MS, ":", 0 } },
			.end_ns = FAKE_NEVER },
		    END_TIMEOUT_IDLE, 14000 },
		{ "content without end",
		    { .head = HEAD_200,
			.chunks = { { 9000 * MS, "hello", 0 }, { 9000 * MS, "hello", 0 }, { 9000 * MS, "hello", 0 },
			    { 9000 * MS, "hello", 0 } } },
		    END_TIMEOUT_TOTAL, 30000 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].name);
		fake_clear(transport);
		fake_add(transport, &cases[i].script);
		struct request request = new_request();
		struct seen seen = { .content_at = "hello" };
		transport_start(transport, &request, &sink, &seen);
		loop_sim_advance(loop, cases[i].at_ms * MS - 1);
		assert_int_equal(seen.dones, 0);
		loop_sim_advance(loop, 1);
		assert_int_equal(seen.dones, 1);
		assert_int_equal(seen.exchange.end, cases[i].end);
		assert_int_equal(since_start_ms(&seen.exchange, seen.exchange.at.end), cases[i].at_ms);
	}
}

/* A sync request has no first-token deadline. */
static void
test_sync_has_no_token_deadline(void **state)
{
	(void)state;
	fake_add(transport, &(struct fake_script){ .head = HEAD_200, .chunks = { { 25 * MS, "x", 0 } } });
	struct request request = new_request();
	request.stream = false;
	request.deadlines.first_token_ns = 10 * MS;
	struct seen seen = { 0 };
	transport_start(transport, &request, &sink, &seen);
	loop_sim_advance(loop, 25 * MS);
	assert_int_equal(seen.exchange.end, END_COMPLETE);
}

static void
test_ends(void **state)
{
	(void)state;
	static const struct {
		struct fake_script script;
		enum exchange_end end;
		bool head_whole;
		int64_t at_ms;
	} cases[] = {
		{ { .dns_ns = 3 * MS, .end = END_DNS, .head = HEAD_200 }, END_DNS, false, 3 },
		{ { .dns_ns = 3 * MS, .connect_ns = 1 * MS, .end = END_CONNECT }, END_CONNECT, false, 4 },
		{ { .connect_ns = 1 * MS, .tls_ns = 1 * MS, .end = END_TLS }, END_TLS, false, 2 },
		{ { .end = END_LOCAL, .head = HEAD_200 }, END_LOCAL, false, 0 },
		{ { .first_byte_ns = 7 * MS, .end = END_CLOSED }, END_CLOSED, false, 7 },
		{ { .head = HEAD_200, .chunks = { { 2 * MS, "x", 0 } }, .end_ns = 2 * MS, .end = END_CLOSED },
		    END_CLOSED, true, 4 },
		{ { .head = HEAD_200, .end = END_BAD_ENCODING }, END_BAD_ENCODING, true, 0 },
		{ { .head = HEAD_200, .end = END_HEAD_TOO_LARGE }, END_HEAD_TOO_LARGE, false, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fake_clear(transport);
		fake_add(transport, &cases[i].script);
		struct request request = new_request();
		struct seen seen = { 0 };
		transport_start(transport, &request, &sink, &seen);
		assert_int_equal(seen.dones, 0); /* never from inside start */
		loop_sim_advance(loop, 1000 * MS);
		assert_int_equal(seen.dones, 1);
		assert_int_equal(seen.exchange.end, cases[i].end);
		assert_int_equal(seen.exchange.head_whole, cases[i].head_whole);
		assert_int_equal(since_start_ms(&seen.exchange, seen.exchange.at.end), cases[i].at_ms);
	}
	fake_clear(transport);
	struct request request = new_request();
	struct seen seen = { 0 };
	transport_start(transport, &request, &sink, &seen);
	loop_sim_settle(loop);
	assert_int_equal(seen.exchange.end, END_CONNECT); /* no script fits */
}

static void
test_stop_and_linger(void **state)
{
	(void)state;
	struct fake_script script = { .head = HEAD_200,
		.chunks = { { 10 * MS, "[DONE]", 0 }, { 600 * MS, "late", 0 }, { 600 * MS, "later", 0 } },
		.end_ns = FAKE_NEVER };
	fake_add(transport, &script);
	struct request request = new_request();
	struct seen seen = { .linger_at = "DONE" };
	transport_start(transport, &request, &sink, &seen);
	loop_sim_advance(loop, 1010 * MS - 1);
	assert_int_equal(seen.dones, 0);
	loop_sim_advance(loop, 1);
	assert_int_equal(seen.exchange.end, END_COMPLETE);
	assert_string_equal(seen.text, "[DONE]late"); /* what follows is shown */

	struct seen stopped = { .stop_at = "late" };
	transport_start(transport, &request, &sink, &stopped);
	loop_sim_advance(loop, 610 * MS);
	assert_int_equal(stopped.exchange.end, END_STOPPED);

	/* the total deadline cuts the lingering short, and it is complete all the same */
	request.deadlines.total_ns = 500 * MS;
	struct seen cut = { .linger_at = "DONE" };
	transport_start(transport, &request, &sink, &cut);
	loop_sim_advance(loop, 500 * MS);
	assert_int_equal(cut.exchange.end, END_COMPLETE);
}

static void
test_cancel(void **state)
{
	(void)state;
	fake_add(transport, &(struct fake_script){ .head = HEAD_200, .first_byte_ns = 10 * MS });
	struct request request = new_request();
	struct seen one = { 0 }, two = { 0 };
	struct transfer *first = transport_start(transport, &request, &sink, &one);
	transport_start(transport, &request, &sink, &two);
	transport_cancel(transport, first);
	loop_sim_advance(loop, 60 * NS_PER_SEC);
	assert_int_equal(one.dones, 0);
	assert_int_equal(two.dones, 1);
	size_t count;
	assert_true(fake_requests(transport, &count)[0].cancelled);
	transport_start(transport, &request, &sink, &one); /* left in flight: freed with the transport */
}

/* When the loop itself was stalled, data that came in time wins over the deadline. */
static void
test_a_stall_is_not_a_timeout(void **state)
{
	(void)state;
	fake_add(transport,
	    &(struct fake_script){ .head = HEAD_200, .first_byte_ns = 100 * MS, .chunks = { { 0, "hello", 0 } } });
	struct request request = new_request();
	request.deadlines.first_byte_ns = 50 * MS;
	struct seen seen = { 0 };
	transport_start(transport, &request, &sink, &seen);
	loop_sim_settle(loop);
	loop_sim_stall(loop, 200 * MS);
	loop_sim_settle(loop);
	assert_int_equal(seen.exchange.end, END_COMPLETE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_whole_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_requests_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deadlines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sync_has_no_token_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop_and_linger, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_stall_is_not_a_timeout, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
