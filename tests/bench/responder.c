/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "bench/responder.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/loop_backend.h"
#include "base/parse.h"
#include "base/xalloc.h"
#include "bench/bench.h"

enum { INPUT_BYTES = 8192, EVENTS_BATCH = 256, BACKLOG = 4096 };

/* One request's answer in steps: each has its time. */
enum step { STEP_HEAD, STEP_FIRST, STEP_MORE, STEP_END };

struct answer_plan {
	bool stream;
	size_t index; /* RESPONDER_STREAMS_MAX = not noted */
	int64_t head_ns, first_ns, gap_ns;
	unsigned events;
};

struct peer {
	struct server *server;
	int fd;
	size_t len;
	struct loop_timer timer;
	enum step step;
	struct answer_plan answer;
	struct mono due;
	char input[INPUT_BYTES];
};

struct server {
	struct responder_seen *seen;
	struct loop timers; /* the heap alone: there is no loop behind it */
	struct buf json, stream, head, role, token, end;
	int epoll, listener, timer;
	struct mono armed;
};

/* ---- what it says ---- */

#define EVENT_BEGIN \
	"data: {\"id\":\"chatcmpl-bench0001\",\"object\":\"chat.completion.chunk\",\"created\":1767225600," \
	"\"model\":\"bench-model\",\"system_fingerprint\":\"fp_bench\","

static const char json_body[] =
    "{\"id\":\"chatcmpl-bench0001\",\"object\":\"chat.completion\",\"created\":1767225600,\"model\":\"bench-model\","
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ok\",\"refusal\":null,\"annotations\":[]},"
    "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":18,\"completion_tokens\":2,"
    "\"total_tokens\":20,\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
    "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
    "\"rejected_prediction_tokens\":0}},\"service_tier\":\"default\",\"system_fingerprint\":\"fp_bench\"}";

static const char role_event[] = EVENT_BEGIN
    "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
static const char token_event[] =
    EVENT_BEGIN "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ok\"},\"finish_reason\":null}]}\n\n";
static const char end_events[] =
    EVENT_BEGIN "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n" EVENT_BEGIN
		"\"choices\":[],\"usage\":{\"prompt_tokens\":18,\"completion_tokens\":2,\"total_tokens\":20}}\n\n"
		"data: [DONE]\n\n";

#define HEAD_COMMON "Server: bench\r\nX-Request-ID: req-bench-0001\r\n"

static void
add_chunk(struct buf *out, const char *text)
{
	buf_printf(out, "%zx\r\n%s\r\n", strlen(text), text);
}

static void
write_answers(struct server *server)
{
	buf_printf(&server->json,
	    "HTTP/1.1 200 OK\r\n" HEAD_COMMON "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    strlen(json_body), json_body);
	buf_text(&server->head,
	    "HTTP/1.1 200 OK\r\n" HEAD_COMMON "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
	add_chunk(&server->role, role_event);
	add_chunk(&server->token, token_event);
	add_chunk(&server->end, end_events);
	buf_text(&server->end, "0\r\n\r\n");
	struct buf *all[] = { &server->head, &server->role, &server->token, &server->end };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		buf_str(&server->stream, buf_view(all[i]));
}

/* ---- connections ---- */

static void
peer_close(struct peer *peer)
{
	loop_timer_cancel(&peer->server->timers, &peer->timer);
	close(peer->fd);
	free(peer);
}

/* What is said is small: a socket that does not take it whole is broken. */
static void
say(struct peer *peer, const struct buf *text)
{
	ssize_t sent = send(peer->fd, text->at, text->len, MSG_NOSIGNAL);
	(void)sent; /* the end of the connection is seen when it is read */
}

static struct mono
fresh_now(const struct loop *loop)
{
	(void)loop;
	return clock_mono();
}

static void on_step(void *arg);

static void
wait_for(struct peer *peer, int64_t after_ns)
{
	peer->due = mono_add_ns(peer->due, after_ns);
	loop_timer_set(&peer->server->timers, &peer->timer, peer->due, on_step, peer);
}

static void
on_step(void *arg)
{
	struct peer *peer = arg;
	struct server *server = peer->server;
	struct answer_plan *answer = &peer->answer;
	struct responder_stamps *stamps =
	    answer->index < RESPONDER_STREAMS_MAX ? &server->seen->streams[answer->index] : NULL;
	switch (peer->step) {
	case STEP_HEAD:
		if (stamps)
			stamps->head = clock_mono().ns;
		say(peer, answer->stream ? &server->head : &server->json);
		if (!answer->stream)
			return;
		say(peer, &server->role);
		peer->step = STEP_FIRST;
		wait_for(peer, answer->first_ns);
		return;
	case STEP_FIRST:
		if (stamps)
			stamps->first = clock_mono().ns;
		say(peer, &server->token);
		peer->step = STEP_MORE;
		break;
	case STEP_MORE:
		say(peer, &server->token);
		answer->events--;
		break;
	case STEP_END:
		say(peer, &server->end);
		return;
	}
	if (answer->events == 0)
		peer->step = STEP_END;
	wait_for(peer, answer->gap_ns);
}

static int64_t
next_number(struct str *path)
{
	uint64_t number = 0;
	parse_u64(str_split(path, '/'), &number);
	return (int64_t)number;
}

/* "POST /at/…" */
static void
answer_to(struct peer *peer, struct str request, bool stream)
{
	struct server *server = peer->server;
	struct str line = request;
	str_split(&line, '/');
	struct str path = str_split(&line, ' ');
	struct str kind = str_split(&path, '/');
	server->seen->requests++;
	if (str_eq(kind, STR("at"))) {
		peer->answer = (struct answer_plan){ .stream = true, .index = (size_t)next_number(&path) };
		peer->answer.head_ns = next_number(&path) * NS_PER_US;
		peer->answer.first_ns = next_number(&path) * NS_PER_US;
		peer->answer.events = (unsigned)next_number(&path);
		peer->answer.gap_ns = next_number(&path) * NS_PER_US;
	} else if (str_eq(kind, STR("late"))) {
		peer->answer = (struct answer_plan){ .index = RESPONDER_STREAMS_MAX };
		peer->answer.head_ns = next_number(&path) * NS_PER_US;
	} else {
		say(peer, stream ? &server->stream : &server->json);
		return;
	}
	peer->due = clock_mono();
	if (peer->answer.index < RESPONDER_STREAMS_MAX)
		server->seen->streams[peer->answer.index] = (struct responder_stamps){ .read = peer->due.ns };
	peer->step = STEP_HEAD;
	wait_for(peer, peer->answer.head_ns);
}

/* Bytes of the request that stands at the start of the input; 0 = it is not whole. */
static size_t
whole_request(struct str input)
{
	const char *blank = memmem(input.at, input.len, "\r\n\r\n", 4);
	if (!blank)
		return 0;
	size_t len = (size_t)(blank - input.at) + 4;
	uint64_t body = 0;
	struct str head = str_span(input.at, len - 4);
	while (head.at) {
		struct str line = str_split(&head, '\n');
		struct str name = str_split(&line, ':');
		if (str_eq_nocase(name, STR("content-length")))
			parse_u64(str_trim(line), &body);
	}
	return input.len - len >= body ? len + (size_t)body : 0;
}

static void
on_readable(struct peer *peer)
{
	ssize_t got = recv(peer->fd, peer->input + peer->len, sizeof(peer->input) - peer->len, 0);
	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			peer_close(peer);
		return;
	}
	peer->len += (size_t)got;
	struct str input = str_span(peer->input, peer->len);
	size_t len = whole_request(input);
	if (len == 0)
		return;
	bool stream = memmem(input.at, len, "\"stream\":true", 13) != NULL;
	peer->len = 0; /* nobody here sends a request before the last one is answered */
	answer_to(peer, str_span(input.at, len), stream);
}

static void
on_connection(struct server *server)
{
	for (;;) {
		int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		struct peer *peer = xmalloc(sizeof(*peer));
		peer->server = server;
		peer->fd = fd;
		peer->len = 0;
		peer->timer = (struct loop_timer){ 0 };
		server->seen->connections++;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){ EPOLLIN, { .ptr = peer } });
	}
}

