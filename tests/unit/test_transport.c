/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/transport.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/xalloc.h"
#include "client.h"
#include "tcp_server.h"
#include "transport/multi.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define EVENT_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

static struct client client;

/* Serves one text a request, as long as the client stays. */
static void
serve_text(struct tcp_conn *conn, void *arg)
{
	while (tcp_read_request(conn) && tcp_send(conn, arg))
		;
}

/* Serves one text and closes. */
static void
serve_and_close(struct tcp_conn *conn, void *arg)
{
	if (tcp_read_request(conn))
		tcp_send(conn, arg);
}

/* Serves one text and keeps the connection open without a word. */
static void
serve_and_hang(struct tcp_conn *conn, void *arg)
{
	if (tcp_read_request(conn) && tcp_send(conn, arg))
		tcp_wait_closed(conn, 15000);
}

struct expected {
	enum exchange_end end;
	int status;
	const char *body; /* NULL = not looked at */
};

/* One call against one server; returns the exchange. */
static struct exchange
one_call(tcp_serve_fn *serve, const void *text, bool stream, const struct expected *expected)
{
	struct tcp_server *server = tcp_server_start(serve, (void *)(uintptr_t)text, NULL, NULL);
	struct call call;
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call.request.stream = stream;
	call_run(&call);
	assert_string_equal(exchange_end_name(call.exchange.end), exchange_end_name(expected->end));
	assert_int_equal(call.exchange.status, expected->status);
	if (expected->body)
		assert_string_equal(buf_cstr(&call.body), expected->body);
	assert_int_equal(call.exchange.body_bytes, call.body.len);
	assert_int_equal(call.exchange.head_whole, call.heads == 1);
	call_check_timeline(&call);
	struct exchange exchange = call.exchange;
	call_done(&call);
	tcp_server_stop(server);
	return exchange;
}

static void
test_a_whole_answer(void **state)
{
	(void)state;
	static const char text[] = OK_HEAD "Content-Length: 5\r\nX-Odd:\tyes \r\n\r\nhello";
	struct tcp_server *server = tcp_server_start(serve_text, (void *)(uintptr_t)text, NULL, NULL);
	struct call call;
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	char secret[] = "Authorization: Bearer k";
	call.request.secret_header = secret;
	call_run(&call);
	const struct exchange *e = &call.exchange;
	assert_int_equal(e->end, END_COMPLETE);
	assert_int_equal(e->status, 200);
	assert_string_equal(buf_cstr(&call.body), "hello");
	assert_string_equal(buf_cstr(&call.head), OK_HEAD "Content-Length: 5\r\nX-Odd:\tyes \r\n\r\n");
	assert_int_equal(e->head_bytes, call.head.len);
	assert_int_equal(e->ip_family, 4);
	assert_int_equal(e->http_version, HTTP_VERSION_1_1);
	assert_int_equal(e->connects, 1);
	assert_false(e->reused);
	assert_int_equal(e->os_errno, 0);
	assert_true(e->at.dns.ns && e->at.connect.ns && e->at.sent.ns && e->at.first_byte.ns && e->at.head.ns);
	assert_int_equal(e->at.tls.ns, 0);
	call_check_timeline(&call);
	call_done(&call);
	tcp_server_stop(server);
}

/* What leaves, byte for byte but for the port. */
static char received[65536];

static void
serve_recorded(struct tcp_conn *conn, void *arg)
{
	(void)arg;
	if (!tcp_read_request(conn))
		return;
	memcpy(received, conn->request, conn->request_len + 1);
	tcp_send(conn, OK_HEAD "Content-Length: 0\r\n\r\n");
}

