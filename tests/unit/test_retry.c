/* SPDX-License-Identifier: Apache-2.0 */
/* Every outcome × what it may have done × what the policy says → repeat or not; and how long to wait. */
#include "config.h"

#include "policy/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

static const struct hints silent = HINTS_NONE;
static const struct retry_policy policy = { .max = 2, .base_ns = NS_PER_SEC, .cap_ns = 30 * NS_PER_SEC };

/* What a row says for each effect, first without and then with duplicates_ok: r = repeated, - = not. */
enum { EFFECTS = EFFECT_POSSIBLE + 1 };

static const struct {
	enum outcome outcome, underlying;
	const char *careful, *generous;
} rows[] = {
	{ OUTCOME_OK, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_LOCAL_ERROR, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_DNS_ERROR, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_CONNECT_ERROR, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_TLS_ERROR, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_CONNECTION_CLOSED, OUTCOME_INVALID, "r--", "rrr" },
	{ OUTCOME_TIMEOUT_CONNECT, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_TIMEOUT_FIRST_BYTE, OUTCOME_INVALID, "r--", "rrr" },
	{ OUTCOME_TIMEOUT_FIRST_TOKEN, OUTCOME_INVALID, "r--", "rrr" },
	{ OUTCOME_TIMEOUT_IDLE, OUTCOME_INVALID, "r--", "rrr" },
	{ OUTCOME_TIMEOUT_TOTAL, OUTCOME_INVALID, "r--", "rrr" },
	{ OUTCOME_REDIRECT_UNEXPECTED, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_AUTH_REJECTED, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_ACCESS_BLOCKED, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_QUOTA_EXHAUSTED, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_RATE_LIMITED, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_MODEL_UNAVAILABLE, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_NOT_FOUND, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_BAD_REQUEST, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_CONTENT_BLOCKED, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_OVERLOADED, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_SERVER_ERROR, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_GATEWAY_ERROR, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_BODY_TOO_LARGE, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_BAD_ENCODING, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_WRONG_CONTENT_TYPE, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_NOT_JSON, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_MALFORMED_JSON, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_MALFORMED_SSE, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_EMPTY_BODY, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_ERROR_IN_200, OUTCOME_SERVER_ERROR, "rr-", "rrr" },
	{ OUTCOME_ERROR_IN_200, OUTCOME_QUOTA_EXHAUSTED, "---", "---" },
	{ OUTCOME_STREAM_ERROR, OUTCOME_OVERLOADED, "rr-", "rrr" },
	{ OUTCOME_STREAM_ERROR, OUTCOME_AUTH_REJECTED, "---", "---" },
	{ OUTCOME_STREAM_ERROR, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_STREAM_TRUNCATED, OUTCOME_INVALID, "r--", "rrr" },
	{ OUTCOME_OUTPUT_LIMIT, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_EMPTY_OUTPUT, OUTCOME_INVALID, "rr-", "rrr" },
	{ OUTCOME_UNEXPECTED_OUTPUT, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_CONTRACT_VIOLATION, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_PARSER_REJECTED, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_UNEXPECTED_ACCEPT, OUTCOME_INVALID, "---", "---" },
	{ OUTCOME_UNEXPECTED_REJECTION, OUTCOME_INVALID, "---", "---" },
};

static bool
decide(size_t row, enum effect effect, bool duplicates_ok, const struct retry_policy *under)
{
	int64_t delay_ns;
	const struct retry_case about = {
		.retryable = outcome_retryable(rows[row].outcome, rows[row].underlying),
		.effect = effect,
		.duplicates_ok = duplicates_ok,
		.hints = &silent,
	};
	return retry_decide(under, &about, 7, &delay_ns);
}

static void
every_outcome_under_every_setting(void **state)
{
	(void)state;
	static const struct retry_policy off;
	bool seen[OUTCOME_COUNT] = { false };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		seen[rows[i].outcome] = true;
		for (unsigned effect = 0; effect < EFFECTS; effect++) {
			bool careful = decide(i, (enum effect)effect, false, &policy);
			bool generous = decide(i, (enum effect)effect, true, &policy);
			if (careful != (rows[i].careful[effect] == 'r') ||
			    generous != (rows[i].generous[effect] == 'r'))
				fail_msg("%s, effect %u: %d, with duplicates %d", outcome_code(rows[i].outcome), effect,
				    careful, generous);
			assert_false(decide(i, (enum effect)effect, true, &off));
		}
	}
	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		if (!seen[i])
			fail_msg("%s has no row", outcome_code((enum outcome)i));
}

static void
no_more_than_max_and_not_against_the_server(void **state)
{
	(void)state;
	int64_t delay_ns;
	struct hints hints = HINTS_NONE;
	struct retry_case about = { .retryable = RETRY_YES, .retries = 1, .hints = &hints };
	assert_true(retry_decide(&policy, &about, 0, &delay_ns));
	hints.should_retry = SHOULD_RETRY_NO;
	assert_false(retry_decide(&policy, &about, 0, &delay_ns));
	hints.should_retry = SHOULD_RETRY_YES;
	assert_true(retry_decide(&policy, &about, 0, &delay_ns));
	about.retries = 2;
	assert_false(retry_decide(&policy, &about, 0, &delay_ns));
	about.retries = 0;
	about.retryable = RETRY_NO; /* the server's wish widens nothing */
	assert_false(retry_decide(&policy, &about, 0, &delay_ns));
	about.retryable = RETRY_IF_SAFE;
	about.effect = EFFECT_POSSIBLE;
	assert_false(retry_decide(&policy, &about, 0, &delay_ns));
}

