/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/compare.h"

#include "base/attr.h"
#include "../unit/docs_fixture.h"

#include "fuzz.h"

/* The first byte says the kind; then come two documents, a line "=====" between them. Properties: what is read is read
 * back the same after saving; a version differs from itself in nothing; two that are the same differ in nothing; what
 * is printed of a difference has no control characters; judging breaks nothing; and no text at all breaks restoring. */

enum { TEXT_BYTES = 16 << 20 };

static struct str
cut_document(struct str *rest)
{
	static const struct str mark = { "\n=====\n", 7 };
	const char *end = rest->len ? memmem(rest->at, rest->len, mark.at, mark.len) : NULL;
	struct str document = str_span(rest->at, end ? (size_t)(end - rest->at) : rest->len);
	*rest = end ? str_span(end + mark.len, rest->len - document.len - mark.len) : STR("");
	return document;
}

static bool
read_one(enum doc_kind kind, struct str body, const char *url, struct doc_version *ret_version)
{
	const struct doc_answer answer = { kind, 200, str_of(url), str_of(url), STR_NONE, body };
	const char *why = doc_read(&answer, ret_version);
	FUZZ_REQUIRE((why == NULL) == (ret_version->memory != NULL));
	for (size_t i = 1; i < ret_version->fact_count; i++)
		FUZZ_REQUIRE(!str_eq(ret_version->facts[i - 1].key, ret_version->facts[i].key));
	return why == NULL;
}

static void
save_and_restore(const struct doc_version *version)
{
	auto_buf struct buf text = BUF_INIT(TEXT_BYTES);
	auto_doc_version struct doc_version again;
	doc_version_save(version, &text);
	FUZZ_REQUIRE(!text.overflow);
	FUZZ_REQUIRE(doc_version_restore(buf_view(&text), &again) == 0);
	FUZZ_REQUIRE(doc_version_same(version, &again));
}

static unsigned
compare(const struct doc_version *before, const struct doc_version *after)
{
	auto_doc_diff struct doc_diff diff;
	auto_buf struct buf printed = BUF_INIT(TEXT_BYTES);
	static struct findings findings;
	doc_compare(before, after, &diff);
	doc_diff_print(&diff, &printed);
	for (size_t i = 0; i < printed.len; i++)
		FUZZ_REQUIRE((unsigned char)printed.at[i] >= 0x20 || printed.at[i] == '\n');
	findings = (struct findings){ 0 };
	doc_judge(before, after, docs_fixture_endpoint(), &findings);
	FUZZ_REQUIRE(findings.count <= FINDINGS_MAX);
	return diff.changes;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_input(data, size);
	auto_doc_version struct doc_version restored;
	auto_doc_version struct doc_version first;
	auto_doc_version struct doc_version second = { 0 };
	(void)!doc_version_restore(rest, &restored);
	if (rest.len == 0) {
		first = (struct doc_version){ 0 };
		return 0;
	}
	enum doc_kind kind = (enum doc_kind)((unsigned char)rest.at[0] % DOC_KIND_COUNT);
	rest = str_span(rest.at + 1, rest.len - 1);
	struct str one = cut_document(&rest), two = cut_document(&rest);
	doc_mentions(one, "a \"phrase\"");
	if (!read_one(kind, one, "https://d.example/a", &first))
		return 0;
	save_and_restore(&first);
	FUZZ_REQUIRE(compare(&first, &first) == 0);
	if (!read_one(kind, two, "https://d.example/a", &second))
		return 0;
	unsigned there = compare(&first, &second), back = compare(&second, &first);
	FUZZ_REQUIRE(!doc_version_same(&first, &second) || (there == 0 && back == 0));
	return 0;
}
