/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small generator (SplitMix64) for jitter and for names of runs: the same seed gives the same numbers, which is what
 * tests want. Never for secrets. One owner.
 */
#ifndef COMETCANARY_BASE_RANDOM_H
#define COMETCANARY_BASE_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state; /* the seed, before the first number */
};

/* A seed from the kernel: differs from process to process. */
uint64_t random_seed(void);
uint64_t random_next(struct random *random);
/* 0 … limit − 1; 0 for a limit of 0. Even enough for limits far below 2^64. */
uint64_t random_below(struct random *random, uint64_t limit);

#endif
