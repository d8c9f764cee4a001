/* SPDX-License-Identifier: Apache-2.0 */
/* The transport's deadlines, on a server that is slow in each way. */
#include "config.h"

#include "transport/transport.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "tcp_server.h"

#define EVENT_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

static struct client client;

/* What the server sends, piece by piece. */
struct piece {
	int after_ms;
	const char *text; /* NULL ends: then it waits for the client to close */
};

static void
serve_pieces(struct tcp_conn *conn, void *arg)
{
	if (!tcp_read_request(conn))
		return;
	const struct piece *piece = arg;
	for (; piece->text; piece++)
		if (tcp_wait_closed(conn, piece->after_ms) || !tcp_send(conn, piece->text))
			return;
	if (piece->after_ms)
		tcp_wait_closed(conn, piece->after_ms);
}

enum { HANG = 15000 };

static void
test_each_deadline(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int first_byte_ms, first_token_ms, idle_ms, total_ms;
		struct piece pieces[12];
		enum exchange_end end;
		int at_ms;
	} cases[] = {
		{ "no answer", 200, 400, 500, 800, { { HANG, NULL } }, END_TIMEOUT_FIRST_BYTE, 200 },
		{ "an answer in time", 300, 300, 300, 2000,
		    { { 50, EVENT_HEAD }, { 50, "5\r\nhello\r\n" }, { 50, "0\r\n\r\n" }, { HANG, NULL } }, END_COMPLETE,
		    150 },
		{ "only an interim head", 200, 400, 500, 800,
		    { { 50, "HTTP/1.1 100 Continue\r\n\r\n" }, { HANG, NULL } }, END_TIMEOUT_FIRST_BYTE, 200 },
		{ "a head in pieces", 100, 300, 200, 2000,
		    { { 50, "HTTP/1.1 200 OK\r\n" }, { 60, "A: b\r\n" }, { 60, "C: d\r\n" }, { 60, "E: f\r\n" },
			{ HANG, NULL } },
		    END_TIMEOUT_FIRST_BYTE, 100 },
		{ "silence after the head", 200, 600, 300, 2000, { { 100, EVENT_HEAD }, { HANG, NULL } },
		    END_TIMEOUT_FIRST_TOKEN, 600 },
		{ "silence after a comment", 200, 900, 300, 2000,
		    { { 100, EVENT_HEAD "3\r\n:\n\n\r\n" }, { HANG, NULL } }, END_TIMEOUT_IDLE, 400 },
		{ "comments only", 200, 500, 200, 2000,
		    { { 0, EVENT_HEAD }, { 100, "3\r\n:\n\n\r\n" }, { 100, "3\r\n:\n\n\r\n" },
			{ 100, "3\r\n:\n\n\r\n" }, { 100, "3\r\n:\n\n\r\n" }, { 100, "3\r\n:\n\n\r\n" },
			{ HANG, NULL } },
		    END_TIMEOUT_FIRST_TOKEN, 500 },
		{ "a gap after content", 200, 300, 250, 2000,
		    { { 0, EVENT_HEAD }, { 100, "5\r\nhello\r\n" }, { 200, "1\r\n:\r\n" }, { HANG, NULL } },
		    END_TIMEOUT_IDLE, 550 },
		{ "slow bytes without end", 200, 300, 200, 500,
		    { { 0, EVENT_HEAD }, { 50, "5\r\nhello\r\n" }, { 100, "1\r\n:\r\n" }, { 100, "1\r\n:\r\n" },
			{ 100, "1\r\n:\r\n" }, { 100, "1\r\n:\r\n" }, { 100, "1\r\n:\r\n" }, { HANG, NULL } },
		    END_TIMEOUT_TOTAL, 500 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].name);
		struct tcp_server *server =
		    tcp_server_start(serve_pieces, (void *)(uintptr_t)cases[i].pieces, NULL, NULL);
		struct call call;
		call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
		call.request.stream = true;
		call.content_at = "hello";
		call.request.deadlines = (struct deadlines){ NS_PER_SEC, cases[i].first_byte_ms * NS_PER_MS,
			cases[i].first_token_ms * NS_PER_MS, cases[i].idle_ms * NS_PER_MS,
			cases[i].total_ms * NS_PER_MS };
		call_run(&call);
		assert_string_equal(exchange_end_name(call.exchange.end), exchange_end_name(cases[i].end));
		assert_in_range(call_at_ms(&call, call.exchange.at.end), cases[i].at_ms, cases[i].at_ms + 1000);
		call_check_timeline(&call);
		call_done(&call);
		tcp_server_stop(server);
	}
}