static void
test_what_is_sent(void **state)
{
	(void)state;
	struct tcp_server *server = tcp_server_start(serve_recorded, NULL, NULL, NULL);
	struct call call;
	char expected[1024];
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	char secret[] = "Authorization: Bearer k";
	call.request.secret_header = secret;
	call_run(&call);
	snprintf(expected, sizeof(expected),
	    "POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: */*\r\nAccept-Encoding: deflate, gzip, br, zstd\r\n"
	    "Content-Type: application/json\r\nUser-Agent: canary-test\r\nAuthorization: Bearer k\r\n"
	    "Content-Length: 11\r\n\r\n{\"probe\":1}",
	    tcp_server_port(server));
	assert_string_equal(received, expected);
	call_done(&call);

	/* the same handle again, as a GET for a stream: nothing of the POST is left */
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call.request.method = HTTP_GET;
	call.request.stream = true;
	call.request.header_count = 0;
	call.request.body = STR_NONE;
	call_run(&call);
	snprintf(expected, sizeof(expected),
	    "GET /v1/chat HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: */*\r\nAccept-Encoding: identity\r\n\r\n",
	    tcp_server_port(server));
	assert_string_equal(received, expected);
	call_done(&call);

	/* a body that does not fit into the socket's buffers at once, and one of no bytes */
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	char *large = xmalloc(60000);
	memset(large, 'x', 60000);
	call.request.body = str_span(large, 60000);
	call_run(&call);
	assert_non_null(strstr(received, "Content-Length: 60000\r\n"));
	assert_null(strstr(received, "Expect"));
	assert_int_equal(call.exchange.end, END_COMPLETE);
	call_done(&call);
	free(large);

	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call.request.body = STR("");
	call_run(&call);
	assert_non_null(strstr(received, "Content-Length: 0\r\n"));
	assert_int_equal(call.exchange.end, END_COMPLETE);
	assert_true(call.exchange.at.sent.ns != 0);
	call_done(&call);
	tcp_server_stop(server);
}

static void
serve_close_at_once(struct tcp_conn *conn, void *arg)
{
	(void)conn, (void)arg;
}

static void
serve_reset_after(struct tcp_conn *conn, void *arg)
{
	if (tcp_read_request(conn))
		tcp_send(conn, arg);
	tcp_reset(conn);
}

static void
test_ends(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		tcp_serve_fn *serve;
		const char *text;
		struct expected expected;
	} cases[] = {
		{ "accept and close", serve_close_at_once, NULL, { END_CLOSED, 0, "" } },
		{ "close after the request", serve_and_close, "", { END_CLOSED, 0, "" } },
		{ "reset after the request", serve_reset_after, "", { END_CLOSED, 0, "" } },
		{ "close inside the head", serve_and_close, "HTTP/1.1 200 OK\r\nContent-Ty", { END_CLOSED, 0, "" } },
		{ "body shorter than promised", serve_and_close, OK_HEAD "Content-Length: 10\r\n\r\nhello",
		    { END_CLOSED, 200, "hello" } },
		{ "body longer than promised", serve_and_close, OK_HEAD "Content-Length: 2\r\n\r\nhello",
		    { END_COMPLETE, 200, "he" } },
		{ "body until the close", serve_and_close, OK_HEAD "\r\nhello", { END_COMPLETE, 200, "hello" } },
		{ "chunked", serve_text, EVENT_HEAD "5\r\nhello\r\n0\r\n\r\n", { END_COMPLETE, 200, "hello" } },
		{ "chunked, cut", serve_and_close, EVENT_HEAD "5\r\nhello\r\n", { END_CLOSED, 200, "hello" } },
		{ "chunked, broken", serve_text, EVENT_HEAD "5\r\nhello\r\nzz\r\n", { END_CLOSED, 200, "hello" } },
		{ "chunked with trailers", serve_text, EVENT_HEAD "5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
		    { END_COMPLETE, 200, "hello" } },
		{ "no content", serve_text, "HTTP/1.1 204 No Content\r\n\r\n", { END_COMPLETE, 204, "" } },
		{ "interim heads", serve_text,
		    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK_HEAD
		    "Content-Length: 5\r\n\r\nhello",
		    { END_COMPLETE, 200, "hello" } },
		{ "redirect", serve_text, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
		    { END_COMPLETE, 302, "" } },
		{ "authentication asked for", serve_text,
		    "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\nno",
		    { END_COMPLETE, 401, "no" } },
		{ "server error", serve_text, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy",
		    { END_COMPLETE, 503, "busy" } },
		{ "no HTTP at all", serve_and_close, "SSH-2.0-OpenSSH_9.2\r\n", { END_CLOSED, 0, "" } },
		{ "nonsense in the head", serve_and_close, "HTTP/1.1 200 OK\r\nno colon here\r\n\r\nhello",
		    { END_CLOSED, 0, "" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].name);
		one_call(cases[i].serve, cases[i].text, false, &cases[i].expected);
	}
}

