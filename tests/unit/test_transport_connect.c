/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: reuse, hidden resends, proxies, TLS, name resolution that hangs, no descriptors left. */
#include "config.h"

#include "transport/transport.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "file.h"
#include "tcp_server.h"
#include "transport/certificate.h"
#include "transport/multi.h"

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct client client;
static char dir[] = "/tmp/canary-test-XXXXXX";

static void
serve_hello(struct tcp_conn *conn, void *arg)
{
	(void)arg;
	while (tcp_read_request(conn) && tcp_send(conn, HELLO))
		;
}

static enum exchange_end
end_of_call(struct call *call)
{
	call_run(call);
	call_check_timeline(call);
	call_done(call);
	return call->exchange.end;
}

/* ---- reuse ---- */

static void
test_reuse(void **state)
{
	(void)state;
	struct tcp_server *server = tcp_server_start(serve_hello, NULL, NULL, NULL);
	for (int i = 0; i < 3; i++) {
		struct call call;
		call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
		call.request.fresh = false;
		assert_int_equal(end_of_call(&call), END_COMPLETE);
		assert_int_equal(call.exchange.reused, i > 0);
		assert_int_equal(call.exchange.connects, i == 0);
		assert_int_equal(call.exchange.at.connect.ns != 0, i == 0);
		assert_true(call.exchange.at.sent.ns != 0);
		assert_int_equal(call.exchange.ip_family, 4);
	}
	assert_int_equal(tcp_server_connections(server), 1);
	/* a fresh one takes none of them, and leaves none behind */
	for (int i = 0; i < 2; i++) {
		struct call call;
		call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
		assert_int_equal(end_of_call(&call), END_COMPLETE);
		assert_false(call.exchange.reused);
		assert_int_equal(call.exchange.connects, 1);
	}
	assert_int_equal(tcp_server_connections(server), 3);
	tcp_server_stop(server);
}

/* Answers the first request of each connection and drops the second one, read as a whole. */
static void
serve_once_then_drop(struct tcp_conn *conn, void *arg)
{
	(void)arg;
	if (conn->number > 1)
		serve_hello(conn, arg);
	else if (tcp_read_request(conn) && tcp_send(conn, HELLO))
		tcp_read_request(conn);
}

/* Neither a small body, which leaves with the head, nor a large one. */
static void
test_a_post_is_not_sent_twice(void **state)
{
	(void)state;
	static const char large[10000];
	static const struct str bodies[] = { { "{}", 2 }, { large, sizeof(large) } };
	for (size_t b = 0; b < ARRAY_LEN(bodies); b++) {
		struct tcp_server *server = tcp_server_start(serve_once_then_drop, NULL, NULL, NULL);
		struct call call;
		for (int i = 0; i < 2; i++) {
			call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
			call.request.fresh = false;
			call.request.body = bodies[b];
			assert_int_equal(end_of_call(&call), i == 0 ? END_COMPLETE : END_CLOSED);
		}
		assert_false(call.exchange.head_whole);
		assert_int_equal(tcp_server_stop(server), 2); /* one that was answered, one that was dropped */
	}
}

/* A GET may be repeated, and that is told. */
static void
test_a_get_that_was_repeated_is_told(void **state)
{
	(void)state;
	struct tcp_server *server = tcp_server_start(serve_once_then_drop, NULL, NULL, NULL);
	struct call call;
	for (int i = 0; i < 2; i++) {
		call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
		call.request.method = HTTP_GET;
		call.request.fresh = false;
		assert_int_equal(end_of_call(&call), END_COMPLETE);
	}
	assert_int_equal(call.exchange.connects, 2);
	assert_int_equal(tcp_server_stop(server), 3);
}

/* ---- proxies ---- */

static char received[65536];

static void
serve_as_proxy(struct tcp_conn *conn, void *arg)
{
	while (tcp_read_request(conn)) {
		memcpy(received, conn->request, conn->request_len + 1);
		if (!tcp_send(conn, arg))
			return;
	}
}

