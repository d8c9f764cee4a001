/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/connection.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "sim/http.h"
#include "sim/output.h"
#include "sim/respond.h"
#include "sim/state.h"

enum {
	READ_BYTES = 64 * 1024,
	WRITE_BYTES = 64 * 1024,
	TURN_BYTES = 256 * 1024, /* then others have their turn */
	AHEAD_BYTES = 64 * 1024, /* of requests that are sent before the answer to the first has gone */
	IDLE_S = 75,
	LINGER_S = 2,
	HANG_S = 600,
	DRAIN_MS = 200,
};

enum state {
	STATE_HANDSHAKE,
	STATE_READING,
	STATE_ANSWERING,
	STATE_HUNG, /* silent until the other side goes */
	STATE_LINGER, /* our end is closed; what still comes is thrown away */
	STATE_RESETTING, /* waits until what was sent has left, then resets */
};

struct connection {
	struct sim *sim;
	struct connection *next, *prev;
	int fd;
	enum state state;
	struct tls_session *tls; /* NULL = plain */
	struct loop_watch *watch;
	unsigned events; /* that are watched */
	struct loop_timer timer;
	struct mono deadline; /* of STATE_RESETTING */
	struct buf in;
	size_t needed; /* in.len below this: no use in parsing */
	struct http_request request;
	size_t request_bytes;
	bool told_to_go_on;
	struct output output;
	size_t step, at, released; /* in output: next step, next byte, bytes that may go */
	bool step_begun;
	struct mono due; /* of the next release */
	uint64_t sent; /* of this answer */
	uint64_t sequence; /* in the journal; 0 = not written down */
	const char *ended; /* for the journal, when it is not "complete" */
};

static void advance(struct connection *self);
static void on_ready(void *arg, int fd, unsigned events);

/* ---- the end ---- */

static void
note_end(struct connection *self, const char *how)
{
	struct journal_entry *entry = self->sequence ? journal_find(&self->sim->journal, self->sequence) : NULL;
	self->sequence = 0;
	if (!entry)
		return;
	entry->bytes_sent = self->sent;
	entry->duration_us = mono_diff_ns(loop_now(self->sim->loop), entry->start) / NS_PER_US;
	entry->ended = how;
}

static void
destroy(struct connection *self)
{
	struct sim *sim = self->sim;
	note_end(self, "client-closed");
	loop_timer_cancel(sim->loop, &self->timer);
	if (self->watch)
		loop_watch_free(self->watch);
	tls_free(self->tls);
	close(self->fd);
	buf_done(&self->in);
	output_done(&self->output);
	if (self->prev)
		self->prev->next = self->next;
	else
		sim->connections = self->next;
	if (self->next)
		self->next->prev = self->prev;
	sim->stats.open_connections--;
	free(self);
}

static void
on_deadline(void *arg)
{
	destroy(arg);
}

static void
destroy_after(struct connection *self, int64_t seconds)
{
	loop_timer_set(self->sim->loop, &self->timer, mono_add_ns(loop_now(self->sim->loop), seconds * NS_PER_SEC),
	    on_deadline, self);
}

static void
reset_now(struct connection *self)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	destroy(self);
}

/* A reset throws away what the kernel has not sent yet: those bytes were promised. */
static void
reset_when_sent(void *arg)
{
	struct connection *self = arg;
	int unsent = 0;
	struct mono now = loop_now(self->sim->loop);
	if (ioctl(self->fd, SIOCOUTQNSD, &unsent) < 0 || unsent == 0 || !mono_before(now, self->deadline)) {
		reset_now(self);
		return;
	}
	loop_timer_set(self->sim->loop, &self->timer, mono_add_ns(now, NS_PER_MS), reset_when_sent, self);
}

/* False when there are no descriptors to watch with: the connection is gone. */
static bool
watch(struct connection *self, unsigned events)
{
	if (events == self->events)
		return true;
	self->events = events;
	if (events == 0) {
		loop_watch_free(self->watch);
		self->watch = NULL;
		return true;
	}
	if (self->watch)
		return loop_watch_change(self->watch, events) == 0;
	self->watch = loop_watch_new(self->sim->loop, self->fd, events, on_ready, self);
	if (self->watch)
		return true;
	destroy(self);
	return false;
}

static void
hang(struct connection *self)
{
	self->state = STATE_HUNG;
	destroy_after(self, HANG_S);
	(void)watch(self, LOOP_READ);
}

static void
linger(struct connection *self, bool politely)
{
	if (self->tls && politely)
		tls_bye(self->tls);
	shutdown(self->fd, SHUT_WR);
	self->state = STATE_LINGER;
	destroy_after(self, LINGER_S);
	(void)watch(self, LOOP_READ);
}

