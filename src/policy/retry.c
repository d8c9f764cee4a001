/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "policy/retry.h"

/* Whether any of it can have left this machine: connected is enough, because a part of a body leaves no stamp. */
static bool
may_have_left(const struct exchange *exchange)
{
	const struct timeline *at = &exchange->at;
	switch (exchange->end) {
	case END_DNS:
	case END_CONNECT:
	case END_TLS:
	case END_TIMEOUT_CONNECT:
		return false;
	case END_COMPLETE:
	case END_STOPPED:
	case END_LOCAL:
	case END_CLOSED:
	case END_TIMEOUT_FIRST_BYTE:
	case END_TIMEOUT_FIRST_TOKEN:
	case END_TIMEOUT_IDLE:
	case END_TIMEOUT_TOTAL:
	case END_HEAD_TOO_LARGE:
	case END_BAD_ENCODING:
	case END_COUNT:
		break;
	}
	return exchange->head_whole || exchange->reused || at->connect.ns || at->tls.ns || at->sent.ns;
}

/* The answer is an error and nothing else: who refuses does not bill. */
static bool
is_refusal(const struct exchange *exchange, const struct reply *reply)
{
	if (!exchange->head_whole)
		return false;
	bool error_body = reply->error.present || reply->null_skeleton;
	bool content = reply->output_chars > 0 || reply->has_output;
	return reply->status >= 300 || (error_body && !content);
}

enum effect
retry_effect(enum http_method method, const struct exchange *exchange, const struct reply *reply)
{
	if (!exchange || !may_have_left(exchange) || is_refusal(exchange, reply))
		return EFFECT_NONE;
	return method == HTTP_GET ? EFFECT_FREE : EFFECT_POSSIBLE;
}

static bool
may_repeat(const struct retry_case *about)
{
	switch (about->retryable) {
	case RETRY_YES:
	case RETRY_AFTER_DELAY:
		return about->effect != EFFECT_POSSIBLE || about->duplicates_ok;
	case RETRY_IF_SAFE:
		return about->effect == EFFECT_NONE || about->duplicates_ok;
	case RETRY_NO:
	case RETRY_BY_CODE:
		break;
	}
	return false;
}

static int64_t
backoff_ns(const struct retry_policy *policy, unsigned retries)
{
	int64_t ns = policy->base_ns;
	for (unsigned i = 0; i < retries && ns < policy->cap_ns; i++)
		ns *= 2;
	return ns < policy->cap_ns ? ns : policy->cap_ns;
}

bool
retry_decide(const struct retry_policy *policy, const struct retry_case *about, uint64_t random, int64_t *ret_delay_ns)
{
	const struct hints *hints = about->hints;
	if (about->retries >= policy->max || hints->should_retry == SHOULD_RETRY_NO || !may_repeat(about))
		return false;
	int64_t widest_ns = backoff_ns(policy, about->retries);
	int64_t delay_ns = (int64_t)(random % (uint64_t)(widest_ns + 1));
	if (hints->retry_after_ns != HINT_ABSENT)
		delay_ns = hints->retry_after_ns < policy->cap_ns ? hints->retry_after_ns : policy->cap_ns;
	*ret_delay_ns = delay_ns;
	return true;
}
