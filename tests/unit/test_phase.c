/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/phase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "model/tokens.h"

#define T(n) \
	{ \
		n \
	}

static void
test_phases(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct timeline at;
		int64_t want[PHASE_COUNT];
	} rows[] = {
		{ "HTTPS, fresh",
		    { .start = T(10),
			.dns = T(11),
			.connect = T(13),
			.tls = T(17),
			.sent = T(18),
			.first_byte = T(40),
			.end = T(90) },
		    { 1, 2, 4, 1, 22, 50 } },
		{ "plain, by address",
		    { .start = T(10), .connect = T(13), .sent = T(14), .first_byte = T(20), .end = T(21) },
		    { -1, 3, -1, 1, 6, 1 } },
		{ "reused", { .start = T(10), .sent = T(12), .first_byte = T(20), .end = T(21) },
		    { -1, -1, -1, 2, 8, 1 } },
		{ "no name", { .start = T(10), .end = T(20) }, { -1, -1, -1, -1, -1, -1 } },
		{ "no answer", { .start = T(10), .connect = T(11), .sent = T(12), .end = T(90) },
		    { -1, 1, -1, 1, -1, -1 } },
		{ "an answer before the request was whole",
		    { .start = T(10), .connect = T(11), .first_byte = T(15), .end = T(16) }, { -1, 1, -1, -1, -1, 1 } },
		{ "stamps out of order",
		    { .start = T(10), .connect = T(11), .sent = T(20), .first_byte = T(19), .end = T(25) },
		    { -1, 1, -1, 9, 0, 6 } },
		{ "never started", { .end = T(0) }, { -1, -1, -1, -1, -1, -1 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t got[PHASE_COUNT];
		phase_durations(&rows[i].at, got);
		for (unsigned k = 0; k < PHASE_COUNT; k++)
			if (got[k] != rows[i].want[k])
				fail_msg("%s: %s is %lld, not %lld", rows[i].what, phase_name((enum phase)k),
				    (long long)got[k], (long long)rows[i].want[k]);
	}
}

static void
test_whole_and_first_content(void **state)
{
	(void)state;
	const struct timeline at = { .start = T(10), .first_content = T(30), .end = T(90) };
	const struct timeline none = { .start = T(10) };
	assert_int_equal(phase_total_ns(&at), 80);
	assert_int_equal(phase_first_content_ns(&at), 20);
	assert_int_equal(phase_total_ns(&none), PHASE_ABSENT);
	assert_int_equal(phase_first_content_ns(&none), PHASE_ABSENT);
}

static void
test_tokens(void **state)
{
	(void)state;
	assert_int_equal(tokens_estimate(STR("")), 1);
	assert_int_equal(tokens_estimate(STR("four")), 1);
	assert_int_equal(tokens_estimate(STR("fives")), 2);
	assert_int_equal(tokens_estimate(STR("\xE4\xBD\xA0\xE5\xA5\xBD")), 2);
	assert_int_equal(tokens_estimate(STR("Reply with the word ok and no other text.")), 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_whole_and_first_content),
		cmocka_unit_test(test_tokens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
