/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Would this failed run fall back, and to whom? The allow-list, the kill switch and the caps are the operator's; what is
 * no candidate is none under any configuration. Pure.
 */
#ifndef COMETCANARY_POLICY_FALLBACK_H
#define COMETCANARY_POLICY_FALLBACK_H

#include "model/effect.h"
#include "model/fallback.h"

struct fallback_case {
	const struct fallback_policy *policy;
	bool enabled; /* its kill switch */
	enum fallback_reason reason; /* of the failure; REASON_NONE = no candidate */
	enum effect effect; /* of the failed attempt */
	unsigned attempts; /* targets asked so far in this run */
	unsigned passed_over; /* and those that could not be asked: the next one is behind both */
	bool cooling; /* the endpoint's last fallback is not long enough ago */
};

/* Borrows the target from the policy. */
struct fallback_decision fallback_decide(const struct fallback_case *about);

#endif
