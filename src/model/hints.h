/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the head of an answer says about patience and limits. Advice of a server, for pauses and gauges: never a reason to
 * judge an answer differently, and never longer in force than its reader clamps it to.
 */
#ifndef COMETCANARY_MODEL_HINTS_H
#define COMETCANARY_MODEL_HINTS_H

#include <stdint.h>

enum limit_unit { LIMIT_REQUESTS, LIMIT_TOKENS, LIMIT_UNITS };

enum should_retry { SHOULD_RETRY_UNSAID, SHOULD_RETRY_NO, SHOULD_RETRY_YES };

enum { HINT_ABSENT = -1 };

struct hints {
	int64_t retry_after_ns; /* HINT_ABSENT = not said, or not in a way that is understood */
	enum should_retry should_retry;
	int64_t remaining[LIMIT_UNITS]; /* HINT_ABSENT */
	int64_t reset_ns[LIMIT_UNITS]; /* from the answer's date until the unit is filled again; HINT_ABSENT */
};

#define HINTS_NONE \
	((struct hints){ .retry_after_ns = HINT_ABSENT, \
	    .remaining = { HINT_ABSENT, HINT_ABSENT }, \
	    .reset_ns = { HINT_ABSENT, HINT_ABSENT } })

/* Until all that is used up is filled again; HINT_ABSENT. */
static inline int64_t
hints_refill_ns(const struct hints *hints)
{
	int64_t pause_ns = HINT_ABSENT;
	for (unsigned i = 0; i < LIMIT_UNITS; i++)
		if (hints->remaining[i] == 0 && hints->reset_ns[i] > pause_ns)
			pause_ns = hints->reset_ns[i];
	return pause_ns;
}

/* How long a server that refused wants to be left alone: Retry-After, else until it is filled again; HINT_ABSENT. */
static inline int64_t
hints_pause_ns(const struct hints *hints)
{
	return hints->retry_after_ns != HINT_ABSENT ? hints->retry_after_ns : hints_refill_ns(hints);
}

#endif
