/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is no version of a document (an error, a login, another page), what is read of a good one, and what a saved one
 * has to look like.
 */
#include "config.h"

#include "docs/version.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "docs/compare.h"

#define PAGE "# Ask a model\n\nAsk it, and read what it says.\n"
#define SPEC \
	"{\"openapi\":\"3.1.0\",\"paths\":{\"/v1/x\":{\"post\":{\"responses\":{\"200\":{\"description\":\"ok\"}}}}}}"
#define INDEX "# Docs\n\n- [Chat](https://docs.example.com/api/text/chat.md)\n"
#define URL "https://docs.example.com/api/text/chat.md"

static const struct gate {
	enum doc_kind kind;
	int status; /* 0 = 200 */
	const char *from, *media, *body, *why; /* why NULL = it is read */
} gates[] = {
	{ DOC_MARKDOWN, 0, NULL, NULL, PAGE, NULL },
	{ DOC_MARKDOWN, 0, NULL, "text/markdown; charset=utf-8", PAGE, NULL },
	{ DOC_MARKDOWN, 0, NULL, "text/plain", "\xEF\xBB\xBF" PAGE, NULL },
	{ DOC_MARKDOWN, 0, NULL, "application/octet-stream", PAGE, NULL },
	{ DOC_MARKDOWN, 0, "https://DOCS.example.com/elsewhere", NULL, PAGE, NULL },
	{ DOC_OPENAPI, 0, NULL, "application/json", SPEC, NULL },
	{ DOC_OPENAPI, 0, NULL, "application/vnd.oai.openapi+json;version=3.1", SPEC, NULL },
	{ DOC_OPENAPI, 0, NULL, "text/plain", SPEC, NULL },
	{ DOC_INDEX, 0, NULL, "text/plain", INDEX, NULL },
	{ DOC_TEXT, 0, NULL, NULL, "x", NULL },
	{ DOC_MARKDOWN, 0, NULL, NULL, "<Note>\n# T\n</Note>\n\nA page about `<html>` and its kin.\n# Title\n", NULL },

	{ DOC_MARKDOWN, 503, NULL, NULL, PAGE, "HTTP status 503" },
	{ DOC_OPENAPI, 404, NULL, NULL, SPEC, "HTTP status 404" },
	{ DOC_MARKDOWN, 299, NULL, NULL, PAGE, "an HTTP status other than 200" },
	{ DOC_MARKDOWN, 0, "https://login.example.com/", NULL, PAGE, "redirected to another host" },
	{ DOC_MARKDOWN, 0, "http://docs.example.com/api/text/chat.md", NULL, PAGE,
	    "redirected to an unencrypted address" },
	{ DOC_MARKDOWN, 0, "https://docs.example.com/login?next=/api", NULL, PAGE, "a login page" },
	{ DOC_MARKDOWN, 0, NULL, "text/html; charset=utf-8", PAGE, "HTML instead of Markdown" },
	{ DOC_OPENAPI, 0, NULL, "text/html", SPEC, "HTML instead of JSON" },
	{ DOC_INDEX, 0, NULL, "text/html", INDEX, "HTML instead of an index" },
	{ DOC_TEXT, 0, NULL, NULL, "\n <!DOCTYPE html><html></html>", "HTML instead of text" },
	{ DOC_TEXT, 0, NULL, NULL, "<!-- x --><html></html>", "HTML instead of text" },
	{ DOC_MARKDOWN, 0, NULL, "text/markdown", "<html><body># T and more of it, a whole page</body></html>",
	    "HTML instead of Markdown" },
	{ DOC_MARKDOWN, 0, NULL, "image/png", PAGE, "another media type than the document's" },
	{ DOC_MARKDOWN, 0, NULL, "application/json", PAGE, "another media type than the document's" },
	{ DOC_OPENAPI, 0, NULL, "text/markdown", SPEC, "another media type than the document's" },
	{ DOC_MARKDOWN, 0, NULL, NULL, "", "an empty page" },
	{ DOC_TEXT, 0, NULL, NULL, " \r\n\t\n", "an empty page" },
	{ DOC_MARKDOWN, 0, NULL, NULL, "# T\n\nx\n", "too short for a page" },
	{ DOC_MARKDOWN, 0, NULL, NULL, PAGE "\xFF\xFE", "not UTF-8" },
	{ DOC_MARKDOWN, 0, NULL, NULL, "Text, and more text, and no title at all.\n", "a page without a title" },
	{ DOC_MARKDOWN, 0, NULL, NULL, "```\n# only in a sample\n```\n\nText and more text.\n",
	    "a page without a title" },
	{ DOC_MARKDOWN, 0, NULL, NULL, "# Just a moment...\n\nWe look at your browser.\n", "a challenge page" },
	{ DOC_MARKDOWN, 0, NULL, NULL, "# Sign in\n\nWith your account, please.\n", "a login page" },
	{ DOC_MARKDOWN, 0, NULL, NULL, "# Page not found\n\nIt may have been moved.\n", "a not-found page" },
	{ DOC_MARKDOWN, 0, NULL, NULL, "# Example\n\nPlease verify you are human.\n", "a challenge page" },
	{ DOC_TEXT, 0, NULL, NULL, "503 Service Temporarily Unavailable\n", "an error page" },
	{ DOC_OPENAPI, 0, NULL, NULL, "{\"openapi\":\"3.1.0\",\"paths\":{", "JSON that ends early" },
	{ DOC_OPENAPI, 0, NULL, NULL, "openapi: 3.1.0\n", "no JSON" },
	{ DOC_OPENAPI, 0, NULL, NULL, SPEC "x", "something after the JSON" },
	{ DOC_OPENAPI, 0, NULL, NULL, "{\"openapi\":\"3.1.0\"}", "no OpenAPI document" },
	{ DOC_OPENAPI, 0, NULL, NULL, "{\"error\":\"rate limited\"}", "no OpenAPI document" },
	{ DOC_INDEX, 0, NULL, NULL, "# Docs\n\nThere is nothing here to follow.\n", "no link in it" },
	{ DOC_MARKDOWN, 0, NULL, NULL, PAGE "\n````yaml a.json POST /x\nopenapi: [\n````\n",
	    "an OpenAPI block that is no YAML" },
	{ DOC_MARKDOWN, 0, NULL, NULL, PAGE "\n````yaml a.json POST /x\nopenapi: 3.1.0\n````\n",
	    "an OpenAPI block that is no OpenAPI document" },
	{ DOC_MARKDOWN, 0, NULL, NULL, PAGE "\n````yaml a.json POST /x\na: &a [*a]\n````\n",
	    "an OpenAPI block that is no YAML" },
};

