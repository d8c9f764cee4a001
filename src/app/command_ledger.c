/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "app/commands.h"
#include "app/ledger_book.h"
#include "app/options.h"

struct ledger_options {
	const char *config_file, *format;
};

static const char *const formats[] = { "text", "markdown", "json", NULL };

static const struct option_row rows[] = {
	OPTION_ROW_CONFIG(struct ledger_options),
	{ "format", OPTION_TEXT, "FORMAT", "text, markdown or json [text]", offsetof(struct ledger_options, format),
	    formats },
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary ledger",
	.operands = "[ENDPOINT]...",
	.summary = "The contract of each endpoint: evidence, what was verified by a probe and when, active findings.",
	.rows = rows,
	.operands_max = -1,
};

enum { REPORT_MAX = 256 * 1024 * 1024 };

/* How one form is written. */
struct form {
	const char *name;
	void (*begin)(struct buf *out, const struct ledger_book *book);
	void (*add)(struct buf *out, const struct ledger_view *view);
	const char *between, *end;
};

static void
add_today(struct buf *out, const struct ledger_book *book)
{
	auto_buf struct buf date = BUF_INIT(64);
	wall_format_rfc3339(&date, (struct wall){ book->today_days * 86400 * US_PER_SEC });
	buf_add(out, date.at, strlen("YYYY-MM-DD"));
}

static void
begin_text(struct buf *out, const struct ledger_book *book)
{
	(void)out, (void)book;
}

static void
begin_markdown(struct buf *out, const struct ledger_book *book)
{
	buf_text(out, "# API contracts, ");
	add_today(out, book);
	buf_text(out, "\n\n");
}

static void
begin_json(struct buf *out, const struct ledger_book *book)
{
	buf_text(out, "{\"version\":1,\"date\":\"");
	add_today(out, book);
	buf_text(out, "\",\"contracts\":[");
}

static void
add_json(struct buf *out, const struct ledger_view *view)
{
	struct jsonw w;
	jsonw_init(&w, out);
	ledger_write(&w, NULL, view);
}

static const struct form forms[] = {
	{ "text", begin_text, ledger_print_text, "\n", "" },
	{ "markdown", begin_markdown, ledger_print_markdown, "\n", "" },
	{ "json", begin_json, add_json, ",", "]}\n" },
};

static const struct form *
find_form(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(forms); i++)
		if (strcmp(forms[i].name, name) == 0)
			return &forms[i];
	return &forms[0];
}

static void
add_endpoint(struct buf *out, const struct ledger_book *book, const struct form *form, const struct endpoint *endpoint)
{
	struct ledger ledger;
	ledger_book_read(book, endpoint, &ledger);
	const struct doc_book docs = { ledger_book_doc, (void *)(uintptr_t)book };
	const struct ledger_view view = { endpoint, &ledger, book->today_days, &docs };
	form->add(out, &view);
	ledger_done(&ledger);
}

static int
print_all(const struct ledger_book *book, const struct form *form, char **names)
{
	auto_buf struct buf out = BUF_INIT(REPORT_MAX);
	const char *between = "";
	form->begin(&out, book);
	for (size_t i = 0; !*names && i < book->config->endpoint_count; i++) {
		buf_text(&out, between);
		add_endpoint(&out, book, form, &book->config->endpoints[i]);
		between = form->between;
	}
	for (; *names; names++) {
		const struct endpoint *endpoint = ledger_book_endpoint(book, *names);
		if (!endpoint)
			return EX_USAGE;
		buf_text(&out, between);
		add_endpoint(&out, book, form, endpoint);
		between = form->between;
	}
	buf_text(&out, form->end);
	fwrite(out.at, 1, out.len, stdout);
	return EX_OK;
}

int
command_ledger(const char *config_file, int argc, char **argv)
{
	struct ledger_options options = { .config_file = config_file };
	int operand;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	auto_ledger_book struct ledger_book book;
	int code = ledger_book_open(&book, page.program, options.config_file, BOOK_READS_IF_THERE);
	return code ? code : print_all(&book, find_form(options.format), argv + operand);
}
