/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/loopback.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/xalloc.h"

enum { URL_MAX = 40, BACKLOG = 4, REQUEST_PIECE = 4096 };

/* Somebody else's connection must not stand in the way for long: the next one closes it. */
struct loopback {
	struct loop *loop;
	int listener, peer; /* -1 = none */
	struct loop_watch *listener_watch, *peer_watch;
	char url[URL_MAX];
};

static void
close_peer(struct loopback *loopback)
{
	if (loopback->peer < 0)
		return;
	loop_watch_free(loopback->peer_watch);
	close(loopback->peer);
	loopback->peer = -1;
}

/* A request is one small GET of our own: what is there is all of it. */
static void
on_request(void *arg, int fd, unsigned events)
{
	static const char answer[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
	struct loopback *loopback = arg;
	char piece[REQUEST_PIECE];
	(void)events;
	ssize_t len = recv(fd, piece, sizeof(piece), 0);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len > 0)
		(void)send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
	close_peer(loopback);
}

static void
on_connection(void *arg, int fd, unsigned events)
{
	struct loopback *loopback = arg;
	(void)events;
	int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (peer < 0)
		return;
	close_peer(loopback);
	loopback->peer_watch = loop_watch_new(loopback->loop, peer, LOOP_READ, on_request, loopback);
	if (loopback->peer_watch)
		loopback->peer = peer;
	else
		close(peer);
}

static int
listen_locally(int fd, unsigned *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t bytes = sizeof(address);
	if (bind(fd, (const struct sockaddr *)&address, bytes) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &bytes) < 0)
		return -errno;
	*ret_port = ntohs(address.sin_port);
	return 0;
}

struct loopback *
loopback_new(struct loop *loop)
{
	unsigned port = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	struct loopback *loopback = xcalloc(1, sizeof(*loopback));
	*loopback = (struct loopback){ .loop = loop, .listener = fd, .peer = -1 };
	int error = listen_locally(fd, &port);
	if (error == 0 && !(loopback->listener_watch = loop_watch_new(loop, fd, LOOP_READ, on_connection, loopback)))
		error = -errno;
	if (error == 0) {
		snprintf(loopback->url, sizeof(loopback->url), "http://127.0.0.1:%u/", port);
		return loopback;
	}
	close(fd);
	free(loopback);
	errno = -error;
	return NULL;
}

const char *
loopback_url(const struct loopback *loopback)
{
	return loopback->url;
}

void
loopback_free(struct loopback *loopback)
{
	if (!loopback)
		return;
	close_peer(loopback);
	loop_watch_free(loopback->listener_watch);
	close(loopback->listener);
	free(loopback);
}
