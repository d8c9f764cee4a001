/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/attr.h"
#include "schedule/admit.h"

struct fixture {
	struct loop *loop;
	struct door door;
	struct ticket tickets[8];
	size_t started[16];
	size_t count;
	bool refuse;
};

static bool
on_enter(void *arg, struct ticket *ticket)
{
	struct fixture *f = arg;
	if (f->refuse)
		return false;
	f->started[f->count++] = (size_t)(ticket - f->tickets);
	return true;
}

static int
setup(void **state)
{
	static struct fixture fixture;
	fixture = (struct fixture){ .loop = loop_sim_new((struct mono){ NS_PER_SEC }, (struct wall){ 1 }) };
	admit_init(&fixture.door, fixture.loop, on_enter, &fixture);
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	admit_done(&f->door);
	loop_free(f->loop);
	return 0;
}

static void
request(struct fixture *f, size_t i)
{
	admit_request(&f->door, &f->tickets[i], loop_now(f->loop));
}

static void
test_cap_and_order(void **state)
{
	struct fixture *f = *state;
	f->door.max_in_flight = 2;
	for (size_t i = 0; i < 5; i++)
		request(f, i);
	assert_int_equal(f->count, 2);
	admit_leave(&f->tickets[1]);
	admit_leave(&f->tickets[0]);
	assert_int_equal(f->count, 4);
	assert_int_equal(f->tickets[4].state, TICKET_WAITING);
	admit_leave(&f->tickets[2]);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(f->started[i], i);
}

static void
test_starts_are_a_gap_apart(void **state)
{
	struct fixture *f = *state;
	f->door.max_in_flight = 8;
	f->door.gap_ns = 5 * NS_PER_MS;
	for (size_t i = 0; i < 4; i++)
		request(f, i);
	assert_int_equal(f->count, 1);
	loop_sim_advance(f->loop, 5 * NS_PER_MS);
	assert_int_equal(f->count, 2);
	loop_sim_advance(f->loop, 9 * NS_PER_MS);
	assert_int_equal(f->count, 3);
	loop_sim_advance(f->loop, 1 * NS_PER_MS);
	assert_int_equal(f->count, 4);
	loop_sim_advance(f->loop, 5 * NS_PER_MS);
	request(f, 4);
	assert_int_equal(f->count, 5);
}

static void
test_withdraw(void **state)
{
	struct fixture *f = *state;
	request(f, 0);
	request(f, 1);
	request(f, 2);
	admit_withdraw(&f->tickets[1]);
	admit_leave(&f->tickets[0]);
	assert_int_equal(f->count, 2);
	assert_int_equal(f->started[1], 2);
	assert_int_equal(f->tickets[1].state, TICKET_IDLE);
}

static void
test_refusal_leaves_the_door_free(void **state)
{
	struct fixture *f = *state;
	f->door.gap_ns = 5 * NS_PER_MS;
	f->refuse = true;
	request(f, 0);
	assert_int_equal(f->tickets[0].state, TICKET_IDLE);
	assert_int_equal(f->door.in_flight, 0);
	f->refuse = false;
	request(f, 1);
	assert_int_equal(f->count, 1);
}

static void
test_raised_cap_is_served(void **state)
{
	struct fixture *f = *state;
	request(f, 0);
	request(f, 1);
	f->door.max_in_flight = 2;
	admit_serve(&f->door);
	assert_int_equal(f->count, 2);
}

static void
test_gap(void **state)
{
	(void)state;
	assert_int_equal(admit_gap_ns(0), 5 * NS_PER_MS);
	assert_int_equal(admit_gap_ns(200 / 60.0), 5 * NS_PER_MS);
	assert_in_range(admit_gap_ns(10000 / 60.0), 180 * NS_PER_US, 190 * NS_PER_US);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cap_and_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_starts_are_a_gap_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_withdraw, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusal_leaves_the_door_free, setup, teardown),
		cmocka_unit_test_setup_teardown(test_raised_cap_is_served, setup, teardown),
		cmocka_unit_test(test_gap),
	};
	return cmocka_run_group_tests_name("admit", tests, NULL, NULL);
}
