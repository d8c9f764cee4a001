/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/hints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/attr.h"

static const struct wall noon = { INT64_C(1795341600) * US_PER_SEC }; /* 2026-11-22T10:00:00Z */

static struct hints
read_hints(const char *fields, struct wall date)
{
	char text[1024];
	snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%s\r\n\r\n", fields);
	struct head head;
	assert_true(head_parse(str_of(text), &head));
	struct hints hints;
	hints_read(&head, date, &hints);
	return hints;
}

static void
what_is_left(void **state)
{
	(void)state;
	static const struct {
		const char *fields;
		int64_t requests, tokens;
	} cases[] = {
		{ "A: b", -1, -1 },
		{ "x-ratelimit-remaining-requests: 59\r\nx-ratelimit-remaining-tokens: 149984", 59, 149984 },
		{ "anthropic-ratelimit-requests-remaining: 0\r\nanthropic-ratelimit-tokens-remaining: 7", 0, 7 },
		{ "X-RateLimit-Remaining: 4", 4, -1 },
		{ "x-ratelimit-remaining-requests: -1\r\nx-ratelimit-remaining-tokens: many", -1, -1 },
		{ "x-ratelimit-remaining-requests: 99999999999999999999\r\nx-ratelimit-remaining-tokens: ", -1, -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct hints hints = read_hints(cases[i].fields, noon);
		if (hints.remaining[LIMIT_REQUESTS] != cases[i].requests ||
		    hints.remaining[LIMIT_TOKENS] != cases[i].tokens)
			fail_msg("%s: %lld, %lld", cases[i].fields, (long long)hints.remaining[LIMIT_REQUESTS],
			    (long long)hints.remaining[LIMIT_TOKENS]);
	}
}

static void
when_it_is_filled_again(void **state)
{
	(void)state;
	static const struct {
		const char *reset;
		int64_t ms; /* -1 = not understood */
	} cases[] = {
		{ "6m0s", 360000 },
		{ "1s", 1000 },
		{ "20ms", 20 },
		{ "1.5s", 1500 },
		{ "1h2m3s", 3723000 },
		{ "1d", 86400000 },
		{ "60", 60000 },
		{ "0.25", 250 },
		{ "1795341605", 5000 },
		{ "1795341000", 0 },
		{ "2026-11-22T10:00:05Z", 5000 },
		{ "2026-11-22T10:01:00.250Z", 60250 },
		{ "2026-11-22T09:00:00Z", 0 },
		{ "2026-11-31T10:00:05Z", -1 },
		{ "2026-11-22T10:00:99Z", -1 },
		{ "2026-11-22", -1 },
		{ "6m0", -1 },
		{ "m", -1 },
		{ "", -1 },
		{ "-1s", -1 },
		{ "1fortnight", -1 },
		{ "9999999999d9999999999d", -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char fields[256];
		snprintf(fields, sizeof(fields), "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: %s",
		    cases[i].reset);
		int64_t ns = read_hints(fields, noon).reset_ns[LIMIT_REQUESTS];
		if (ns != (cases[i].ms < 0 ? HINT_ABSENT : cases[i].ms * NS_PER_MS))
			fail_msg("%s: %lld ns", cases[i].reset, (long long)ns);
	}
	struct hints undated = read_hints(
	    "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 1795341605", (struct wall){ 0 });
	assert_int_equal(undated.reset_ns[LIMIT_REQUESTS], HINT_ABSENT);
}

static void
how_long_to_wait(void **state)
{
	(void)state;
	struct hints hints = read_hints("A: b", noon);
	assert_int_equal(hints_pause_ns(&hints), HINT_ABSENT);
	hints =
	    read_hints("Retry-After: 3\r\nx-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 1m", noon);
	assert_int_equal(hints_pause_ns(&hints), 3 * NS_PER_SEC);
	assert_int_equal(hints_refill_ns(&hints), 60 * NS_PER_SEC); /* what counts where nothing was refused */
	hints = read_hints("x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 1m\r\n"
			   "x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 2m",
	    noon);
	assert_int_equal(hints_pause_ns(&hints), 120 * NS_PER_SEC);
	hints = read_hints("x-ratelimit-remaining-requests: 1\r\nx-ratelimit-reset-requests: 1m", noon);
	assert_int_equal(hints_pause_ns(&hints), HINT_ABSENT);
	hints = read_hints("Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", noon);
	assert_true(hints_pause_ns(&hints) == INT64_MAX);
	assert_int_equal(hints_refill_ns(&hints), HINT_ABSENT);
}

static void
whether_to_try_again(void **state)
{
	(void)state;
	assert_int_equal(read_hints("A: b", noon).should_retry, SHOULD_RETRY_UNSAID);
	assert_int_equal(read_hints("x-should-retry: true", noon).should_retry, SHOULD_RETRY_YES);
	assert_int_equal(read_hints("X-Should-Retry: FALSE", noon).should_retry, SHOULD_RETRY_NO);
	assert_int_equal(read_hints("x-should-retry: perhaps", noon).should_retry, SHOULD_RETRY_UNSAID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left),
		cmocka_unit_test(when_it_is_filled_again),
		cmocka_unit_test(how_long_to_wait),
		cmocka_unit_test(whether_to_try_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
