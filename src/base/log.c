/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/format.h"
#include "base/jsonw.h"
#include "base/loop.h"
#include "base/xalloc.h"

enum {
	PENDING_BYTES_MAX = 256 * 1024,
	PIPE_ATOMIC_BYTES = 4096, /* what a pipe that polls writable takes without blocking */
	RETRY_MS_MIN = 10,
	RETRY_MS_MAX = 1000,
	ONE_SHOT_PATIENCE_MS = 1000, /* of commands, which have no loop to come back from */
	SECOND_TEXT_BYTES = 19, /* 2026-11-22T10:00:00 */
};

enum sink_kind {
	SINK_OWN, /* our own open file description: non-blocking, or a regular file */
	SINK_SOCKET, /* shared with others: non-blocking call by call */
	SINK_SHARED, /* shared and not to be opened again: asked before each write */
};

struct sink {
	int fd;
	enum sink_kind kind;
};

static struct {
	struct loop *loop;
	char *path; /* NULL before log_open() */
	bool json;
	enum log_severity level;
	struct sink sink;
	struct buf pending; /* whole lines, but for a beginning that is already written */
	bool mid_line; /* the last byte that the sink took was not a line's end */
	bool torn; /* and the rest of that line was dropped */
	bool flush_due;
	struct loop_defer flush;
	struct loop_timer retry;
	int64_t retry_ms;
	struct log_stats stats;
	int64_t stamp_second;
	char stamp[SECOND_TEXT_BYTES];
} state = {
	.level = LOG_INFO,
	.sink = { STDERR_FILENO, SINK_SHARED },
	.pending = BUF_INIT(PENDING_BYTES_MAX),
	.stamp_second = -1,
};

static const char *const severity_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

/* stderr may be shared with the shell that started us: O_NONBLOCK on its description would hit that shell too. */
static struct sink
open_stderr(bool may_block)
{
	struct sink sink = { STDERR_FILENO, SINK_SHARED };
	struct stat st;
	if (fstat(STDERR_FILENO, &st) != 0)
		return sink;
	if (S_ISSOCK(st.st_mode))
		sink.kind = SINK_SOCKET;
	if (S_ISREG(st.st_mode))
		sink.kind = SINK_OWN;
	if (may_block || (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)))
		return sink;
	int fd = open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd >= 0 ? (struct sink){ fd, SINK_OWN } : sink;
}

static int
open_file(const char *path, struct sink *ret_sink)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	*ret_sink = (struct sink){ fd, SINK_OWN };
	return 0;
}

static int
open_sink(const char *path, bool may_block, struct sink *ret_sink)
{
	if (*path)
		return open_file(path, ret_sink);
	*ret_sink = open_stderr(may_block);
	return 0;
}

static void
close_sink(struct sink *sink)
{
	if (sink->fd != STDERR_FILENO)
		close(sink->fd);
	*sink = (struct sink){ STDERR_FILENO, SINK_SHARED };
}

static ssize_t
sink_write(const struct sink *sink, const char *at, size_t len)
{
	if (sink->kind == SINK_SOCKET)
		return send(sink->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sink->kind == SINK_SHARED) {
		struct pollfd ready = { .fd = sink->fd, .events = POLLOUT };
		if (poll(&ready, 1, 0) == 0) {
			errno = EAGAIN;
			return -1;
		}
		if (len > PIPE_ATOMIC_BYTES)
			len = PIPE_ATOMIC_BYTES;
	}
	return write(sink->fd, at, len);
}

static void
drop_pending(void)
{
	/* A line end at the very start closes a line that is written, or one that was counted before. */
	for (size_t i = 1; i < state.pending.len; i++)
		state.stats.dropped += state.pending.at[i] == '\n';
	state.torn = state.mid_line;
	buf_reset(&state.pending);
}

static void
forget_written(size_t len)
{
	if (len == 0)
		return;
	state.mid_line = state.pending.at[len - 1] != '\n';
	memmove(state.pending.at, state.pending.at + len, state.pending.len - len);
	state.pending.len -= len;
}

/* 0 all written or given up, -EAGAIN the sink is full for now. */
static int
flush_some(void)
{
	size_t sent = 0;
	int result = 0;
	while (sent < state.pending.len && result == 0) {
		ssize_t n = sink_write(&state.sink, state.pending.at + sent, state.pending.len - sent);
		if (n > 0)
			sent += (size_t)n;
		else if (n == 0 || errno != EINTR)
			result = n == 0 ? -EIO : -errno;
	}
	forget_written(sent);
	if (result == -EAGAIN)
		return result;
	if (result != 0)
		drop_pending();
	return 0;
}

static void
flush_wait(int patience_ms)
{
	struct mono until = mono_add_ns(clock_mono(), patience_ms * NS_PER_MS);
	while (flush_some() == -EAGAIN) {
		int64_t left_ns = mono_diff_ns(until, clock_mono());
		if (left_ns <= 0)
			break;
		struct pollfd ready = { .fd = state.sink.fd, .events = POLLOUT };
		poll(&ready, 1, (int)(left_ns / NS_PER_MS) + 1);
	}
}

/* A full pipe is asked again by a timer, not watched: a watch would make a shared description non-blocking. */
static void
flush_now(void *arg)
{
	(void)arg;
	state.flush_due = false;
	if (flush_some() != -EAGAIN) {
		state.retry_ms = 0;
		return;
	}
	state.retry_ms = state.retry_ms ? state.retry_ms * 2 : RETRY_MS_MIN;
	if (state.retry_ms > RETRY_MS_MAX)
		state.retry_ms = RETRY_MS_MAX;
	state.flush_due = true;
	struct mono due = mono_add_ns(loop_now(state.loop), state.retry_ms * NS_PER_MS);
	loop_timer_set(state.loop, &state.retry, due, flush_now, NULL);
}

