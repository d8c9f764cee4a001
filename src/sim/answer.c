/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void
answer_init(struct answer *answer)
{
	*answer = (struct answer){ .head = BUF_INIT(ANSWER_BYTES_MAX), .body = BUF_INIT(ANSWER_BYTES_MAX) };
	answer_reset(answer);
}

void
answer_done(struct answer *answer)
{
	buf_done(&answer->head);
	buf_done(&answer->body);
	free(answer->events);
	answer->events = NULL;
	answer->event_count = answer->event_room = 0;
}

void
answer_reset(struct answer *answer)
{
	answer->status = 200;
	answer->type = "application/json";
	answer->style = (struct sse_style){ .line_end = NULL };
	buf_reset(&answer->head);
	answer_clear_body(answer);
}

void
answer_clear_body(struct answer *answer)
{
	buf_reset(&answer->body);
	answer->event_count = 0;
	answer->is_stream = false;
}

void
answer_header(struct answer *answer, const char *name, struct str value)
{
	buf_printf(&answer->head, "%s: %.*s\r\n", name, STR_ARG(value));
}

void
answer_drop_header(struct answer *answer, const char *name)
{
	auto_buf struct buf kept = BUF_INIT(ANSWER_BYTES_MAX);
	struct str rest = buf_view(&answer->head);
	while (rest.len > 0) {
		struct str line = str_split(&rest, '\n');
		struct str after_name = line;
		if (!str_eq_nocase(str_split(&after_name, ':'), str_of(name))) {
			buf_str(&kept, line);
			buf_char(&kept, '\n');
		}
	}
	buf_reset(&answer->head);
	buf_str(&answer->head, buf_view(&kept));
}

static struct event *
open_slot(struct answer *answer, size_t index)
{
	if (answer->event_count == answer->event_room) {
		answer->event_room = answer->event_room ? answer->event_room * 2 : 32;
		answer->events = xrealloc(answer->events, answer->event_room * sizeof(*answer->events));
	}
	struct event *slot = &answer->events[index];
	memmove(slot + 1, slot, (answer->event_count - index) * sizeof(*slot));
	answer->event_count++;
	return slot;
}

void
answer_end_event(struct answer *answer, enum event_kind kind, const char *name, size_t from)
{
	*open_slot(answer, answer->event_count) = (struct event){ kind, name, from, answer->body.len - from };
}

void
answer_add_event(struct answer *answer, enum event_kind kind, const char *name, struct str data)
{
	size_t from = answer->body.len;
	buf_str(&answer->body, data);
	answer_end_event(answer, kind, name, from);
}

struct str
answer_event_data(const struct answer *answer, size_t index)
{
	return str_span(answer->body.at + answer->events[index].at, answer->events[index].len);
}

void
answer_insert_event(struct answer *answer, size_t index, enum event_kind kind, const char *name, struct str data)
{
	size_t at = answer->body.len;
	if (!buf_str(&answer->body, data))
		return;
	*open_slot(answer, index) = (struct event){ kind, name, at, data.len };
}

void
answer_replace_event(struct answer *answer, size_t index, struct str data)
{
	size_t at = answer->body.len;
	if (!buf_str(&answer->body, data))
		return;
	answer->events[index].at = at;
	answer->events[index].len = data.len;
}

void
answer_drop_event(struct answer *answer, size_t index)
{
	struct event *slot = &answer->events[index];
	memmove(slot, slot + 1, (--answer->event_count - index) * sizeof(*slot));
}

size_t
answer_find_event(const struct answer *answer, enum event_kind kind)
{
	size_t i = 0;
	while (i < answer->event_count && answer->events[i].kind != kind)
		i++;
	return i;
}

size_t
answer_after_content(const struct answer *answer, size_t n)
{
	if (n == 0)
		return answer_find_event(answer, EVENT_CONTENT);
	for (size_t i = 0; i < answer->event_count; i++)
		if (answer->events[i].kind == EVENT_CONTENT && --n == 0)
			return i + 1;
	return answer->event_count;
}
