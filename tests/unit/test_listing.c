/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

static void
lists_are_read_or_unclear(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		enum list_verdict verdict;
	} cases[] = {
		{ "{\"object\":\"list\",\"data\":[{\"id\":\"a\"},{\"id\":\"gpt-5\"}]}", LIST_HAS },
		{ "{\"success\":true,\"data\":[{\"id\":\"gpt-5\"}]}", LIST_HAS },
		{ "{\"data\":[{\"id\":\"gpt-5-2026-03-17\"}]}", LIST_HAS },
		{ "{\"models\":[{\"name\":\"models/gpt-5\"}]}", LIST_HAS },
		{ "{\"data\":[{\"id\":\"gpt-5-mini\"}]}", LIST_LACKS },
		{ "{\"models\":[{\"name\":\"models/gpt-4\"}]}", LIST_LACKS },
		{ "{\"data\":[]}", LIST_LACKS },
		/* it is no list */
		{ "{\"data\":null}", LIST_UNCLEAR },
		{ "{\"data\":{\"id\":\"gpt-4\"}}", LIST_UNCLEAR },
		{ "{\"data\":[{\"id\":\"gpt-4\"},{\"id\":7}]}", LIST_UNCLEAR },
		{ "{\"data\":[\"gpt-5\"]}", LIST_UNCLEAR },
		{ "{\"error\":{\"message\":\"no\"}}", LIST_UNCLEAR },
		{ "[]", LIST_UNCLEAR },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_json struct json root = JSON_NOTHING;
		assert_int_equal(json_parse(str_of(cases[i].list), JSON_DEPTH_MAX, &root), JSON_FINE);
		if (listing_look(root, "gpt-5") != cases[i].verdict)
			fail_msg("%s", cases[i].list);
	}
	assert_int_equal(listing_look(JSON_NOTHING, "gpt-5"), LIST_UNCLEAR);
}

static void
lists_go_on_or_end(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		enum list_rest rest;
		const char *query;
	} cases[] = {
		{ "{\"data\":[{\"id\":\"a\"}]}", LIST_ENDS, "" },
		{ "{\"data\":[{\"id\":\"a\"}],\"has_more\":false,\"last_id\":\"a\"}", LIST_ENDS, "" },
		{ "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"last_id\":\"b\"}", LIST_GOES_ON, "after_id=b" },
		{ "{\"data\":[{\"id\":\"x\"},{\"id\":\"a/b&c=d{model}\"}],\"has_more\":true}", LIST_GOES_ON,
		    "after_id=a%2Fb%26c%3Dd%7Bmodel%7D" },
		{ "{\"models\":[{\"name\":\"m\"}],\"nextPageToken\":\"T+1\\r\\n\"}", LIST_GOES_ON,
		    "pageToken=T%2B1%0D%0A" },
		{ "{\"models\":[{\"name\":\"m\"}],\"nextPageToken\":\"\"}", LIST_ENDS, "" },
		{ "{\"models\":[{\"name\":\"m\"}],\"nextPageToken\":null}", LIST_ENDS, "" },
		{ "{\"success\":true,\"page\":1,\"page_size\":0,\"total\":9,\"data\":[{\"id\":\"a\"}]}", LIST_ENDS,
		    "" },
		/* it does not say where */
		{ "{\"data\":[],\"has_more\":true}", LIST_IS_LOST, NULL },
		{ "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"last_id\":\"\"}", LIST_IS_LOST, NULL },
		{ "{\"models\":[{\"name\":\"m\"}],\"nextPageToken\":7}", LIST_IS_LOST, NULL },
		{ "{\"success\":true,\"page\":1,\"page_size\":1,\"total\":9,\"data\":[{\"id\":\"a\"}]}", LIST_IS_LOST,
		    NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_json struct json root = JSON_NOTHING;
		auto_buf struct buf query = BUF_INIT(4096);
		assert_int_equal(json_parse(str_of(cases[i].list), JSON_DEPTH_MAX, &root), JSON_FINE);
		if (listing_rest(root, &query) != cases[i].rest)
			fail_msg("%s", cases[i].list);
		if (cases[i].query)
			assert_string_equal(buf_cstr(&query), cases[i].query);
	}
}

static void
cursors_have_a_cap(void **state)
{
	(void)state;
	auto_buf struct buf list = BUF_INIT(8192), query = BUF_INIT(4096);
	auto_json struct json root = JSON_NOTHING;
	buf_text(&list, "{\"models\":[],\"nextPageToken\":\"");
	for (unsigned i = 0; i < 1025; i++)
		buf_char(&list, 'x');
	buf_text(&list, "\"}");
	assert_int_equal(json_parse(buf_view(&list), JSON_DEPTH_MAX, &root), JSON_FINE);
	assert_int_equal(listing_rest(root, &query), LIST_IS_LOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_or_unclear),
		cmocka_unit_test(lists_go_on_or_end),
		cmocka_unit_test(cursors_have_a_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
