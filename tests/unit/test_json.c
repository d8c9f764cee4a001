/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/buf.h"

static const struct {
	const char *text;
	enum json_fault fault;
} cases[] = {
	{ "{}", JSON_FINE },
	{ " \t\r\n[1, -2.5e+3, 0, \"\\u00e9\\n\", true, false, null, {\"a\": {}}]\n", JSON_FINE },
	{ "\xEF\xBB\xBF{\"a\":1}", JSON_FINE },
	{ "7", JSON_FINE },
	{ "\"text\"", JSON_FINE },
	{ "", JSON_BLANK },
	{ " \n", JSON_BLANK },
	{ "\xEF\xBB\xBF", JSON_BLANK },
	{ "{\"a\":NaN}", JSON_BROKEN },
	{ "[Infinity]", JSON_BROKEN },
	{ "[1,]", JSON_BROKEN },
	{ "{\"a\":1,}", JSON_BROKEN },
	{ "{'a':1}", JSON_BROKEN },
	{ "{a:1}", JSON_BROKEN },
	{ "[01]", JSON_BROKEN },
	{ "[1.]", JSON_BROKEN },
	{ "[.5]", JSON_BROKEN },
	{ "[+1]", JSON_BROKEN },
	{ "/* c */{}", JSON_BROKEN },
	{ "[\"a\tb\"]", JSON_BROKEN },
	{ "[\"\\x\"]", JSON_BROKEN },
	{ "[\"\\u12g4\"]", JSON_BROKEN },
	{ "[TRUE]", JSON_BROKEN },
	{ "{\"a\":", JSON_CUT },
	{ "{\"a\":tr", JSON_CUT },
	{ "[\"abc", JSON_CUT },
	{ "[\"abc\\", JSON_CUT },
	{ "[1", JSON_CUT },
	{ "[\"\xC3", JSON_CUT },
	{ "[\"\xC3\x28\"]", JSON_BAD_UTF8 },
	{ "[\"\xED\xA0\x80\"]", JSON_BAD_UTF8 },
	{ "[\"\xC0\xAF\"]", JSON_BAD_UTF8 },
	{ "{} x", JSON_TRAILING },
	{ "{}\n\ndata: [DONE]", JSON_TRAILING },
	{ "{}{}", JSON_TRAILING },
};

static void
faults_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct json root;
		enum json_fault fault = json_parse(str_of(cases[i].text), JSON_DEPTH_MAX, &root);
		if (fault != cases[i].fault)
			fail_msg("%s: got %d, want %d", cases[i].text, fault, cases[i].fault);
		json_free(root);
	}
}

static enum json_fault
nested(unsigned depth)
{
	auto_buf struct buf text = BUF_INIT(1 << 20);
	for (unsigned i = 0; i < depth; i++)
		buf_char(&text, '[');
	for (unsigned i = 0; i < depth; i++)
		buf_char(&text, ']');
	struct json root;
	enum json_fault fault = json_parse(buf_view(&text), JSON_DEPTH_MAX, &root);
	json_free(root);
	return fault;
}

static void
depth_is_bounded_exactly(void **state)
{
	(void)state;
	assert_int_equal(nested(JSON_DEPTH_MAX), JSON_FINE);
	assert_int_equal(nested(JSON_DEPTH_MAX + 1), JSON_DEEP);
	assert_int_equal(nested(100000), JSON_DEEP);
}

static void
getters_never_mind_the_type(void **state)
{
	(void)state;
	auto_json struct json root;
	assert_int_equal(json_parse(STR("{\"n\":12,\"r\":1.5,\"s\":\"a\\u0000b\",\"z\":null,\"b\":true,\"l\":[1,2],"
					"\"n\":13,\"big\":18446744073709551615,\"huge\":1e400}"),
			     JSON_DEPTH_MAX, &root),
	    JSON_FINE);
	assert_int_equal(json_int(json_get(root, "n")), 13); /* of duplicate keys the last wins */
	assert_int_equal(json_get(root, "r").kind, JSON_REAL);
	assert_int_equal(json_str(json_get(root, "s")).len, 3);
	assert_int_equal(json_get(root, "z").kind, JSON_NULL);
	assert_int_equal(json_get(root, "nope").kind, JSON_ABSENT);
	assert_int_equal(json_get(json_get(root, "nope"), "x").kind, JSON_ABSENT);
	assert_null(json_str(json_get(root, "n")).at);
	assert_int_equal(json_int(json_at(json_get(root, "l"), 1)), 2);
	assert_int_equal(json_at(json_get(root, "l"), 2).kind, JSON_ABSENT);
	assert_int_equal(json_get(root, "big").kind, JSON_REAL);
	assert_int_equal(json_get(root, "huge").kind, JSON_REAL);
	assert_true(json_truth(json_get(root, "b")));
	struct json_walk walk = { 0 };
	size_t members = 0;
	while (json_next(root, &walk))
		members++;
	assert_int_equal(members, json_count(root));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_are_told_apart),
		cmocka_unit_test(depth_is_bounded_exactly),
		cmocka_unit_test(getters_never_mind_the_type),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
