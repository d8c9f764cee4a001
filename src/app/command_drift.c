/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "app/commands.h"
#include "app/ledger_book.h"
#include "app/options.h"
#include "app/terminal.h"
#include "base/parse.h"

struct drift_options {
	const char *config_file, *format;
};

static const struct option_row rows[] = {
	OPTION_ROW_CONFIG(struct drift_options),
	OPTION_ROW_FORMAT(struct drift_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary drift",
	.operands = "",
	.summary = "Active contract findings. Exit 1 when one above info is not acknowledged, else 0.",
	.rows = rows,
	.more = "'cometcanary drift ack' prints the configuration that acknowledges one.\n",
};

struct ack_options {
	const char *config_file, *until, *reason;
};

static const struct option_row ack_rows[] = {
	OPTION_ROW_CONFIG(struct ack_options),
	{ "until", OPTION_TEXT, "DATE", "the last day on which it holds: YYYY-MM-DD",
	    offsetof(struct ack_options, until), NULL },
	{ "reason", OPTION_TEXT, "TEXT", "why it is no drift, for who reads it later",
	    offsetof(struct ack_options, reason), NULL },
	OPTION_ROWS_END,
};

static const struct option_page ack_page = {
	.program = "cometcanary drift ack",
	.operands = "ENDPOINT RULE [PATH]",
	.summary = "Print the configuration lines that acknowledge a finding until a date. Nothing is changed.",
	.rows = ack_rows,
	.operands_min = 2,
	.operands_max = 3,
};

enum { REPORT_MAX = 64 * 1024 * 1024, TEXT_MAX = 64 * 1024 };

/* ---- the list ---- */

struct list {
	struct buf out;
	struct jsonw w;
	bool json;
	unsigned drifting; /* above info, not acknowledged */
	unsigned shown;
};

static void
add_finding(struct list *list, const struct ledger_view *view, enum probe_kind probe, const struct active_finding *item)
{
	bool drifts = item->finding.severity > SEVERITY_INFO && !ledger_is_acknowledged(view, item);
	list->drifting += drifts;
	list->shown++;
	if (list->json) {
		ledger_write_finding(&list->w, view, probe, item);
		return;
	}
	ledger_print_finding(&list->out, view, probe, item);
}

static void
add_endpoint(struct list *list, const struct ledger_view *view)
{
	bool named = false;
	for (size_t i = 0; i < view->ledger->probe_count; i++) {
		const struct ledger_probe *probe = &view->ledger->probes[i];
		for (size_t j = 0; j < probe->active.count; j++) {
			if (!probe->active.items[j].active)
				continue;
			if (!named && !list->json)
				buf_printf(&list->out, "%s\n", view->endpoint->name);
			if (!named && list->json) {
				jsonw_open_object(&list->w, NULL);
				jsonw_text(&list->w, "endpoint", view->endpoint->name);
				jsonw_open_array(&list->w, "findings");
			}
			named = true;
			add_finding(list, view, probe->kind, &probe->active.items[j]);
		}
	}
	if (named && list->json) {
		jsonw_close_array(&list->w);
		jsonw_close_object(&list->w);
	}
}

static int
print_list(const struct ledger_book *book, bool json)
{
	struct list list = { .out = BUF_INIT(REPORT_MAX), .json = json };
	jsonw_init(&list.w, &list.out);
	if (json) {
		jsonw_open_object(&list.w, NULL);
		jsonw_int(&list.w, "version", 1);
		jsonw_open_array(&list.w, "endpoints");
	}
	for (size_t i = 0; i < book->config->endpoint_count; i++) {
		struct ledger ledger;
		ledger_book_read(book, &book->config->endpoints[i], &ledger);
		const struct ledger_view view = { &book->config->endpoints[i], &ledger, book->today_days, NULL };
		add_endpoint(&list, &view);
		ledger_done(&ledger);
	}
	if (json) {
		jsonw_close_array(&list.w);
		jsonw_close_object(&list.w);
		buf_char(&list.out, '\n');
	} else if (list.shown == 0) {
		buf_text(&list.out, "no active findings\n");
	}
	fwrite(list.out.at, 1, list.out.len, stdout);
	buf_done(&list.out);
	return list.drifting > 0 ? 1 : EX_OK;
}

/* ---- ack ---- */

static int
refuse(const char *text, const char *value)
{
	fprintf(stderr, "%s: %s%s\nTry '%s --help'.\n", ack_page.program, text, value, ack_page.program);
	return EX_USAGE;
}

/* As the configuration writes it. */
static void
add_setting(struct buf *out, const char *key, const char *text)
{
	buf_printf(out, " %s = \"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_char(out, '\\');
		buf_char(out, (unsigned char)*text < ' ' ? ' ' : *text);
	}
	buf_text(out, "\";");
}

static bool
is_active(const struct ledger_book *book, const struct endpoint *endpoint, enum finding_rule rule, const char *path)
{
	struct ledger ledger;
	bool found = false;
	ledger_book_read(book, endpoint, &ledger);
	for (size_t i = 0; i < ledger.probe_count; i++)
		for (size_t j = 0; j < ledger.probes[i].active.count; j++) {
			const struct active_finding *item = &ledger.probes[i].active.items[j];
			bool same = item->finding.rule == rule && (!path || strcmp(item->finding.path, path) == 0);
			found = found || (same && item->active);
		}
	ledger_done(&ledger);
	return found;
}

static int
print_ack(const struct ledger_book *book, const struct ack_options *options, char **operands)
{
	const struct endpoint *endpoint = ledger_book_endpoint(book, operands[0]);
	enum finding_rule rule = finding_rule_from_id(str_of(operands[1]));
	const char *path = operands[2];
	int64_t until_days;
	if (!endpoint)
		return EX_USAGE;
	if (rule == RULE_COUNT)
		return refuse("no such rule: ", operands[1]);
	if (!options->until || !parse_date(str_of(options->until), &until_days))
		return refuse("--until wants a date such as 2027-01-31", "");
	if (until_days < book->today_days)
		return refuse("--until is over: ", options->until);
	if (!options->reason || !*options->reason)
		return refuse("--reason is needed", "");
	if (!endpoint->contract)
		return refuse("the endpoint has no contract that could hold it: ", endpoint->name);
	if (!is_active(book, endpoint, rule, path))
		fprintf(stderr, "%s: no such finding is active now\n", ack_page.program);
	auto_buf struct buf out = BUF_INIT(TEXT_MAX);
	buf_printf(&out,
	    "# in the contract \"%s\"; an element more where acknowledge is there already\nacknowledge = (\n  {",
	    endpoint->contract->name);
	add_setting(&out, "endpoint", endpoint->name);
	add_setting(&out, "rule", finding_rule_id(rule));
	if (path)
		add_setting(&out, "path", path);
	add_setting(&out, "until", options->until);
	add_setting(&out, "reason", options->reason);
	buf_text(&out, " }\n);\n");
	fwrite(out.at, 1, out.len, stdout);
	return EX_OK;
}

static int
acknowledge(const char *config_file, int argc, char **argv)
{
	struct ack_options options = { .config_file = config_file };
	int operand;
	enum option_result parsed = options_parse(&ack_page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	auto_ledger_book struct ledger_book book;
	int code = ledger_book_open(&book, ack_page.program, options.config_file, BOOK_READS);
	return code ? code : print_ack(&book, &options, argv + operand);
}

int
command_drift(const char *config_file, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "ack") == 0)
		return acknowledge(config_file, argc - 1, argv + 1);
	struct drift_options options = { .config_file = config_file };
	int operand;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	auto_ledger_book struct ledger_book book;
	int code = ledger_book_open(&book, page.program, options.config_file, BOOK_READS);
	return code ? code : print_list(&book, terminal_wants_json(options.format));
}
