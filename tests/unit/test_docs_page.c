/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page and one specification, drawn in many ways that mean the same: any two drawings are the same version, whatever
 * the random numbers were. And a change of a word or a type is seen through any of them.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/random.h"
#include "docs/compare.h"

enum { DRAWINGS = 400, TEXT_MAX = 1024 * 1024 };

/* ---- drawing a page ---- */

struct pen {
	struct buf *out;
	struct random *random;
	const char *end; /* of a line */
	const char *word; /* the one that a test may change */
};

static const char *
pick(struct pen *pen, const char *const *choices, size_t count)
{
	return choices[random_below(pen->random, count)];
}
#define PICK(pen, ...) \
	pick(pen, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void
draw_spaces(struct pen *pen, uint64_t most)
{
	for (uint64_t n = random_below(pen->random, most + 1); n > 0; n--)
		buf_char(pen->out, ' ');
}

static void
draw_line(struct pen *pen, const char *text)
{
	buf_text(pen->out, text);
	draw_spaces(pen, 2);
	buf_text(pen->out, pen->end);
}

static void
draw_gap(struct pen *pen)
{
	static const char *const gaps[] = { "", "***", "<br />", "{/* note */}", "</Tip>", "<Tip icon={\"x\"}>",
		"---" };
	for (uint64_t n = random_below(pen->random, 3); n > 0; n--) {
		buf_text(pen->out, pen->end);
		draw_line(pen, gaps[random_below(pen->random, sizeof(gaps) / sizeof(gaps[0]))]);
	}
	buf_text(pen->out, pen->end);
}

static void
draw_cell(struct pen *pen, const char *text)
{
	buf_char(pen->out, '|');
	draw_spaces(pen, 6);
	const char *mark = PICK(pen, "", "**");
	buf_printf(pen->out, "%s%s%s ", mark, text, mark);
	draw_spaces(pen, 6);
}

static void
draw_table(struct pen *pen)
{
	static const char *const cells[3][2] = { { "Name", "Meaning" }, { "alpha", "the first" },
		{ "beta", "the second" } };
	for (size_t i = 0; i < 3; i++) {
		draw_cell(pen, cells[i][0]);
		draw_cell(pen, cells[i][1]);
		draw_line(pen, "|");
		if (i == 0)
			draw_line(pen, PICK(pen, "|---|---|", "| :--- | ---: |", "| ------------- | --- |"));
	}
}

static void
draw_sample(struct pen *pen)
{
	draw_line(pen, "The response:");
	draw_gap(pen);
	const char *mark = PICK(pen, "```", "~~~", "````");
	buf_printf(pen->out, "%sjson", mark);
	draw_line(pen, PICK(pen, "", " Response", " theme={null}"));
	buf_printf(pen->out, "{\"id\":\"id-%u\",", (unsigned)random_below(pen->random, 1000000));
	buf_printf(pen->out, "\"created\":%u,\"model\":\"m-%u\"}", (unsigned)random_below(pen->random, 1000000),
	    (unsigned)random_below(pen->random, 10));
	buf_text(pen->out, pen->end);
	draw_line(pen, mark);
}

static void
draw_page(struct pen *pen)
{
	if (random_below(pen->random, 2)) {
		draw_line(pen, "> ## Documentation Index");
		draw_line(pen, "> Fetch it at: https://docs.example.com/llms.txt");
		buf_text(pen->out, pen->end);
	}
	draw_line(pen, PICK(pen, "# Ask a model", "# Ask A Model", "# Chat"));
	draw_gap(pen);
	buf_text(pen->out, PICK(pen, "Don't keep ", "Don\u2019t keep ", "**Don't** keep ", "Don't  keep\n"));
	buf_text(
	    pen->out, PICK(pen, "the \"key\" ", "the \u201Ckey\u201D ", "the [\"key\"](/keys#a) ", "the `\"key\"` "));
	draw_line(pen, pen->word);
	draw_gap(pen);
	draw_line(pen, PICK(pen, "![A](https://cdn.example.com/a.png?q=1)", "<img src=\"b.png\" width={3} />", ""));
	draw_gap(pen);
	draw_line(pen, PICK(pen, "Send Bearer <API_KEY>.", "Send Bearer $API_KEY.", "Send Bearer {{api-key}}."));
	draw_gap(pen);
	draw_table(pen);
	draw_gap(pen);
	draw_line(pen, PICK(pen, "- one thing", "* one thing", "1. one thing", "7) one thing"));
	draw_gap(pen);
	draw_sample(pen);
}

/* ---- comparing ---- */

static void
read_text(enum doc_kind kind, struct str text, struct doc_version *ret_version)
{
	const struct doc_answer answer = { kind, 200, STR("https://d.example/p"), STR("https://d.example/p"), STR_NONE,
		text };
	const char *why = doc_read(&answer, ret_version);
	if (why)
		fail_msg("%s: %.*s", why, STR_ARG(text));
}

static void
draw_version(struct random *random, const char *word, struct doc_version *ret_version)
{
	auto_buf struct buf page = BUF_INIT(TEXT_MAX);
	struct pen pen = { .out = &page, .random = random, .word = word };
	pen.end = random_below(random, 2) ? "\n" : "\r\n";
	draw_page(&pen);
	read_text(DOC_MARKDOWN, buf_view(&page), ret_version);
}

static void
print_difference(const struct doc_version *a, const struct doc_version *b, unsigned *ret_changes, struct buf *out)
{
	auto_doc_diff struct doc_diff diff;
	doc_compare(a, b, &diff);
	doc_diff_print(&diff, out);
	*ret_changes = diff.changes;
}

static void
two_drawings_of_a_page_are_the_same(void **state)
{
	(void)state;
	struct random random = { 20261128 };
	auto_doc_version struct doc_version first;
	draw_version(&random, "in a page.", &first);
	assert_true(first.line_count >= 6);
	for (unsigned i = 0; i < DRAWINGS; i++) {
		auto_doc_version struct doc_version other;
		auto_buf struct buf difference = BUF_INIT(TEXT_MAX);
		unsigned changes;
		draw_version(&random, "in a page.", &other);
		print_difference(&first, &other, &changes, &difference);
		if (changes)
			fail_msg("drawing %u:\n%s", i, buf_cstr(&difference));
	}
}

static void
a_word_is_seen_in_any_drawing(void **state)
{
	(void)state;
	struct random random = { 4711 };
	for (unsigned i = 0; i < DRAWINGS; i++) {
		auto_doc_version struct doc_version one;
		auto_doc_version struct doc_version two;
		auto_buf struct buf difference = BUF_INIT(TEXT_MAX);
		unsigned changes;
		draw_version(&random, "in a page.", &one);
		draw_version(&random, "in a file.", &two);
		print_difference(&one, &two, &changes, &difference);
		assert_int_equal(changes, 1U << DOC_CHANGE_PROSE);
	}
}

/* ---- a specification in another order ---- */

static const char specification[] =
    "{\"openapi\":\"3.0.3\",\"servers\":[{\"url\":\"https://a.example\"},{\"url\":\"https://b.example\"}],"
    "\"security\":[{\"one\":[]},{\"two\":[],\"three\":[]}],\"paths\":{\"/v1/x\":{\"parameters\":[{\"name\":\"t\","
    "\"in\":\"query\",\"schema\":{\"type\":\"string\"}}],\"get\":{\"responses\":{\"200\":{\"description\":\"a\"}}},"
    "\"post\":{\"requestBody\":{\"content\":{\"application/json\":{\"schema\":{\"allOf\":[{\"type\":\"object\","
    "\"required\":[\"a\",\"b\"],\"properties\":{\"a\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"]},\"b\":{\"oneOf\":["
    "{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/S\"}}]}}},{\"properties\":"
    "{\"c\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/S\"},{\"type\":\"object\",\"required\":[\"k\",\"z\"],"
    "\"properties\":{\"k\":{\"type\":\"integer\"},\"z\":{\"enum\":[1,2]}}}]}}}]}}}},\"responses\":{\"200\":{},"
    "\"400\":{}}}}},\"components\":{\"schemas\":{\"S\":{\"type\":\"object\",\"required\":[\"k\"],\"properties\":{\"k\":"
    "{\"type\":\"string\"},\"again\":{\"$ref\":\"#/components/schemas/S\"}}}},\"securitySchemes\":{\"one\":{\"type\":"
    "\"http\",\"scheme\":\"bearer\"},\"two\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"x-key\"},\"three\":"
    "{\"type\":\"http\",\"scheme\":\"basic\"}}}}";

