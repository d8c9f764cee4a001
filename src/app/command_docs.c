/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "app/commands.h"
#include "app/ledger_book.h"
#include "app/options.h"
#include "app/terminal.h"
#include "base/escape.h"
#include "base/jsonw.h"
#include "base/parse.h"
#include "docs/compare.h"

struct docs_options {
	const char *config_file, *format, *back;
};

static const struct option_row rows[] = {
	OPTION_ROW_CONFIG(struct docs_options),
	{ "back", OPTION_TEXT, "N", "diff: the newest version against the one N versions before [1]",
	    offsetof(struct docs_options, back), NULL },
	OPTION_ROW_FORMAT(struct docs_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary docs",
	.operands = "list | show NAME | diff NAME",
	.summary = "The watched documents: their versions, and what changed in them.",
	.rows = rows,
	.operands_min = 1,
	.operands_max = 2,
	.more = "list  every document of the configuration: versions, last look, phrases that are missing\n"
		"show  the facts of its newest version\n"
		"diff  what changed to the newest version from the one before, in facts\n",
};

enum { REPORT_MAX = 64 * 1024 * 1024, TIME_BYTES_MAX = 64 };

struct work {
	const struct ledger_book *book;
	uint64_t back; /* versions */
	struct buf out;
	struct jsonw w;
	bool json;
};

static void
add_time(struct buf *out, struct wall time, int width)
{
	auto_buf struct buf text = BUF_INIT(TIME_BYTES_MAX);
	if (time.us > 0)
		wall_format_rfc3339(&text, time);
	buf_printf(out, "%-*.*s", width, time.us > 0 ? 19 : 1, time.us > 0 ? buf_cstr(&text) : "-");
}

/* 0 and the versions, the newest first; or an exit code after a message. */
static int
read_versions(const struct work *work, const struct doc *doc, struct store_items *ret_items)
{
	char key[DOC_VERSIONS_KEY_BYTES];
	doc_versions_key(doc, key);
	int error = store_read(work->book->store, STORE_DOCUMENT, str_of(key), ret_items);
	if (error)
		fprintf(stderr, "%s: %s: %s\n", page.program, work->book->config->store.path, strerror(-error));
	return error ? EX_NOINPUT : EX_OK;
}

static int
restore(const struct doc *doc, const struct store_item *item, struct doc_version *ret_version)
{
	if (doc_version_restore(item->value, ret_version) == 0)
		return EX_OK;
	fprintf(stderr, "%s: inconclusive: a version of %s in the store is damaged, or of a newer program\n",
	    page.program, doc->name);
	return EX_NOINPUT;
}

/* ---- list ---- */

static void
list_json(
    struct work *work, const struct doc *doc, const struct store_items *items, const struct doc_evidence *evidence)
{
	struct jsonw *w = &work->w;
	jsonw_open_object(w, NULL);
	jsonw_text(w, "name", doc->name);
	jsonw_text(w, "kind", doc_kind_name(doc->kind));
	jsonw_text(w, "url", doc->url);
	jsonw_int(w, "versions", (int64_t)items->count);
	jsonw_time(w, "last_check", evidence->checked);
	if (items->count > 1)
		jsonw_time(w, "last_change", items->list[0].at);
	jsonw_open_array(w, "missing_phrases");
	for (size_t i = 0; i < evidence->count; i++)
		jsonw_text(w, NULL, evidence->missing[i]);
	jsonw_close_array(w);
	jsonw_close_object(w);
}

static void
list_text(
    struct work *work, const struct doc *doc, const struct store_items *items, const struct doc_evidence *evidence)
{
	buf_printf(&work->out, "%-20s %-9s %8zu  ", doc->name, doc_kind_name(doc->kind), items->count);
	add_time(&work->out, evidence->checked, 20);
	add_time(&work->out, items->count > 1 ? items->list[0].at : (struct wall){ 0 }, 20);
	buf_printf(&work->out, " %s\n", doc->url);
	for (size_t i = 0; i < evidence->count; i++) {
		buf_text(&work->out, "  lacks: ");
		escape_terminal(&work->out, str_of(evidence->missing[i]));
		buf_char(&work->out, '\n');
	}
}

static int
list(struct work *work)
{
	const struct config *config = work->book->config;
	int code = EX_OK;
	if (work->json)
		jsonw_open_array(&work->w, "docs");
	else
		buf_printf(&work->out, "%-20s %-9s %8s  %-20s%-20s %s\n", "DOCUMENT", "KIND", "VERSIONS",
		    "LAST CHECK (UTC)", "LAST CHANGE", "URL");
	for (size_t i = 0; code == EX_OK && i < config->doc_count; i++) {
		auto_store_items struct store_items items = { 0 };
		code = read_versions(work, &config->docs[i], &items);
		(work->json ? list_json : list_text)(work, &config->docs[i], &items, &work->book->docs[i]);
	}
	if (work->json)
		jsonw_close_array(&work->w);
	return code;
}

/* ---- show ---- */

static void
show_json(struct work *work, const struct doc_version *version)
{
	struct jsonw *w = &work->w;
	jsonw_str(w, "url", version->url);
	jsonw_str(w, "title", version->title);
	jsonw_open_array(w, "facts");
	for (size_t i = 0; i < version->fact_count; i++) {
		jsonw_open_object(w, NULL);
		jsonw_str(w, "key", version->facts[i].key);
		jsonw_str(w, "value", version->facts[i].value);
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
	jsonw_int(w, "lines", (int64_t)version->line_count);
}

static void
show_text(struct work *work, const struct doc_version *version)
{
	escape_terminal(&work->out, version->title.len ? version->title : STR("(no title)"));
	buf_char(&work->out, '\n');
	escape_terminal(&work->out, version->url);
	buf_printf(&work->out, "\n%zu facts, %zu lines\n\n", version->fact_count, version->line_count);
	for (size_t i = 0; i < version->fact_count; i++) {
		escape_terminal(&work->out, version->facts[i].key);
		buf_text(&work->out, "  ");
		escape_terminal(&work->out, version->facts[i].value);
		buf_char(&work->out, '\n');
	}
}

static int
show(struct work *work, const struct doc *doc, const struct store_items *items)
{
	auto_doc_version struct doc_version version = { 0 };
	int code = restore(doc, &items->list[0], &version);
	if (code == EX_OK)
		(work->json ? show_json : show_text)(work, &version);
	return code;
}

/* ---- diff ---- */

static void
diff_json(struct work *work, const struct doc_diff *found)
{
	static const char *const kinds[] = {
		[DOC_ADDED] = "added", [DOC_REMOVED] = "removed", [DOC_REPLACED] = "replaced"
	};
	struct jsonw *w = &work->w;
	jsonw_open_array(w, "changes");
	for (unsigned i = 0; i < DOC_CHANGE_COUNT; i++)
		if (found->changes >> i & 1)
			jsonw_text(w, NULL, doc_change_name((enum doc_change)i));
	jsonw_close_array(w);
	jsonw_open_array(w, "differences");
	for (size_t i = 0; i < found->count; i++) {
		jsonw_open_object(w, NULL);
		jsonw_text(w, "difference", kinds[found->list[i].kind]);
		jsonw_text(w, "change", doc_change_name(found->list[i].change));
		jsonw_str(w, "key", found->list[i].key);
		jsonw_str(w, "before", found->list[i].before);
		jsonw_str(w, "after", found->list[i].after);
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

static int
diff(struct work *work, const struct doc *doc, const struct store_items *items)
{
	size_t back = work->back;
	auto_doc_version struct doc_version newest = { 0 }, older = { 0 };
	auto_doc_diff struct doc_diff found = { 0 };
	if (back >= items->count) {
		fprintf(stderr, "%s: %s has %zu version%s: nothing to compare with\n", page.program, doc->name,
		    items->count, items->count == 1 ? "" : "s");
		return EX_NOINPUT;
	}
	int code = restore(doc, &items->list[0], &newest);
	if (code == EX_OK)
		code = restore(doc, &items->list[back], &older);
	if (code != EX_OK)
		return code;
	doc_compare(&older, &newest, &found);
	if (work->json) {
		jsonw_time(&work->w, "from", items->list[back].at);
		jsonw_time(&work->w, "to", items->list[0].at);
		diff_json(work, &found);
		return EX_OK;
	}
	buf_printf(&work->out, "%s: from the version of ", doc->name);
	add_time(&work->out, items->list[back].at, 0);
	buf_text(&work->out, " to that of ");
	add_time(&work->out, items->list[0].at, 0);
	buf_text(&work->out, " (UTC)\n");
	doc_diff_print(&found, &work->out);
	if (found.changes == 0)
		buf_text(&work->out, "nothing that counts has changed\n");
	return EX_OK;
}

/* ---- the command ---- */

static const struct verb {
	const char *name;
	int (*fn)(struct work *work, const struct doc *doc, const struct store_items *items);
} verbs[] = { { "show", show }, { "diff", diff } };

static int
one(struct work *work, const struct verb *verb, const char *name)
{
	const struct doc *doc = config_find_doc(work->book->config, name);
	auto_store_items struct store_items items = { 0 };
	if (!doc) {
		fprintf(stderr, "%s: there is no document '%s' in the configuration\n", page.program, name);
		return EX_USAGE;
	}
	int code = read_versions(work, doc, &items);
	if (code != EX_OK)
		return code;
	if (items.count == 0) {
		fprintf(stderr, "%s: %s: no version yet: the daemon has not seen it\n", page.program, name);
		return EX_NOINPUT;
	}
	if (work->json)
		jsonw_text(&work->w, "name", name);
	return verb->fn(work, doc, &items);
}

static int
run(struct work *work, const struct verb *verb, const char *name)
{
	jsonw_init(&work->w, &work->out);
	if (work->json) {
		jsonw_open_object(&work->w, NULL);
		jsonw_int(&work->w, "version", 1);
	}
	int code = verb ? one(work, verb, name) : list(work);
	if (work->json) {
		jsonw_close_object(&work->w);
		buf_char(&work->out, '\n');
	}
	if (code == EX_OK)
		fwrite(work->out.at, 1, work->out.len, stdout);
	return code;
}

int
command_docs(const char *config_file, int argc, char **argv)
{
	struct docs_options options = { .config_file = config_file, .back = "1" };
	int operand;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	const char *word = argv[operand], *name = argv[operand + 1];
	const struct verb *verb = NULL;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, word) == 0)
			verb = &verbs[i];
	bool lists = strcmp(word, "list") == 0;
	uint64_t back;
	bool sound = parse_u64(str_of(options.back), &back) && back > 0;
	if ((!verb && !lists) || (verb && !name) || (lists && name) || !sound) {
		fprintf(stderr,
		    "%s: say list, show NAME or diff NAME, with --back=N for the N-th version before\nTry '%s --help'.\n",
		    page.program, page.program);
		return EX_USAGE;
	}
	auto_ledger_book struct ledger_book book;
	int code = ledger_book_open(&book, page.program, options.config_file, BOOK_READS);
	if (code)
		return code;
	struct work work = {
		.book = &book, .back = back, .out = BUF_INIT(REPORT_MAX), .json = terminal_wants_json(options.format)
	};
	code = run(&work, verb, name);
	buf_done(&work.out);
	return code;
}
