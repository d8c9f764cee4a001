/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer as bytes on a time line. output_build() renders head, framing and events; struct wire says what is to be odd
 * about that and how fast it goes; connection.c plays the result. Pure.
 */
#ifndef COMETCANARY_SIM_OUTPUT_H
#define COMETCANARY_SIM_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

struct answer;

enum output_end {
	OUTPUT_KEEP, /* the connection is good for another request */
	OUTPUT_CLOSE,
	OUTPUT_RESET,
	OUTPUT_HANG, /* nothing more, until the other side goes away */
};

enum coding { CODING_NONE, CODING_GZIP, CODING_UNDECLARED, CODING_GARBAGE, CODING_CUT, CODING_BOMB };

/* All zero = an honest answer without delay, but cut_at = WIRE_NEVER. */
struct wire {
	int64_t head_ns, first_ns, token_ns; /* waits: before the head, before the first content event, between them */
	bool burst; /* first_ns before the first content, then no waits */
	uint64_t cut_at; /* bytes of the response (of its body when cut_in_body) after which `cut` happens */
	enum output_end cut;
	bool cut_in_body, hang_after_head;
	int64_t hang_after_events; /* -1 = no */
	bool hold_open;
	int64_t ping_ns, ping_count; /* comments instead of content; count 0 = for ever */
	size_t drip_bytes, split_bytes; /* 0 = no */
	int64_t drip_ns;
	int64_t length_off; /* Content-Length differs from the truth by so much */
	const char *length_text; /* borrowed */
	bool no_length, chunked, bad_chunk, no_last_chunk, close;
	bool endless;
	int64_t endless_ns;
	uint64_t endless_bytes; /* 0 = no end */
	enum coding coding;
	uint64_t bomb_bytes;
	size_t head_line_bytes, head_lines_bytes;
	int interim_status;
	int64_t interim_count;
	const char *not_http; /* borrowed */
};
#define WIRE_NEVER UINT64_MAX

struct output_step {
	size_t end; /* bytes up to here may go … */
	int64_t wait_ns; /* … so long after those before */
};

struct output {
	struct buf bytes;
	struct output_step *steps;
	size_t step_count, step_room;
	size_t drip_bytes;
	int64_t drip_ns;
	uint64_t cut_at; /* of what was sent in all */
	enum output_end cut, end;
	size_t repeat_from; /* after the last step this one comes again; step_count = no */
	uint64_t repeat_bytes; /* until so many were sent in all; 0 = no end */
};

/* What the request says about the form of its answer. */
struct output_request {
	bool is_1_0, keep_alive, is_head;
	struct wall now;
};

void output_init(struct output *output);
void output_done(struct output *output);
void output_build(
    struct output *output, const struct answer *answer, const struct wire *wire, const struct output_request *request);

#endif
