/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May a failed attempt be repeated, and after how long? The outcome table says what may be; whether it may have had an
 * effect already says the rest. Pure: the random number is the caller's.
 */
#ifndef COMETCANARY_POLICY_RETRY_H
#define COMETCANARY_POLICY_RETRY_H

#include "model/effect.h"
#include "model/exchange.h"
#include "model/policy.h"
#include "model/reply.h"
#include "model/request.h"
#include "model/verdict.h"

/* exchange NULL: nothing was sent. */
enum effect retry_effect(enum http_method method, const struct exchange *exchange, const struct reply *reply);

struct retry_case {
	enum retryable retryable; /* of the attempt's outcome, resolved */
	enum effect effect;
	unsigned retries; /* made so far in this run */
	bool duplicates_ok;
	const struct hints *hints; /* of the attempt's answer */
};

/* True when it may be repeated, then *ret_delay_ns says after how long: Retry-After up to the cap, else a random part
 * (full jitter) of base doubled for each retry, up to the cap. */
bool
retry_decide(const struct retry_policy *policy, const struct retry_case *about, uint64_t random, int64_t *ret_delay_ns);

#endif
