/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

static void
locations_lead_where_clients_go(void **state)
{
	(void)state;
	static const struct {
		const char *base, *location, *url; /* NULL = refused */
	} cases[] = {
		{ "https://docs.example.com/a/b.md", "/c.md", "https://docs.example.com/c.md" },
		{ "https://docs.example.com/a/b.md", "c.md", "https://docs.example.com/a/c.md" },
		{ "https://docs.example.com/a/b.md", "../c.md?x=1", "https://docs.example.com/c.md?x=1" },
		{ "https://docs.example.com/a/b.md", "/c.md#part", "https://docs.example.com/c.md" },
		{ "https://docs.example.com/a/b.md", "//other.example.com/c", "https://other.example.com/c" },
		{ "https://docs.example.com/a/b.md", "https://docs.example.com/c.md", "https://docs.example.com/c.md" },
		{ "http://docs.example.com/a", "https://docs.example.com/a", "https://docs.example.com/a" },
		{ "https://docs.example.com/a", "http://docs.example.com/a", NULL },
		{ "https://docs.example.com/a", "https://user:word@docs.example.com/a", NULL },
		{ "https://docs.example.com/a", "ftp://docs.example.com/a", NULL },
		{ "https://docs.example.com/a", "file:///etc/passwd", NULL },
		{ "https://docs.example.com/a", "javascript:alert(1)", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf url = BUF_INIT(4096);
		bool leads = url_resolve(cases[i].base, str_of(cases[i].location), &url);
		if (leads != (cases[i].url != NULL))
			fail_msg("%s from %s", cases[i].location, cases[i].base);
		if (leads)
			assert_string_equal(buf_cstr(&url), cases[i].url);
	}
	auto_buf struct buf url = BUF_INIT(4096);
	assert_false(url_resolve("https://docs.example.com/", STR("/a\0b"), &url));
	auto_buf struct buf small = BUF_INIT(8);
	assert_false(url_resolve("https://docs.example.com/", STR("/a"), &small));
}

static void
an_origin_is_scheme_host_and_port(void **state)
{
	(void)state;
	assert_true(url_same_origin("https://docs.example.com/a", "https://DOCS.example.com:443/b?c"));
	assert_true(url_same_origin("http://127.0.0.1:80/a", "http://127.0.0.1/b"));
	assert_false(url_same_origin("https://docs.example.com/", "http://docs.example.com/"));
	assert_false(url_same_origin("https://docs.example.com/", "https://docs.example.com:8443/"));
	assert_false(url_same_origin("https://docs.example.com/", "https://docs.example.com.evil.example/"));
	assert_false(url_same_origin("https://docs.example.com/", "no url"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locations_lead_where_clients_go),
		cmocka_unit_test(an_origin_is_scheme_host_and_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
