/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attr.h"

static void
test_equality(void **state)
{
	(void)state;
	assert_true(str_eq(STR("abc"), STR("abc")));
	assert_false(str_eq(STR("abc"), STR("abC")));
	assert_false(str_eq(STR("abc"), STR("ab")));
	assert_true(str_eq(STR_NONE, STR("")));
	assert_true(str_eq_nocase(STR("Content-Type"), STR("content-TYPE")));
	assert_false(str_eq_nocase(STR("a"), STR("ab")));
	/* letters only: '[' is '{' with one bit less, as 'A' is 'a' */
	assert_false(str_eq_nocase(STR("["), STR("{")));
	assert_false(str_eq_nocase(STR("\xC3\x84"), STR("\xC3\xA4")));
}

static void
test_absent_is_not_empty(void **state)
{
	(void)state;
	assert_null(str_of(NULL).at);
	assert_non_null(str_of("").at);
	assert_int_equal(str_of("four").len, 4);
}

static void
test_prefix_and_suffix(void **state)
{
	(void)state;
	assert_true(str_starts(STR("data: x"), STR("data:")));
	assert_true(str_starts(STR("x"), STR("")));
	assert_false(str_starts(STR("dat"), STR("data")));
	assert_true(str_ends(STR("a.json"), STR(".json")));
	assert_false(str_ends(STR("json"), STR(".json")));
	assert_true(str_ends(STR("x"), STR("x")));
}

static void
test_contains(void **state)
{
	(void)state;
	assert_true(str_contains_nocase(STR("text/HTML; charset"), STR("html")));
	assert_true(str_contains_nocase(STR("html"), STR("html")));
	assert_true(str_contains_nocase(STR("x"), STR("")));
	assert_false(str_contains_nocase(STR("htm"), STR("html")));
	assert_false(str_contains_nocase(STR_NONE, STR("x")));
}

static void
test_trim(void **state)
{
	(void)state;
	assert_true(str_eq(str_trim(STR(" \t a b\r\n")), STR("a b")));
	assert_int_equal(str_trim(STR(" \n")).len, 0);
	assert_int_equal(str_trim(STR_NONE).len, 0);
	/* a vertical tab is no blank of ours */
	assert_int_equal(str_trim(STR("\v")).len, 1);
}

static void
test_split(void **state)
{
	(void)state;
	struct str rest = STR("a,,b");
	assert_true(str_eq(str_split(&rest, ','), STR("a")));
	assert_int_equal(str_split(&rest, ',').len, 0);
	assert_true(str_eq(str_split(&rest, ','), STR("b")));
	assert_null(rest.at);

	rest = STR("a,");
	assert_true(str_eq(str_split(&rest, ','), STR("a")));
	assert_non_null(rest.at); /* an empty last part is a part */
	assert_int_equal(str_split(&rest, ',').len, 0);
	assert_null(rest.at);

	rest = STR_NONE;
	assert_null(str_split(&rest, ',').at);
}

static void
test_utf8(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		bool good;
	} rows[] = {
		{ { "", 0 }, true },
		{ { "plain text, and more than eight bytes", 37 }, true },
		{ { "\0", 1 }, true },
		{ { "\x7F", 1 }, true },
		{ { "\xC2\x80", 2 }, true },
		{ { "\xDF\xBF", 2 }, true },
		{ { "\xE0\xA0\x80", 3 }, true },
		{ { "\xED\x9F\xBF", 3 }, true },
		{ { "\xEE\x80\x80", 3 }, true },
		{ { "\xF0\x90\x80\x80", 4 }, true },
		{ { "\xF4\x8F\xBF\xBF", 4 }, true },
		{ { "1234567\xC3\xA4", 9 }, true }, /* across the step of eight */
		{ { "\x80", 1 }, false }, /* continuation alone */
		{ { "\xC0\x80", 2 }, false }, /* overlong */
		{ { "\xC1\xBF", 2 }, false },
		{ { "\xE0\x9F\xBF", 3 }, false },
		{ { "\xF0\x8F\xBF\xBF", 4 }, false },
		{ { "\xED\xA0\x80", 3 }, false }, /* surrogate */
		{ { "\xED\xBF\xBF", 3 }, false },
		{ { "\xF4\x90\x80\x80", 4 }, false }, /* above U+10FFFF */
		{ { "\xF5\x80\x80\x80", 4 }, false },
		{ { "\xFF", 1 }, false },
		{ { "\xC3", 1 }, false }, /* cut */
		{ { "\xE2\x82", 2 }, false },
		{ { "\xF0\x9F\x98", 3 }, false },
		{ { "\xC3(", 2 }, false },
		{ { "12345678\xE2(\xA1", 11 }, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_is_utf8(rows[i].text) != rows[i].good)
			fail_msg("row %zu", i);
}

static void
test_code_points(void **state)
{
	(void)state;
	assert_int_equal(str_code_points(STR_NONE), 0);
	assert_int_equal(str_code_points(STR("ok")), 2);
	assert_int_equal(str_code_points(STR("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80")), 3);
}

static void
test_identifier(void **state)
{
	(void)state;
	char longest[129];
	memset(longest, 'x', sizeof(longest));
	assert_true(str_is_identifier(STR("gpt-5.4-mini_2026:a/b@c")));
	assert_true(str_is_identifier(str_span(longest, 128)));
	assert_false(str_is_identifier(str_span(longest, 129)));
	assert_false(str_is_identifier(STR("")));
	assert_false(str_is_identifier(STR("two words")));
	assert_false(str_is_identifier(STR("a\nb")));
	assert_false(str_is_identifier(STR("a\0b")));
	assert_false(str_is_identifier(STR("\"")));
	assert_false(str_is_identifier(STR("\xC3\xA4")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_absent_is_not_empty),
		cmocka_unit_test(test_prefix_and_suffix),
		cmocka_unit_test(test_contains),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_code_points),
		cmocka_unit_test(test_identifier),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