static void
test_reset_after_the_head(void **state)
{
	(void)state;
	struct exchange exchange = one_call(
	    serve_reset_after, OK_HEAD "Content-Length: 10\r\n\r\n", false, &(struct expected){ END_CLOSED, 200, "" });
	assert_int_equal(exchange.os_errno, ECONNRESET);
	assert_true(exchange.head_whole);
}

static void
test_refused(void **state)
{
	(void)state;
	int fd, port = tcp_closed_port(&fd);
	struct call call;
	call_init(&call, &client, "http", "127.0.0.1", port);
	call_run(&call);
	assert_int_equal(call.exchange.end, END_CONNECT);
	assert_int_equal(call.exchange.os_errno, ECONNREFUSED);
	assert_int_equal(call.exchange.at.connect.ns, 0);
	assert_int_equal(call.exchange.at.sent.ns, 0);
	call_check_timeline(&call);
	call_done(&call);
	close(fd);
}

static void
test_bad_urls_are_local(void **state)
{
	(void)state;
	static const char *const urls[] = { "", "http://", "gopher://127.0.0.1/", "file:///etc/passwd",
		"http://127.0.0.1:99999/" };
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct call call;
		call_init(&call, &client, "http", "127.0.0.1", 1);
		call.request.url = urls[i];
		call_run(&call);
		assert_int_equal(call.exchange.end, END_LOCAL);
		call_done(&call);
	}
}

/* ---- heads that are too large ---- */

static char *
large_head(size_t lines, size_t line_bytes)
{
	char *text = xcalloc(1, 256 + lines * (line_bytes + 16));
	char *at = stpcpy(text, OK_HEAD "Content-Length: 0\r\n");
	for (size_t i = 0; i < lines; i++) {
		at = stpcpy(at, "X-Filler: ");
		memset(at, 'a', line_bytes);
		at = stpcpy(at + line_bytes, "\r\n");
	}
	stpcpy(at, "\r\n");
	return text;
}

static void
test_head_too_large(void **state)
{
	(void)state;
	static const struct {
		size_t lines, line_bytes, cap;
		enum exchange_end end;
	} cases[] = {
		{ 1, 150000, 65536, END_HEAD_TOO_LARGE }, /* above libcurl's own limit of a line */
		{ 1, 150000, 1 << 20, END_HEAD_TOO_LARGE },
		{ 1000, 100, 65536, END_HEAD_TOO_LARGE },
		{ 1, 90000, 65536, END_HEAD_TOO_LARGE },
		{ 500, 100, 65536, END_COMPLETE },
		{ 1000, 100, 1 << 20, END_COMPLETE },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_free char *text = large_head(cases[i].lines, cases[i].line_bytes);
		struct tcp_server *server = tcp_server_start(serve_text, text, NULL, NULL);
		struct call call;
		call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
		call.request.caps.head_bytes = cases[i].cap;
		call_run(&call);
		assert_int_equal(call.exchange.end, cases[i].end);
		assert_int_equal(call.heads, cases[i].end == END_COMPLETE);
		call_done(&call);
		tcp_server_stop(server);
	}
}

/* Interim heads and trailers without end count too. */
static void
serve_endless(struct tcp_conn *conn, void *arg)
{
	const char *const *texts = arg;
	if (tcp_read_request(conn) && tcp_send(conn, texts[0]))
		while (tcp_send(conn, texts[1]))
			;
}

static void
test_endless_heads(void **state)
{
	(void)state;
	static const char *const interim[] = { "", "HTTP/1.1 100 Continue\r\n\r\n" };
	static const char *const trailers[] = { EVENT_HEAD "0\r\n", "X-T: 1\r\n" };
	one_call(serve_endless, interim, false, &(struct expected){ END_HEAD_TOO_LARGE, 0, "" });
	one_call(serve_endless, trailers, false, &(struct expected){ END_HEAD_TOO_LARGE, 200, "" });
}

/* ---- encodings ---- */

struct bytes {
	char at[4096];
	size_t len;
};

static void
serve_bytes(struct tcp_conn *conn, void *arg)
{
	const struct bytes *bytes = arg;
	if (tcp_read_request(conn))
		tcp_send_bytes(conn, bytes->at, bytes->len);
}

