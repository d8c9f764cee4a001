/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "schedule/plan.h"
#include "schedule/schedule.h"

#define MINUTE (60 * NS_PER_SEC)

enum { ENDPOINTS_MAX = 10000 };

/* A schedule whose runs take run_ns each and are then told as finished. */
struct fixture {
	struct loop *loop;
	struct schedule *schedule;
	struct config config;
	struct provider provider;
	struct run_end {
		struct loop_timer timer;
		struct fixture *fixture;
		const struct endpoint *endpoint;
		enum probe_kind probe;
		struct run_end *next;
	} * ends;
	int64_t run_ns;
	size_t in_flight, in_flight_max, starts, ticks;
	uint64_t skips[SKIP_COUNT];
	int64_t lag_max_ns;
	struct mono last_start, least_gap;
};

static void
on_run_end(void *arg)
{
	struct run_end *end = arg;
	end->fixture->in_flight--;
	schedule_finished(end->fixture->schedule, end->endpoint, end->probe);
	end->endpoint = NULL;
}

static void
on_start(void *arg, const struct endpoint *endpoint, enum probe_kind probe, int64_t lag_ns)
{
	struct fixture *f = arg;
	struct mono now = loop_now(f->loop);
	f->starts++;
	f->in_flight++;
	f->in_flight_max = f->in_flight > f->in_flight_max ? f->in_flight : f->in_flight_max;
	f->lag_max_ns = lag_ns > f->lag_max_ns ? lag_ns : f->lag_max_ns;
	if (f->last_start.ns && mono_diff_ns(now, f->last_start) < f->least_gap.ns)
		f->least_gap.ns = mono_diff_ns(now, f->last_start);
	f->last_start = now;
	struct run_end *end = f->ends;
	while (end && end->endpoint)
		end = end->next;
	if (!end) {
		end = xcalloc(1, sizeof(*end));
		end->next = f->ends;
		f->ends = end;
	}
	end->fixture = f;
	end->endpoint = endpoint;
	end->probe = probe;
	loop_timer_set(f->loop, &end->timer, mono_add_ns(now, f->run_ns), on_run_end, end);
}

static void
on_skip(void *arg, const struct endpoint *endpoint, enum probe_kind probe, enum skip_reason reason, uint64_t count)
{
	struct fixture *f = arg;
	assert_non_null(endpoint);
	assert_in_range(probe, 0, PROBE_COUNT - 1);
	f->skips[reason] += count;
}

static void
on_tick(void *arg)
{
	struct fixture *f = arg;
	f->ticks++;
}

static const struct schedule_hooks hooks = { on_start, on_skip, on_tick };

static struct endpoint *
make_endpoints(struct fixture *f, size_t count)
{
	struct endpoint *endpoints = xcalloc(count, sizeof(*endpoints));
	for (size_t i = 0; i < count; i++) {
		char name[32];
		snprintf(name, sizeof(name), "e%zu", i);
		endpoints[i] = (struct endpoint){ .name = xstrdup(name),
			.provider = &f->provider,
			.enabled = true,
			.interval_ns = MINUTE,
			.negative_interval_ns = 15 * MINUTE,
			.probes = { PROBE_SYNC },
			.probe_count = 1,
			.deadlines = { .total_ns = 30 * NS_PER_SEC },
			.index = i };
	}
	return endpoints;
}

static void
free_endpoints(struct endpoint *endpoints, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((char *)(uintptr_t)endpoints[i].name);
	free(endpoints);
}

static void
begin(struct fixture *f, size_t count)
{
	/* 2026-11-23 00:00 UTC, a Monday */
	struct wall monday = { wall_days_from_civil(2026, 11, 23) * 86400 * US_PER_SEC };
	*f = (struct fixture){ .loop = loop_sim_new((struct mono){ 1000 * MINUTE }, monday),
		.provider = { .name = "p", .max_in_flight = 8 },
		.run_ns = NS_PER_SEC,
		.least_gap = { INT64_MAX } };
	f->config = (struct config){ .providers = &f->provider,
		.provider_count = 1,
		.endpoints = make_endpoints(f, count),
		.endpoint_count = count };
	f->schedule = schedule_new(f->loop, 1, &hooks, f);
	schedule_configure(f->schedule, &f->config);
}

