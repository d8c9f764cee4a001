/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the simulator that need no socket: rules, edits of JSON, words, gzip. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/attr.h"
#include "base/json.h"
#include "sim/edit.h"
#include "sim/fault.h"
#include "sim/gzip.h"
#include "sim/profile.h"
#include "sim/words.h"

static void
test_edits(void **state)
{
	(void)state;
	static const struct {
		enum edit_op op;
		const char *path, *value, *json, *wanted;
	} cases[] = {
		{ EDIT_DROP, "a", NULL, "{\"a\":1,\"b\":2}", "{\"b\":2}" },
		{ EDIT_DROP, "$.a.b", NULL, "{\"a\":{\"b\":1,\"c\":[1.5,null,true,\"x\"]}}",
		    "{\"a\":{\"c\":[1.5,null,true,\"x\"]}}" },
		{ EDIT_DROP, "a[].b", NULL, "{\"a\":[{\"b\":1},{\"b\":2,\"c\":3}]}", "{\"a\":[{},{\"c\":3}]}" },
		{ EDIT_DROP, "nothing", NULL, "{\"a\":1}", "{\"a\":1}" },
		{ EDIT_NULL, "a[]", NULL, "{\"a\":[1,2]}", "{\"a\":[null,null]}" },
		{ EDIT_NULL, "a[][]", NULL, "{\"a\":[[1],[2]]}", "{\"a\":[[1],[2]]}" },
		{ EDIT_EMPTY, "a", NULL, "{\"a\":{\"b\":1}}", "{\"a\":{}}" },
		{ EDIT_EMPTY, "a", NULL, "{\"a\":[1]}", "{\"a\":[]}" },
		{ EDIT_EMPTY, "a", NULL, "{\"a\":\"text\"}", "{\"a\":\"\"}" },
		{ EDIT_RETYPE, "a", NULL, "{\"a\":\"text\"}", "{\"a\":4}" },
		{ EDIT_RETYPE, "a", NULL, "{\"a\":12}", "{\"a\":\"12\"}" },
		{ EDIT_RETYPE, "a", NULL, "{\"a\":[1]}", "{\"a\":{}}" },
		{ EDIT_RETYPE, "a", NULL, "{\"a\":true}", "{\"a\":\"true\"}" },
		{ EDIT_RETYPE, "a", NULL, "{\"a\":null}", "{\"a\":0}" },
		{ EDIT_SET, "a.b", "[1,{\"x\":2}]", "{\"a\":{\"b\":0}}", "{\"a\":{\"b\":[1,{\"x\":2}]}}" },
		{ EDIT_SET, "a.new", "\"n\"", "{\"a\":{\"b\":0},\"new\":1}",
		    "{\"a\":{\"b\":0,\"new\":\"n\"},\"new\":1}" },
		{ EDIT_SET, "no.such", "1", "{\"a\":1}", "{\"a\":1}" },
		{ EDIT_NULL_ALL, "", NULL, "{\"a\":1,\"b\":{\"c\":2}}", "{\"a\":null,\"b\":null}" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf out = BUF_INIT(1024);
		assert_true(
		    edit_json(&out, str_of(cases[i].json), cases[i].op, str_of(cases[i].path), str_of(cases[i].value)));
		assert_string_equal(buf_cstr(&out), cases[i].wanted);
	}
	auto_buf struct buf out = BUF_INIT(1024);
	assert_false(edit_json(&out, STR("[DONE]"), EDIT_DROP, STR("a"), STR_NONE));
	assert_false(edit_json(&out, STR("{}"), EDIT_SET, STR("a"), STR("{")));
	assert_int_equal(out.len, 0);
	assert_true(edit_get(&out, STR("{\"a\":{\"b\":[1,2]}}"), STR("a.b")));
	assert_string_equal(buf_cstr(&out), "[1,2]");
}

static void
test_bad_rules(void **state)
{
	(void)state;
	static const struct {
		const char *json, *complaint;
	} cases[] = {
		{ "", "this is no JSON object" },
		{ "[]", "this is no JSON object" },
		{ "{}", "rules[0].faults: must be a list of 1 to 16 faults" },
		{ "{\"rules\":{}}", "rules must be a list, and nothing else may be beside it" },
		{ "{\"rules\":[],\"faults\":[]}", "rules must be a list, and nothing else may be beside it" },
		{ "{\"rules\":[{\"faults\":[\"slow\"]},{\"faults\":[\"slwo\"]}]}",
		    "rules[1].faults: there is no fault \"slwo\": GET /_sim/faults/catalogue lists them" },
		{ "{\"fault\":[\"slow\"]}", "rules[0]: there is no \"fault\" here; known are: label method" },
		{ "{\"\":1,\"faults\":[\"slow\"]}", "rules[0]: there is no \"\" here" },
		{ "{\"stream\":1,\"faults\":[\"slow\"]}", "rules[0]: stream must be true or false" },
		{ "{\"count\":-1,\"faults\":[\"slow\"]}", "rules[0]: count must be a whole number, 0 or more" },
		{ "{\"path\":7,\"faults\":[\"slow\"]}", "rules[0]: path must be a text of at most 256 bytes" },
		{ "{\"probability\":0,\"faults\":[\"slow\"]}", "rules[0]: probability must be above 0 and at most 1" },
		{ "{\"probability\":1.5,\"faults\":[\"slow\"]}",
		    "rules[0]: probability must be above 0 and at most 1" },
		{ "{\"from_ms\":9,\"until_ms\":9,\"faults\":[\"slow\"]}",
		    "rules[0]: until_ms must be later than from_ms" },
		{ "{\"faults\":[{\"fault\":\"slow\",\"byte\":3}]}",
		    "rules[0].faults: slow takes these parameters and no others: bytes=16; ms=100" },
		{ "{\"faults\":[{\"fault\":\"silent\",\"ms\":3}]}",
		    "silent takes these parameters and no others: none" },
		{ "{\"faults\":[{\"fault\":\"slow\",\"ms\":\"3\"}]}", "ms must be a whole number from 0 to 86400000" },
		{ "{\"faults\":[{\"fault\":\"slow\",\"ms\":86400001}]}",
		    "ms must be a whole number from 0 to 86400000" },
		{ "{\"faults\":[\"drop\"]}", "rules[0].faults: drop needs \"path\"" },
		{ "{\"faults\":[{\"fault\":\"error\",\"name\":\"no\"}]}", "there is no error \"no\"" },
		{ "{\"faults\":[{\"fault\":\"line-end\",\"text\":\"no\"}]}", "text \"no\" means nothing to line-end" },
		{ "{\"path\":\"/v1/models\",\"faults\":[\"accept-reset\"]}",
		    "accept-reset happens before anything is asked: its rule matches every connection" },
		{ "{\"faults\":[\"slow\",\"accept-reset\"]}", "a fault of the connection stands alone in its rule" },
		{ "{\"faults\":[\"accept-reset\",\"slow\"]}", "a fault of the connection stands alone in its rule" },
	};
	struct fault_set set = { .seed = 1 };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf error = BUF_INIT(4096);
		uint64_t id;
		assert_false(fault_add(&set, str_of(cases[i].json), (struct mono){ 1 }, &error, &id));
		if (!strstr(buf_cstr(&error), cases[i].complaint))
			fail_msg("%s: %s", cases[i].json, buf_cstr(&error));
		assert_int_equal(set.count, 0);
	}
}

