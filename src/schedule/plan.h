/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timetable of one endpoint and probe: a grid on the monotonic clock (phase + n × interval, so that a run's length
 * is never added) and a small jitter for each point. The phase is a hash of the names: a restart neither moves it nor
 * fires everything at once. Each point is taken once: it is run, or it was missed. Pure.
 */
#ifndef COMETCANARY_SCHEDULE_PLAN_H
#define COMETCANARY_SCHEDULE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/str.h"
#include "model/probe.h"

struct plan {
	int64_t interval_ns;
	struct mono point; /* the next point of the grid */
	struct mono due; /* that point with its jitter */
};

/* What plan_take() found. */
struct plan_due {
	struct mono planned; /* of the point to run */
	bool run;
	uint64_t missed; /* points that are lost: too late to be told from a measurement at the wrong time */
};

int64_t plan_phase_ns(struct str endpoint, enum probe_kind probe, int64_t interval_ns);
/* The jitter of a point is 0 … this. */
int64_t plan_jitter_max_ns(int64_t interval_ns);
/* A point that is later than this is missed. After a suspend the others wait for their next point: no herd. */
int64_t plan_grace_ns(int64_t interval_ns);

/* The first point is the first one after now. interval_ns > 0. */
void plan_init(struct plan *plan, struct str endpoint, enum probe_kind probe, int64_t interval_ns, struct mono now);
/* Moves on to the first point that is still to come. Nothing is run or missed before plan->due. */
struct plan_due plan_take(struct plan *plan, struct mono now, struct random *jitter);

#endif
