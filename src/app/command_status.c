/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/commands.h"
#include "app/fetch.h"
#include "app/options.h"
#include "app/terminal.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/loop.h"
#include "transport/transport.h"

struct status_options {
	const char *url, *format;
	bool watch;
};

static const struct option_row rows[] = {
	{ "url", OPTION_TEXT, "URL", "where the daemon serves HTTP [http://127.0.0.1:10077]",
	    offsetof(struct status_options, url), NULL },
	{ "watch", OPTION_SWITCH, NULL, "again every two seconds, until interrupted",
	    offsetof(struct status_options, watch), NULL },
	OPTION_ROW_FORMAT(struct status_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary status",
	.operands = "",
	.summary = "One screen from a running daemon. Exit 0, or 69 when nobody answers.",
	.rows = rows,
};

#define WATCH_NS (2 * NS_PER_SEC)

enum { SCREEN_MAX = 64 * 1024 * 1024, URL_MAX = 4096, JSON_DEPTH = 16, SECOND_LEN = 19 };

struct viewer {
	const struct status_options *options;
	struct loop *loop;
	struct transport *transport;
	const char *url;
};

/* Texts came over HTTP: they are shown without control characters. */
static void
add_text(struct buf *out, struct json object, const char *key, int width)
{
	auto_buf struct buf text = BUF_INIT(URL_MAX);
	struct str value = json_str(json_get(object, key));
	escape_terminal(&text, value.at ? value : STR("-"));
	buf_printf(out, width ? "%-*s " : "%-*s", width, buf_cstr(&text));
}

static void
add_ms(struct buf *out, struct json object, const char *key, int width)
{
	struct json value = json_get(object, key);
	if (json_is_set(value))
		buf_printf(out, "%*.0f ", width, json_real(value));
	else
		buf_printf(out, "%*s ", width, "-");
}

/* "12:03:04" of an RFC 3339 time. */
static struct str
clock_part(struct str time)
{
	return time.len >= 19 ? str_span(time.at + 11, 8) : STR("-");
}

static struct str
date_part(struct str time)
{
	return time.len >= 19 ? str_span(time.at, 10) : STR("-");
}

static enum colour
colour_of(struct json probe)
{
	struct str outcome = json_str(json_get(probe, "outcome"));
	if (!outcome.at || json_truth(json_get(probe, "before_restart")))
		return COLOUR_DIM;
	return str_eq(outcome, STR("ok")) ? COLOUR_GOOD : COLOUR_BAD;
}

static void
add_probe(struct buf *out, struct json endpoint, struct json probe)
{
	add_text(out, endpoint, "name", 20);
	add_text(out, probe, "probe", 14);
	buf_text(out, terminal_colour(stdout, colour_of(probe)));
	add_text(out, probe, "outcome", 22);
	buf_text(out, terminal_colour(stdout, COLOUR_NONE));
	buf_printf(out, "%7lld %7lld ", (long long)json_int(json_get(probe, "runs")),
	    (long long)json_int(json_get(probe, "failures")));
	add_ms(out, probe, "latency_ms", 8);
	add_ms(out, probe, "ttft_ms", 8);
	add_text(out, probe, "usage", 14);
	struct str last = json_str(json_get(probe, "last_run"));
	escape_terminal(out, clock_part(last));
	if (json_truth(json_get(probe, "before_restart"))) {
		buf_text(out, "  of ");
		escape_terminal(out, date_part(last));
		buf_text(out, ", before the restart");
	}
	struct json findings = json_get(probe, "findings");
	for (size_t i = 0; i < json_count(findings); i++) {
		buf_text(out, i ? ", " : "  ");
		escape_terminal(out, json_str(json_get(json_at(findings, i), "rule")));
	}
	buf_char(out, '\n');
}

static enum colour
colour_of_doc(struct json doc)
{
	struct str result = json_str(json_get(doc, "last_result"));
	if (!result.at)
		return COLOUR_DIM;
	return str_eq(result, STR("unchanged")) ? COLOUR_GOOD : COLOUR_WARN;
}

static void
add_docs(struct buf *out, struct json docs)
{
	if (json_count(docs) == 0)
		return;
	buf_printf(out, "\n%s%-20s %-14s %-22s %-20s %s%s\n", terminal_colour(stdout, COLOUR_BOLD), "DOCUMENT", "KIND",
	    "LAST LOOK", "LAST CHANGE", "LACKS  PROBLEM", terminal_colour(stdout, COLOUR_NONE));
	for (size_t i = 0; i < json_count(docs); i++) {
		struct json doc = json_at(docs, i);
		add_text(out, doc, "name", 20);
		add_text(out, doc, "kind", 14);
		buf_text(out, terminal_colour(stdout, colour_of_doc(doc)));
		add_text(out, doc, "last_result", 22);
		buf_text(out, terminal_colour(stdout, COLOUR_NONE));
		auto_buf struct buf changed = BUF_INIT(URL_MAX);
		struct str time = json_str(json_get(doc, "last_change"));
		escape_terminal(&changed, time.len >= SECOND_LEN ? str_span(time.at, SECOND_LEN) : STR("-"));
		buf_printf(
		    out, "%-20s %5lld  ", buf_cstr(&changed), (long long)json_int(json_get(doc, "evidence_missing")));
		if (json_is_set(json_get(doc, "problem")))
			add_text(out, doc, "problem", 0);
		buf_char(out, '\n');
	}
}

static void
add_screen(struct buf *out, struct json root)
{
	bool healthy = json_truth(json_get(root, "healthy")), ready = json_truth(json_get(root, "ready"));
	buf_printf(out, "cometcanaryd ");
	add_text(out, root, "program_version", 0);
	buf_printf(out, " %s%s%s, since ", terminal_colour(stdout, healthy && ready ? COLOUR_GOOD : COLOUR_BAD),
	    !healthy     ? "NOT HEALTHY"
		: !ready ? "not ready"
			 : "healthy",
	    terminal_colour(stdout, COLOUR_NONE));
	add_text(out, root, "started", 0);
	buf_text(out, ", now ");
	add_text(out, root, "now", 0);
	buf_printf(out, "\n\n%s%-20s %-14s %-22s %7s %7s %8s %8s %-14s %s%s\n", terminal_colour(stdout, COLOUR_BOLD),
	    "ENDPOINT", "PROBE", "LAST OUTCOME", "RUNS", "FAILED", "MS", "TTFT MS", "USAGE", "LAST RUN  FINDINGS",
	    terminal_colour(stdout, COLOUR_NONE));
	struct json endpoints = json_get(root, "endpoints");
	for (size_t i = 0; i < json_count(endpoints); i++) {
		struct json endpoint = json_at(endpoints, i), probes = json_get(endpoint, "probes");
		for (size_t p = 0; p < json_count(probes); p++)
			add_probe(out, endpoint, json_at(probes, p));
	}
	add_docs(out, json_get(root, "docs"));
}

static int
show(const struct viewer *viewer)
{
	const char *url = viewer->url;
	auto_fetched struct fetched fetched = { .status = 0 };
	auto_buf struct buf out = BUF_INIT(SCREEN_MAX);
	auto_json struct json root = JSON_NOTHING;
	fetch_get(viewer->loop, viewer->transport, url, &fetched);
	if (fetched.trouble || fetched.status != 200) {
		fprintf(stderr, "cometcanary status: %s: ", url);
		if (fetched.status)
			fprintf(stderr, "status %d\n", fetched.status);
		else
			fprintf(stderr, "no answer (%s)\n", fetched.trouble);
		return EX_UNAVAILABLE;
	}
	if (json_parse(buf_view(&fetched.body), JSON_DEPTH, &root) != JSON_FINE) {
		fprintf(stderr, "cometcanary status: %s: the answer is no JSON: is this a cometcanaryd?\n", url);
		return EX_UNAVAILABLE;
	}
	if (terminal_wants_json(viewer->options->format))
		buf_str(&out, buf_view(&fetched.body));
	else
		add_screen(&out, root);
	if (viewer->options->watch)
		terminal_clear(stdout);
	fwrite(buf_cstr(&out), 1, out.len, stdout);
	fflush(stdout);
	return EX_OK;
}

static void
on_pause_over(void *arg)
{
	loop_stop(arg);
}

static int
show_all(const struct viewer *viewer)
{
	struct loop_timer pause = { .fn = NULL };
	int code = show(viewer);
	while (viewer->options->watch) {
		loop_timer_set(
		    viewer->loop, &pause, mono_add_ns(loop_now(viewer->loop), WATCH_NS), on_pause_over, viewer->loop);
		loop_run(viewer->loop);
		code = show(viewer);
	}
	return code;
}

static int
status(const struct status_options *options)
{
	auto_buf struct buf url = BUF_INIT(URL_MAX);
	struct str base = str_of(options->url);
	while (str_ends(base, STR("/")))
		base.len--;
	buf_printf(&url, "%.*s/api/v1/status", STR_ARG(base));
	const char *why = "the event loop cannot be made";
	struct viewer viewer = { .options = options, .loop = loop_uv_new(), .url = buf_cstr(&url) };
	if (viewer.loop)
		viewer.transport = transport_multi_new(viewer.loop, &why);
	int code = EX_SOFTWARE;
	if (viewer.transport)
		code = show_all(&viewer);
	else
		fprintf(stderr, "cometcanary status: %s\n", why);
	transport_free(viewer.transport);
	loop_free(viewer.loop);
	return code;
}

int
command_status(const char *config_file, int argc, char **argv)
{
	struct status_options options = { .url = "http://127.0.0.1:10077" };
	int operand;
	(void)config_file;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	return status(&options);
}
