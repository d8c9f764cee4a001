/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two versions of a document and what changed between them: each folder of tests/data/docs has before.EXT, after.EXT
 * (md, json, txt = an index, text) and `expected`:
 *
 *   before-url: URL, after-url: URL    where they came from, when that matters
 *   kinds: contract prose              or none
 *   finding: RULE PATH                 what it says against the contract below; none = nothing
 *   + …, - …, ~ …                      the printed difference, all of it
 *
 * The reverse of a pair that differs in nothing but looks has to differ in nothing too, and saving has to change nothing.
 */
#include "config.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "docs/compare.h"
#include "docs_fixture.h"
#include "file.h"
#include "model/doc.h"

enum { TEXT_MAX = 1024 * 1024, PATH_BYTES = 512 };

static const char *const extensions[DOC_KIND_COUNT] = {
	[DOC_MARKDOWN] = "md",
	[DOC_OPENAPI] = "json",
	[DOC_INDEX] = "txt",
	[DOC_TEXT] = "text",
};

struct fixture {
	const char *folder;
	enum doc_kind kind;
	struct buf expected, printed, findings;
	struct str urls[2];
	struct str kinds;
	struct doc_version versions[2];
};

static void
read_expected(struct fixture *f)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof(path), "%s/expected", f->folder);
	if (!file_read(path, &f->expected))
		fail_msg("%s: cannot open", path);
	struct str rest = buf_view(&f->expected);
	while (rest.at) {
		struct str line = str_split(&rest, '\n');
		const char *space = line.len ? memchr(line.at, ' ', line.len) : NULL;
		struct str key = str_span(line.at, space ? (size_t)(space - line.at) : line.len);
		struct str value = space ? str_span(space + 1, line.len - key.len - 1) : STR("");
		if (str_eq(key, STR("before-url:")))
			f->urls[0] = value;
		else if (str_eq(key, STR("after-url:")))
			f->urls[1] = value;
		else if (str_eq(key, STR("kinds:")))
			f->kinds = value;
		else if (str_eq(key, STR("finding:")))
			buf_printf(&f->findings, "%.*s\n", STR_ARG(value));
		else if (line.len > 0)
			buf_printf(&f->printed, "%.*s\n", STR_ARG(line));
	}
}

static void
read_version(struct fixture *f, unsigned which)
{
	char path[PATH_BYTES];
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	snprintf(path, sizeof(path), "%s/%s.%s", f->folder, which ? "after" : "before", extensions[f->kind]);
	if (!file_read(path, &text))
		fail_msg("%s: cannot open", path);
	const struct doc_answer answer = { .kind = f->kind,
		.status = 200,
		.url = f->urls[which],
		.effective_url = f->urls[which],
		.body = buf_view(&text) };
	const char *why = doc_read(&answer, &f->versions[which]);
	if (why)
		fail_msg("%s: %s", path, why);
}

static void
set_up(struct fixture *f, const char *folder)
{
	*f = (struct fixture){ .folder = folder,
		.expected = BUF_INIT(TEXT_MAX),
		.printed = BUF_INIT(TEXT_MAX),
		.findings = BUF_INIT(TEXT_MAX),
		.urls = { STR("https://docs.example.com/page"), STR("https://docs.example.com/page") } };
	char path[PATH_BYTES];
	for (; f->kind < DOC_KIND_COUNT; f->kind++) {
		snprintf(path, sizeof(path), "%s/before.%s", folder, extensions[f->kind]);
		if (access(path, R_OK) == 0)
			break;
	}
	assert_int_not_equal(f->kind, DOC_KIND_COUNT);
	read_expected(f);
	read_version(f, 0);
	read_version(f, 1);
}

static void
tear_down(struct fixture *f)
{
	buf_done(&f->expected);
	buf_done(&f->printed);
	buf_done(&f->findings);
	doc_version_done(&f->versions[0]);
	doc_version_done(&f->versions[1]);
}

static void
print_kinds(struct buf *out, unsigned changes)
{
	for (unsigned i = 0; i < DOC_CHANGE_COUNT; i++)
		if (changes >> i & 1)
			buf_printf(out, "%s%s", out->len ? " " : "", doc_change_name((enum doc_change)i));
	if (out->len == 0)
		buf_text(out, "none");
}

static void
expect_same(const struct fixture *f, const char *what, struct str want, struct str got)
{
	if (!str_eq(want, got))
		fail_msg("%s: %s: want\n%.*s\ngot\n%.*s", f->folder, what, STR_ARG(want), STR_ARG(got));
}

static void
check_difference(struct fixture *f)
{
	auto_doc_diff struct doc_diff diff;
	auto_doc_diff struct doc_diff reverse;
	auto_buf struct buf kinds = BUF_INIT(TEXT_MAX);
	auto_buf struct buf printed = BUF_INIT(TEXT_MAX);
	doc_compare(&f->versions[0], &f->versions[1], &diff);
	print_kinds(&kinds, diff.changes);
	doc_diff_print(&diff, &printed);
	expect_same(f, "kinds", f->kinds, buf_view(&kinds));
	expect_same(f, "difference", buf_view(&f->printed), buf_view(&printed));
	doc_compare(&f->versions[1], &f->versions[0], &reverse);
	if (strstr(f->folder, "cosmetic") && reverse.changes)
		fail_msg("%s: the reverse is a change", f->folder);
}

static void
check_findings(struct fixture *f)
{
	struct findings findings = { 0 };
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	doc_judge(&f->versions[0], &f->versions[1], docs_fixture_endpoint(), &findings);
	for (size_t i = 0; i < findings.count; i++) {
		assert_int_equal(findings.list[i].source, SOURCE_DOCS);
		buf_printf(&text, "%s %s\n", finding_rule_id(findings.list[i].rule), findings.list[i].path);
	}
	expect_same(f, "findings", buf_view(&f->findings), buf_view(&text));
	/* What has not changed no longer contradicts anything but itself. */
	findings = (struct findings){ 0 };
	doc_judge(&f->versions[1], &f->versions[1], docs_fixture_endpoint(), &findings);
	for (size_t i = 0; i < findings.count; i++)
		assert_int_equal(findings.list[i].rule, RULE_DOCS_CONTRADICTION);
}

static void
check_saved(struct fixture *f)
{
	for (unsigned i = 0; i < 2; i++) {
		auto_buf struct buf saved = BUF_INIT(TEXT_MAX);
		auto_doc_version struct doc_version again;
		doc_version_save(&f->versions[i], &saved);
		assert_int_equal(doc_version_restore(buf_view(&saved), &again), 0);
		if (!doc_version_same(&f->versions[i], &again) || !str_eq(f->versions[i].title, again.title))
			fail_msg("%s: saved and restored it is another", f->folder);
	}
}

static void
each_pair_has_its_changes(void **state)
{
	(void)state;
	const char *data = getenv("TEST_DATA");
	char pattern[PATH_BYTES];
	snprintf(pattern, sizeof(pattern), "%s/docs/*", data ? data : "tests/data");
	glob_t found = { 0 };
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 90);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct fixture f;
		set_up(&f, found.gl_pathv[i]);
		check_difference(&f);
		check_findings(&f);
		check_saved(&f);
		tear_down(&f);
	}
	globfree(&found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pair_has_its_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
