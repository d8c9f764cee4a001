/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A classic histogram of durations with fixed bounds. The bounds come with the texts of their `le` labels, so that a
 * series keeps its identity whatever the format. Plain data: a copy is a snapshot. Pure.
 */
#ifndef COMETCANARY_BASE_HIST_H
#define COMETCANARY_BASE_HIST_H

#include <stddef.h>
#include <stdint.h>

enum { HIST_BOUNDS_MAX = 12 };

struct hist_bounds {
	size_t count;
	int64_t ns[HIST_BOUNDS_MAX]; /* rising; a bucket holds what is at most its bound */
	const char *le[HIST_BOUNDS_MAX + 1]; /* with +Inf */
};

struct hist {
	uint64_t counts[HIST_BOUNDS_MAX + 1]; /* each bucket by itself, not cumulative; [bounds->count] is +Inf */
	int64_t sum_ns;
};

/* Returns the bucket. Negative durations count as 0. */
size_t hist_observe(struct hist *hist, const struct hist_bounds *bounds, int64_t ns);
uint64_t hist_count(const struct hist *hist);

#endif