/* ---- the process ---- */

static void
arm(struct server *server)
{
	const struct loop_timer *next = loop_next_timer(&server->timers);
	struct mono due = next ? next->due : (struct mono){ 0 };
	if (due.ns == server->armed.ns)
		return;
	server->armed = due;
	struct itimerspec at = { .it_value = { due.ns / NS_PER_SEC, due.ns % NS_PER_SEC } };
	timerfd_settime(server->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void
on_time(struct server *server)
{
	uint64_t count;
	if (read(server->timer, &count, sizeof(count)) < 0)
		return;
	server->armed = (struct mono){ 0 };
	server->timers.now = clock_mono();
	loop_run_timers(&server->timers);
}

static void
serve(struct server *server)
{
	static const struct loop_ops clock_only = { .mono = fresh_now };
	struct epoll_event events[EVENTS_BATCH];
	loop_init(&server->timers, &clock_only);
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	server->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->listener,
	    &(struct epoll_event){ EPOLLIN, { .ptr = &server->listener } });
	epoll_ctl(
	    server->epoll, EPOLL_CTL_ADD, server->timer, &(struct epoll_event){ EPOLLIN, { .ptr = &server->timer } });
	for (;;) {
		arm(server);
		int count = epoll_wait(server->epoll, events, EVENTS_BATCH, -1);
		for (int i = 0; i < count; i++) {
			void *what = events[i].data.ptr;
			if (what == &server->listener)
				on_connection(server);
			else if (what == &server->timer)
				on_time(server);
			else
				on_readable(what);
		}
	}
}

static int
listen_on_loopback(unsigned *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		bench_die("no socket to listen on: %s", strerror(errno));
	*ret_port = ntohs(at.sin_port);
	return fd;
}

void
responder_start(struct responder *ret_responder)
{
	struct server server = {
		.json = BUF_INIT(INPUT_BYTES),
		.stream = BUF_INIT(INPUT_BYTES),
		.head = BUF_INIT(INPUT_BYTES),
		.role = BUF_INIT(INPUT_BYTES),
		.token = BUF_INIT(INPUT_BYTES),
		.end = BUF_INIT(INPUT_BYTES),
	};
	server.listener = listen_on_loopback(&ret_responder->port);
	server.seen = bench_share(sizeof(*server.seen));
	ret_responder->seen = server.seen;
	ret_responder->pid = bench_fork();
	if (ret_responder->pid == 0) {
		write_answers(&server);
		serve(&server);
	}
	close(server.listener);
}

void
responder_stop(struct responder *responder)
{
	kill(responder->pid, SIGKILL);
	waitpid(responder->pid, NULL, 0);
}
