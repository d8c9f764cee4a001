/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/cost.h"

#include <stdlib.h>

#include "base/attr.h"
#include "model/dialect.h"
#include "model/tokens.h"

enum { WRAPPING_TOKENS_MAX = 64, MILLION = 1000000 };

static int64_t
plausible(int64_t tokens)
{
	if (tokens < 0)
		return 0;
	return tokens < COST_TOKENS_MAX ? tokens : COST_TOKENS_MAX;
}

int64_t
cost_usd_micro(const struct price *price, int64_t input_tokens, int64_t output_tokens)
{
	if (!price)
		return 0;
	/* Whole millions apart, so that nothing overflows; what is left of both is rounded once. */
	int64_t input = plausible(input_tokens), output = plausible(output_tokens);
	int64_t whole = input / MILLION * price->input_usd_micro + output / MILLION * price->output_usd_micro;
	int64_t rest = input % MILLION * price->input_usd_micro + output % MILLION * price->output_usd_micro;
	return whole + (rest + MILLION - 1) / MILLION;
}

int64_t
cost_prompt_tokens_max(const struct endpoint *endpoint)
{
	const struct request_config *request = &endpoint->request;
	if (!(endpoint->dialect->caps & DIALECT_PROMPT))
		return 0;
	int64_t tokens = WRAPPING_TOKENS_MAX + 4 * tokens_estimate(str_of(request->prompt));
	if (request->extra) /* it may add to the prompt, or replace it */
		tokens += 4 * tokens_estimate(str_of(request->extra));
	return tokens;
}

int64_t
cost_output_tokens_max(const struct endpoint *endpoint)
{
	if (!(endpoint->dialect->caps & DIALECT_PROMPT))
		return 0;
	int64_t answers = endpoint->request.answers > 1 ? endpoint->request.answers : 1;
	return (endpoint->request.uncapped ? MAX_TOKENS_MAX : endpoint->request.max_tokens) * answers;
}

struct amount
cost_worst_case(const struct endpoint *endpoint)
{
	int64_t input = cost_prompt_tokens_max(endpoint), output = cost_output_tokens_max(endpoint);
	return (struct amount){ 1, input + output, cost_usd_micro(endpoint->price, input, output) };
}

void
cost_add(struct amount *sum, const struct amount *more, int64_t times)
{
	int64_t *const to[] = { &sum->requests, &sum->tokens, &sum->usd_micro };
	const int64_t from[] = { more->requests, more->tokens, more->usd_micro };
	for (size_t i = 0; i < ARRAY_LEN(to); i++) {
		int64_t product, result;
		if (__builtin_mul_overflow(from[i], times, &product) ||
		    __builtin_add_overflow(*to[i], product, &result))
			result = INT64_MAX;
		*to[i] = result > 0 ? result : 0;
	}
}

unsigned
cost_attempts_max(const struct endpoint *endpoint, enum probe_kind probe)
{
	return 1 + (endpoint->fallback && !probe_is_negative(probe) ? endpoint->fallback->retry.max : 0);
}

unsigned
cost_targets_max(const struct endpoint *endpoint, enum probe_kind probe)
{
	const struct fallback_policy *policy = endpoint->fallback;
	if (!policy || policy->mode != FALLBACK_EXERCISE || policy->allow == 0 || probe_is_negative(probe))
		return 0;
	return policy->max_attempts < policy->target_count ? policy->max_attempts : (unsigned)policy->target_count;
}

static int
larger_first(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x < y) - (x > y);
}

struct amount
cost_targets_worst_case(const struct endpoint *endpoint, enum probe_kind probe, const struct budget *budget)
{
	unsigned asked = cost_targets_max(endpoint, probe);
	int64_t requests[FALLBACK_TARGETS_MAX], tokens[FALLBACK_TARGETS_MAX], usd_micro[FALLBACK_TARGETS_MAX];
	size_t count = 0;
	for (size_t i = 0; asked > 0 && i < endpoint->fallback->target_count; i++) {
		const struct endpoint *target = endpoint->fallback->targets[i];
		if (budget && !endpoint_draws_on(target, budget))
			continue;
		struct amount worst = cost_worst_case(target);
		requests[count] = worst.requests;
		tokens[count] = worst.tokens;
		usd_micro[count++] = worst.usd_micro;
	}
	qsort(requests, count, sizeof(requests[0]), larger_first);
	qsort(tokens, count, sizeof(tokens[0]), larger_first);
	qsort(usd_micro, count, sizeof(usd_micro[0]), larger_first);
	struct amount sum = { 0 };
	for (size_t i = 0; i < count && i < asked; i++)
		cost_add(&sum, &(struct amount){ requests[i], tokens[i], usd_micro[i] }, 1);
	return sum;
}

struct amount
cost_run_worst_case(const struct endpoint *endpoint, enum probe_kind probe, const struct budget *budget)
{
	struct amount sum = cost_targets_worst_case(endpoint, probe, budget), worst = cost_worst_case(endpoint);
	if (!budget || endpoint_draws_on(endpoint, budget))
		cost_add(&sum, &worst, cost_attempts_max(endpoint, probe));
	return sum;
}