static size_t
hits(struct fault_set *set, const struct fault_target *target)
{
	struct fault_picks picks;
	fault_pick(set, target, &picks);
	return picks.count;
}

static void
add(struct fault_set *set, const char *json)
{
	auto_buf struct buf error = BUF_INIT(4096);
	uint64_t id;
	if (!fault_add(set, str_of(json), (struct mono){ NS_PER_SEC }, &error, &id))
		fail_msg("%s: %s", json, buf_cstr(&error));
}

static void
test_matching(void **state)
{
	(void)state;
	const struct fault_target chat = { .method = STR("POST"),
		.path = STR("/v1/chat/completions"),
		.model = STR("m"),
		.key = STR("demo"),
		.stream = true,
		.now = { 2 * NS_PER_SEC } };
	static const struct {
		const char *json;
		bool hit;
	} cases[] = {
		{ "{\"faults\":[\"slow\"]}", true },
		{ "{\"path\":\"/v1/*\",\"model\":\"m\",\"key\":\"demo\",\"method\":\"POST\",\"stream\":true,\"faults\":[\"slow\"]}",
		    true },
		{ "{\"path\":\"/v1\",\"faults\":[\"slow\"]}", false },
		{ "{\"model\":\"n\",\"faults\":[\"slow\"]}", false },
		{ "{\"key\":\"\",\"faults\":[\"slow\"]}", false },
		{ "{\"method\":\"GET\",\"faults\":[\"slow\"]}", false },
		{ "{\"stream\":false,\"faults\":[\"slow\"]}", false },
		{ "{\"from_ms\":1001,\"faults\":[\"slow\"]}", false },
		{ "{\"from_ms\":1000,\"until_ms\":1001,\"faults\":[\"slow\"]}", true },
		{ "{\"until_ms\":1000,\"faults\":[\"slow\"]}", false },
		{ "{\"after\":1,\"faults\":[\"slow\"]}", false },
		{ "{\"faults\":[\"accept-reset\"]}", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fault_set set = { .seed = 1 };
		add(&set, cases[i].json);
		if ((hits(&set, &chat) == 1) != cases[i].hit)
			fail_msg("%s", cases[i].json);
		fault_clear(&set);
	}
}

static void
test_counting(void **state)
{
	(void)state;
	const struct fault_target any = { .now = { 2 * NS_PER_SEC } };
	struct fault_set set = { .seed = 1 };
	char pattern[16] = "";
	add(&set, "{\"after\":2,\"every\":3,\"count\":2,\"faults\":[\"slow\",\"split\"]}");
	for (size_t i = 0; i < 12; i++)
		pattern[i] = (char)('0' + hits(&set, &any));
	assert_string_equal(pattern, "002002000000");
	assert_int_equal(set.hits[FAULT_slow], 2);
	fault_clear(&set);

	add(&set, "{\"probability\":0.25,\"faults\":[\"slow\"]}");
	size_t count = 0;
	for (size_t i = 0; i < 1000; i++)
		count += hits(&set, &any);
	assert_in_range(count, 200, 300);
	fault_clear(&set);

	add(&set, "{\"from_ms\":500,\"faults\":[{\"fault\":\"refuse\",\"ms\":250}]}");
	struct mono next;
	assert_int_equal(fault_refused_until(&set, (struct mono){ NS_PER_SEC }, &next).ns, 0);
	assert_int_equal(next.ns, 1500 * NS_PER_MS);
	assert_int_equal(fault_refused_until(&set, next, &next).ns, 1750 * NS_PER_MS);
	assert_int_equal(next.ns, 1750 * NS_PER_MS);
	assert_int_equal(fault_refused_until(&set, next, &next).ns, 0);
	assert_int_equal(next.ns, 0);
	assert_int_equal(set.hits[FAULT_refuse], 1);
	fault_clear(&set);
}

static void
test_tokens(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t tokens;
	} cases[] = { { "", 0 }, { "ok", 1 }, { "Reply with the word ok and no other text.", 10 },
		{ "internationalisation", 3 }, { " ", 1 }, { "a  b", 3 }, { "caf\xC3\xA9!", 3 },
		{ "\xF0\x9F\x8C\x8A", 1 } };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(words_count(str_of(cases[i].text)), cases[i].tokens);
	assert_true(str_eq(words_cut(STR("one two three"), 2), STR("one two")));
	assert_true(str_eq(words_asked_for(STR("Reply with the word ok and no other text.")), STR("ok")));
	assert_true(str_eq(words_asked_for(STR("Reply with only the word OK.")), STR("OK")));
	assert_true(str_eq(words_asked_for(STR("Say the word \"maybe\" now")), STR("maybe")));
	assert_null(words_asked_for(STR("Tell me the word ")).at);
	for (uint64_t i = 0; i < 50; i++) {
		auto_buf struct buf text = BUF_INIT(65536);
		words_write(&text, i);
		assert_in_range(words_count(buf_view(&text)), 16, 80);
		assert_true(str_is_utf8(buf_view(&text)));
	}
}

