/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "classify/classify.h"
#include "dialect/reader.h"

enum { PIECE_BYTES = 64 * 1024, ARENA_BYTES = 256 * 1024 };

const struct caps replay_default_caps = {
	.body_bytes = 1024 * 1024,
	.head_bytes = 64 * 1024,
	.line_bytes = 256 * 1024,
	.event_bytes = 1024 * 1024,
};

const struct expectation replay_default_expectation = { .prompt_tokens_min = -1, .prompt_tokens_max = -1 };

struct replay {
	int fd;
	struct buf head; /* the head, and what was read beyond it */
	struct arena arena;
	struct reader reader;
	struct reply reply;
	struct exchange exchange;
};

/* Bytes read, 0 at the end, -errno. */
static ssize_t
read_piece(int fd, char *to, size_t room)
{
	ssize_t got;
	do
		got = read(fd, to, room);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* Interim responses are passed over, as the transport does. */
static bool
drop_interim(struct replay *replay, size_t len)
{
	struct head head;
	struct str bytes = buf_view(&replay->head);
	if (!head_parse(str_span(bytes.at, len), &head) || head.status / 100 != 1 || head.status == 101)
		return false;
	memmove(replay->head.at, replay->head.at + len, replay->head.len - len);
	replay->head.len -= len;
	return true;
}

/* Reads until the head is whole: its length, 0 when the file ends or the cap is passed before, -errno. */
static ssize_t
read_head(struct replay *replay, size_t cap_bytes)
{
	for (;;) {
		size_t len = head_length(buf_view(&replay->head));
		if (len > 0 && !drop_interim(replay, len))
			return len > cap_bytes ? 0 : (ssize_t)len;
		if (len > 0)
			continue;
		char *room = replay->head.len > cap_bytes ? NULL : buf_reserve(&replay->head, PIECE_BYTES);
		ssize_t got = room ? read_piece(replay->fd, room, PIECE_BYTES) : 0;
		if (got <= 0)
			return got;
		replay->head.len += (size_t)got;
	}
}

static int
feed_body(struct replay *replay, size_t head_len)
{
	struct str rest = buf_view(&replay->head);
	rest = str_span(rest.at + head_len, rest.len - head_len);
	bool more = rest.len == 0 || reader_feed(&replay->reader, rest.at, rest.len) != SINK_STOP;
	auto_buf struct buf piece = BUF_INIT(PIECE_BYTES);
	char *room = buf_reserve(&piece, PIECE_BYTES);
	while (more) {
		ssize_t got = read_piece(replay->fd, room, PIECE_BYTES);
		if (got <= 0)
			return (int)got;
		more = reader_feed(&replay->reader, room, (size_t)got) != SINK_STOP;
	}
	return 0;
}

static int
read_response(struct replay *replay, const struct asked *asked)
{
	struct exchange *exchange = &replay->exchange;
	ssize_t head_len = read_head(replay, asked->caps.head_bytes);
	if (head_len < 0)
		return (int)head_len;
	struct str bytes = buf_view(&replay->head);
	if (bytes.len >= 5 && !str_starts(bytes, STR("HTTP/")))
		return -EBADMSG;
	if (head_len == 0) {
		exchange->end = bytes.len > asked->caps.head_bytes ? END_HEAD_TOO_LARGE : END_CLOSED;
		return 0;
	}
	struct head head;
	if (!head_parse(str_span(bytes.at, (size_t)head_len), &head))
		return -EBADMSG;
	exchange->head_whole = true;
	exchange->status = head.status;
	exchange->end = END_COMPLETE;
	reader_head(&replay->reader, &head, (struct wall){ 0 });
	return feed_body(replay, (size_t)head_len);
}

/* ---- the verdict, written ---- */

static void
json_shown(struct jsonw *w, const char *key, const struct kept *kept)
{
	struct str text = kept_str(kept);
	struct str shown = text.at && text.len == 0 ? text : reply_shown(text);
	if (shown.at)
		jsonw_str(w, key, shown);
	else
		jsonw_null(w, key);
}

static void
json_count_or_null(struct jsonw *w, const char *key, int64_t count, bool applies)
{
	if (applies && count >= 0)
		jsonw_int(w, key, count);
	else
		jsonw_null(w, key);
}

static void
json_findings(struct jsonw *w, const struct findings *findings)
{
	jsonw_open_array(w, "findings");
	for (size_t i = 0; i < findings->count; i++) {
		jsonw_open_object(w, NULL);
		finding_write_members(w, &findings->list[i]);
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

static void
write_json(struct buf *out, const char *path, const struct replay *replay, const struct verdict *verdict)
{
	const struct reply *reply = &replay->reply;
	const struct usage *usage = &reply->usage;
	bool counted = usage->verdict != USAGE_VERDICT_NOT_APPLICABLE;
	bool failed = verdict->outcome != OUTCOME_OK;
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_text(&w, "file", path);
	jsonw_text(&w, "outcome", outcome_code(verdict->outcome));
	jsonw_text(&w, "class", outcome_class_name(outcome_class(verdict->outcome)));
	jsonw_text_or_null(&w, "blame", blame_name(outcome_blame(verdict->outcome)));
	jsonw_text_or_null(&w, "retryable", failed ? retryable_name(verdict->retryable) : NULL);
	jsonw_text_or_null(&w, "fallback_reason", fallback_reason_name(verdict->reason));
	json_count_or_null(&w, "http_status", replay->exchange.status, replay->exchange.head_whole);
	json_shown(&w, "model_returned", &reply->model);
	json_shown(&w, "finish_reason", &reply->finish_reason);
	jsonw_int(&w, "output_chars", (int64_t)reply->output_chars);
	jsonw_open_object(&w, "usage");
	jsonw_text(&w, "verdict", usage_verdict_name(usage->verdict));
	json_count_or_null(&w, "input_tokens", usage->input_tokens, counted);
	json_count_or_null(&w, "output_tokens", usage->output_tokens, counted);
	json_count_or_null(&w, "total_tokens", usage->total_tokens, counted);
	jsonw_close_object(&w);
	jsonw_text_or_null(
	    &w, "underlying", verdict->underlying < OUTCOME_COUNT ? outcome_code(verdict->underlying) : NULL);
	json_findings(&w, &reply->findings);
	jsonw_close_object(&w);
	buf_char(out, '\n');
}

static void
write_text(struct buf *out, const char *path, const struct replay *replay, const struct verdict *verdict)
{
	const struct reply *reply = &replay->reply;
	buf_printf(out, "%s: %s", path, outcome_code(verdict->outcome));
	if (verdict->underlying < OUTCOME_COUNT)
		buf_printf(out, " (underlying %s)", outcome_code(verdict->underlying));
	if (replay->exchange.head_whole)
		buf_printf(out, ", HTTP %d", replay->exchange.status);
	buf_printf(out, ", usage %s\n  %s\n", usage_verdict_name(reply->usage.verdict), outcome_text(verdict->outcome));
	for (size_t i = 0; i < reply->findings.count; i++) {
		const struct finding *finding = &reply->findings.list[i];
		buf_printf(out, "  %s: %s at %s: %s\n", severity_name(finding->severity),
		    finding_rule_id(finding->rule), finding->path, finding_rule_text(finding->rule));
	}
}

int
replay_file(const char *path, const struct asked *asked, bool json, struct buf *out)
{
	struct replay replay = { .head = BUF_INIT(asked->caps.head_bytes + 2 * PIECE_BYTES) };
	replay.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (replay.fd < 0)
		return -errno;
	arena_init(&replay.arena, ARENA_BYTES);
	reader_init(&replay.reader, asked, &replay.reply, &replay.arena);
	int error = read_response(&replay, asked);
	if (error == 0) {
		reader_end(&replay.reader);
		struct verdict verdict = classify(&replay.exchange, &replay.reply, asked);
		(json ? write_json : write_text)(out, path, &replay, &verdict);
	}
	reader_done(&replay.reader);
	reply_done(&replay.reply);
	arena_done(&replay.arena);
	buf_done(&replay.head);
	close(replay.fd);
	return error;
}