static void
end(struct fixture *f)
{
	for (struct run_end *e; (e = f->ends);) {
		loop_timer_cancel(f->loop, &e->timer);
		f->ends = e->next;
		free(e);
	}
	schedule_free(f->schedule);
	free_endpoints(f->config.endpoints, f->config.endpoint_count);
	loop_free(f->loop);
}

static void
test_a_day_at_a_fixed_rate(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 1);
	f.config.endpoints[0].probes[1] = PROBE_INVALID_MODEL;
	f.config.endpoints[0].probe_count = 2;
	schedule_configure(f.schedule, &f.config);
	f.run_ns = 20 * NS_PER_SEC;
	loop_sim_advance(f.loop, 24 * 60 * MINUTE);
	assert_in_range(f.starts, 1440 + 96 - 1, 1440 + 96 + 1);
	assert_int_equal(f.ticks, 86400);
	for (int i = 0; i < SKIP_COUNT; i++)
		assert_int_equal(f.skips[i], 0);
	end(&f);
}

static void
test_overlap_is_counted(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 1);
	f.run_ns = 150 * NS_PER_SEC;
	loop_sim_advance(f.loop, 60 * MINUTE);
	assert_int_equal(f.starts, 20);
	assert_int_equal(f.skips[SKIP_OVERLAP], 40);
	end(&f);
}

static void
test_cap_of_the_provider(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 200);
	f.provider.max_in_flight = 3;
	schedule_configure(f.schedule, &f.config);
	f.run_ns = 10 * NS_PER_SEC;
	loop_sim_advance(f.loop, 10 * MINUTE);
	assert_int_equal(f.in_flight_max, 3);
	/* 3 runs at a time, 10 s each */
	assert_in_range(f.starts, 175, 180);
	assert_in_range(f.skips[SKIP_OVERLAP], 2000 - 180 - 200, 2000 - 175);
	assert_true(f.lag_max_ns <= MINUTE);
	end(&f);
}

static void
test_200_probes_do_not_start_together(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 200);
	f.provider.max_in_flight = 100;
	schedule_configure(f.schedule, &f.config);
	loop_sim_advance(f.loop, 30 * MINUTE);
	assert_in_range(f.starts, 5990, 6010);
	assert_true(f.least_gap.ns >= 5 * NS_PER_MS);
	assert_true(f.lag_max_ns <= 30 * NS_PER_MS);
	end(&f);
}

static void
test_stall_is_counted_not_replayed(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 100);
	f.provider.max_in_flight = 100;
	schedule_configure(f.schedule, &f.config);
	loop_sim_advance(f.loop, 10 * MINUTE);
	size_t before = f.starts;
	loop_sim_stall(f.loop, 10 * MINUTE);
	loop_sim_advance(f.loop, NS_PER_SEC);
	assert_true(f.starts - before <= 20);
	assert_true(f.skips[SKIP_MISSED] >= 900 && f.skips[SKIP_MISSED] <= 1010);
	loop_sim_advance(f.loop, 10 * MINUTE - NS_PER_SEC);
	assert_in_range(f.starts + f.skips[SKIP_MISSED], 2995, 3005);
	assert_int_equal(f.skips[SKIP_OVERLAP], 0);
	end(&f);
}

static void
test_wall_steps_change_nothing(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 10);
	loop_sim_advance(f.loop, 10 * MINUTE);
	loop_sim_step_wall(f.loop, -3600 * US_PER_SEC);
	loop_sim_advance(f.loop, 10 * MINUTE);
	loop_sim_step_wall(f.loop, 86400 * US_PER_SEC);
	loop_sim_advance(f.loop, 10 * MINUTE);
	assert_in_range(f.starts, 299, 301);
	assert_int_equal(f.skips[SKIP_MISSED], 0);
	end(&f);
}