static void
test_gzip(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, 65535, 65536, 200000 };
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		auto_buf struct buf plain = BUF_INIT(1 << 20);
		auto_buf struct buf packed = BUF_INIT(1 << 20);
		auto_buf struct buf back = BUF_INIT(1 << 20);
		for (size_t b = 0; b < sizes[i]; b++)
			buf_char(&plain, (char)(b * 7 % 251));
		gzip_wrap(&packed, buf_view(&plain));
		z_stream z = { .next_in = (Bytef *)packed.at, .avail_in = (uInt)packed.len };
		assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
		z.next_out = (Bytef *)buf_reserve(&back, sizes[i] + 1);
		z.avail_out = (uInt)sizes[i] + 1;
		assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
		assert_int_equal(z.total_out, sizes[i]);
		if (sizes[i] > 0)
			assert_memory_equal(back.at, plain.at, sizes[i]);
		inflateEnd(&z);
	}
}

/* Every name is there once; JSON bodies are JSON. */
static void
test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < error_count(); i++) {
		const struct error_row *row = error_at(i);
		assert_ptr_equal(error_find(str_of(row->name)), row);
		if (row->body[0] == '{' && json_check(str_of(row->body), JSON_DEPTH_MAX) != JSON_FINE)
			fail_msg("%s: no JSON: %s", row->name, row->body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_bad_rules),
		cmocka_unit_test(test_matching),
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