static void
test_the_environment_is_not_asked(void **state)
{
	(void)state;
	static const char *const names[] = { "http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "https_proxy" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		setenv(names[i], "http://127.0.0.1:1", 1);
	setenv("no_proxy", "*", 1);
	struct tcp_server *server = tcp_server_start(serve_hello, NULL, NULL, NULL);
	struct call call;
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	assert_int_equal(end_of_call(&call), END_COMPLETE);

	/* and one that is configured is used, whatever no_proxy says */
	struct tcp_server *proxy = tcp_server_start(serve_as_proxy, (void *)(uintptr_t)HELLO, NULL, NULL);
	char url[64];
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", tcp_server_port(proxy));
	client.provider.proxy = url;
	call_init(&call, &client, "http", "canary.test", 80);
	assert_int_equal(end_of_call(&call), END_COMPLETE);
	assert_non_null(strstr(received, "POST http://canary.test/v1/chat HTTP/1.1\r\n"));
	tcp_server_stop(proxy);
	tcp_server_stop(server);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	unsetenv("no_proxy");
}

static void
test_proxies_that_refuse(void **state)
{
	(void)state;
	static const struct {
		const char *answer; /* to CONNECT; NULL = nobody listens */
		enum exchange_end end;
	} cases[] = {
		{ NULL, END_CONNECT },
		{ "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", END_CONNECT },
		{ "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n", END_CONNECT },
		{ "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n", END_CONNECT },
		/* a tunnel into which no TLS comes */
		{ "HTTP/1.1 200 Connected\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", END_TLS },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int closed = -1, port = cases[i].answer ? 0 : tcp_closed_port(&closed);
		struct tcp_server *proxy = NULL;
		if (cases[i].answer) {
			proxy = tcp_server_start(serve_as_proxy, (void *)(uintptr_t)cases[i].answer, NULL, NULL);
			port = tcp_server_port(proxy);
		}
		char url[64];
		snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
		client.provider.proxy = url;
		struct call call;
		call_init(&call, &client, "https", "canary.test", 443);
		call_run(&call);
		assert_string_equal(exchange_end_name(call.exchange.end), exchange_end_name(cases[i].end));
		assert_int_equal(call.heads, 0); /* the proxy's head is not the provider's */
		call_done(&call);
		if (proxy)
			tcp_server_stop(proxy);
		else
			close(closed);
	}
}

/* ---- TLS ---- */

struct certificates {
	struct tcp_certificate good, expired, wrong_name, self_signed, client;
};
static struct certificates certificates;

static int
make_certificates(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	tcp_certificate_make(dir, "localhost", false, false, &certificates.good);
	tcp_certificate_make(dir, "localhost", true, false, &certificates.expired);
	tcp_certificate_make(dir, "elsewhere.test", false, false, &certificates.wrong_name);
	tcp_certificate_make(dir, "localhost", false, true, &certificates.self_signed);
	tcp_certificate_make(dir, "client.test", false, false, &certificates.client);
	return 0;
}

static int
remove_certificates(void **state)
{
	(void)state;
	const struct tcp_certificate *all = &certificates.good;
	for (size_t i = 0; i < sizeof(certificates) / sizeof(*all); i++) {
		unlink(all[i].ca_file);
		unlink(all[i].cert_file);
		unlink(all[i].key_file);
	}
	return rmdir(dir);
}

static struct exchange
tls_call(struct tcp_server *server, const char *ca_file, bool fresh)
{
	struct call call;
	client.provider.tls.ca_file = ca_file;
	call_init(&call, &client, "https", "localhost", tcp_server_port(server));
	call.request.fresh = fresh;
	end_of_call(&call);
	return call.exchange;
}

static void
test_tls(void **state)
{
	(void)state;
	const struct {
		const struct tcp_certificate *certificate;
		const char *ca_file;
		enum exchange_end end;
	} cases[] = {
		{ &certificates.good, certificates.good.ca_file, END_COMPLETE },
		{ &certificates.good, "", END_TLS }, /* the system does not know it */
		{ &certificates.good, certificates.wrong_name.ca_file, END_TLS },
		{ &certificates.expired, certificates.expired.ca_file, END_TLS },
		{ &certificates.wrong_name, certificates.wrong_name.ca_file, END_TLS },
		{ &certificates.self_signed, "", END_TLS },
		{ &certificates.self_signed, certificates.self_signed.cert_file, END_COMPLETE },
		{ &certificates.good, "/nonexistent/ca.pem", END_LOCAL },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("case %zu\n", i);
		struct tcp_server *server = tcp_server_start(serve_hello, NULL, cases[i].certificate, NULL);
		struct exchange exchange = tls_call(server, cases[i].ca_file, true);
		assert_string_equal(exchange_end_name(exchange.end), exchange_end_name(cases[i].end));
		assert_int_equal(exchange.at.tls.ns != 0, cases[i].end == END_COMPLETE);
		if (cases[i].end == END_COMPLETE)
			assert_int_equal(
			    exchange.certificate_not_after.us, cases[i].certificate->not_after_s * US_PER_SEC);
		tcp_server_stop(server);
	}
}

static void
test_tls_reuse(void **state)
{
	(void)state;
	struct tcp_server *server = tcp_server_start(serve_hello, NULL, &certificates.good, NULL);
	for (int i = 0; i < 2; i++) {
		struct exchange exchange = tls_call(server, certificates.good.ca_file, false);
		assert_int_equal(exchange.end, END_COMPLETE);
		assert_int_equal(exchange.reused, i == 1);
		assert_int_equal(exchange.at.tls.ns != 0, i == 0);
	}
	tcp_server_stop(server);
}

static void
test_tls_client_certificate(void **state)
{
	(void)state;
	struct tcp_server *server =
	    tcp_server_start(serve_hello, NULL, &certificates.good, certificates.client.ca_file);
	struct exchange exchange = tls_call(server, certificates.good.ca_file, true);
	assert_true(exchange.end == END_TLS || exchange.end == END_CLOSED); /* TLS 1.3 tells only after the handshake */
	client.provider.tls.cert_file = certificates.client.cert_file;
	client.provider.tls.key_file = certificates.client.key_file;
	assert_int_equal(tls_call(server, certificates.good.ca_file, true).end, END_COMPLETE);
	client.provider.tls.key_file = "/nonexistent/key.pem";
	assert_int_equal(tls_call(server, certificates.good.ca_file, true).end, END_LOCAL);
	client.provider.tls.cert_file = client.provider.tls.key_file = "";
	tcp_server_stop(server);
}

static void
serve_reset(struct tcp_conn *conn, void *arg)
{
	(void)arg;
	tcp_wait_readable(conn);
	tcp_reset(conn);
}

static void
serve_no_tls(struct tcp_conn *conn, void *arg)
{
	(void)arg;
	tcp_wait_readable(conn);
	tcp_send(conn, "HTTP/1.1 400 Bad Request\r\n\r\n");
}

static void
test_tls_broken_handshakes(void **state)
{
	(void)state;
	tcp_serve_fn *const serves[] = { serve_reset, serve_no_tls };
	for (size_t i = 0; i < ARRAY_LEN(serves); i++) {
		struct tcp_server *server = tcp_server_start(serves[i], NULL, NULL, NULL);
		struct exchange exchange = tls_call(server, "", true);
		assert_int_equal(exchange.end, END_TLS);
		assert_true(exchange.at.connect.ns != 0);
		tcp_server_stop(server);
	}
}

/* A changed CA file comes into force by itself: the parsed one is kept, but not beyond a change of the file. */
static void
test_tls_ca_file_changes(void **state)
{
	(void)state;
	char path[sizeof(dir) + 16];
	snprintf(path, sizeof(path), "%s/ca.pem", dir);
	const char *const sources[] = { certificates.wrong_name.ca_file, certificates.good.ca_file };
	const enum exchange_end ends[] = { END_TLS, END_COMPLETE };
	struct tcp_server *server = tcp_server_start(serve_hello, NULL, &certificates.good, NULL);
	for (size_t i = 0; i < 2; i++) {
		auto_buf struct buf text = BUF_INIT(64 * 1024);
		assert_true(file_read(sources[i], &text) && file_write(path, buf_view(&text)));
		/* the time stamp of the file is looked at once a second */
		struct exchange exchange;
		struct mono limit = mono_add_ns(clock_mono(), 10 * NS_PER_SEC);
		do
			exchange = tls_call(server, path, true);
		while (exchange.end != ends[i] && mono_before(clock_mono(), limit));
		assert_int_equal(exchange.end, ends[i]);
	}
	unlink(path);
	tcp_server_stop(server);
}

static void
test_certificate_dates(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{ "Nov 22 11:48:00 2027 GMT", 1826884080 },
		{ "Jan  1 00:00:00 1970 GMT", 0 },
		{ "Feb 29 23:59:59 2096 GMT", 3981398399 },
		{ "Nov 22 11:48:00 2027", 0 },
		{ "Nov 32 11:48:00 2027 GMT", 0 },
		{ "Foo 22 11:48:00 2027 GMT", 0 },
		{ "Nov 22 1x:48:00 2027 GMT", 0 },
		{ "Dec 31 23:59:59 9999 GMT", 253402300799 },
		{ "", 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(certificate_date(str_of(cases[i].text)).us, cases[i].seconds * US_PER_SEC);
}

/* ---- names ---- */

static void
test_unknown_name(void **state)
{
	(void)state;
	struct call call;
	call_init(&call, &client, "http", "name with spaces.invalid", 80);
	call.request.url = "http://canary.invalid/";
	call.request.deadlines.connect_ns = 10 * NS_PER_SEC;
	enum exchange_end end = end_of_call(&call);
	assert_true(
	    end == END_DNS || end == END_TIMEOUT_CONNECT); /* the second where a resolver drops what it cannot ask */
}

/* In name spaces of its own, with a name server that never answers. False where that is not permitted. */
static bool
hang_resolver(void)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return false;
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int control = socket(AF_INET, SOCK_DGRAM, 0), server = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	if (ioctl(control, SIOCSIFFLAGS, &up) != 0 || bind(server, (struct sockaddr *)&address, sizeof(address)) != 0)
		return false;
	char path[] = "/tmp/canary-resolv-XXXXXX";
	int fd = mkstemp(path);
	static const char text[] = "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n";
	bool ok = fd >= 0 && write(fd, text, sizeof(text) - 1) > 0 &&
	    mount(path, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0;
	unlink(path);
	return ok;
}

static bool lookups_hang;

/* Stands before the C library's for this whole program, libcurl included: the same hanging without name spaces, which a
 * container may not permit. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret_list)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	while (lookups_hang)
		poll(NULL, 0, -1);
	return real(node, service, hints, ret_list);
}

enum { CHILD_OK };

/* Exits with the line of what was wrong, or 0. */
#define EXPECT(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			_exit(1); \
		} \
	} while (0)