static void
gzip_answer(struct bytes *bytes, const char *fields, bool corrupt)
{
	z_stream z = { 0 };
	char packed[1024];
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	static const char plain[] = "hello hello hello hello";
	z.next_in = (Bytef *)(uintptr_t)plain;
	z.avail_in = sizeof(plain) - 1;
	z.next_out = (Bytef *)packed;
	z.avail_out = sizeof(packed);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t len = sizeof(packed) - z.avail_out;
	deflateEnd(&z);
	if (corrupt)
		memset(packed + 10, 0xff, 6);
	int head = snprintf(bytes->at, sizeof(bytes->at), OK_HEAD "%sContent-Length: %zu\r\n\r\n", fields, len);
	memcpy(bytes->at + head, packed, len);
	bytes->len = (size_t)head + len;
}

static void
test_encodings(void **state)
{
	(void)state;
	struct bytes bytes;
	gzip_answer(&bytes, "Content-Encoding: gzip\r\n", false);
	for (int stream = 0; stream <= 1; stream++) /* a stream did not ask for it, and reads it all the same */
		one_call(
		    serve_bytes, &bytes, stream, &(struct expected){ END_COMPLETE, 200, "hello hello hello hello" });
	gzip_answer(&bytes, "Content-Encoding: gzip\r\n", true);
	one_call(serve_bytes, &bytes, false, &(struct expected){ END_BAD_ENCODING, 200, NULL });
	gzip_answer(&bytes, "Content-Encoding: chocolate\r\n", false);
	one_call(serve_bytes, &bytes, false, &(struct expected){ END_BAD_ENCODING, 200, NULL });
	gzip_answer(&bytes, "", false);
	struct exchange exchange = one_call(serve_bytes, &bytes, false, &(struct expected){ END_COMPLETE, 200, NULL });
	assert_true(exchange.body_bytes > 20 && exchange.body_bytes < 60); /* as it came */
	one_call(serve_and_close, OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", false,
	    &(struct expected){ END_BAD_ENCODING, 200, NULL });
}

/* ---- what the reader wants ---- */

static void
test_stop(void **state)
{
	(void)state;
	struct tcp_server *server =
	    tcp_server_start(serve_and_hang, (void *)(uintptr_t)EVENT_HEAD "5\r\nenough\r\n", NULL, NULL);
	struct call call;
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call.stop_at = "enoug";
	call_run(&call);
	assert_int_equal(call.exchange.end, END_STOPPED);
	assert_true(call.exchange.head_whole);
	call_done(&call);

	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call.stop_at = "event-stream"; /* said by the head already */
	call_run(&call);
	assert_int_equal(call.exchange.end, END_STOPPED);
	assert_int_equal(call.body.len, 0);
	call_done(&call);
	tcp_server_stop(server);
}

static void
test_linger(void **state)
{
	(void)state;
	struct tcp_server *server =
	    tcp_server_start(serve_and_hang, (void *)(uintptr_t)EVENT_HEAD "4\r\nDONE\r\n", NULL, NULL);
	struct call call;
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call.request.stream = true;
	call.request.deadlines.idle_ns = 200 * NS_PER_MS; /* not meant for a stream that is complete */
	call.linger_at = "DONE";
	call_run(&call);
	assert_int_equal(call.exchange.end, END_COMPLETE);
	int64_t lingered_ms = call_at_ms(&call, call.exchange.at.end) - call_at_ms(&call, call.exchange.at.head);
	assert_in_range(lingered_ms, 999, 3000);
	call_done(&call);
	tcp_server_stop(server);

	/* the server closes in time: the transfer ends with it */
	server = tcp_server_start(serve_text, (void *)(uintptr_t)EVENT_HEAD "4\r\nDONE\r\n0\r\n\r\n", NULL, NULL);
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call.linger_at = "DONE";
	call_run(&call);
	assert_int_equal(call.exchange.end, END_COMPLETE);
	assert_true(call_at_ms(&call, call.exchange.at.end) < 900);
	call_done(&call);
	tcp_server_stop(server);
}

static void
on_cancel(void *arg)
{
	struct call *call = arg;
	transport_cancel(client.transport, call->transfer);
	client.open_calls--;
	loop_stop(client.loop);
}

