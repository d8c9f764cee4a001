/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "schedule/maintenance.h"

enum { MON = 1, TUE = 2, SAT = 32, SUN = 64, ALL = 127 };

#define HOUR (3600 * NS_PER_SEC)

/* 2026-11-23 is a Monday. */
static struct wall
november(int day, int hour, int minute, int second)
{
	int64_t seconds = wall_days_from_civil(2026, 11, day) * 86400 + hour * 3600 + minute * 60 + second;
	return (struct wall){ seconds * US_PER_SEC };
}

static void
test_windows(void **state)
{
	(void)state;
	const struct {
		int start_minute;
		unsigned days;
		int64_t duration_ns;
		struct wall now;
		bool covers;
	} rows[] = {
		{ 17 * 60, MON, 4 * HOUR, november(23, 16, 59, 59), false },
		{ 17 * 60, MON, 4 * HOUR, november(23, 17, 0, 0), true },
		{ 17 * 60, MON, 4 * HOUR, november(23, 20, 59, 59), true },
		{ 17 * 60, MON, 4 * HOUR, november(23, 21, 0, 0), false },
		{ 17 * 60, MON, 4 * HOUR, november(24, 18, 0, 0), false },
		{ 17 * 60, MON | TUE, 4 * HOUR, november(24, 18, 0, 0), true },
		/* over midnight: only the start's day is listed */
		{ 23 * 60, MON, 2 * HOUR, november(23, 23, 30, 0), true },
		{ 23 * 60, MON, 2 * HOUR, november(24, 0, 59, 59), true },
		{ 23 * 60, MON, 2 * HOUR, november(24, 1, 0, 0), false },
		{ 23 * 60, MON, 2 * HOUR, november(23, 0, 30, 0), false },
		{ 23 * 60 + 59, ALL, 2 * HOUR, november(25, 0, 30, 0), true },
		/* over the end of the week */
		{ 23 * 60, SUN, 2 * HOUR, november(29, 23, 0, 0), true },
		{ 23 * 60, SUN, 2 * HOUR, november(30, 0, 30, 0), true },
		{ 23 * 60, SUN, 2 * HOUR, november(30, 1, 0, 0), false },
		{ 23 * 60, SUN, 2 * HOUR, november(23, 0, 30, 0), true },
		/* longer than a day */
		{ 0, SAT, 48 * HOUR, november(28, 0, 0, 0), true },
		{ 0, SAT, 48 * HOUR, november(29, 23, 59, 59), true },
		{ 0, SAT, 48 * HOUR, november(30, 0, 0, 0), false },
		{ 12 * 60, SUN, 36 * HOUR, november(30, 23, 59, 0), true },
		/* before 1970 the calendar goes on */
		{ 0, ALL, 24 * HOUR, { -1 }, true },
		{ 0, MON, 24 * HOUR, { -3 * 86400 * US_PER_SEC }, true },
		{ 0, MON, 24 * HOUR, { -3 * 86400 * US_PER_SEC - 1 }, false },
		{ 0, 0, 24 * HOUR, november(23, 12, 0, 0), false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct maintenance_window window = { rows[i].start_minute, rows[i].days, rows[i].duration_ns, NULL, 0 };
		if (maintenance_covers(&window, rows[i].now) != rows[i].covers)
			fail_msg("row %zu", i);
	}
}

static void
test_applies_to_its_endpoints(void **state)
{
	(void)state;
	struct endpoint endpoints[2] = { { .name = "a" }, { .name = "b" } };
	const struct endpoint *listed[] = { &endpoints[1] };
	struct maintenance_window windows[] = {
		{ 0, MON, 24 * HOUR, NULL, 0 },
		{ 0, TUE, 24 * HOUR, listed, 1 },
	};
	struct config config = {
		.endpoints = endpoints, .endpoint_count = 2, .maintenance = windows, .maintenance_count = 2
	};
	assert_true(maintenance_applies(&config, &endpoints[0], november(23, 12, 0, 0)));
	assert_true(maintenance_applies(&config, &endpoints[1], november(23, 12, 0, 0)));
	assert_false(maintenance_applies(&config, &endpoints[0], november(24, 12, 0, 0)));
	assert_true(maintenance_applies(&config, &endpoints[1], november(24, 12, 0, 0)));
	assert_false(maintenance_applies(&config, &endpoints[1], november(25, 12, 0, 0)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_applies_to_its_endpoints),
	};
	return cmocka_run_group_tests_name("maintenance", tests, NULL, NULL);
}