static void
full_jitter_below_a_doubling_cap(void **state)
{
	(void)state;
	const struct retry_policy many = { .max = 100, .base_ns = NS_PER_SEC, .cap_ns = 5 * NS_PER_SEC };
	static const int64_t widest_s[] = { 1, 2, 4, 5, 5 };
	struct retry_case about = { .retryable = RETRY_YES, .hints = &silent };
	int64_t delay_ns;
	for (unsigned i = 0; i < ARRAY_LEN(widest_s); i++) {
		int64_t widest_ns = widest_s[i] * NS_PER_SEC;
		about.retries = i;
		assert_true(retry_decide(&many, &about, 0, &delay_ns));
		assert_int_equal(delay_ns, 0);
		assert_true(retry_decide(&many, &about, (uint64_t)widest_ns, &delay_ns));
		assert_int_equal(delay_ns, widest_ns);
		assert_true(retry_decide(&many, &about, (uint64_t)widest_ns + 1, &delay_ns));
		assert_int_equal(delay_ns, 0);
	}
	about.retries = 99; /* doubling does not wrap */
	assert_true(retry_decide(&many, &about, UINT64_MAX, &delay_ns));
	assert_true(delay_ns >= 0 && delay_ns <= many.cap_ns);
}

static void
the_server_says_how_long(void **state)
{
	(void)state;
	struct hints hints = HINTS_NONE;
	const struct retry_case about = { .retryable = RETRY_AFTER_DELAY, .hints = &hints };
	int64_t delay_ns;
	hints.retry_after_ns = 7 * NS_PER_SEC;
	assert_true(retry_decide(&policy, &about, 12345, &delay_ns));
	assert_int_equal(delay_ns, 7 * NS_PER_SEC);
	hints.retry_after_ns = INT64_MAX;
	assert_true(retry_decide(&policy, &about, 12345, &delay_ns));
	assert_int_equal(delay_ns, 30 * NS_PER_SEC);
	hints.retry_after_ns = 0;
	assert_true(retry_decide(&policy, &about, 12345, &delay_ns));
	assert_int_equal(delay_ns, 0);
}

static void
what_an_attempt_may_have_done(void **state)
{
	(void)state;
	const struct mono now = { 5 };
	struct exchange refused = { .end = END_CONNECT };
	struct exchange unanswered = { .end = END_TIMEOUT_FIRST_BYTE, .at = { .connect = now, .sent = now } };
	struct exchange half_sent = { .end = END_CLOSED, .at = { .connect = now } };
	struct exchange handshake = { .end = END_TLS, .at = { .connect = now } };
	struct exchange reused = { .end = END_CLOSED, .reused = true };
	struct exchange answered = { .end = END_COMPLETE, .head_whole = true, .at = { .sent = now } };
	struct reply nothing = { .status = 0 };
	struct reply error = { .status = 503 };
	struct reply empty = { .status = 200, .success_body = true };
	struct reply envelope = { .status = 200, .error = { .present = true } };
	struct reply cut = { .status = 200, .error = { .present = true }, .output_chars = 2 };
	const struct {
		enum http_method method;
		const struct exchange *exchange;
		const struct reply *reply;
		enum effect effect;
	} cases[] = {
		{ HTTP_POST, NULL, &nothing, EFFECT_NONE },
		{ HTTP_POST, &refused, &nothing, EFFECT_NONE },
		{ HTTP_POST, &handshake, &nothing, EFFECT_NONE },
		{ HTTP_POST, &unanswered, &nothing, EFFECT_POSSIBLE },
		{ HTTP_POST, &half_sent, &nothing, EFFECT_POSSIBLE },
		{ HTTP_POST, &reused, &nothing, EFFECT_POSSIBLE },
		{ HTTP_POST, &answered, &error, EFFECT_NONE },
		{ HTTP_POST, &answered, &envelope, EFFECT_NONE },
		{ HTTP_POST, &answered, &cut, EFFECT_POSSIBLE },
		{ HTTP_POST, &answered, &empty, EFFECT_POSSIBLE },
		{ HTTP_GET, &answered, &empty, EFFECT_FREE },
		{ HTTP_GET, &unanswered, &nothing, EFFECT_FREE },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (retry_effect(cases[i].method, cases[i].exchange, cases[i].reply) != cases[i].effect)
			fail_msg("case %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_under_every_setting),
		cmocka_unit_test(no_more_than_max_and_not_against_the_server),
		cmocka_unit_test(full_jitter_below_a_doubling_cap),
		cmocka_unit_test(the_server_says_how_long),
		cmocka_unit_test(what_an_attempt_may_have_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
