/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attr.h"

static void
test_rfc3339(void **state)
{
	(void)state;
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 1763805600123456, "2025-11-22T10:00:00.123Z" },
		{ 951782400999999, "2000-02-29T00:00:00.999Z" },
		{ 4102444799000000, "2099-12-31T23:59:59.000Z" },
		/* before 1970 the milliseconds still count upwards */
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ -1500000, "1969-12-31T23:59:58.500Z" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_buf struct buf buf = BUF_INIT(64);
		wall_format_rfc3339(&buf, (struct wall){ rows[i].us });
		assert_string_equal(buf_cstr(&buf), rows[i].text);
	}
}

static void
test_days_from_civil(void **state)
{
	(void)state;
	assert_int_equal(wall_days_from_civil(1970, 1, 1), 0);
	assert_int_equal(wall_days_from_civil(1969, 12, 31), -1);
	assert_int_equal(wall_days_from_civil(2000, 2, 29), 11016);
	assert_int_equal(wall_days_from_civil(2000, 3, 1), 11017);
	assert_int_equal(wall_days_from_civil(1900, 3, 1) - wall_days_from_civil(1900, 2, 28), 1);
	assert_int_equal(wall_days_from_civil(2026, 11, 22), 20779);
	assert_int_equal(wall_days_from_civil(1601, 1, 1), -134774);
	assert_int_equal(wall_days_from_civil(0, 3, 1), -719468);
	assert_int_equal(wall_days_from_civil(-1, 12, 31), -719529);
}

/* Against the C library's idea of a day, over four centuries and their leap years. */
static void
test_days_and_stamps_agree(void **state)
{
	(void)state;
	for (int year = 1900; year <= 2300; year++) {
		auto_buf struct buf stamp = BUF_INIT(64);
		auto_buf struct buf expected = BUF_INIT(64);
		wall_format_rfc3339(&stamp, (struct wall){ wall_days_from_civil(year, 3, 1) * 86400 * US_PER_SEC });
		buf_printf(&expected, "%04d-03-01T00:00:00.000Z", year);
		assert_string_equal(buf_cstr(&stamp), buf_cstr(&expected));
	}
}

static void
test_monotonic(void **state)
{
	(void)state;
	struct mono first = clock_mono();
	struct mono second = clock_mono();
	assert_true(first.ns > 0);
	assert_false(mono_before(second, first));
	struct mono later = mono_add_ns(first, 5 * NS_PER_MS);
	assert_true(mono_before(first, later));
	assert_false(mono_before(later, later));
	assert_int_equal(mono_diff_ns(later, first), 5000000);
	assert_int_equal(mono_diff_ns(first, later), -5000000);
}

static void
test_wall_is_this_century(void **state)
{
	(void)state;
	assert_true(clock_wall().us > wall_days_from_civil(2024, 1, 1) * 86400 * US_PER_SEC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_days_from_civil),
		cmocka_unit_test(test_days_and_stamps_agree),
		cmocka_unit_test(test_monotonic),
		cmocka_unit_test(test_wall_is_this_century),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
