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
		{ "{\"data\":[{\"id\":\"gpt-4\"}],\"has_more\":false}", LIST_LACKS },
		{ "{\"models\":[{\"name\":\"models/gpt-4\"}]}", LIST_LACKS },
		/* it goes on elsewhere */
		{ "{\"data\":[{\"id\":\"gpt-4\"}],\"has_more\":true}", LIST_UNCLEAR },
		{ "{\"data\":[{\"id\":\"gpt-5\"}],\"has_more\":true}", LIST_HAS },
		{ "{\"models\":[{\"name\":\"models/gpt-4\"}],\"nextPageToken\":\"x\"}", LIST_UNCLEAR },
		/* it is no list */
		{ "{\"data\":[]}", LIST_UNCLEAR },
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_or_unclear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