static void
flush_later(void)
{
	if (!state.loop) {
		flush_wait(ONE_SHOT_PATIENCE_MS);
		return;
	}
	if (state.flush_due)
		return;
	state.flush_due = true;
	loop_defer(state.loop, &state.flush, flush_now, NULL);
}

static void
leave_loop(void)
{
	if (state.loop) {
		loop_timer_cancel(state.loop, &state.retry);
		loop_defer_cancel(state.loop, &state.flush);
	}
	state.loop = NULL;
	state.flush_due = false;
	state.retry_ms = 0;
}

int
log_open(struct loop *loop, const char *path, bool json, enum log_severity level)
{
	struct sink sink;
	int error = open_sink(path, !loop, &sink);
	if (error)
		return error;
	signal(SIGPIPE, SIG_IGN); /* a reader that went away is counted, not died of */
	log_close(0);
	state.loop = loop;
	state.path = xstrdup(path);
	state.json = json;
	state.level = level;
	state.sink = sink;
	return 0;
}

int
log_reopen(void)
{
	struct sink sink;
	if (!state.path || !*state.path)
		return 0;
	int error = open_file(state.path, &sink);
	if (error)
		return error;
	flush_some();
	close_sink(&state.sink);
	state.sink = sink;
	return 0;
}

void
log_close(int patience_ms)
{
	flush_wait(patience_ms);
	drop_pending();
	leave_loop();
	close_sink(&state.sink);
	free(state.path);
	state.path = NULL;
	state.torn = state.mid_line = false;
	buf_done(&state.pending);
}

const char *
log_severity_name(enum log_severity severity)
{
	return severity_names[severity];
}

bool
log_wants(enum log_severity severity)
{
	return severity >= state.level;
}

/* The text of a second is kept: at thousands of lines a second the calendar would cost more than the line. */
static struct str
stamp(char *at, struct wall now)
{
	int64_t second = now.us / US_PER_SEC;
	if (second != state.stamp_second) {
		auto_buf struct buf text = BUF_INIT(64);
		wall_format_rfc3339(&text, now);
		memcpy(state.stamp, text.at, SECOND_TEXT_BYTES);
		state.stamp_second = second;
	}
	unsigned ms = (unsigned)(now.us % US_PER_SEC / 1000);
	char tail[] = { '.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10), (char)('0' + ms % 10), 'Z' };
	memcpy(at, state.stamp, SECOND_TEXT_BYTES);
	memcpy(at + SECOND_TEXT_BYTES, tail, sizeof(tail));
	return str_span(at, SECOND_TEXT_BYTES + sizeof(tail));
}

static void
add_json(struct buf *out, const struct log_field *fields, size_t count)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct log_field *field = &fields[i];
		switch (field->type) {
		case LOG_TEXT:
			jsonw_str(&w, field->key, field->text);
			break;
		case LOG_INT:
			jsonw_int(&w, field->key, field->number);
			break;
		case LOG_BOOL:
			jsonw_bool(&w, field->key, field->number != 0);
			break;
		case LOG_REAL:
			jsonw_real(&w, field->key, field->real);
			break;
		}
	}
	jsonw_close_object(&w);
}

static void
add_logfmt(struct buf *out, const struct log_field *fields, size_t count)
{
	char number[FORMAT_BYTES];
	const char *space = "";
	for (size_t i = 0; i < count; i++) {
		const struct log_field *field = &fields[i];
		if (field->type == LOG_TEXT && !field->text.at)
			continue;
		buf_text(out, space);
		buf_text(out, field->key);
		buf_char(out, '=');
		space = " ";
		switch (field->type) {
		case LOG_TEXT:
			escape_logfmt(out, field->text);
			break;
		case LOG_INT:
			buf_add(out, number, format_i64(number, field->number));
			break;
		case LOG_BOOL:
			buf_text(out, field->number ? "true" : "false");
			break;
		case LOG_REAL:
			buf_add(out, number, format_real(number, field->real));
			break;
		}
	}
}

static void
add_line(const struct log_field *head, size_t head_count, const struct log_field *fields, size_t count)
{
	struct log_field all[LOG_FIELDS_MAX];
	if (count > LOG_FIELDS_MAX - head_count)
		count = LOG_FIELDS_MAX - head_count;
	memcpy(all, head, head_count * sizeof(*head));
	if (count)
		memcpy(all + head_count, fields, count * sizeof(*fields));
	if (state.torn)
		buf_char(&state.pending, '\n');
	(state.json ? add_json : add_logfmt)(&state.pending, all, head_count + count);
	buf_char(&state.pending, '\n');
}

void
log_write(enum log_severity severity, const char *msg, const struct log_field *fields, size_t count)
{
	if (!log_wants(severity))
		return;
	state.stats.messages[severity]++;
	char time[SECOND_TEXT_BYTES + 5];
	struct wall now = state.loop ? loop_wall(state.loop) : clock_wall();
	const struct log_field head[] = {
		LOG_F_STR("time", stamp(time, now)),
		LOG_F_TEXT("level", severity_names[severity]),
		LOG_F_TEXT("msg", msg),
	};
	size_t before = state.pending.len;
	add_line(head, ARRAY_LEN(head), fields, count);
	if (state.pending.overflow) {
		state.pending.len = before;
		state.pending.overflow = false;
		state.stats.dropped++;
	} else {
		state.torn = false;
	}
	flush_later();
}

struct log_stats
log_stats(void)
{
	return state.stats;
}
