/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one attempt costs: at most, before it is sent, and by the usage that was reported. Integers throughout; what does
 * not come out even is rounded up to the next millionth of a dollar. Pure, any thread.
 */
#ifndef COMETCANARY_MODEL_COST_H
#define COMETCANARY_MODEL_COST_H

#include "model/budget.h"
#include "model/conf.h"

/* More than any answer has: beyond it a number of tokens is nonsense. */
enum { COST_TOKENS_MAX = 1000000000 };
/* The largest cap on an answer that may be configured, and what stands for one where none is sent. */
enum { MAX_TOKENS_MAX = 1000000 };

/* price NULL = nothing. Tokens are clamped to 0 … COST_TOKENS_MAX. */
int64_t cost_usd_micro(const struct price *price, int64_t input_tokens, int64_t output_tokens);
/* An upper bound of what a provider counts as the prompt: four times our estimate, which is never less than the bytes, and
 * no tokenizer of bytes makes more tokens than bytes; and 64 for what it wraps around. 0 where no prompt is sent. */
int64_t cost_prompt_tokens_max(const struct endpoint *endpoint);
/* The cap on the answer that is really sent, times how many are asked for; 0 where the dialect has none. */
int64_t cost_output_tokens_max(const struct endpoint *endpoint);
/* One attempt of any probe of the endpoint, as if it were accepted. */
struct amount cost_worst_case(const struct endpoint *endpoint);

/* sum += more × times; saturates, and is never below 0. */
void cost_add(struct amount *sum, const struct amount *more, int64_t times);
/* The attempts of one run at most: the first one and every retry that the policy in force allows. */
unsigned cost_attempts_max(const struct endpoint *endpoint, enum probe_kind probe);
/* The targets that are really asked at most when the run has failed. */
unsigned cost_targets_max(const struct endpoint *endpoint, enum probe_kind probe);
/* What those take from one budget, or altogether (NULL). Each of the three is a bound of its own: any of the policy's targets
 * may be passed over, so the dearest are counted. */
struct amount
cost_targets_worst_case(const struct endpoint *endpoint, enum probe_kind probe, const struct budget *budget);
/* One run: every attempt fails and is repeated, and every target is asked. From one budget, or altogether (NULL). */
struct amount cost_run_worst_case(const struct endpoint *endpoint, enum probe_kind probe, const struct budget *budget);

#endif
