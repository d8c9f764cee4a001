/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a response said, in neutral terms: filled by the reader and the dialect (dialect/), judged by classify/.
 * Texts are views into the run's arena. Server text appears here only where a rule needs it, and leaves through
 * reply_shown() or not at all.
 */
#ifndef COMETCANARY_MODEL_REPLY_H
#define COMETCANARY_MODEL_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "model/finding.h"
#include "model/hints.h"
#include "model/outcome.h"

struct arena;
struct shape;

/* The body by its bytes, whatever its media type says. */
enum body_form {
	FORM_NONE, /* no body was looked at */
	FORM_BLANK, /* zero bytes, white space, comments */
	FORM_COMPRESSED, /* compressed bytes that nothing declared */
	FORM_HTML,
	FORM_TEXT,
	FORM_JSON, /* one whole JSON value */
	FORM_JSON_BROKEN, /* begins as JSON, and does not parse, is too deep, is no UTF-8, or trails bytes */
	FORM_EVENTS, /* an event stream */
};

enum media_type { MEDIA_NONE, MEDIA_JSON, MEDIA_EVENT_STREAM, MEDIA_HTML, MEDIA_OTHER };

/* What makes an event stream broken in itself. */
struct stream_state {
	unsigned events; /* dispatched, with data */
	unsigned comments;
	unsigned content_events; /* that brought visible content */
	bool completed; /* the dialect's completion marker was seen */
	unsigned terminals; /* the dialect's terminal marker */
	bool error_event;
	bool cut_inside_event; /* the end came within an event */
	bool broken_event_last; /* data that begins as JSON does not parse, and nothing has followed yet */
	bool broken_inside; /* the same, and something followed */
	uint64_t finished_choices; /* bit i: choice i has its finish reason */
	uint64_t open_parts; /* bit i: part i has begun and not ended */
	bool opened; /* the event that opens a stream has come */
	bool numbered; /* events carry numbers; the last one: */
	int64_t last_number;
	bool broken_framing; /* a line that no event stream has, or invalid UTF-8 */
};

/* An error envelope, in its parts. code is text or a number in digits; type, status and reason are there only
 * where they were text. */
struct api_error {
	bool present;
	bool known_envelope; /* nested or flat, with a string message */
	bool envelope; /* any JSON object that says error: also with odd parts */
	struct str code, type, status, reason;
	struct str parameter; /* of the request, that the refusal is about */
	int number; /* a numeric code (or a code of digits), 0 = none */
	bool mentions_model; /* the message contains the model id that was asked for, */
	bool names_model; /* behind the word "model" */
	bool billing_sentence; /* the message is one of the known sentences about money */
	bool quota_details; /* Gemini's QuotaFailure: per day, or billing */
};

enum usage_verdict {
	USAGE_VERDICT_NOT_APPLICABLE,
	USAGE_VERDICT_PRESENT,
	USAGE_VERDICT_MISSING,
	USAGE_VERDICT_INVALID
};

enum usage_fault {
	USAGE_FAULT_NONE,
	USAGE_FAULT_ARITHMETIC,
	USAGE_FAULT_TYPE,
	USAGE_FAULT_NEGATIVE,
	USAGE_FAULT_OVER_CAP,
	USAGE_FAULT_ZERO,
	USAGE_FAULT_COUNT
};

enum { USAGE_ABSENT = -1, USAGE_ADDENDS_MAX = 2 };

struct usage {
	enum usage_verdict verdict;
	enum usage_fault fault;
	int64_t input_tokens, output_tokens, total_tokens; /* USAGE_ABSENT = not reported */
	int64_t addends[USAGE_ADDENDS_MAX]; /* what else the dialect adds into the total (thoughts, tool use); */
	int64_t extra_tokens; /* their sum */
	bool reported; /* at least one field was there */
	unsigned bad_types, negatives; /* which parts have them now: bits of dialect/usage.c */
};

/* A short text of the server's choice, the last one seen. One byte longer than any identifier, so that a text that was
 * cut never looks like one. */
struct kept {
	bool given;
	size_t len;
	char text[129];
};

static inline struct str
kept_str(const struct kept *kept)
{
	return kept->given ? str_span(kept->text, kept->len) : STR_NONE;
}

struct reply {
	struct arena *arena;
	int status;
	struct wall date; /* of the answer: its Date header, else now; us 0 = unknown, nothing is compared with it */
	struct hints hints;
	enum media_type media;
	enum body_form form;
	bool body_too_large; /* body, line or event over its cap */
	bool success_body; /* the dialect's success object (or its stream) was recognised */
	bool null_skeleton;
	bool array_stream; /* a JSON array of chunks (Gemini without alt=sse) */
	bool parser_rejected; /* the operator's production parser refused the body */
	bool unreadable; /* a required key on the way to the output is absent, null, or of another type */
	bool empty_list; /* the list that holds the output is there and empty */
	bool not_finished; /* a sync Responses object still queued or in progress */
	bool refused; /* the model declined in words of its own (a refusal part) */
	bool blocked; /* refused by safety or policy, said in a success body */
	bool hit_limit; /* finished by the token cap */
	bool has_output; /* visible text, a tool call, a vector, an image, a list */
	struct api_error error; /* of a 4xx/5xx body, a 2xx envelope, or an error event */
	struct stream_state stream;
	struct usage usage;
	struct kept model; /* as returned */
	struct kept finish_reason; /* as written */
	struct buf output; /* visible text, up to its cap */
	uint64_t output_chars; /* code points of visible text */
	struct findings findings;
	const struct shape
	    *shape; /* of a good sample, where a baseline wants one; borrowed from the reader; else NULL */
};

/* Text that a server chose, as it may be shown: itself when it looks like an identifier, "other" when it does not,
 * absent when it is absent or empty. */
static inline struct str
reply_shown(struct str text)
{
	if (!text.at || text.len == 0)
		return STR_NONE;
	return str_is_identifier(text) ? text : STR("other");
}

const char *usage_verdict_name(enum usage_verdict verdict);
/* The label values of cometcanary_usage_invalid_total. */
const char *usage_fault_name(enum usage_fault fault);

#endif
