/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "sim/connection.h"
#include "sim/state.h"

enum { BACKLOG = 4096, ACCEPT_MAX = 64, NO_DESCRIPTORS_MS = 50 };

struct listener {
	struct sim *sim;
	struct listener *next;
	enum sim_listener kind;
	int fd; /* -1 = closed, connections are refused */
	struct loop_watch *watch;
	struct loop_timer retry; /* accept again, after there were no descriptors left */
	struct sockaddr_storage address;
	socklen_t address_len;
};

static void
close_listener(struct listener *listener)
{
	loop_timer_cancel(listener->sim->loop, &listener->retry);
	if (listener->watch)
		loop_watch_free(listener->watch);
	if (listener->fd >= 0)
		close(listener->fd);
	listener->watch = NULL;
	listener->fd = -1;
}

static void on_acceptable(void *arg, int fd, unsigned events);

static void
watch_again(void *arg)
{
	struct listener *listener = arg;
	listener->watch = loop_watch_new(listener->sim->loop, listener->fd, LOOP_READ, on_acceptable, listener);
	if (!listener->watch)
		loop_timer_set(listener->sim->loop, &listener->retry,
		    mono_add_ns(loop_now(listener->sim->loop), NO_DESCRIPTORS_MS * NS_PER_MS), watch_again, listener);
}

/* Level-triggered: with no descriptor left to accept into, watching on would spin. */
static void
rest_a_while(struct listener *listener)
{
	loop_watch_free(listener->watch);
	listener->watch = NULL;
	loop_timer_set(listener->sim->loop, &listener->retry,
	    mono_add_ns(loop_now(listener->sim->loop), NO_DESCRIPTORS_MS * NS_PER_MS), watch_again, listener);
}

static struct connection_start
start_of(struct listener *listener)
{
	struct sim *sim = listener->sim;
	struct connection_start start = { .tls = listener->kind == SIM_TLS };
	struct fault_target target = { .is_connection = true, .now = loop_now(sim->loop) };
	struct fault_picks picks = { .count = 0 };
	if (listener->kind != SIM_CONTROL)
		fault_pick(&sim->faults, &target, &picks);
	for (size_t i = 0; i < picks.count; i++) {
		enum fault fault = picks.steps[i]->fault;
		start.silent |= fault == FAULT_accept_silent;
		start.reset |= fault == FAULT_accept_reset;
		start.garbage |= fault == FAULT_tls_garbage && start.tls;
		start.certificate = fault == FAULT_tls_expired ? TLS_EXPIRED
		    : fault == FAULT_tls_wrong_name            ? TLS_WRONG_NAME
		    : fault == FAULT_tls_self_signed           ? TLS_SELF_SIGNED
							       : start.certificate;
	}
	return start;
}

static void
on_acceptable(void *arg, int fd, unsigned events)
{
	struct listener *listener = arg;
	(void)events;
	for (int i = 0; i < ACCEPT_MAX; i++) {
		int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (peer < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
				rest_a_while(listener);
			return;
		}
		int one = 1;
		setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		struct connection_start start = start_of(listener);
		connection_open(listener->sim, peer, &start);
		if (listener->fd != fd) /* closed by what that connection did */
			return;
	}
}

static int
open_listener(struct listener *listener)
{
	const struct sockaddr *address = (const struct sockaddr *)&listener->address;
	int one = 1;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	listener->fd = fd;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	listener->address_len =
	    address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	if (bind(fd, address, listener->address_len) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&listener->address, &listener->address_len) < 0 ||
	    !(listener->watch = loop_watch_new(listener->sim->loop, fd, LOOP_READ, on_acceptable, listener))) {
		int error = errno;
		close_listener(listener);
		return -error;
	}
	return 0;
}

/* HOST:PORT, [HOST]:PORT, :PORT. 0 or -errno. */
static int
resolve(const char *text, struct sockaddr_storage *ret_address)
{
	const char *colon = strrchr(text, ':');
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	if (!colon || colon[1] == '\0')
		return -EINVAL;
	struct str host = str_span(text, (size_t)(colon - text));
	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		host = str_span(host.at + 1, host.len - 2);
	auto_free char *name = xstrndup(host.at, host.len);
	if (host.len == 0)
		hints.ai_family = AF_INET;
	if (getaddrinfo(host.len > 0 ? name : NULL, colon + 1, &hints, &found) != 0)
		return -EINVAL;
	memcpy(ret_address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

static void
write_url(const struct listener *listener, struct buf *out)
{
	char host[64], port[16];
	getnameinfo((const struct sockaddr *)&listener->address, listener->address_len, host, sizeof(host), port,
	    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	buf_printf(out, listener->address.ss_family == AF_INET6 ? "%s://[%s]:%s" : "%s://%s:%s",
	    listener->kind == SIM_TLS ? "https" : "http", host, port);
}

int
server_listen(struct sim *sim, const char *address, enum sim_listener kind, struct buf *ret_url)
{
	struct listener *listener = xcalloc(1, sizeof(*listener));
	listener->sim = sim;
	listener->kind = kind;
	listener->fd = -1;
	int rc = resolve(address, &listener->address);
	if (rc == 0)
		rc = open_listener(listener);
	if (rc < 0) {
		free(listener);
		return rc;
	}
	listener->next = sim->listeners;
	sim->listeners = listener;
	write_url(listener, ret_url);
	return 0;
}

static void
review(void *arg)
{
	server_review(arg);
}

void
server_review(struct sim *sim)
{
	struct mono now = loop_now(sim->loop), next;
	bool refuse = fault_refused_until(&sim->faults, now, &next).ns > 0;
	for (struct listener *listener = sim->listeners; listener; listener = listener->next) {
		if (listener->kind == SIM_CONTROL)
			continue;
		if (refuse && listener->fd >= 0)
			close_listener(listener);
		else if (!refuse && listener->fd < 0 && open_listener(listener) < 0)
			next = mono_add_ns(now, NO_DESCRIPTORS_MS * NS_PER_MS);
	}
	if (next.ns)
		loop_timer_set(sim->loop, &sim->refuse_timer, next, review, sim);
	else
		loop_timer_cancel(sim->loop, &sim->refuse_timer);
}

void
server_close(struct sim *sim)
{
	loop_timer_cancel(sim->loop, &sim->refuse_timer);
	while (sim->listeners) {
		struct listener *listener = sim->listeners;
		sim->listeners = listener->next;
		close_listener(listener);
		free(listener);
	}
}
