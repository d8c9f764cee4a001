/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/cost.h"

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
	return endpoint->request.max_tokens * answers;
}

struct amount
cost_worst_case(const struct endpoint *endpoint)
{
	int64_t input = cost_prompt_tokens_max(endpoint), output = cost_output_tokens_max(endpoint);
	return (struct amount){ 1, input + output, cost_usd_micro(endpoint->price, input, output) };
}
