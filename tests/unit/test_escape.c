/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/escape.h"
#include "base/jsonw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"

#define FFFD "\xEF\xBF\xBD"

typedef bool escape_fn(struct buf *out, struct str text);

static void
expect(escape_fn *fn, struct str text, const char *want)
{
	auto_buf struct buf out = BUF_INIT(4096);
	assert_true(fn(&out, text));
	assert_string_equal(buf_cstr(&out), want);
}

static void
test_each_grammar(void **state)
{
	(void)state;
	struct str nasty = STR("a\"b\\c\nd\te\x01<&>'\x7f");
	expect(escape_json, nasty, "\"a\\\"b\\\\c\\nd\\te\\u0001<&>'\\u007f\"");
	expect(escape_url, STR("aZ09-._~ /?&=%{\xff\r\n"), "aZ09-._~%20%2F%3F%26%3D%25%7B%FF%0D%0A");
	expect(escape_label, nasty, "a\\\"b\\\\c\\nd" FFFD "e" FFFD "<&>'" FFFD);
	expect(escape_help_text, nasty, "a\"b\\\\c\\nd" FFFD "e" FFFD "<&>'" FFFD);
	expect(escape_help_openmetrics, nasty, "a\\\"b\\\\c\\nd" FFFD "e" FFFD "<&>'" FFFD);
	expect(escape_html, nasty, "a&quot;b\\c\nd\te" FFFD "&lt;&amp;&gt;&#39;" FFFD);
	expect(escape_terminal, nasty, "a\"b\\c d e" FFFD "<&>'" FFFD);
}

static void
test_logfmt_quotes_where_needed(void **state)
{
	(void)state;
	expect(escape_logfmt, STR("gpt-5.4-mini"), "gpt-5.4-mini");
	expect(escape_logfmt, STR(""), "\"\"");
	expect(escape_logfmt, STR("a b"), "\"a b\"");
	expect(escape_logfmt, STR("a=b"), "\"a=b\"");
	expect(escape_logfmt, STR("x\ny"), "\"x\\ny\"");
	expect(escape_logfmt, STR("\xC3\xA9"), "\"\xC3\xA9\"");
}

static void
test_terminal_cannot_be_driven(void **state)
{
	(void)state;
	expect(escape_terminal, STR("\x1b[31mred"), FFFD "[31mred");
	expect(escape_terminal,
	    STR("\xC2\x9B"
		"31m"),
	    FFFD "31m"); /* CSI as one C1 character */
	expect(escape_terminal,
	    STR("a\xE2\x80\xAE"
		"b"),
	    "a" FFFD "b"); /* right-to-left override */
	expect(escape_json, STR("\xC2\x9B"), "\"\\u009b\"");
}

static void
test_bad_utf8_is_replaced(void **state)
{
	(void)state;
	expect(escape_json, STR("\xFF"), "\"" FFFD "\"");
	expect(escape_json, STR("\xC3("), "\"" FFFD "(\"");
	expect(escape_label, STR("\xED\xA0\x80"), FFFD FFFD FFFD);
	expect(escape_html, STR("\xE2\x82"), FFFD FFFD);
	expect(escape_json, STR("\xE2\x82\xAC \xF0\x9F\x90\xA4"), "\"\xE2\x82\xAC \xF0\x9F\x90\xA4\"");
}

static void
test_full_buffer(void **state)
{
	(void)state;
	auto_buf struct buf out = BUF_INIT(4);
	assert_false(escape_json(&out, STR("abcdef")));
	assert_true(out.overflow);
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Whatever the bytes, JSON reads back; and what was valid UTF-8 reads back as it was. */
static void
test_json_round_trip(void **state)
{
	(void)state;
	static const char alphabet[] = "\"\\/\b\f\n\r\t\x1f\x7f a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\xA4\xFF\xC0";
	uint32_t seed = 42;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		size_t len = next_random(&seed) % sizeof(text);
		for (size_t i = 0; i < len; i++)
			text[i] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
		auto_buf struct buf out = BUF_INIT(4096);
		assert_true(escape_json(&out, str_span(text, len)));
		auto_json struct json root = JSON_NOTHING;
		assert_int_equal(json_parse(buf_view(&out), 4, &root), JSON_FINE);
		if (str_is_utf8(str_span(text, len)))
			assert_true(str_eq(json_str(root), str_span(text, len)));
	}
}

static void
test_html_leaves_no_markup(void **state)
{
	(void)state;
	char all[256];
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	auto_buf struct buf out = BUF_INIT(4096);
	assert_true(escape_html(&out, str_span(all, sizeof(all))));
	assert_null(memchr(out.at, '<', out.len));
	assert_null(memchr(out.at, '"', out.len));
	assert_null(memchr(out.at, '\'', out.len));
	assert_true(str_is_utf8(buf_view(&out)));
}

static void
test_jsonw(void **state)
{
	(void)state;
	auto_buf struct buf out = BUF_INIT(4096);
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open_object(&w, NULL);
	jsonw_text(&w, "a", "x\"");
	jsonw_text(&w, "gone", NULL);
	jsonw_open_array(&w, "list");
	jsonw_int(&w, NULL, -7);
	jsonw_open_object(&w, NULL);
	jsonw_close_object(&w);
	jsonw_real(&w, NULL, 0.1);
	jsonw_real(&w, NULL, 1.0 / 0.0);
	jsonw_close_array(&w);
	jsonw_bool(&w, "b", true);
	jsonw_null(&w, "n");
	jsonw_close_object(&w);
	assert_string_equal(buf_cstr(&out), "{\"a\":\"x\\\"\",\"list\":[-7,{},0.1,null],\"b\":true,\"n\":null}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_grammar),
		cmocka_unit_test(test_logfmt_quotes_where_needed),
		cmocka_unit_test(test_terminal_cannot_be_driven),
		cmocka_unit_test(test_bad_utf8_is_replaced),
		cmocka_unit_test(test_full_buffer),
		cmocka_unit_test(test_json_round_trip),
		cmocka_unit_test(test_html_leaves_no_markup),
		cmocka_unit_test(test_jsonw),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
