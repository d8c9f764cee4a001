/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/clock.h"

static void
test_u64(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", " 1", "1 ", "+1", "-1", "0x1", "1e3", "18446744073709551616",
		"99999999999999999999999", "1.0", "\xD9\xA1" };
	uint64_t number = 7;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(parse_u64(str_of(wrong[i]), &number));
	assert_false(parse_u64(STR_NONE, &number));
	assert_int_equal(number, 7); /* left alone */
	assert_true(parse_u64(STR("18446744073709551615"), &number));
	assert_true(number == UINT64_MAX);
	assert_true(parse_u64(STR("007"), &number));
	assert_int_equal(number, 7);
	assert_true(parse_u64(str_span("123", 2), &number));
	assert_int_equal(number, 12);
}

static void
test_i64(void **state)
{
	(void)state;
	int64_t number = 7;
	assert_true(parse_i64(STR("-9223372036854775808"), &number));
	assert_true(number == INT64_MIN);
	assert_true(parse_i64(STR("9223372036854775807"), &number));
	assert_true(number == INT64_MAX);
	assert_false(parse_i64(STR("9223372036854775808"), &number));
	assert_false(parse_i64(STR("-9223372036854775809"), &number));
	assert_false(parse_i64(STR("-"), &number));
	assert_false(parse_i64(STR("--1"), &number));
	assert_true(number == INT64_MAX);
}

static void
test_duration(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms; /* -1 = wrong */
		const char *back;
	} rows[] = {
		{ "250ms", 250, "250ms" },
		{ "30s", 30000, "30s" },
		{ "60s", 60000, "1m" },
		{ "90s", 90000, "90s" },
		{ "5m", 300000, "5m" },
		{ "24h", 86400000, "1d" },
		{ "30d", INT64_C(2592000000), "30d" },
		{ "1500ms", 1500, "1500ms" },
		{ "0s", 0, "0ms" },
		{ "100000d", INT64_C(8640000000000), "100000d" },
		{ "100001d", -1, NULL },
		{ "18446744073709551615s", -1, NULL },
		{ "30", -1, NULL },
		{ "s", -1, NULL },
		{ "", -1, NULL },
		{ "30 s", -1, NULL },
		{ "30S", -1, NULL },
		{ "1h30m", -1, NULL },
		{ "1.5s", -1, NULL },
		{ "-1s", -1, NULL },
		{ "1us", -1, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_buf struct buf back = BUF_INIT(64);
		int64_t ns = -5;
		assert_int_equal(parse_duration(str_of(rows[i].text), &ns), rows[i].ms >= 0);
		assert_true(ns == (rows[i].ms >= 0 ? rows[i].ms * NS_PER_MS : -5));
		if (rows[i].ms < 0)
			continue;
		format_duration(&back, ns);
		assert_string_equal(buf_cstr(&back), rows[i].back);
	}
}

static void
test_size(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool right;
		size_t bytes;
		const char *back;
	} rows[] = {
		{ "64KiB", true, 65536, "64KiB" },
		{ "1MiB", true, 1 << 20, "1MiB" },
		{ "1024KiB", true, 1 << 20, "1MiB" },
		{ "1000B", true, 1000, "1000B" },
		{ "2GiB", true, (size_t)2 << 30, "2GiB" },
		{ "0B", true, 0, "0B" },
		{ "64KB", false, 0, NULL },
		{ "64k", false, 0, NULL },
		{ "64", false, 0, NULL },
		{ "17179869184GiB", false, 0, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_buf struct buf back = BUF_INIT(64);
		size_t bytes = 7;
		assert_int_equal(parse_size(str_of(rows[i].text), &bytes), rows[i].right);
		assert_int_equal(bytes, rows[i].right ? rows[i].bytes : 7);
		if (!rows[i].right)
			continue;
		format_size(&back, bytes);
		assert_string_equal(buf_cstr(&back), rows[i].back);
	}
}

static void
test_time_of_day(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "24:00", "00:60", "7:05", "07:5", "07-05", "07:05:00", "0a:00",
		"-1:00" };
	int minute = -5;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(parse_time_of_day(str_of(wrong[i]), &minute));
	assert_int_equal(minute, -5);
	assert_true(parse_time_of_day(STR("00:00"), &minute));
	assert_int_equal(minute, 0);
	assert_true(parse_time_of_day(STR("23:59"), &minute));
	assert_int_equal(minute, 1439);
}

static void
test_date(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "2026-11-31", "2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10",
		"2026-01-00", "26-01-01", "2026/01/01", "2026-1-1", "2026-01-01T", "2026-12-32" };
	int64_t days = -5;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(parse_date(str_of(wrong[i]), &days));
	assert_int_equal(days, -5);
	assert_true(parse_date(STR("1970-01-01"), &days));
	assert_int_equal(days, 0);
	assert_true(parse_date(STR("2024-02-29"), &days));
	assert_int_equal(days, 19782);
	assert_true(parse_date(STR("2026-12-31"), &days));
	assert_int_equal(days, 20818);
	auto_buf struct buf text = BUF_INIT(64);
	format_date(&text, 20818);
	format_date(&text, 19782);
	format_date(&text, -1);
	assert_string_equal(buf_cstr(&text), "2026-12-312024-02-291969-12-31");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64),
		cmocka_unit_test(test_i64),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_time_of_day),
		cmocka_unit_test(test_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
