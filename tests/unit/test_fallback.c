/* SPDX-License-Identifier: Apache-2.0 */
/* Every outcome × what had arrived × what the policy says → fall back, or why not. */
#include "config.h"

#include "policy/fallback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

static const struct endpoint first = { .name = "first" }, second = { .name = "second" };
static const struct endpoint *targets[] = { &first, &second };

static const struct fallback_policy all = {
	.name = "all",
	.allow = 1U << REASON_CONNECTION | 1U << REASON_TIMEOUT | 1U << REASON_STREAM_DISCONNECT |
	    1U << REASON_SERVER_ERROR | 1U << REASON_CAPACITY | 1U << REASON_RATE_LIMIT,
	.targets = targets,
	.target_count = ARRAY_LEN(targets),
	.max_attempts = 2,
};

/* The only outcomes that can ever fall back, and whether that ends with the first visible content. */
static const struct {
	enum outcome outcome;
	enum fallback_reason reason;
	bool spoilt_by_content;
} candidates[] = {
	{ OUTCOME_DNS_ERROR, REASON_CONNECTION, false },
	{ OUTCOME_CONNECT_ERROR, REASON_CONNECTION, false },
	{ OUTCOME_CONNECTION_CLOSED, REASON_CONNECTION, false },
	{ OUTCOME_TIMEOUT_CONNECT, REASON_CONNECTION, false },
	{ OUTCOME_TIMEOUT_FIRST_BYTE, REASON_TIMEOUT, false },
	{ OUTCOME_TIMEOUT_FIRST_TOKEN, REASON_TIMEOUT, false },
	{ OUTCOME_TIMEOUT_IDLE, REASON_TIMEOUT, true },
	{ OUTCOME_TIMEOUT_TOTAL, REASON_TIMEOUT, true },
	{ OUTCOME_RATE_LIMITED, REASON_RATE_LIMIT, false },
	{ OUTCOME_OVERLOADED, REASON_CAPACITY, false },
	{ OUTCOME_SERVER_ERROR, REASON_SERVER_ERROR, false },
	{ OUTCOME_GATEWAY_ERROR, REASON_SERVER_ERROR, false },
	{ OUTCOME_STREAM_TRUNCATED, REASON_STREAM_DISCONNECT, true },
};

static enum fallback_reason
expected_reason(enum outcome outcome, bool content)
{
	for (size_t i = 0; i < ARRAY_LEN(candidates); i++)
		if (candidates[i].outcome == outcome)
			return content && candidates[i].spoilt_by_content ? REASON_NONE : candidates[i].reason;
	return REASON_NONE;
}

static enum fallback_denial
deny(const struct fallback_policy *policy, enum fallback_reason reason, enum effect effect, bool enabled)
{
	const struct fallback_case about = { .policy = policy, .enabled = enabled, .reason = reason, .effect = effect };
	struct fallback_decision decision = fallback_decide(&about);
	assert_ptr_equal(decision.target, decision.denial == DENIAL_NONE ? &first : NULL);
	assert_int_equal(decision.reason, reason);
	return decision.denial;
}

static void
every_outcome_under_every_setting(void **state)
{
	(void)state;
	for (unsigned o = 0; o < OUTCOME_COUNT; o++) {
		for (unsigned content = 0; content < 2; content++) {
			enum fallback_reason reason =
			    outcome_fallback_reason((enum outcome)o, OUTCOME_INVALID, content);
			if (reason != expected_reason((enum outcome)o, content))
				fail_msg("%s, content %u", outcome_code((enum outcome)o), content);
			bool never = reason == REASON_NONE;
			struct fallback_policy others = all, none = all, generous = all;
			others.allow &= ~(1U << reason);
			none.allow = 0;
			generous.duplicates_ok = true;
			enum fallback_denial yes = never ? DENIAL_NEVER : DENIAL_NONE;
			enum fallback_denial not_listed = never ? DENIAL_NEVER : DENIAL_NOT_ALLOWED;
			assert_int_equal(deny(&all, reason, EFFECT_NONE, true), yes);
			assert_int_equal(deny(&all, reason, EFFECT_FREE, true), yes);
			assert_int_equal(
			    deny(&all, reason, EFFECT_POSSIBLE, true), never ? DENIAL_NEVER : DENIAL_DUPLICATE_UNSAFE);
			assert_int_equal(deny(&generous, reason, EFFECT_POSSIBLE, true), yes);
			assert_int_equal(deny(&others, reason, EFFECT_NONE, true), not_listed);
			assert_int_equal(deny(&none, reason, EFFECT_NONE, true), not_listed);
			assert_int_equal(
			    deny(&all, reason, EFFECT_NONE, false), never ? DENIAL_NEVER : DENIAL_DISABLED);
		}
	}
}

/* One setting of everything that a decision looks at. */
struct setting {
	bool listed, enabled, duplicates_ok, used_up, cooling;
	enum effect effect;
};

static struct fallback_decision
decide_under(const struct setting *setting, enum fallback_reason reason)
{
	struct fallback_policy policy = all;
	policy.allow = setting->listed ? all.allow : all.allow & ~(1U << reason);
	policy.duplicates_ok = setting->duplicates_ok;
	const struct fallback_case about = {
		.policy = &policy,
		.enabled = setting->enabled,
		.reason = reason,
		.effect = setting->effect,
		.attempts = setting->used_up ? policy.max_attempts : 0,
		.cooling = setting->cooling,
	};
	return fallback_decide(&about);
}