static void
test_maintenance_and_offline(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 10);
	struct maintenance_window window = { 10, 127, 20 * MINUTE, NULL, 0 };
	f.config.maintenance = &window;
	f.config.maintenance_count = 1;
	loop_sim_advance(f.loop, 60 * MINUTE);
	assert_in_range(f.skips[SKIP_MAINTENANCE], 198, 202);
	assert_in_range(f.starts, 398, 402);
	size_t before = f.starts;
	schedule_set_online(f.schedule, false);
	loop_sim_advance(f.loop, 5 * MINUTE);
	assert_int_equal(f.starts, before);
	assert_in_range(f.skips[SKIP_SELF_OFFLINE], 49, 51);
	schedule_set_online(f.schedule, true);
	loop_sim_advance(f.loop, 5 * MINUTE);
	assert_in_range(f.starts - before, 49, 51);
	end(&f);
}

/* An objection that comes up while a run waits at the door counts too. */
static void
test_objection_while_waiting(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 2);
	f.provider.max_in_flight = 1;
	schedule_configure(f.schedule, &f.config);
	f.run_ns = 50 * NS_PER_SEC;
	while (schedule_waiting(f.schedule) == 0)
		loop_sim_advance(f.loop, NS_PER_SEC);
	size_t before = f.starts;
	schedule_set_online(f.schedule, false);
	loop_sim_advance(f.loop, 50 * NS_PER_SEC);
	assert_int_equal(schedule_waiting(f.schedule), 0);
	assert_int_equal(f.starts, before);
	assert_true(f.skips[SKIP_SELF_OFFLINE] >= 1);
	end(&f);
}

static void
test_reload_keeps_phases_and_runs(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 20);
	f.run_ns = 59 * NS_PER_SEC;
	f.provider.max_in_flight = 100;
	schedule_configure(f.schedule, &f.config);
	loop_sim_advance(f.loop, 2 * MINUTE);
	size_t starts = f.starts;
	/* a new configuration with the same endpoints and one more, every few seconds */
	struct endpoint *old = f.config.endpoints, *copies[10];
	for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
		copies[i] = make_endpoints(&f, 21);
		f.config.endpoints = copies[i];
		f.config.endpoint_count = 21;
		schedule_configure(f.schedule, &f.config);
		loop_sim_advance(f.loop, 6 * NS_PER_SEC);
	}
	assert_int_equal(schedule_slot_count(f.schedule), 21);
	assert_in_range(f.starts - starts, 20, 22);
	assert_int_equal(f.skips[SKIP_OVERLAP] + f.skips[SKIP_MISSED], 0);
	loop_sim_advance(f.loop, 2 * MINUTE);
	assert_int_equal(f.skips[SKIP_OVERLAP] + f.skips[SKIP_MISSED], 0);
	free_endpoints(old, 20);
	for (size_t i = 0; i + 1 < ARRAY_LEN(copies); i++)
		free_endpoints(copies[i], 21);
	end(&f);
}

/* Removed while its run is under way, and back before that ends: no second run beside the first. */
static void
test_removed_and_back_during_a_run(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 1);
	f.run_ns = 10 * MINUTE;
	loop_sim_advance(f.loop, MINUTE + NS_PER_SEC);
	assert_int_equal(f.starts, 1);
	f.config.endpoints[0].enabled = false;
	schedule_configure(f.schedule, &f.config);
	assert_int_equal(schedule_slot_count(f.schedule), 0);
	loop_sim_advance(f.loop, 2 * MINUTE);
	f.config.endpoints[0].enabled = true;
	schedule_configure(f.schedule, &f.config);
	loop_sim_advance(f.loop, 2 * MINUTE);
	assert_int_equal(f.starts, 1);
	assert_int_equal(f.skips[SKIP_OVERLAP], 2);
	f.config.endpoints[0].enabled = false;
	schedule_configure(f.schedule, &f.config);
	loop_sim_advance(f.loop, 20 * MINUTE);
	assert_int_equal(f.in_flight, 0);
	f.config.endpoints[0].enabled = true;
	schedule_configure(f.schedule, &f.config);
	loop_sim_advance(f.loop, 2 * MINUTE);
	assert_int_equal(f.starts, 2);
	end(&f);
}

