/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests with healthy answers: the budget for false alarms is zero. Every answer goes through the reader, the verdict,
 * the shipped sample contract, a baseline that was learnt from answers of the same kind, and the ledger with its parity
 * and hysteresis; sync and stream take turns, and the ledgers go through their saved texts now and then. No finding above
 * info, none active, and every run ok. All calls fail the test that makes them.
 */
#ifndef COMETCANARY_TESTS_UNIT_HEALTHY_BED_H
#define COMETCANARY_TESTS_UNIT_HEALTHY_BED_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/random.h"
#include "contract/ledger.h"
#include "model/request.h"

struct healthy_family {
	const char *dialect, *model, *path; /* model NULL = asks for none */
	bool streams;
};

struct healthy_question {
	size_t family; /* its index */
	const struct endpoint *endpoint;
	struct ledger *ledger; /* of the endpoint */
	struct asked asked;
};

enum { HEALTHY_FAMILIES_MAX = 16 };

struct healthy_bed {
	const struct healthy_family *families; /* borrowed */
	size_t family_count;
	struct config *config;
	struct arena arena;
	struct random random; /* sizes of pieces */
	struct ledger ledgers[HEALTHY_FAMILIES_MAX];
	struct healthy_question questions[2 * HEALTHY_FAMILIES_MAX];
	size_t question_count;
	uint64_t asked; /* so far */
};

/* How many answers: HEALTHY_ANSWERS of the environment, or `otherwise`. */
uint64_t healthy_wanted(uint64_t otherwise);
void healthy_begin(struct healthy_bed *bed, const struct healthy_family *families, size_t count);
/* The next question, all in turn. Borrowed. */
const struct healthy_question *healthy_next(struct healthy_bed *bed);
/* Its answer. now: of the reader, where no Date header says when it is. */
void healthy_judge(struct healthy_bed *bed, struct str head, struct str body, struct wall now);
void healthy_end(struct healthy_bed *bed);

#endif
