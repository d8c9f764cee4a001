/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the simulator is about to say, before it becomes bytes: a status, headers, and either one body or a list of
 * events whose kinds are known, so that faults can be written once for all dialects. Providers and profiles make
 * answers, faults change them, output.c turns them into bytes. Pure; lives for one request.
 */
#ifndef COMETCANARY_SIM_ANSWER_H
#define COMETCANARY_SIM_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { ANSWER_BYTES_MAX = 64 * 1024 * 1024 };

enum event_kind {
	EVENT_START, /* the role frame, response.created, message_start */
	EVENT_PART, /* opens or closes a part of the answer, or keeps the line alive */
	EVENT_REASONING,
	EVENT_CONTENT, /* visible text; the first one is the first token */
	EVENT_FINISH, /* carries the finish reason, or closes what was said */
	EVENT_USAGE,
	EVENT_TERMINAL, /* [DONE], message_stop, response.completed */
	EVENT_ODD, /* put there by a fault */
};

struct event {
	enum event_kind kind;
	const char *name; /* the event: line; NULL = none. Static. */
	size_t at, len; /* its data, inside answer.body */
};

/* How events are written; all zero = as the standard's examples do. */
struct sse_style {
	const char *line_end; /* NULL = LF */
	const char *comment; /* a line put before every comment_every-th event; NULL = none */
	size_t comment_every;
	bool bom, no_space, several_lines, open_end; /* open_end: the last event lacks its blank line */
	bool ids; /* each event has an id: line */
	bool is_array; /* no event stream: the data of all events as one JSON array */
};

struct answer {
	int status;
	const char *type; /* Content-Type; NULL = none. Borrowed from static text or from a fault's rule. */
	struct buf head; /* further header lines, each with CRLF */
	struct buf body; /* the body, or the data of all events */
	bool is_stream;
	struct event *events;
	size_t event_count, event_room;
	struct sse_style style;
};

void answer_init(struct answer *answer);
void answer_done(struct answer *answer);
/* Back to an empty 200; keeps the memory. */
void answer_reset(struct answer *answer);
/* Drops body and events, keeps status and headers. */
void answer_clear_body(struct answer *answer);

void answer_header(struct answer *answer, const char *name, struct str value);
/* Removes every header line of that name. */
void answer_drop_header(struct answer *answer, const char *name);

/* An event whose data is what was appended to answer->body since its length was `from`. */
void answer_end_event(struct answer *answer, enum event_kind kind, const char *name, size_t from);
/* The same for a ready text. */
void answer_add_event(struct answer *answer, enum event_kind kind, const char *name, struct str data);
struct str answer_event_data(const struct answer *answer, size_t index);
/* Puts an event with this data before events[index]. */
void answer_insert_event(struct answer *answer, size_t index, enum event_kind kind, const char *name, struct str data);
/* Gives events[index] other data. */
void answer_replace_event(struct answer *answer, size_t index, struct str data);
void answer_drop_event(struct answer *answer, size_t index);
/* Index of the first event of that kind; event_count when there is none. */
size_t answer_find_event(const struct answer *answer, enum event_kind kind);
/* Index behind the n-th content event (counted from 1; 0 = before the first content); the end when there are fewer. */
size_t answer_after_content(const struct answer *answer, size_t n);

#endif
