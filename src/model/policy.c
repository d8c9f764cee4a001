/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/policy.h"

const char *
fallback_mode_name(enum fallback_mode mode)
{
	return mode == FALLBACK_EXERCISE ? "exercise" : "simulate";
}

const char *
fallback_denial_name(enum fallback_denial denial)
{
	static const char *const names[] = {
		[DENIAL_NEVER] = "never",
		[DENIAL_NOT_ALLOWED] = "not_allowed",
		[DENIAL_DISABLED] = "disabled",
		[DENIAL_BUDGET] = "budget",
		[DENIAL_ATTEMPTS] = "attempts",
		[DENIAL_COOLDOWN] = "cooldown",
		[DENIAL_DUPLICATE_UNSAFE] = "duplicate_unsafe",
	};
	return denial < DENIAL_COUNT ? names[denial] : NULL;
}