/* A listener whose queue is full lets connections hang, as a firewall that drops does. */
static void
test_connect_deadline(void **state)
{
	(void)state;
	int listener = socket(AF_INET, SOCK_STREAM, 0), fillers[8];
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	assert_int_equal(listen(listener, 0), 0);
	for (size_t i = 0; i < ARRAY_LEN(fillers); i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fillers[i], (struct sockaddr *)&address, len);
	}
	struct call call;
	call_init(&call, &client, "http", "127.0.0.1", ntohs(address.sin_port));
	call.request.deadlines.connect_ns = 200 * NS_PER_MS;
	call_run(&call);
	assert_int_equal(call.exchange.end, END_TIMEOUT_CONNECT);
	assert_in_range(call_at_ms(&call, call.exchange.at.end), 200, 1200);
	assert_int_equal(call.exchange.at.connect.ns, 0);
	call_done(&call);
	for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
		close(fillers[i]);
	close(listener);
}

static void
serve_nothing(struct tcp_conn *conn, void *arg)
{
	(void)arg;
	tcp_wait_closed(conn, HANG);
}

/* TLS belongs to the connecting. */
static void
test_handshake_deadline(void **state)
{
	(void)state;
	struct tcp_server *server = tcp_server_start(serve_nothing, NULL, NULL, NULL);
	struct call call;
	call_init(&call, &client, "https", "127.0.0.1", tcp_server_port(server));
	call.request.deadlines.connect_ns = 200 * NS_PER_MS;
	call_run(&call);
	assert_int_equal(call.exchange.end, END_TIMEOUT_CONNECT);
	assert_true(call.exchange.at.connect.ns != 0);
	assert_int_equal(call.exchange.at.tls.ns, 0);
	call_check_timeline(&call);
	call_done(&call);
	tcp_server_stop(server);
}

/* The stamps say what the server did: 1 ms of tolerance below, a busy machine's above. (Gaps between stamps may be
 * shorter than the server's, when the first of two was read late.) */
static void
test_stamps(void **state)
{
	(void)state;
	static const struct piece pieces[] = { { 100, EVENT_HEAD "2\r\n:\n\r\n" }, { 100, "5\r\nhello\r\n" },
		{ 150, "5\r\nhello\r\n" }, { 50, "0\r\n\r\n" }, { HANG, NULL } };
	struct tcp_server *server = tcp_server_start(serve_pieces, (void *)(uintptr_t)pieces, NULL, NULL);
	struct call call;
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call.request.stream = true;
	call.content_at = "hello";
	call_run(&call);
	const struct timeline *at = &call.exchange.at;
	assert_int_equal(call.exchange.end, END_COMPLETE);
	assert_in_range(mono_diff_ns(at->first_byte, at->sent) / NS_PER_MS, 99, 600);
	assert_in_range(mono_diff_ns(at->first_content, at->sent) / NS_PER_MS, 199, 700);
	assert_in_range(mono_diff_ns(at->last_content, at->sent) / NS_PER_MS, 349, 850);
	assert_in_range(mono_diff_ns(at->end, at->sent) / NS_PER_MS, 399, 900);
	assert_int_equal(at->max_content_gap_ns, mono_diff_ns(at->last_content, at->first_content));
	call_check_timeline(&call);
	call_done(&call);
	tcp_server_stop(server);
}

/* When the loop itself is busy past a deadline, what came in time is read first. */
static void
on_busy(void *arg)
{
	(void)arg;
	struct mono until = mono_add_ns(clock_mono(), 400 * NS_PER_MS);
	while (mono_before(clock_mono(), until))
		;
}

static void
test_a_busy_loop_is_not_a_timeout(void **state)
{
	(void)state;
	static const struct piece pieces[] = { { 100, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
		{ HANG, NULL } };
	struct tcp_server *server = tcp_server_start(serve_pieces, (void *)(uintptr_t)pieces, NULL, NULL);
	struct call call;
	struct loop_timer busy = { 0 };
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call.request.deadlines.first_byte_ns = 250 * NS_PER_MS;
	call_start(&call);
	loop_timer_set(client.loop, &busy, mono_add_ns(loop_now(client.loop), 50 * NS_PER_MS), on_busy, NULL);
	client_run(&client);
	assert_int_equal(call.exchange.end, END_COMPLETE);
	call_done(&call);
	tcp_server_stop(server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(test_each_deadline, &client),
		CLIENT_TEST(test_connect_deadline, &client),
		CLIENT_TEST(test_handshake_deadline, &client),
		CLIENT_TEST(test_stamps, &client),
		CLIENT_TEST(test_a_busy_loop_is_not_a_timeout, &client),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