static void
end_by(struct connection *self, enum output_end end)
{
	switch (end) {
	case OUTPUT_KEEP:
		break;
	case OUTPUT_CLOSE:
		linger(self, self->output.end == OUTPUT_CLOSE);
		break;
	case OUTPUT_RESET:
		self->state = STATE_RESETTING;
		self->deadline = mono_add_ns(loop_now(self->sim->loop), DRAIN_MS * NS_PER_MS);
		if (watch(self, 0))
			reset_when_sent(self);
		break;
	case OUTPUT_HANG:
		hang(self);
		break;
	}
}

/* ---- playing ---- */

static void
on_due(void *arg)
{
	advance(arg);
}

enum release { RELEASED, WAITING, PLAYED };

/* Lets the next bytes go when their time has come. */
static enum release
release(struct connection *self)
{
	struct output *output = &self->output;
	struct mono now = loop_now(self->sim->loop);
	if (self->step == output->step_count) {
		if (output->repeat_from >= output->step_count)
			return PLAYED;
		if (output->repeat_bytes && self->sent >= output->repeat_bytes) {
			output->end = OUTPUT_CLOSE;
			return PLAYED;
		}
		self->step = output->repeat_from;
		self->at = self->released = self->step ? output->steps[self->step - 1].end : 0;
	}
	const struct output_step *step = &output->steps[self->step];
	if (!self->step_begun)
		self->due = mono_add_ns(self->due, step->wait_ns);
	self->step_begun = true;
	if (mono_before(now, self->due)) {
		loop_timer_set(self->sim->loop, &self->timer, self->due, on_due, self);
		return WAITING;
	}
	size_t left = step->end - self->released;
	if (output->drip_bytes && left > 0) {
		left = left < output->drip_bytes ? left : output->drip_bytes;
		self->due = mono_add_ns(now, output->drip_ns);
	}
	self->released += left;
	if (self->released == step->end) {
		self->step++;
		self->step_begun = false;
	}
	return RELEASED;
}

static ssize_t
write_some(struct connection *self, const char *from, size_t len)
{
	if (self->tls)
		return tls_write(self->tls, from, len);
	ssize_t sent = send(self->fd, from, len, MSG_NOSIGNAL);
	return sent < 0 ? -errno : sent;
}

static void
finish(struct connection *self, enum output_end end)
{
	static const char *const names[] = {
		[OUTPUT_KEEP] = "complete", [OUTPUT_CLOSE] = "closed", [OUTPUT_RESET] = "reset", [OUTPUT_HANG] = "hung"
	};
	bool cut = end != self->output.end || end == OUTPUT_HANG;
	note_end(self, cut ? names[end] : "complete");
	if (end != OUTPUT_KEEP) {
		end_by(self, end);
		return;
	}
	memmove(self->in.at, self->in.at + self->request_bytes, self->in.len - self->request_bytes);
	self->in.len -= self->request_bytes;
	self->needed = 0;
	self->told_to_go_on = false;
	self->state = STATE_READING;
}

/* Plays on until time, the socket, or the output says stop. True: the answer is complete and another may be asked for. */
static bool
play(struct connection *self)
{
	struct output *output = &self->output;
	size_t turn = 0;
	for (;;) {
		uint64_t until_cut = output->cut_at - self->sent;
		if (until_cut == 0) {
			finish(self, output->cut);
			return false;
		}
		size_t len = self->released - self->at;
		if (len == 0) {
			enum release result = release(self);
			if (result == WAITING) {
				(void)watch(self, self->in.len < AHEAD_BYTES ? LOOP_READ : 0);
				return false;
			}
			if (result == RELEASED)
				continue;
			enum output_end end = output->end;
			finish(self, end);
			return end == OUTPUT_KEEP;
		}
		len = len < WRITE_BYTES ? len : WRITE_BYTES;
		len = len < until_cut ? len : (size_t)until_cut;
		ssize_t sent = turn < TURN_BYTES ? write_some(self, output->bytes.at + self->at, len) : -EAGAIN;
		if (sent == -EAGAIN) {
			(void)watch(self, LOOP_WRITE | (self->in.len < AHEAD_BYTES ? LOOP_READ : 0));
			return false;
		}
		if (sent < 0) {
			destroy(self);
			return false;
		}
		self->at += (size_t)sent;
		self->sent += (uint64_t)sent;
		self->sim->stats.bytes_sent += (uint64_t)sent;
		turn += (size_t)sent;
	}
}

static void
begin_answer(struct connection *self)
{
	loop_timer_cancel(self->sim->loop, &self->timer);
	self->state = STATE_ANSWERING;
	self->step = self->at = self->released = 0;
	self->step_begun = false;
	self->sent = 0;
	self->due = loop_now(self->sim->loop);
}

/* ---- reading ---- */

