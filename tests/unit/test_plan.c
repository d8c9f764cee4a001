/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "schedule/plan.h"

#define MINUTE (60 * NS_PER_SEC)

static void
test_phase_is_stable_and_inside_the_interval(void **state)
{
	(void)state;
	int64_t phase = plan_phase_ns(STR("chat"), PROBE_SYNC, MINUTE);
	assert_in_range(phase, 0, MINUTE - 1);
	assert_int_equal(phase, plan_phase_ns(STR("chat"), PROBE_SYNC, MINUTE));
	assert_int_not_equal(phase, plan_phase_ns(STR("chat"), PROBE_STREAM, MINUTE));
	assert_int_not_equal(phase, plan_phase_ns(STR("chat2"), PROBE_SYNC, MINUTE));
}

static void
test_first_point_is_the_next_of_the_grid(void **state)
{
	(void)state;
	int64_t phase = plan_phase_ns(STR("chat"), PROBE_SYNC, MINUTE);
	int64_t starts[] = { 1, phase - 1, phase, phase + 1, MINUTE, 1000 * MINUTE + 17 };
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct plan plan;
		plan_init(&plan, STR("chat"), PROBE_SYNC, MINUTE, (struct mono){ starts[i] });
		assert_int_equal(plan.due.ns % MINUTE, phase);
		assert_true(plan.due.ns > starts[i]);
		assert_true(plan.due.ns <= starts[i] + MINUTE);
	}
}

/* A run takes as long as it takes: the thousandth point is where the grid says. */
static void
test_rate_is_fixed_and_jitter_does_not_add_up(void **state)
{
	(void)state;
	struct random jitter = { 7 };
	struct plan plan;
	plan_init(&plan, STR("chat"), PROBE_SYNC, MINUTE, (struct mono){ NS_PER_SEC });
	int64_t first = plan.due.ns;
	bool moved = false;
	for (int64_t n = 0; n < 1000; n++) {
		int64_t off = plan.due.ns - (first + n * MINUTE);
		assert_in_range(off, 0, plan_jitter_max_ns(MINUTE));
		moved = moved || off > 0;
		struct plan_due found = plan_take(&plan, mono_add_ns(plan.due, 3 * NS_PER_MS), &jitter);
		assert_true(found.run);
		assert_int_equal(found.missed, 0);
	}
	assert_true(moved);
}

static void
test_nothing_before_it_is_due(void **state)
{
	(void)state;
	struct random jitter = { 7 };
	struct plan plan;
	plan_init(&plan, STR("chat"), PROBE_SYNC, MINUTE, (struct mono){ NS_PER_SEC });
	struct mono due = plan.due;
	struct plan_due found = plan_take(&plan, mono_add_ns(due, -1), &jitter);
	assert_false(found.run);
	assert_int_equal(found.missed, 0);
	assert_int_equal(plan.due.ns, due.ns);
}

/* How late the loop turned, in ns after a point, against what becomes of the points up to then. */
static void
test_late_turns(void **state)
{
	(void)state;
	int64_t grace = plan_grace_ns(MINUTE);
	const struct {
		int64_t late;
		bool run;
		uint64_t missed;
	} rows[] = {
		{ 0, true, 0 },
		{ grace, true, 0 },
		{ grace + 1, false, 1 },
		{ MINUTE - 1, false, 1 },
		{ MINUTE + 2 * NS_PER_SEC, true, 1 },
		{ 10 * MINUTE + 2 * NS_PER_SEC, true, 10 },
		{ 10 * MINUTE + 30 * NS_PER_SEC, false, 11 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct random jitter = { i };
		struct plan plan;
		plan_init(&plan, STR("chat"), PROBE_SYNC, MINUTE, (struct mono){ NS_PER_SEC });
		struct mono now = mono_add_ns(plan.due, rows[i].late);
		struct plan_due found = plan_take(&plan, now, &jitter);
		assert_int_equal(found.run, rows[i].run);
		assert_int_equal(found.missed, rows[i].missed);
		assert_true(mono_before(now, plan.due));
		assert_true(plan.due.ns - now.ns <= MINUTE + plan_jitter_max_ns(MINUTE));
		assert_int_equal(plan.point.ns % MINUTE, plan_phase_ns(STR("chat"), PROBE_SYNC, MINUTE));
	}
}

/* Whatever the pauses: each point is counted once. */
static void
test_every_point_is_counted_once(void **state)
{
	(void)state;
	struct random pauses = { 42 }, jitter = { 43 };
	struct plan plan;
	plan_init(&plan, STR("chat"), PROBE_SYNC, MINUTE, (struct mono){ NS_PER_SEC });
	int64_t first = plan.point.ns;
	struct mono now = { NS_PER_SEC };
	uint64_t counted = 0;
	for (int i = 0; i < 10000; i++) {
		now = mono_add_ns(now, (int64_t)random_below(&pauses, 5 * MINUTE));
		struct plan_due found = plan_take(&plan, now, &jitter);
		counted += found.missed + found.run;
	}
	assert_int_equal(counted, (plan.point.ns - first) / MINUTE);
}

static void
test_200_names_spread_over_the_interval(void **state)
{
	(void)state;
	unsigned seconds[60] = { 0 };
	for (int i = 0; i < 200; i++) {
		char name[] = { 'e', (char)('0' + i / 100), (char)('0' + i / 10 % 10), (char)('0' + i % 10), '\0' };
		seconds[plan_phase_ns(str_of(name), PROBE_SYNC, MINUTE) / NS_PER_SEC]++;
	}
	unsigned empty = 0;
	for (int i = 0; i < 60; i++) {
		assert_in_range(seconds[i], 0, 12);
		empty += seconds[i] == 0;
	}
	assert_in_range(empty, 0, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phase_is_stable_and_inside_the_interval),
		cmocka_unit_test(test_first_point_is_the_next_of_the_grid),
		cmocka_unit_test(test_rate_is_fixed_and_jitter_does_not_add_up),
		cmocka_unit_test(test_nothing_before_it_is_due),
		cmocka_unit_test(test_late_turns),
		cmocka_unit_test(test_every_point_is_counted_once),
		cmocka_unit_test(test_200_names_spread_over_the_interval),
	};
	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
