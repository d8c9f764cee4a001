/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "classify/usage.h"

/* Only of a whole success: what was cut, mislabelled, or is no answer says nothing about usage. */
static bool
is_applicable(const struct reply *reply, const struct asked *asked, enum outcome outcome)
{
	enum outcome_class kind = outcome_class(outcome);
	if (!(asked->dialect->caps & DIALECT_USAGE) || asked->expect->usage == USAGE_NONE ||
	    probe_is_negative(asked->probe))
		return false;
	if (kind != CLASS_OK && kind != CLASS_CONTENT && kind != CLASS_CONTRACT)
		return false;
	return reply->success_body && (reply->form == FORM_JSON || reply->stream.completed);
}

static bool
adds_up(const struct usage *usage)
{
	if (usage->total_tokens == USAGE_ABSENT || usage->input_tokens == USAGE_ABSENT)
		return true;
	int64_t output = usage->output_tokens == USAGE_ABSENT ? 0 : usage->output_tokens;
	return usage->total_tokens == usage->input_tokens + output + usage->extra_tokens;
}

static enum usage_fault
find_fault(const struct reply *reply, const struct asked *asked)
{
	const struct usage *usage = &reply->usage;
	if (usage->bad_types)
		return USAGE_FAULT_TYPE;
	if (usage->negatives)
		return USAGE_FAULT_NEGATIVE;
	if (usage->output_tokens == 0 && reply->output_chars > 0)
		return USAGE_FAULT_ZERO;
	if (usage->input_tokens == 0 && asked->dialect->usage->needs_input)
		return USAGE_FAULT_ZERO;
	if (asked->max_tokens > 0 && usage->output_tokens > asked->max_tokens)
		return USAGE_FAULT_OVER_CAP;
	return adds_up(usage) ? USAGE_FAULT_NONE : USAGE_FAULT_ARITHMETIC;
}

static void
add_findings(struct reply *reply, const struct asked *asked)
{
	const struct usage *usage = &reply->usage;
	const struct expectation *expect = asked->expect;
	struct str path = asked->dialect->usage_path ? str_of(asked->dialect->usage_path) : STR("$.usage");
	if (usage->verdict == USAGE_VERDICT_MISSING && expect->usage == USAGE_DOCUMENTED)
		findings_add(&reply->findings, asked->stream ? RULE_USAGE_IN_STREAM_MISSING : RULE_USAGE_MISSING,
		    SOURCE_CONTRACT, path);
	if (usage->fault == USAGE_FAULT_ARITHMETIC)
		findings_add(&reply->findings, RULE_USAGE_ARITHMETIC, SOURCE_DIALECT, path);
	bool counted = usage->verdict == USAGE_VERDICT_PRESENT && usage->input_tokens >= 0;
	bool below = expect->prompt_tokens_min >= 0 && usage->input_tokens < expect->prompt_tokens_min;
	bool above = expect->prompt_tokens_max >= 0 && usage->input_tokens > expect->prompt_tokens_max;
	if (counted && (below || above))
		findings_add(&reply->findings, RULE_PROMPT_TOKENS_CHANGED, SOURCE_CONTRACT, path);
}

void
usage_judge(struct reply *reply, const struct asked *asked, enum outcome outcome)
{
	struct usage *usage = &reply->usage;
	usage->fault = USAGE_FAULT_NONE;
	usage->verdict = USAGE_VERDICT_NOT_APPLICABLE;
	if (!is_applicable(reply, asked, outcome))
		return;
	if (usage->reported)
		usage->fault = find_fault(reply, asked);
	usage->verdict = !usage->reported      ? USAGE_VERDICT_MISSING
	    : usage->fault != USAGE_FAULT_NONE ? USAGE_VERDICT_INVALID
					       : USAGE_VERDICT_PRESENT;
	add_findings(reply, asked);
}
