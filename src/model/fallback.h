/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fallback policy said of a failed run: decided by policy/fallback.c, carried to the counters and the log. Views
 * borrow from the configuration.
 */
#ifndef COMETCANARY_MODEL_FALLBACK_H
#define COMETCANARY_MODEL_FALLBACK_H

#include "model/conf.h"

struct fallback_decision {
	const struct fallback_policy *policy; /* NULL = the run was put before none */
	enum fallback_denial denial; /* DENIAL_NONE = fall back */
	enum fallback_reason reason; /* REASON_NONE when it is no candidate */
	const struct endpoint *target; /* NULL when denied */
	size_t target_index;
	bool exercised; /* the target is really asked */
};

/* The log's values of fallback_decision: none, simulated, exercised, denied. */
static inline const char *
fallback_decision_name(const struct fallback_decision *decision)
{
	if (!decision->policy)
		return "none";
	if (decision->denial != DENIAL_NONE)
		return "denied";
	return decision->exercised ? "exercised" : "simulated";
}

#endif
