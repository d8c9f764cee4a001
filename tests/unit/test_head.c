/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/attr.h"

static void
heads_are_read_leniently(void **state)
{
	(void)state;
	static const char text[] =
	    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: Text/HTML ; charset=x\r\nX-Empty:\r\n"
	    "no colon here\r\n folded: ignored\r\nX-Twice: 1\r\nx-twice: 2\n\nbody";
	struct head head;
	size_t len = head_length(str_of(text));
	assert_string_equal(text + len, "body");
	assert_true(head_parse(str_span(text, len), &head));
	assert_int_equal(head.status, 503);
	assert_true(str_eq(head_media_type(&head), STR("Text/HTML")));
	assert_true(str_eq(head_find(&head, "X-EMPTY"), STR("")));
	assert_non_null(head_find(&head, "X-EMPTY").at);
	assert_true(str_eq(head_find(&head, "X-Twice"), STR("1")));
	assert_null(head_find(&head, "folded").at);
	assert_null(head_find(&head, "absent").at);
}

static void
status_lines(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		int status; /* 0 = no status line */
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\n\r\n", 200 },
		{ "HTTP/2 204\r\n\r\n", 204 },
		{ "HTTP/2 204 \r\n\r\n", 204 },
		{ "HTTP/1.0  404 x\r\n\r\n", 404 },
		{ "HTTP/1.1 2000 OK\r\n\r\n", 0 },
		{ "HTTP/1.1 20 OK\r\n\r\n", 0 },
		{ "HTTP/1.1\r\n\r\n", 0 },
		{ "HTTP/1.1 099 x\r\n\r\n", 0 },
		{ "ICY 200 OK\r\n\r\n", 0 },
		{ "\r\n\r\n", 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct head head = { 0 };
		bool ok = head_parse(str_of(cases[i].line), &head);
		if (ok != (cases[i].status != 0) || head.status != cases[i].status)
			fail_msg("%s: %d", cases[i].line, head.status);
	}
}

static void
the_end_of_a_head(void **state)
{
	(void)state;
	assert_int_equal(head_length(STR("HTTP/1.1 200 OK\r\nA: b\r\n")), 0);
	assert_int_equal(head_length(STR("HTTP/1.1 200 OK\r\nA: b\r\n\r")), 0);
	assert_int_equal(head_length(STR("HTTP/1.1 200 OK\r\n\r\nx")), 19);
	assert_int_equal(head_length(STR("HTTP/1.1 200 OK\n\nx")), 17);
	assert_int_equal(head_length(STR("")), 0);
}

static void
dates(void **state)
{
	(void)state;
	assert_int_equal(head_date(STR("Sun, 22 Nov 2026 10:00:05 GMT")).us, INT64_C(1795341605) * US_PER_SEC);
	assert_int_equal(head_date(STR("Thu, 01 Jan 1970 00:00:01 GMT")).us, US_PER_SEC);
	assert_int_equal(head_date(STR("Tue, 29 Feb 2028 23:59:59 GMT")).us, INT64_C(1835481599) * US_PER_SEC);
	assert_int_equal(head_date(STR("Sunday, 22-Nov-26 10:00:05 GMT")).us, INT64_C(1795341605) * US_PER_SEC);
	assert_int_equal(head_date(STR("Sunday, 06-Nov-94 08:49:37 GMT")).us, INT64_C(784111777) * US_PER_SEC);
	assert_int_equal(head_date(STR("Sun Nov  6 08:49:37 1994")).us, INT64_C(784111777) * US_PER_SEC);
	assert_int_equal(head_date(STR("Sun Nov  6 08:49:37 GMT")).us, 0);
	assert_int_equal(head_date(STR("Sun, 06 Nov 1994 08:49:37 GMT and more")).us, 0);
	assert_int_equal(head_date(STR("Sun, 06 Nov 1994 08:49:-7 GMT")).us, 0);
	assert_int_equal(head_date(STR("Sun, 06 Nov 1994 08:49:37")).us, 0);
	assert_int_equal(head_date(STR("Sun")).us, 0);
	assert_int_equal(head_date(STR("Sun, 22 Nov 2026 10:00:05 CET")).us, 0);
	assert_int_equal(head_date(STR("Sun, 22 Nov 2026 25:00:05 GMT")).us, 0);
	assert_int_equal(head_date(STR("2026-11-22T10:00:05Z")).us, 0);
	assert_int_equal(head_date(STR_NONE).us, 0);
}

static void
patience(void **state)
{
	(void)state;
	static const struct {
		const char *fields;
		enum retry_after is;
		int64_t ns;
	} cases[] = {
		{ "A: b", RETRY_AFTER_ABSENT, 0 },
		{ "Retry-After: 20", RETRY_AFTER_GIVEN, 20 * NS_PER_SEC },
		{ "Retry-After: 0.25", RETRY_AFTER_GIVEN, NS_PER_SEC / 4 },
		{ "Retry-After: 1.", RETRY_AFTER_GIVEN, NS_PER_SEC },
		{ "Retry-After: 0.00000000019", RETRY_AFTER_GIVEN, 0 },
		{ "retry-after-ms: 1500\r\nRetry-After: 2", RETRY_AFTER_GIVEN, NS_PER_SEC * 3 / 2 },
		{ "retry-after-ms: soon\r\nRetry-After: 2", RETRY_AFTER_GIVEN, 2 * NS_PER_SEC },
		{ "Retry-After: Sun, 22 Nov 2026 10:00:05 GMT", RETRY_AFTER_GIVEN, 5 * NS_PER_SEC },
		{ "Retry-After: Sun, 22 Nov 2026 09:00:00 GMT", RETRY_AFTER_GIVEN, 0 },
		{ "Retry-After: ", RETRY_AFTER_BAD, 0 },
		{ "Retry-After: -1", RETRY_AFTER_BAD, 0 },
		{ "Retry-After: 1m", RETRY_AFTER_BAD, 0 },
		{ "Retry-After: 1.5s", RETRY_AFTER_BAD, 0 },
		{ "Retry-After: .5", RETRY_AFTER_BAD, 0 },
		{ "Retry-After: 99999999999999999999", RETRY_AFTER_BAD, 0 },
		{ "retry-after-ms: soon", RETRY_AFTER_BAD, 0 },
	};
	const struct wall now = { INT64_C(1795341600) * US_PER_SEC };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[256];
		snprintf(text, sizeof(text), "HTTP/1.1 429 Slow\r\n%s\r\n\r\n", cases[i].fields);
		struct head head;
		assert_true(head_parse(str_of(text), &head));
		int64_t ns;
		if (head_retry_after(&head, now, &ns) != cases[i].is || ns != cases[i].ns)
			fail_msg("%s: %lld ns", cases[i].fields, (long long)ns);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_read_leniently),
		cmocka_unit_test(status_lines),
		cmocka_unit_test(the_end_of_a_head),
		cmocka_unit_test(dates),
		cmocka_unit_test(patience),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
