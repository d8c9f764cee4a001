/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "app/commands.h"
#include "app/ledger_book.h"
#include "app/ledger_store.h"
#include "app/options.h"
#include "app/terminal.h"

struct baseline_options {
	const char *config_file, *format, *probe;
};

static const char *const probes[] = { "sync", "stream", NULL };

static const struct option_row rows[] = {
	OPTION_ROW_CONFIG(struct baseline_options),
	{ "probe", OPTION_TEXT, "KIND", "sync or stream [both]", offsetof(struct baseline_options, probe), probes },
	OPTION_ROW_FORMAT(struct baseline_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary baseline",
	.operands = "show|pin|diff ENDPOINT",
	.summary = "The shape of answers that was learnt from good samples.",
	.rows = rows,
	.operands_min = 2,
	.operands_max = 2,
	.more =
	    "show  its paths: in how many samples, with which types\n"
	    "pin   take what is learnt; where it is pinned, learn it anew from the next good answers. A daemon that runs\n"
	    "      does it within seconds, one that starts later at once\n"
	    "diff  how the last answers differ from it\n",
};

enum { REPORT_MAX = 64 * 1024 * 1024 };

struct work {
	const struct ledger_book *book;
	struct ledger_view view;
	struct buf out;
	struct jsonw w;
	bool json;
	int code;
};

static void
add_title(struct work *work, const struct ledger_probe *probe)
{
	buf_printf(&work->out, "%s, %s: ", work->view.endpoint->name, ledger_probe_name(probe->kind));
	ledger_print_baseline(&work->out, work->view.endpoint->contract, probe);
	buf_char(&work->out, '\n');
}

static void
show(struct work *work, const struct ledger_probe *probe)
{
	if (!work->json)
		add_title(work, probe);
	if (!work->json && probe->baseline)
		baseline_print(probe->baseline, &work->out);
	if (!work->json)
		return;
	jsonw_open_object(&work->w, NULL);
	ledger_write_baseline(&work->w, "baseline", work->view.endpoint->contract, probe);
	if (probe->baseline)
		baseline_write(probe->baseline, &work->w, "paths");
	jsonw_close_object(&work->w);
}

/* What the baseline said about the last answers: the findings of that source, info too. */
static void
diff(struct work *work, const struct ledger_probe *probe)
{
	size_t found = 0;
	if (work->json) {
		jsonw_open_object(&work->w, NULL);
		ledger_write_baseline(&work->w, "baseline", work->view.endpoint->contract, probe);
		jsonw_open_array(&work->w, "differences");
	} else {
		add_title(work, probe);
	}
	for (size_t i = 0; i < probe->active.count; i++) {
		const struct active_finding *item = &probe->active.items[i];
		if (item->finding.source != SOURCE_BASELINE)
			continue;
		found++;
		if (work->json)
			ledger_write_finding(&work->w, &work->view, probe->kind, item);
		else
			ledger_print_finding(&work->out, &work->view, probe->kind, item);
	}
	if (work->json) {
		jsonw_close_array(&work->w);
		jsonw_close_object(&work->w);
	} else if (found == 0) {
		bool compared = ledger_baseline(work->view.ledger, probe->kind);
		buf_text(
		    &work->out, compared ? "  no difference in the last answers\n" : "  nothing is compared with it\n");
	}
}

static void
on_pinned(void *arg, int error)
{
	struct work *work = arg;
	if (error == 0)
		return;
	fprintf(stderr, "%s: %s: %s\n", page.program, work->book->config->store.path, strerror(-error));
	work->code = EX_IOERR;
}

static void
pin(struct work *work, const struct ledger_probe *probe)
{
	ledger_store_put_pin(work->book->store, work->view.endpoint, probe->kind, on_pinned, work);
	ledger_pin((struct ledger *)(uintptr_t)work->view.ledger, probe->kind);
	if (work->code == 0)
		show(work, probe);
}

static const struct verb {
	const char *name;
	void (*fn)(struct work *work, const struct ledger_probe *probe);
	enum book_mode mode;
} verbs[] = {
	{ "show", show, BOOK_READS },
	{ "pin", pin, BOOK_WRITES },
	{ "diff", diff, BOOK_READS },
};

static int
run(const struct ledger_book *book, const struct verb *verb, const char *name, const struct baseline_options *options)
{
	const struct endpoint *endpoint = ledger_book_endpoint(book, name);
	if (!endpoint)
		return EX_USAGE;
	if (!endpoint->contract || endpoint->contract->baseline_mode == BASELINE_OFF) {
		fprintf(stderr, "%s: %s has no contract with a baseline\n", page.program, name);
		return EX_USAGE;
	}
	struct ledger ledger;
	ledger_book_read(book, endpoint, &ledger);
	struct work work = { .book = book,
		.view = { endpoint, &ledger, book->today_days },
		.out = BUF_INIT(REPORT_MAX),
		.json = terminal_wants_json(options->format) };
	jsonw_init(&work.w, &work.out);
	if (work.json) {
		jsonw_open_object(&work.w, NULL);
		jsonw_int(&work.w, "version", 1);
		jsonw_text(&work.w, "endpoint", endpoint->name);
		jsonw_open_array(&work.w, "probes");
	}
	for (size_t i = 0; i < ledger.probe_count; i++) {
		const struct ledger_probe *probe = &ledger.probes[i];
		bool meant = !options->probe || strcmp(options->probe, ledger_probe_name(probe->kind)) == 0;
		if (probe->kind < PROBE_COUNT && !probe_is_negative(probe->kind) && meant)
			verb->fn(&work, probe);
	}
	if (work.json) {
		jsonw_close_array(&work.w);
		jsonw_close_object(&work.w);
		buf_char(&work.out, '\n');
	}
	fwrite(work.out.at, 1, work.out.len, stdout);
	buf_done(&work.out);
	ledger_done(&ledger);
	return work.code;
}

int
command_baseline(const char *config_file, int argc, char **argv)
{
	struct baseline_options options = { .config_file = config_file };
	int operand;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	const struct verb *verb = NULL;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, argv[operand]) == 0)
			verb = &verbs[i];
	if (!verb) {
		fprintf(stderr, "%s: show, pin or diff, not '%s'\n", page.program, argv[operand]);
		return EX_USAGE;
	}
	auto_ledger_book struct ledger_book book;
	int code = ledger_book_open(&book, page.program, options.config_file, verb->mode);
	return code ? code : run(&book, verb, argv[operand + 1], &options);
}