static void
hanging_dns_child(void)
{
	lookups_hang = !hang_resolver();
	client_open(&client);
	struct call call;
	call_init(&call, &client, "http", "canary.example", 80);
	call.request.deadlines.connect_ns = 200 * NS_PER_MS;
	struct mono start = clock_mono();
	call_run(&call);
	EXPECT(call.exchange.end == END_TIMEOUT_CONNECT);
	EXPECT(mono_diff_ns(clock_mono(), start) < 2 * NS_PER_SEC);
	EXPECT(call.exchange.at.dns.ns == 0);
	EXPECT(loop_take_worst_lag_ns(client.loop) < NS_PER_SEC);
	/* giving up the transport while a lookup hangs does not wait for it either */
	call_init(&call, &client, "http", "canary.example", 80);
	call_start(&call);
	start = clock_mono();
	client_close(&client);
	EXPECT(mono_diff_ns(clock_mono(), start) < NS_PER_SEC);
	_exit(CHILD_OK);
}

/* This program again, with the name of a child: a process of its own, to which nothing of cmocka's is known. */
static void
run_child(const char *name)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execl("/proc/self/exe", "test_transport_connect", name, (char *)NULL);
		_exit(1);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CHILD_OK);
}

static void
test_dns_that_hangs(void **state)
{
	(void)state;
	run_child("dns");
}

