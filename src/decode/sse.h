/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event streams (WHATWG HTML, "server-sent events") from bytes that come in any pieces: the same bytes give the same
 * events however they are split. LF, CRLF and CR end lines; one BOM is skipped; several data lines are joined by LF;
 * an event without data is not dispatched. Lines and events have caps. Pure but for its two buffers; one owner.
 */
#ifndef COMETCANARY_DECODE_SSE_H
#define COMETCANARY_DECODE_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/dialect.h"

/* event borrows its texts for the call. unfinished: the stream ended without the blank line that ends an event. */
typedef void sse_event_fn(void *arg, const struct sse_event *event, bool unfinished);

struct sse {
	sse_event_fn *fn;
	void *arg;
	struct buf line; /* a line whose end has not come yet */
	struct buf data, name; /* of the event under way */
	size_t line_cap_bytes;
	bool has_data, has_name;
	bool after_cr; /* a LF that comes now belongs to the line before */
	bool bom_passed;
	bool over_cap; /* a line or an event passed its cap: nothing more is read */
	bool broken_framing; /* a line whose field name is no name at all, or invalid UTF-8 */
	bool recognised; /* at least one line of an event stream was seen that was no comment */
	unsigned comments;
};

/* fn and arg are borrowed until sse_done(). */
void sse_init(struct sse *sse, size_t line_cap_bytes, size_t event_cap_bytes, sse_event_fn *fn, void *arg);
/* False once a cap is passed. */
bool sse_feed(struct sse *sse, const char *bytes, size_t len);
/* The stream is over: dispatches an unfinished event that has data. True when a fragment is left that no event came
 * of (a cut line, a name without data). */
bool sse_end(struct sse *sse);
void sse_done(struct sse *sse);

#endif
