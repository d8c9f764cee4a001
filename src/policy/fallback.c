/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "policy/fallback.h"

static size_t
next_target(const struct fallback_case *about)
{
	return (size_t)about->attempts + about->passed_over;
}

static enum fallback_denial
denial_of(const struct fallback_case *about)
{
	const struct fallback_policy *policy = about->policy;
	if (about->reason == REASON_NONE)
		return DENIAL_NEVER;
	if (!about->enabled)
		return DENIAL_DISABLED;
	if (!(policy->allow >> about->reason & 1))
		return DENIAL_NOT_ALLOWED;
	if (about->effect == EFFECT_POSSIBLE && !policy->duplicates_ok)
		return DENIAL_DUPLICATE_UNSAFE;
	if (about->attempts >= policy->max_attempts || next_target(about) >= policy->target_count)
		return DENIAL_ATTEMPTS;
	return about->cooling ? DENIAL_COOLDOWN : DENIAL_NONE;
}

struct fallback_decision
fallback_decide(const struct fallback_case *about)
{
	struct fallback_decision decision = {
		.policy = about->policy,
		.denial = denial_of(about),
		.reason = about->reason,
		.target_index = next_target(about),
	};
	if (decision.denial == DENIAL_NONE)
		decision.target = about->policy->targets[decision.target_index];
	return decision;
}
