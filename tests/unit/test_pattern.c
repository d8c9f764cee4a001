/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

static void
test_match(void **state)
{
	(void)state;
	char error[128];
	size_t offset;
	struct pattern *pattern = pattern_new("(?i)^ok\\.?$", error, sizeof(error), &offset);
	assert_non_null(pattern);
	assert_true(pattern_matches(pattern, STR("OK.")));
	assert_true(pattern_matches(pattern, str_span("okay", 2)));
	assert_false(pattern_matches(pattern, STR("okay")));
	assert_false(pattern_matches(pattern, STR_NONE));
	pattern_free(pattern);
	pattern_free(NULL);
}

static void
test_characters_not_bytes(void **state)
{
	(void)state;
	char error[128];
	size_t offset;
	struct pattern *pattern = pattern_new("^.$", error, sizeof(error), &offset);
	assert_true(pattern_matches(pattern, STR("\xC3\xA9")));
	assert_false(pattern_matches(pattern, STR("\xC3")));
	pattern_free(pattern);
}

static void
test_error_names_the_place(void **state)
{
	(void)state;
	char error[128] = "";
	size_t offset = 99;
	assert_null(pattern_new("ab(c", error, sizeof(error), &offset));
	assert_int_equal(offset, 4);
	assert_string_equal(error, "missing closing parenthesis");
	assert_null(pattern_new("\\C", error, sizeof(error), &offset));
}

/* (a+)+$ on a long row of a: without limits, longer than the age of the universe. */
static void
test_endless_backtracking_is_no_match(void **state)
{
	(void)state;
	char error[128];
	size_t offset;
	struct pattern *pattern = pattern_new("^(a+)+$", error, sizeof(error), &offset);
	auto_buf struct buf text = BUF_INIT(4096);
	for (int i = 0; i < 1000; i++)
		buf_char(&text, 'a');
	buf_char(&text, 'b');
	assert_false(pattern_matches(pattern, buf_view(&text)));
	pattern_free(pattern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_characters_not_bytes),
		cmocka_unit_test(test_error_names_the_place),
		cmocka_unit_test(test_endless_backtracking_is_no_match),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
