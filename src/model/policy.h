/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator allows to happen after a failed attempt: repeat it, or ask somebody else. Part of the configuration
 * (immutable, owned by it); the decisions are in policy/.
 */
#ifndef COMETCANARY_MODEL_POLICY_H
#define COMETCANARY_MODEL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/outcome.h"

struct endpoint;

struct retry_policy {
	unsigned max; /* attempts after the first; 0 = none */
	int64_t base_ns, cap_ns;
};

enum fallback_mode { FALLBACK_SIMULATE, FALLBACK_EXERCISE };

enum {
	FALLBACK_TARGETS_MAX = 8,
	FALLBACK_POLICIES_MAX = 8, /* of one endpoint: the one in force, and those that are compared with it */
};

struct fallback_policy {
	const char *name;
	bool enabled; /* what the kill switch starts as */
	enum fallback_mode mode;
	unsigned allow; /* bits 1 << enum fallback_reason */
	bool duplicates_ok;
	const struct endpoint **targets; /* in order */
	size_t target_count;
	unsigned max_attempts; /* of targets, in one run */
	int64_t cooldown_ns;
	struct retry_policy retry;
	size_t index; /* its place in config->policies */
};

/* Why a failed run does not fall back: the label values of cometcanary_fallbacks_denied_total. */
enum fallback_denial {
	DENIAL_NEVER, /* no candidate, or visible content had come */
	DENIAL_NOT_ALLOWED, /* its reason is not in the policy's list */
	DENIAL_DISABLED,
	DENIAL_BUDGET,
	DENIAL_ATTEMPTS, /* enough were asked, or no target is left that may be asked */
	DENIAL_COOLDOWN,
	DENIAL_DUPLICATE_UNSAFE,
	DENIAL_COUNT,
	DENIAL_NONE = DENIAL_COUNT, /* it does */
};

const char *fallback_mode_name(enum fallback_mode mode);
/* NULL for DENIAL_NONE. */
const char *fallback_denial_name(enum fallback_denial denial);

#endif