static void
test_stop(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 50);
	f.provider.max_in_flight = 1;
	schedule_configure(f.schedule, &f.config);
	f.run_ns = 30 * NS_PER_SEC;
	loop_sim_advance(f.loop, MINUTE);
	size_t waiting = schedule_waiting(f.schedule), starts = f.starts;
	assert_true(waiting > 40);
	schedule_stop(f.schedule);
	assert_int_equal(f.skips[SKIP_SHUTDOWN], waiting);
	loop_sim_advance(f.loop, 10 * MINUTE);
	assert_int_equal(f.starts, starts);
	assert_int_equal(f.in_flight, 0);
	end(&f);
}

/* A run by hand counts like one of the timetable's, and moves none of them. */
static void
test_claim(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 2);
	f.provider.max_in_flight = 1;
	schedule_configure(f.schedule, &f.config);
	const struct endpoint *first = &f.config.endpoints[0], *second = &f.config.endpoints[1];
	assert_int_equal(schedule_claim(f.schedule, first, PROBE_STREAM), -ENOENT);
	assert_int_equal(schedule_claim(f.schedule, first, PROBE_SYNC), 0);
	assert_int_equal(schedule_claim(f.schedule, first, PROBE_SYNC), -EBUSY);
	assert_int_equal(schedule_claim(f.schedule, second, PROBE_SYNC), -EBUSY);
	schedule_finished(f.schedule, first, PROBE_SYNC);
	loop_sim_advance(f.loop, 10 * MINUTE);
	assert_in_range(f.starts, 19, 21);
	assert_int_equal(f.skips[SKIP_OVERLAP], 0);
	schedule_stop(f.schedule);
	assert_int_equal(schedule_claim(f.schedule, first, PROBE_SYNC), -ESHUTDOWN);
	end(&f);
}

static void
test_stuck(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, 1);
	loop_sim_advance(f.loop, 5 * MINUTE);
	struct mono now = loop_now(f.loop);
	assert_false(schedule_is_stuck(f.schedule, now));
	assert_true(schedule_is_stuck(f.schedule, mono_add_ns(now, 16 * NS_PER_SEC)));
	f.run_ns = 1000 * MINUTE; /* its end never comes */
	loop_sim_advance(f.loop, 2 * MINUTE + 30 * NS_PER_SEC);
	assert_true(schedule_is_stuck(f.schedule, loop_now(f.loop)));
	end(&f);
}

static void
test_10000_endpoints(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, ENDPOINTS_MAX);
	f.provider.max_in_flight = 1000;
	schedule_configure(f.schedule, &f.config);
	loop_sim_advance(f.loop, 3 * MINUTE);
	assert_in_range(f.starts, 3 * ENDPOINTS_MAX - 300, 3 * ENDPOINTS_MAX + 300);
	assert_true(f.lag_max_ns <= 10 * NS_PER_MS);
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_day_at_a_fixed_rate),
		cmocka_unit_test(test_overlap_is_counted),
		cmocka_unit_test(test_cap_of_the_provider),
		cmocka_unit_test(test_200_probes_do_not_start_together),
		cmocka_unit_test(test_stall_is_counted_not_replayed),
		cmocka_unit_test(test_wall_steps_change_nothing),
		cmocka_unit_test(test_maintenance_and_offline),
		cmocka_unit_test(test_objection_while_waiting),
		cmocka_unit_test(test_reload_keeps_phases_and_runs),
		cmocka_unit_test(test_removed_and_back_during_a_run),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_10000_endpoints),
	};
	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