/* Is that a true cause under these settings? */
static bool
is_true(enum fallback_denial denial, const struct setting *setting, enum fallback_reason reason)
{
	bool unsafe = setting->effect == EFFECT_POSSIBLE && !setting->duplicates_ok;
	const bool against[DENIAL_COUNT + 1] = {
		[DENIAL_NOT_ALLOWED] = !setting->listed,
		[DENIAL_DISABLED] = !setting->enabled,
		[DENIAL_DUPLICATE_UNSAFE] = unsafe,
		[DENIAL_ATTEMPTS] = setting->used_up,
		[DENIAL_COOLDOWN] = setting->cooling,
		[DENIAL_NONE] =
		    setting->listed && setting->enabled && !unsafe && !setting->used_up && !setting->cooling,
	};
	return denial == DENIAL_NEVER ? reason == REASON_NONE : reason != REASON_NONE && against[denial];
}

/* Everything crossed with everything: a fallback takes place where nothing at all speaks against it, and a denial names a
 * cause that is true. */
static void
every_setting_crossed(void **state)
{
	(void)state;
	size_t yes = 0, settings = 0;
	for (unsigned bits = 0; bits < 32; bits++) {
		for (unsigned effect = 0; effect <= EFFECT_POSSIBLE; effect++) {
			const struct setting setting = { bits & 1, bits & 2, bits & 4, bits & 8, bits & 16,
				(enum effect)effect };
			settings++;
			for (unsigned o = 0; o < 2 * OUTCOME_COUNT; o++) {
				enum fallback_reason reason =
				    outcome_fallback_reason((enum outcome)(o / 2), OUTCOME_INVALID, o & 1);
				struct fallback_decision decision = decide_under(&setting, reason);
				if (!is_true(decision.denial, &setting, reason))
					fail_msg("%s, settings %u, effect %u: %s", outcome_code((enum outcome)(o / 2)),
					    bits, effect, fallback_denial_name(decision.denial));
				assert_int_equal(decision.target != NULL, decision.denial == DENIAL_NONE);
				yes += decision.denial == DENIAL_NONE;
			}
		}
	}
	/* 13 candidates without content, 10 with it; two effects are safe whatever duplicates_ok says, one only with it */
	assert_int_equal(settings, 32 * (EFFECT_POSSIBLE + 1));
	assert_int_equal(yes, (13 + 10) * (2 + 2 + 1));
}

static void
errors_in_a_success_fall_back_as_their_code_does(void **state)
{
	(void)state;
	for (unsigned o = 0; o < OUTCOME_COUNT; o++) {
		if (o == OUTCOME_ERROR_IN_200 || o == OUTCOME_STREAM_ERROR)
			continue;
		enum outcome inner = (enum outcome)o;
		assert_int_equal(
		    outcome_fallback_reason(OUTCOME_ERROR_IN_200, inner, false), expected_reason(inner, false));
		assert_int_equal(
		    outcome_fallback_reason(OUTCOME_STREAM_ERROR, inner, false), expected_reason(inner, false));
		assert_int_equal(outcome_fallback_reason(OUTCOME_STREAM_ERROR, inner, true), REASON_NONE);
	}
}

static void
targets_in_order_and_no_more_than_allowed(void **state)
{
	(void)state;
	struct fallback_policy policy = all;
	struct fallback_case about = { .policy = &policy, .enabled = true, .reason = REASON_CAPACITY };
	assert_ptr_equal(fallback_decide(&about).target, &first);
	about.attempts = 1;
	assert_ptr_equal(fallback_decide(&about).target, &second);
	assert_int_equal(fallback_decide(&about).target_index, 1);
	about.attempts = 2;
	assert_int_equal(fallback_decide(&about).denial, DENIAL_ATTEMPTS);
	/* who is passed over was not asked, and is not asked later */
	about.attempts = 0;
	about.passed_over = 1;
	policy.max_attempts = 1;
	assert_ptr_equal(fallback_decide(&about).target, &second);
	assert_int_equal(fallback_decide(&about).target_index, 1);
	about.passed_over = 2;
	assert_int_equal(fallback_decide(&about).denial, DENIAL_ATTEMPTS);
	about.passed_over = 0;
	about.attempts = 1;
	assert_int_equal(fallback_decide(&about).denial, DENIAL_ATTEMPTS);
	about.attempts = 0;
	policy.target_count = 0;
	assert_int_equal(fallback_decide(&about).denial, DENIAL_ATTEMPTS);
}

static void
cooldown(void **state)
{
	(void)state;
	struct fallback_case about = { .policy = &all, .enabled = true, .reason = REASON_TIMEOUT, .cooling = true };
	assert_int_equal(fallback_decide(&about).denial, DENIAL_COOLDOWN);
	about.reason = REASON_NONE;
	assert_int_equal(fallback_decide(&about).denial, DENIAL_NEVER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_under_every_setting),
		cmocka_unit_test(every_setting_crossed),
		cmocka_unit_test(errors_in_a_success_fall_back_as_their_code_does),
		cmocka_unit_test(targets_in_order_and_no_more_than_allowed),
		cmocka_unit_test(cooldown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