static void
test_cancel(void **state)
{
	(void)state;
	struct tcp_server *server = tcp_server_start(serve_and_hang, (void *)(uintptr_t)EVENT_HEAD, NULL, NULL);
	struct call call;
	struct loop_timer timer = { 0 };
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call_start(&call);
	transport_cancel(client.transport, call.transfer); /* before anything happened */
	call_start(&call);
	client.open_calls--;
	loop_timer_set(client.loop, &timer, mono_add_ns(loop_now(client.loop), 50 * NS_PER_MS), on_cancel, &call);
	client_run(&client);
	assert_int_equal(call.dones, 0);
	assert_int_equal(multi_in_flight(client.transport), 0);
	call_start(&call); /* left in flight: goes with the transport */
	call_done(&call);
	tcp_server_stop(server);
}

static void
test_start_from_done(void **state)
{
	(void)state;
	struct tcp_server *server =
	    tcp_server_start(serve_text, (void *)(uintptr_t)OK_HEAD "Content-Length: 5\r\n\r\nhello", NULL, NULL);
	struct call calls[3];
	for (size_t i = 0; i < 3; i++) {
		call_init(&calls[i], &client, "http", "127.0.0.1", tcp_server_port(server));
		calls[i].then = i < 2 ? &calls[i + 1] : NULL;
	}
	call_run(&calls[0]);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(calls[i].exchange.end, END_COMPLETE);
		call_done(&calls[i]);
	}
	tcp_server_stop(server);
}

static void
test_many_at_once(void **state)
{
	(void)state;
	enum { COUNT = 200, ROUNDS = 2 };
	struct tcp_server *server =
	    tcp_server_start(serve_text, (void *)(uintptr_t)OK_HEAD "Content-Length: 5\r\n\r\nhello", NULL, NULL);
	struct call *calls = xcalloc(COUNT, sizeof(*calls));
	for (int round = 0; round < ROUNDS; round++) { /* the second on pooled handles */
		for (size_t i = 0; i < COUNT; i++) {
			call_init(&calls[i], &client, "http", "127.0.0.1", tcp_server_port(server));
			call_start(&calls[i]);
		}
		client_run(&client);
		for (size_t i = 0; i < COUNT; i++) {
			assert_int_equal(calls[i].exchange.end, END_COMPLETE);
			assert_string_equal(buf_cstr(&calls[i].body), "hello");
			call_check_timeline(&calls[i]);
			call_done(&calls[i]);
		}
	}
	assert_int_equal(tcp_server_connections(server), COUNT * ROUNDS);
	free(calls);
	tcp_server_stop(server);
}

/* All that is in flight ends when libcurl breaks, from whose `done` new ones may be started; and these work. */
static void
test_rebuild(void **state)
{
	(void)state;
	struct tcp_server *hanging = tcp_server_start(serve_and_hang, (void *)(uintptr_t) "", NULL, NULL);
	struct tcp_server *server =
	    tcp_server_start(serve_text, (void *)(uintptr_t)OK_HEAD "Content-Length: 5\r\n\r\nhello", NULL, NULL);
	struct call calls[3], next;
	call_init(&next, &client, "http", "127.0.0.1", tcp_server_port(server));
	for (size_t i = 0; i < 3; i++) {
		call_init(&calls[i], &client, "http", "127.0.0.1", tcp_server_port(hanging));
		calls[i].then = i == 1 ? &next : NULL;
		call_start(&calls[i]);
	}
	multi_break(client.transport);
	client_run(&client);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(calls[i].exchange.end, END_LOCAL);
		call_done(&calls[i]);
	}
	assert_int_equal(next.exchange.end, END_COMPLETE);
	call_done(&next);
	tcp_server_stop(hanging);
	tcp_server_stop(server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(test_a_whole_answer, &client),
		CLIENT_TEST(test_what_is_sent, &client),
		CLIENT_TEST(test_ends, &client),
		CLIENT_TEST(test_reset_after_the_head, &client),
		CLIENT_TEST(test_refused, &client),
		CLIENT_TEST(test_bad_urls_are_local, &client),
		CLIENT_TEST(test_head_too_large, &client),
		CLIENT_TEST(test_endless_heads, &client),
		CLIENT_TEST(test_encodings, &client),
		CLIENT_TEST(test_stop, &client),
		CLIENT_TEST(test_linger, &client),
		CLIENT_TEST(test_cancel, &client),
		CLIENT_TEST(test_start_from_done, &client),
		CLIENT_TEST(test_many_at_once, &client),
		CLIENT_TEST(test_rebuild, &client),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
