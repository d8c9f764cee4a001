/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim_bed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/loop.h"
#include "base/parse.h"
#include "sim/sim.h"

/* ---- a simulator in a child process ---- */

static void
stop_child(void *arg, int signo)
{
	(void)signo;
	loop_stop(arg);
}

static void
run_child(int out, uint64_t seed)
{
	static const enum sim_listener kinds[PORTS] = { SIM_HTTP, SIM_TLS, SIM_CONTROL };
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test stops nothing */
	struct loop *loop = loop_uv_new();
	struct sim_options options = { .seed = seed, .clock_s = CLOCK_S };
	struct buf error = BUF_INIT(1024), said = BUF_INIT(8192);
	struct sim *sim = sim_new(loop, &options, &error);
	if (!sim || loop_signal(loop, SIGTERM, stop_child, loop) < 0)
		_exit(2);
	for (int i = 0; i < PORTS; i++) {
		struct buf url = BUF_INIT(256);
		if (sim_listen(sim, "127.0.0.1:0", kinds[i], &url) < 0)
			_exit(3);
		buf_printf(&said, "%s\n", strrchr(buf_cstr(&url), ':') + 1);
		buf_done(&url);
	}
	buf_str(&said, sim_ca(sim));
	if (write(out, said.at, said.len) != (ssize_t)said.len)
		_exit(4);
	close(out);
	loop_run(loop);
	sim_free(sim);
	loop_free(loop);
	buf_done(&error);
	buf_done(&said);
	_exit(0);
}

void
bed_start(struct bed *bed, uint64_t seed)
{
	int pipes[2];
	char text[8192];
	size_t len = 0;
	ssize_t got;
	assert_int_equal(pipe(pipes), 0);
	bed->pid = fork();
	assert_true(bed->pid >= 0);
	if (bed->pid == 0) {
		close(pipes[0]);
		run_child(pipes[1], seed);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	close(pipes[0]);
	struct str rest = str_span(text, len);
	for (int i = 0; i < PORTS; i++) {
		uint64_t port = 0;
		assert_true(parse_u64(str_split(&rest, '\n'), &port));
		bed->ports[i] = (uint16_t)port;
	}
	assert_true(rest.len > 0 && rest.len < sizeof(bed->ca));
	memcpy(bed->ca, rest.at, rest.len);
	bed->ca[rest.len] = '\0';
}

void
bed_stop(struct bed *bed)
{
	int status = -1;
	kill(bed->pid, SIGTERM);
	assert_int_equal(waitpid(bed->pid, &status, 0), bed->pid);
	assert_int_equal(status, 0);
}

/* ---- a client that sees bytes ---- */

int
dial(uint16_t port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	int error = errno;
	close(fd);
	return -error;
}

int64_t
ms_since(struct mono start)
{
	return mono_diff_ns(clock_mono(), start) / NS_PER_MS;
}

void
listen_to(int fd, int quiet_ms, size_t most, struct reply *reply)
{
	struct mono start = clock_mono();
	reply->ending = FULL;
	while (reply->bytes.len < most) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		if (poll(&ready, 1, quiet_ms) == 0) {
			reply->ending = SILENT;
			return;
		}
		char *to = buf_reserve(&reply->bytes, REPLY_PIECE);
		assert_non_null(to);
		ssize_t got = recv(fd, to, REPLY_PIECE, 0);
		if (got <= 0) {
			reply->ending = got == 0 ? CLOSED : RESET;
			return;
		}
		reply->last_ms = ms_since(start);
		if (reply->reads++ == 0)
			reply->first_ms = reply->last_ms;
		reply->bytes.len += (size_t)got;
	}
}

bool
send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		bytes += sent;
		len -= (size_t)sent;
	}
	return true;
}

void
exchange(uint16_t port, const char *request, int quiet_ms, struct reply *reply)
{
	int fd = dial(port);
	assert_true(fd >= 0);
	*reply = (struct reply){ .bytes = BUF_INIT(REPLY_MAX) };
	bool sent = send_all(fd, request, strlen(request));
	listen_to(fd, quiet_ms, reply->bytes.cap - REPLY_PIECE, reply);
	if (!sent)
		reply->ending = RESET; /* which send() was told of, and recv() then is not */
	close(fd);
}

void
write_request(struct buf *out, const char *method, const char *path, const char *body)
{
	buf_printf(out,
	    "%s %s HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer sk-sim-demo\r\nConnection: close\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    method, path, strlen(body), body);
}

void
control(const struct bed *bed, const char *method, const char *path, const char *body, struct reply *reply)
{
	auto_buf struct buf request = BUF_INIT(REPLY_PIECE);
	write_request(&request, method, path, body);
	exchange(bed->ports[CONTROL], buf_cstr(&request), PATIENCE_MS, reply);
	assert_int_equal(reply->ending, CLOSED);
}

void
add_rule(const struct bed *bed, const char *rule)
{
	struct reply reply;
	control(bed, "POST", "/_sim/faults", rule, &reply);
	if (!str_starts(buf_view(&reply.bytes), STR("HTTP/1.1 201 ")))
		fail_msg("%s: %s", rule, buf_cstr(&reply.bytes));
	buf_done(&reply.bytes);
}

struct str
body_of(const struct reply *reply)
{
	const char *blank = memmem(reply->bytes.at, reply->bytes.len, "\r\n\r\n", 4);
	assert_non_null(blank);
	return str_span(blank + 4, (size_t)(reply->bytes.at + reply->bytes.len - blank - 4));
}

size_t
count_of(struct str text, const char *part)
{
	size_t count = 0, len = strlen(part);
	const char *at = text.at, *end = text.at + text.len;
	while ((at = memmem(at, (size_t)(end - at), part, len))) {
		count++;
		at += len;
	}
	return count;
}
