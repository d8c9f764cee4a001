/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/random.h"

/* The published first outputs of SplitMix64 for seed 1234567. */
static void
test_known_sequence(void **state)
{
	(void)state;
	struct random random = { 1234567 };
	assert_int_equal(random_next(&random), UINT64_C(6457827717110365317));
	assert_int_equal(random_next(&random), UINT64_C(3203168211198807973));
}

static void
test_below_stays_below(void **state)
{
	(void)state;
	struct random random = { 1 };
	uint64_t seen = 0;
	for (int i = 0; i < 1000; i++) {
		uint64_t n = random_below(&random, 10);
		assert_in_range(n, 0, 9);
		seen |= UINT64_C(1) << n;
	}
	assert_int_equal(seen, 0x3ff);
	assert_int_equal(random_below(&random, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_sequence),
		cmocka_unit_test(test_below_stays_below),
	};
	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
