/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/attr.h"
#include "base/hist.h"

static void
expect_real(double number, const char *want)
{
	char text[FORMAT_BYTES + 1];
	text[format_real(text, number)] = '\0';
	assert_string_equal(text, want);
}

static void
test_real(void **state)
{
	(void)state;
	expect_real(0, "0");
	expect_real(-0.0, "-0");
	expect_real(1, "1");
	expect_real(-17.5, "-17.5");
	expect_real(0.1, "0.1");
	expect_real(0.3, "0.3");
	expect_real(100, "100");
	expect_real(1732269600.123, "1732269600.123");
	expect_real(0.000000001, "0.000000001");
	expect_real(9007199254740991.0, "9007199254740991");
	expect_real(1e300, "1e+300");
	expect_real(0.1 + 0.2, "0.30000000000000004");
	expect_real((double)NAN, "NaN");
	expect_real((double)INFINITY, "+Inf");
	expect_real(-(double)INFINITY, "-Inf");
}

static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void
expect_round_trip(double number)
{
	char text[FORMAT_BYTES + 1];
	size_t len = format_real(text, number);
	assert_true(len <= FORMAT_BYTES);
	text[len] = '\0';
	double back = strtod(text, NULL);
	assert_memory_equal(&back, &number, sizeof(number));
}

static void
test_real_reads_back(void **state)
{
	(void)state;
	uint64_t seed = 88172645463325252;
	for (int i = 0; i < 200000; i++) {
		uint64_t bits = next_random(&seed);
		double any;
		memcpy(&any, &bits, sizeof(any));
		if (isfinite(any))
			expect_round_trip(any);
		expect_round_trip((double)(bits % 2000000000) / 1000.0);
		expect_round_trip((double)(bits % 100000) / 7.0);
		expect_round_trip((double)(bits >> 11) / 1e9);
	}
}

static void
test_integers(void **state)
{
	(void)state;
	char text[FORMAT_BYTES + 1], want[FORMAT_BYTES + 1];
	const int64_t numbers[] = { 0, 9, 10, 99, 100, 101, 12345, -1, -10, INT64_MAX, INT64_MIN };
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		text[format_i64(text, numbers[i])] = '\0';
		snprintf(want, sizeof(want), "%lld", (long long)numbers[i]);
		assert_string_equal(text, want);
	}
	text[format_u64(text, UINT64_MAX)] = '\0';
	assert_string_equal(text, "18446744073709551615");
}

static void
test_seconds(void **state)
{
	(void)state;
	static const struct {
		int64_t ns;
		const char *want;
	} rows[] = {
		{ 0, "0" },
		{ 1, "0.000000001" },
		{ 1500000000, "1.5" },
		{ 1000000000, "1" },
		{ 12003400000, "12.0034" },
		{ -250000000, "-0.25" },
		{ INT64_MAX, "9223372036.854775807" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[FORMAT_BYTES + 1];
		text[format_seconds(text, rows[i].ns)] = '\0';
		assert_string_equal(text, rows[i].want);
	}
}

static void
test_hist(void **state)
{
	(void)state;
	static const struct hist_bounds bounds = { 2, { 1000, 5000 }, { "0.000001", "0.000005", "+Inf" } };
	struct hist hist = { 0 };
	assert_int_equal(hist_observe(&hist, &bounds, 1000), 0); /* le is inclusive */
	assert_int_equal(hist_observe(&hist, &bounds, 1001), 1);
	assert_int_equal(hist_observe(&hist, &bounds, 5001), 2);
	assert_int_equal(hist_observe(&hist, &bounds, -3), 0);
	assert_int_equal(hist.counts[0], 2);
	assert_int_equal(hist_count(&hist), 4);
	assert_int_equal(hist.sum_ns, 1000 + 1001 + 5001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_real_reads_back),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_hist),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
