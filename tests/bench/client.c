/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "bench/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/xalloc.h"
#include "bench/bench.h"

enum { CONNECTIONS_MAX = 64, READ_BYTES = 65536, ANSWER_BYTES_MAX = 1 << 30, LISTEN_PATIENCE_MS = 20000, LOOK_MS = 20 };

struct client {
	const struct client_errand *errand;
	struct buf request;
	struct buf answers[CONNECTIONS_MAX];
	struct pollfd fds[CONNECTIONS_MAX];
	unsigned asked, answered, good;
};

static int
connect_to(unsigned port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) }, .sin_port = htons((uint16_t)port)
	};
	for (int waited_ms = 0; waited_ms < LISTEN_PATIENCE_MS; waited_ms += LOOK_MS) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
			return fd;
		close(fd);
		poll(NULL, 0, LOOK_MS);
	}
	bench_die("nobody listens on port %u", port);
}

static struct str
head_field(struct str head, const char *name)
{
	while (head.at) {
		struct str line = str_split(&head, '\n');
		if (str_eq_nocase(str_split(&line, ':'), str_of(name)))
			return str_trim(line);
	}
	return STR_NONE;
}

static bool
is_whole(const struct buf *answer)
{
	const char *blank = memmem(answer->at, answer->len, "\r\n\r\n", 4);
	if (!blank)
		return false;
	size_t head_len = (size_t)(blank - answer->at) + 4;
	uint64_t len;
	if (parse_u64(head_field(str_span(answer->at, head_len), "content-length"), &len))
		return answer->len - head_len >= len;
	return str_ends(buf_view(answer), STR("\r\n0\r\n\r\n"));
}

static void
ask(struct client *client, unsigned i)
{
	buf_reset(&client->answers[i]);
	if (client->asked == client->errand->requests) {
		client->fds[i].events = 0;
		return;
	}
	client->asked++;
	if (send(client->fds[i].fd, client->request.at, client->request.len, MSG_NOSIGNAL) < 0)
		bench_die("port %u: %s", client->errand->port, strerror(errno));
}

static void
hear(struct client *client, unsigned i, struct buf *ret_answer)
{
	struct buf *answer = &client->answers[i];
	char *room = buf_reserve(answer, READ_BYTES);
	ssize_t got = room ? recv(client->fds[i].fd, room, READ_BYTES, 0) : -1;
	if (got <= 0)
		bench_die("port %u closed a connection", client->errand->port);
	answer->len += (size_t)got;
	if (!is_whole(answer))
		return;
	client->answered++;
	if (str_starts(buf_view(answer), STR("HTTP/1.1 200")))
		client->good++;
	if (ret_answer && client->answered == client->errand->requests) {
		struct buf last = *answer;
		*answer = *ret_answer;
		*ret_answer = last;
	}
	ask(client, i);
}

unsigned
client_run(const struct client_errand *errand, struct buf *ret_answer)
{
	struct client *client = xcalloc(1, sizeof(*client));
	client->errand = errand;
	client->request = BUF_INIT(READ_BYTES);
	buf_printf(&client->request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", errand->path, errand->headers);
	for (unsigned i = 0; i < errand->connections; i++) {
		client->answers[i] = BUF_INIT(ANSWER_BYTES_MAX);
		client->fds[i] = (struct pollfd){ connect_to(errand->port), POLLIN, 0 };
		ask(client, i);
	}
	while (client->answered < errand->requests) {
		poll(client->fds, errand->connections, -1);
		for (unsigned i = 0; i < errand->connections; i++)
			if (client->fds[i].events && client->fds[i].revents)
				hear(client, i, ret_answer);
	}
	unsigned good = client->good;
	for (unsigned i = 0; i < errand->connections; i++) {
		close(client->fds[i].fd);
		buf_done(&client->answers[i]);
	}
	buf_done(&client->request);
	free(client);
	return good;
}

void
client_get(unsigned port, const char *path, struct buf *ret_answer)
{
	struct client_errand errand = { .port = port, .path = path, .headers = "", .connections = 1, .requests = 1 };
	ret_answer->cap = ANSWER_BYTES_MAX;
	if (client_run(&errand, ret_answer) != 1)
		bench_die("port %u did not give %s", port, path);
}

double
client_sample(const struct buf *page, const char *prefix)
{
	struct str rest = buf_view(page);
	double sum = 0;
	while (rest.at) {
		struct str line = str_trim(str_split(&rest, '\n'));
		if (!str_starts(line, str_of(prefix)))
			continue;
		const char *number = memrchr(line.at, ' ', line.len);
		sum += number ? strtod(number, NULL) : 0;
	}
	return sum;
}