static const char *
read_page(const struct gate *gate, struct doc_version *ret_version)
{
	const struct doc_answer answer = { .kind = gate->kind,
		.status = gate->status ? gate->status : 200,
		.url = STR(URL),
		.effective_url = gate->from ? str_of(gate->from) : STR(URL),
		.media_type = str_of(gate->media),
		.body = str_of(gate->body) };
	return doc_read(&answer, ret_version);
}

static void
each_gate_has_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(gates); i++) {
		auto_doc_version struct doc_version version;
		const char *why = read_page(&gates[i], &version);
		const char *want = gates[i].why;
		if ((why == NULL) != (want == NULL) || (why && strcmp(why, want) != 0))
			fail_msg("gates[%zu]: %s, want %s", i, why ? why : "read", want ? want : "read");
		if (why) {
			assert_null(version.memory);
			assert_int_equal(version.fact_count + version.line_count, 0);
		}
	}
}

static void
a_body_over_the_cap_is_refused(void **state)
{
	(void)state;
	auto_doc_version struct doc_version version;
	size_t len = 8 * 1024 * 1024 + 1;
	char *body = test_malloc(len);
	memset(body, 'x', len);
	const struct doc_answer answer = { DOC_TEXT, 200, STR(URL), STR(URL), STR_NONE, { body, len } };
	assert_string_equal(doc_read(&answer, &version), "larger than 8 MiB");
	test_free(body);
}

/* Schemas that refer to each other in all ways unfold without end. */
static void
schemas_without_end_are_refused(void **state)
{
	(void)state;
	auto_buf struct buf body = BUF_INIT(1024 * 1024);
	buf_text(&body,
	    "{\"openapi\":\"3.1.0\",\"paths\":{\"/x\":{\"get\":{\"responses\":{\"200\":{\"content\":"
	    "{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/s0\"}}}}}}}},"
	    "\"components\":{\"schemas\":{");
	for (unsigned i = 0; i < 20; i++) {
		buf_printf(&body, "%s\"s%u\":{\"properties\":{", i ? "," : "", i);
		for (unsigned j = 0; j < 20; j++)
			buf_printf(&body, "%s\"p%u\":{\"$ref\":\"#/components/schemas/s%u\"}", j ? "," : "", j, j);
		buf_text(&body, "}}");
	}
	buf_text(&body, "}}}");
	auto_doc_version struct doc_version version;
	const struct doc_answer answer = { DOC_OPENAPI, 200, STR(URL), STR(URL), STR_NONE, buf_view(&body) };
	assert_string_equal(doc_read(&answer, &version), "more in it than can be compared");
}