/* Writes the value with the members of every object, and the elements of every list, in any order: in a specification
 * neither means anything. */
static void
shuffle(struct random *random, struct json value, struct buf *out)
{
	enum { MEMBERS_MAX = 32 };
	struct json values[MEMBERS_MAX];
	const char *keys[MEMBERS_MAX] = { NULL };
	size_t count = 0;
	struct json_walk walk = { 0 };
	if (value.kind == JSON_STRING)
		buf_printf(out, "\"%.*s\"", STR_ARG(json_str(value)));
	else if (value.kind == JSON_INT)
		buf_printf(out, "%d", (int)json_int(value));
	if (value.kind != JSON_OBJECT && value.kind != JSON_ARRAY)
		return;
	while (count < MEMBERS_MAX && json_next(value, &walk)) {
		keys[count] = walk.key;
		values[count++] = walk.value;
	}
	for (size_t i = 0; value.kind == JSON_ARRAY && i < json_count(value); i++)
		values[count++] = json_at(value, i);
	buf_char(out, value.kind == JSON_OBJECT ? '{' : '[');
	for (; count > 0; count--) {
		size_t i = (size_t)random_below(random, count);
		if (keys[i])
			buf_printf(out, "\"%s\":", keys[i]);
		shuffle(random, values[i], out);
		buf_text(out, count > 1 ? "," : "");
		keys[i] = keys[count - 1];
		values[i] = values[count - 1];
	}
	buf_char(out, value.kind == JSON_OBJECT ? '}' : ']');
}

static void
order_is_no_change(void **state)
{
	(void)state;
	struct random random = { 99 };
	auto_json struct json root = JSON_NOTHING;
	auto_doc_version struct doc_version first;
	assert_int_equal(json_parse(str_of(specification), JSON_DEPTH_MAX, &root), JSON_FINE);
	read_text(DOC_OPENAPI, str_of(specification), &first);
	assert_true(first.fact_count > 20);
	for (unsigned i = 0; i < DRAWINGS; i++) {
		auto_buf struct buf text = BUF_INIT(TEXT_MAX);
		auto_doc_version struct doc_version other;
		shuffle(&random, root, &text);
		read_text(DOC_OPENAPI, buf_view(&text), &other);
		if (!doc_version_same(&first, &other))
			fail_msg("another version: %s", buf_cstr(&text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_drawings_of_a_page_are_the_same),
		cmocka_unit_test(a_word_is_seen_in_any_drawing),
		cmocka_unit_test(order_is_no_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
