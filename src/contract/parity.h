/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sync against stream: what both modes have to agree on for the same prompt. Keeps the last good sync answer; a stream
 * that ends within two intervals of it completes the pair. Starts over when what is asked changes. Pure; one owner.
 *
 * Input tokens are counted, so one pair that differs is a finding. How an answer ends and which model of a pool gives it
 * is drawn anew for each answer: there only the same difference in PARITY_STREAK pairs in a row is one. Two modes that
 * draw alike get there once in more than 10^9 pairs. A pool that takes turns can tell any number of pairs apart by
 * model, so that is information and no alarm, and finish reasons are compared only between answers of one model.
 */
#ifndef COMETCANARY_CONTRACT_PARITY_H
#define COMETCANARY_CONTRACT_PARITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/dialect.h"
#include "model/reply.h"

enum { PARITY_STREAK = 16 };

/* What is compared of one answer. */
struct parity_answer {
	int64_t input_tokens; /* 0 or less = not reported */
	uint64_t finish, model; /* hashes of the texts; 0 = not told */
};

/* The same difference, pair after pair. */
struct parity_streak {
	uint64_t difference; /* hash of both sides; 0 = the last pair agreed, or could not be compared */
	unsigned length;
};

struct parity {
	struct wall at; /* of the last good sync answer; us 0 = none */
	struct parity_answer sync;
	bool paired; /* a stream was held against it already */
	struct parity_streak finish, model;
};

void parity_note_sync(struct parity *parity, const struct reply *reply, struct wall now);
/* A good stream, before it is judged: findings about it. */
void parity_check_stream(const struct parity *parity, const struct dialect *dialect, struct reply *reply,
    int64_t interval_ns, struct wall now);
/* The same one, when its run has ended well. */
void parity_note_stream(struct parity *parity, const struct reply *reply, int64_t interval_ns, struct wall now);

#endif
