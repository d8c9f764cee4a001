/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/hash.h"

/* Written down: phases of running installations hang on these. */
static void
test_values_never_change(void **state)
{
	(void)state;
	assert_int_equal(hash_str(0, STR("")), UINT64_C(0xf52a15e9a9b5e89b));
	assert_int_equal(hash_str(0, STR("chat")), UINT64_C(0xd1a35ad2051adf02));
	assert_int_equal(hash_str(hash_str(0, STR("chat")), STR("stream")), UINT64_C(0xc7afe26ac82981db));
}

static void
test_differs_by_seed_and_text(void **state)
{
	(void)state;
	assert_int_not_equal(hash_str(0, STR("a")), hash_str(1, STR("a")));
	assert_int_not_equal(hash_str(0, STR("a")), hash_str(0, STR("b")));
	assert_int_not_equal(hash_str(0, STR("ab")), hash_str(hash_str(0, STR("b")), STR("a")));
}

/* Names that differ in one digit fall into all 64 buckets, none of them crowded. */
static void
test_similar_names_spread(void **state)
{
	(void)state;
	unsigned buckets[64] = { 0 };
	for (int i = 0; i < 6400; i++) {
		char name[] = "endpoint-0000";
		for (int digit = 0, rest = i; digit < 4; digit++, rest /= 10)
			name[sizeof(name) - 2 - (size_t)digit] = (char)('0' + rest % 10);
		buckets[hash_str(0, str_of(name)) % 64]++;
	}
	for (int i = 0; i < 64; i++)
		assert_in_range(buckets[i], 60, 140);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_never_change),
		cmocka_unit_test(test_differs_by_seed_and_text),
		cmocka_unit_test(test_similar_names_spread),
	};
	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
