/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of an HTTP response (status line and header fields) as views into the bytes it was read from. Lenient as
 * clients are: LF alone ends a line, lines without a colon are passed over, folded lines are ignored. Pure.
 */
#ifndef COMETCANARY_DECODE_HEAD_H
#define COMETCANARY_DECODE_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/str.h"

struct head {
	int status;
	struct str fields; /* all header lines */
};

/* Length of the head in bytes, its blank line included; 0 when the blank line has not come yet. */
size_t head_length(struct str bytes);
/* bytes: status line up to and including the blank line, or as much of it as there is. False when the first line is no
 * HTTP status line. The head borrows from bytes. */
bool head_parse(struct str bytes, struct head *ret_head);
/* The first field of that name (any case), trimmed; absent when there is none. */
struct str head_find(const struct head *head, const char *name);
/* Walks all fields: rest starts as head->fields. False at the end. */
bool head_next(struct str *rest, struct str *ret_name, struct str *ret_value);
/* The media type without its parameters, trimmed; absent without a Content-Type. */
struct str head_media_type(const struct head *head);
enum retry_after { RETRY_AFTER_ABSENT, RETRY_AFTER_GIVEN, RETRY_AFTER_BAD /* neither a number nor a date */ };

/* How long to wait: Retry-After as seconds (fractions too) or a date, counted from `date` (us 0 = unknown: then 0 ns);
 * retry-after-ms, where it is there, says it finer. */
enum retry_after head_retry_after(const struct head *head, struct wall date, int64_t *ret_ns);
/* "1", "0.5", "20.": a count of unit_ns each, whatever is finer than a ns cut off. False: it is none, or too much. */
bool head_decimal_ns(struct str text, int64_t unit_ns, int64_t *ret_ns);
/* An HTTP date (RFC 9110 IMF-fixdate); us 0 when it is none. */
struct wall head_date(struct str text);

#endif
