/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_appends(void **state)
{
	(void)state;
	auto_buf struct buf buf = BUF_INIT(1000);
	assert_string_equal(buf_cstr(&buf), "");
	assert_true(buf_text(&buf, "a"));
	assert_true(buf_char(&buf, 'b'));
	assert_true(buf_str(&buf, STR("cd")));
	assert_true(buf_str(&buf, STR_NONE));
	assert_true(buf_add(&buf, "e\0f", 3));
	assert_true(buf_printf(&buf, "%d-%s", 42, "x"));
	assert_int_equal(buf.len, 11);
	assert_memory_equal(buf_view(&buf).at, "abcde\0f42-x", 11);
	assert_int_equal(buf_cstr(&buf)[11], '\0');
	assert_int_equal(buf.len, 11);
}

static void
test_grows_past_its_first_room(void **state)
{
	(void)state;
	auto_buf struct buf buf = BUF_INIT(100000);
	for (int i = 0; i < 5000; i++)
		assert_true(buf_printf(&buf, "%04d.", i));
	assert_int_equal(buf.len, 25000);
	assert_memory_equal(buf.at + 5 * 4321, "4321.", 5);
}

static void
test_an_append_past_the_cap_changes_nothing(void **state)
{
	(void)state;
	auto_buf struct buf buf = BUF_INIT(5);
	assert_true(buf_text(&buf, "abc"));
	assert_false(buf_text(&buf, "def"));
	assert_true(buf.overflow);
	assert_true(str_eq(buf_view(&buf), STR("abc")));
	assert_false(buf_char(&buf, 'd')); /* would fit, but a hole is worse than a cut */
	assert_false(buf_printf(&buf, "%s", ""));
	buf_reset(&buf);
	assert_false(buf.overflow);
	assert_true(buf_text(&buf, "abcde"));
	assert_string_equal(buf_cstr(&buf), "abcde");
}

static void
test_printf_past_the_cap_changes_nothing(void **state)
{
	(void)state;
	auto_buf struct buf buf = BUF_INIT(4);
	assert_true(buf_printf(&buf, "%s", "1234"));
	buf_reset(&buf);
	assert_false(buf_printf(&buf, "%s", "12345"));
	assert_int_equal(buf.len, 0);
}

static void
test_reserve(void **state)
{
	(void)state;
	auto_buf struct buf buf = BUF_INIT(1000);
	char *room = buf_reserve(&buf, 500);
	assert_non_null(room);
	memset(room, 'x', 500);
	buf.len += 500;
	assert_int_equal(buf_view(&buf).at[499], 'x');
	assert_null(buf_reserve(&buf, SIZE_MAX));
	assert_true(buf.overflow);
}

static void
test_done_can_be_used_again(void **state)
{
	(void)state;
	struct buf buf = BUF_INIT(3);
	assert_false(buf_text(&buf, "abcd"));
	buf_done(&buf);
	assert_true(buf_text(&buf, "abc"));
	buf_done(&buf);
	assert_null(buf.at);
	assert_non_null(buf_view(&buf).at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_grows_past_its_first_room),
		cmocka_unit_test(test_an_append_past_the_cap_changes_nothing),
		cmocka_unit_test(test_printf_past_the_cap_changes_nothing),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_done_can_be_used_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