static void
phrases_are_found_in_any_spelling(void **state)
{
	(void)state;
	struct str page = STR("It says: \xE2\x80\x9C"
			      "Don\xE2\x80\x99t\n   retry\xE2\x80\x9D a 400.");
	assert_true(doc_mentions(page, "\"don't retry\""));
	assert_true(doc_mentions(page, "RETRY\" A  400"));
	assert_true(doc_mentions(page, ""));
	assert_false(doc_mentions(page, "retry a 500"));
	assert_false(doc_mentions(STR(""), "x"));
}

static void
a_saved_version_is_checked(void **state)
{
	(void)state;
#define SAVED(version, facts, lines) \
	"{\"format\":\"cometcanary-document\",\"version\":" version ",\"url\":\"u\",\"title\":\"t\",\"facts\":" facts \
	",\"lines\":" lines "}"
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{ SAVED("1", "[\"a\",\"1\",\"b\",\"2\"]", "[\"x\"]"), 0 },
		{ SAVED("1", "[]", "[]"), 0 },
		{ SAVED("2", "[]", "[[[[[[1]]]]]]"), -ENOTSUP },
		{ SAVED("0", "[]", "[]"), -EINVAL },
		{ SAVED("\"1\"", "[]", "[]"), -EINVAL },
		{ SAVED("1", "[\"a\"]", "[]"), -EINVAL },
		{ SAVED("1", "[\"b\",\"1\",\"a\",\"2\"]", "[]"), -EINVAL },
		{ SAVED("1", "[\"a\",\"1\",\"a\",\"2\"]", "[]"), -EINVAL },
		{ SAVED("1", "[\"a\",1]", "[]"), -EINVAL },
		{ SAVED("1", "{}", "[]"), -EINVAL },
		{ SAVED("1", "[]", "[1]"), -EINVAL },
		{ SAVED("1", "[]", "null"), -EINVAL },
		{ "", -EINVAL },
		{ "{}", -EINVAL },
		{ "[1]", -EINVAL },
		{ "{\"format\":\"cometcanary-document\",\"version\":1}", -EINVAL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_doc_version struct doc_version version;
		int error = doc_version_restore(str_of(rows[i].text), &version);
		if (error != rows[i].error)
			fail_msg("rows[%zu]: %d", i, error);
	}
}

/* Every cut of a saved version is damage. */
static void
a_cut_version_is_damaged(void **state)
{
	(void)state;
	auto_doc_version struct doc_version version;
	auto_buf struct buf saved = BUF_INIT(64 * 1024);
	assert_null(read_page(&gates[0], &version));
	doc_version_save(&version, &saved);
	for (size_t len = 0; len < saved.len; len++) {
		auto_doc_version struct doc_version cut;
		assert_int_equal(doc_version_restore(str_span(saved.at, len), &cut), -EINVAL);
	}
}

/* What a document says reaches a terminal without its control sequences. */
static void
hostile_text_is_escaped(void **state)
{
	(void)state;
	auto_doc_version struct doc_version before;
	auto_doc_version struct doc_version after;
	auto_doc_diff struct doc_diff diff;
	auto_buf struct buf printed = BUF_INIT(64 * 1024);
	const struct gate one = { .kind = DOC_MARKDOWN, .body = PAGE };
	const struct gate two = { .kind = DOC_MARKDOWN, .body = PAGE "\nIt is \x1B[31mred\x1B[0m and \x7F.\n" };
	assert_null(read_page(&one, &before));
	assert_null(read_page(&two, &after));
	doc_compare(&before, &after, &diff);
	doc_diff_print(&diff, &printed);
	assert_int_equal(diff.changes, 1U << DOC_CHANGE_PROSE);
	for (size_t i = 0; i < printed.len; i++)
		assert_true(printed.at[i] == '\n' || (unsigned char)printed.at[i] >= 0x20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_gate_has_its_reason),
		cmocka_unit_test(a_body_over_the_cap_is_refused),
		cmocka_unit_test(schemas_without_end_are_refused),
		cmocka_unit_test(phrases_are_found_in_any_spelling),
		cmocka_unit_test(a_saved_version_is_checked),
		cmocka_unit_test(a_cut_version_is_damaged),
		cmocka_unit_test(hostile_text_is_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
