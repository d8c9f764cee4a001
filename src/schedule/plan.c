/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "schedule/plan.h"

#include "base/hash.h"

int64_t
plan_phase_ns(struct str endpoint, enum probe_kind probe, int64_t interval_ns)
{
	uint64_t hash = hash_str(hash_str(0, endpoint), str_of(probe_name(probe)));
	return (int64_t)(hash % (uint64_t)interval_ns);
}

int64_t
plan_jitter_max_ns(int64_t interval_ns)
{
	int64_t max_ns = interval_ns / 50;
	return max_ns < NS_PER_SEC ? max_ns : NS_PER_SEC;
}

int64_t
plan_grace_ns(int64_t interval_ns)
{
	int64_t grace_ns = interval_ns / 4;
	return grace_ns < 5 * NS_PER_SEC ? grace_ns : 5 * NS_PER_SEC;
}

void
plan_init(struct plan *plan, struct str endpoint, enum probe_kind probe, int64_t interval_ns, struct mono now)
{
	int64_t phase_ns = plan_phase_ns(endpoint, probe, interval_ns);
	int64_t past_ns = (now.ns - phase_ns) % interval_ns; /* since the last point; negative before the first one */
	plan->interval_ns = interval_ns;
	plan->point = mono_add_ns(now, (past_ns < 0 ? 0 : interval_ns) - past_ns);
	plan->due = plan->point;
}

static void
move_on(struct plan *plan, int64_t points, struct random *jitter)
{
	uint64_t spread = (uint64_t)plan_jitter_max_ns(plan->interval_ns) + 1;
	plan->point = mono_add_ns(plan->point, points * plan->interval_ns);
	plan->due = mono_add_ns(plan->point, (int64_t)random_below(jitter, spread));
}

struct plan_due
plan_take(struct plan *plan, struct mono now, struct random *jitter)
{
	struct plan_due found = { .run = false };
	if (mono_before(now, plan->due))
		return found;
	int64_t lost = mono_diff_ns(now, plan->point) / plan->interval_ns;
	if (lost > 0) {
		move_on(plan, lost, jitter);
		found.missed = (uint64_t)lost;
	}
	if (mono_before(now, plan->due))
		return found;
	if (mono_diff_ns(now, plan->due) > plan_grace_ns(plan->interval_ns)) {
		found.missed++;
	} else {
		found.run = true;
		found.planned = plan->due;
	}
	move_on(plan, 1, jitter);
	return found;
}