/* True when there is an answer to play. */
static bool
take_request(struct connection *self)
{
	static const struct str go_on = { "HTTP/1.1 100 Continue\r\n\r\n", 25 };
	if (self->in.len == 0 || self->in.len < self->needed)
		return false;
	enum http_progress progress = http_parse(self->in.at, self->in.len, &self->request, &self->needed);
	switch (progress) {
	case HTTP_MORE:
		if (self->needed > 0 && self->request.expects_continue && !self->told_to_go_on) {
			self->told_to_go_on = true;
			(void)write_some(self, go_on.at, go_on.len);
		}
		return false;
	case HTTP_WHOLE:
		self->request_bytes = self->needed;
		self->request.is_tls = self->tls;
		begin_answer(self);
		respond(self->sim, &self->request, &self->output, &self->sequence);
		return true;
	case HTTP_BAD:
	case HTTP_TOO_LARGE:
		self->request_bytes = self->in.len;
		begin_answer(self);
		respond_bad(self->sim, progress == HTTP_BAD ? 400 : 413, &self->output);
		return true;
	}
	return false;
}

/* One turn of a connection: as many requests as there are, as far as their answers can be played. */
static void
advance(struct connection *self)
{
	for (;;) {
		if (self->state == STATE_ANSWERING && !play(self))
			return;
		if (!take_request(self))
			break;
	}
	destroy_after(self, IDLE_S);
	(void)watch(self, LOOP_READ);
}

static bool
handshake(struct connection *self)
{
	int rc = tls_handshake(self->tls);
	if (rc == -EAGAIN) {
		(void)watch(self, tls_wants_write(self->tls) ? LOOP_WRITE : LOOP_READ);
		return false;
	}
	if (rc < 0) {
		self->sim->stats.tls_failures++;
		destroy(self);
		return false;
	}
	self->sim->stats.tls_handshakes++;
	self->state = STATE_READING;
	return watch(self, LOOP_READ);
}

static ssize_t
read_some(struct connection *self, char *to, size_t room)
{
	if (self->tls && self->state != STATE_HUNG && self->state != STATE_LINGER)
		return tls_read(self->tls, to, room);
	ssize_t got = recv(self->fd, to, room, 0);
	return got < 0 ? -errno : got;
}

/* False when the other side has gone, and self with it. */
static bool
read_all(struct connection *self)
{
	for (;;) {
		if (self->state != STATE_READING && self->state != STATE_ANSWERING)
			self->in.len = 0; /* nobody will look at it */
		char *to = buf_reserve(&self->in, READ_BYTES);
		ssize_t got = to ? read_some(self, to, READ_BYTES) : -ENOBUFS;
		if (got == -EAGAIN)
			return true;
		if (got <= 0) {
			destroy(self);
			return false;
		}
		self->in.len += (size_t)got;
		if (self->state == STATE_ANSWERING && self->in.len >= AHEAD_BYTES &&
		    !self->tls) /* TLS keeps bytes that no event tells of */
			return watch(self, self->events & ~(unsigned)LOOP_READ);
		if (!self->tls && got < READ_BYTES)
			return true;
	}
}

static void
on_ready(void *arg, int fd, unsigned events)
{
	struct connection *self = arg;
	(void)fd;
	if (self->state == STATE_HANDSHAKE && !handshake(self))
		return;
	if ((events & (LOOP_READ | LOOP_ERROR)) && !read_all(self))
		return;
	if (self->state == STATE_READING || (self->state == STATE_ANSWERING && (events & LOOP_WRITE)))
		advance(self);
}

/* ---- the beginning ---- */

static void
begin(struct connection *self, const struct connection_start *start)
{
	static const char garbage[] = "220 this is not the service that you are looking for\r\n";
	if (start->reset) {
		reset_now(self);
	} else if (start->silent) {
		hang(self);
	} else if (start->garbage) {
		(void)!send(self->fd, garbage, sizeof(garbage) - 1, MSG_NOSIGNAL);
		linger(self, false);
	} else if (start->tls) {
		self->tls = tls_open(self->sim->tls, start->certificate, self->fd);
		self->state = STATE_HANDSHAKE;
		destroy_after(self, IDLE_S);
		if (self->tls)
			(void)watch(self, LOOP_READ);
		else
			destroy(self);
	} else {
		destroy_after(self, IDLE_S);
		(void)watch(self, LOOP_READ);
	}
}

void
connection_open(struct sim *sim, int fd, const struct connection_start *start)
{
	struct connection *self = xcalloc(1, sizeof(*self));
	self->sim = sim;
	self->fd = fd;
	self->state = STATE_READING;
	self->in = BUF_INIT(HTTP_HEAD_MAX + 2 * HTTP_BODY_MAX);
	output_init(&self->output);
	self->next = sim->connections;
	if (self->next)
		self->next->prev = self;
	sim->connections = self;
	sim->stats.connections++;
	sim->stats.open_connections++;
	begin(self, start);
}

void
connection_close_all(struct sim *sim)
{
	while (sim->connections)
		destroy(sim->connections);
}