/* ---- no descriptors left ---- */

static void
no_descriptors_child(void)
{
	struct tcp_server *server = tcp_server_start(serve_hello, NULL, NULL, NULL);
	client_open(&client);
	struct call call, calls[5];
	call_init(&call, &client, "http", "127.0.0.1", tcp_server_port(server));
	call_run(&call); /* what is opened once is open now */
	EXPECT(call.exchange.end == END_COMPLETE);
	tcp_server_wait_idle(server); /* its descriptors are ours, too */

	struct rlimit limit = { 128, 128 };
	int taken[256];
	size_t count = 0;
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	while (count < ARRAY_LEN(taken) && (taken[count] = dup(0)) >= 0)
		count++;
	struct rusage before, after;
	getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		call_init(&calls[i], &client, "http", i % 2 ? "canary.invalid" : "127.0.0.1", tcp_server_port(server));
		call_start(&calls[i]);
	}
	client_run(&client);
	getrusage(RUSAGE_SELF, &after);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		EXPECT(calls[i].dones == 1);
		EXPECT(calls[i].exchange.end == END_LOCAL);
	}
	EXPECT(after.ru_utime.tv_sec - before.ru_utime.tv_sec <= 1); /* no spinning */

	while (count > 0)
		close(taken[--count]);
	call_run((call_init(&call, &client, "http", "localhost", tcp_server_port(server)), &call));
	EXPECT(call.exchange.end == END_COMPLETE);
	client_close(&client);
	tcp_server_stop(server);
	_exit(CHILD_OK);
}

static void
test_no_descriptors(void **state)
{
	(void)state;
	run_child("descriptors");
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "dns") == 0)
		hanging_dns_child();
	if (argc > 1 && strcmp(argv[1], "descriptors") == 0)
		no_descriptors_child();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dns_that_hangs),
		cmocka_unit_test(test_no_descriptors),
		CLIENT_TEST(test_reuse, &client),
		CLIENT_TEST(test_a_post_is_not_sent_twice, &client),
		CLIENT_TEST(test_a_get_that_was_repeated_is_told, &client),
		CLIENT_TEST(test_the_environment_is_not_asked, &client),
		CLIENT_TEST(test_proxies_that_refuse, &client),
		CLIENT_TEST(test_tls, &client),
		CLIENT_TEST(test_tls_reuse, &client),
		CLIENT_TEST(test_tls_client_certificate, &client),
		CLIENT_TEST(test_tls_broken_handshakes, &client),
		CLIENT_TEST(test_tls_ca_file_changes, &client),
		cmocka_unit_test(test_certificate_dates),
		CLIENT_TEST(test_unknown_name, &client),
	};
	return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
