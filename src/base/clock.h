/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two kinds of time that the compiler does not let mix. struct mono is for durations, deadlines and timers
 * (CLOCK_MONOTONIC, ns); struct wall is for stamps and calendar windows (UTC, µs since 1970). Durations are plain
 * int64_t with the unit in the name. Only base/loop.h's `now` and the transport's stamps read the real clocks.
 */
#ifndef COMETCANARY_BASE_CLOCK_H
#define COMETCANARY_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct mono {
	int64_t ns; /* 0 = never */
};

struct wall {
	int64_t us; /* 0 = never */
};

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_SEC INT64_C(1000000000)
#define US_PER_SEC INT64_C(1000000)

struct mono clock_mono(void);
struct wall clock_wall(void);

static inline struct mono
mono_add_ns(struct mono t, int64_t ns)
{
	return (struct mono){ t.ns + ns };
}

static inline int64_t
mono_diff_ns(struct mono later, struct mono earlier)
{
	return later.ns - earlier.ns;
}

static inline bool
mono_before(struct mono a, struct mono b)
{
	return a.ns < b.ns;
}

/* 2026-11-22T10:00:00.123Z */
void wall_format_rfc3339(struct buf *buf, struct wall t);
/* Days since 1970-01-01 and back (proleptic Gregorian, UTC). */
int64_t wall_days_from_civil(int year, int month, int day);

#endif
