/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "app/commands.h"
#include "app/conf_file.h"
#include "app/options.h"
#include "app/pipeline.h"
#include "app/spend.h"
#include "app/tap.h"
#include "app/terminal.h"
#include "base/escape.h"
#include "base/jsonw.h"
#include "base/loop.h"
#include "base/secret.h"
#include "config/load.h"
#include "decode/head.h"
#include "decode/sse.h"
#include "store/store.h"

struct probe_options {
	const char *config_file, *probe, *format;
};

static const struct option_row rows[] = {
	OPTION_ROW_CONFIG(struct probe_options),
	{ "probe", OPTION_TEXT, "KIND", "sync, stream, or a negative probe's name [the endpoint's first]",
	    offsetof(struct probe_options, probe), NULL },
	OPTION_ROW_FORMAT(struct probe_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary probe",
	.operands = "ENDPOINT",
	.summary = "Send one probe now and tell its steps. Exit 0 if the outcome is ok, 1 if not.",
	.rows = rows,
	.operands_min = 1,
	.operands_max = 1,
};

enum { SHOWN_MAX = 4096, EXIT_BUDGET = 5 };

/* One run, and what was shown of it. */
struct telling {
	struct loop *loop;
	const struct secret *secret; /* that must not come back in what is shown; NULL = none */
	bool json; /* nothing is told on the way */
	struct mono start;
	struct sse events;
	bool is_stream;
	unsigned event_count;
	uint64_t body_bytes;
	int exit_code;
};

/* Headers whose values say something and are not made to hold a secret or a text of the model. */
static const char *const shown_headers[] = { "content-type", "content-length", "content-encoding", "date",
	"retry-after", "server", "x-request-id", "x-cometapi-request-id", "request-id", NULL };

static void
tell_step(const struct telling *telling, struct mono at, const char *step, const char *text)
{
	double ms = (double)mono_diff_ns(at, telling->start) / (double)NS_PER_MS;
	printf("  %s%+10.1f ms%s  %-12s %s\n", terminal_colour(stdout, COLOUR_DIM), ms,
	    terminal_colour(stdout, COLOUR_NONE), step, text);
	fflush(stdout);
}

static void
on_request(void *arg, const struct request *request)
{
	struct telling *telling = arg;
	telling->start = clock_mono();
	if (telling->json)
		return;
	printf("%s %s\n", request->method == HTTP_POST ? "POST" : "GET", request->url);
	for (size_t i = 0; i < request->header_count; i++)
		printf("  %s\n", request->headers[i]);
	if (request->secret_header)
		printf("  %.*s: <secret>\n", (int)strcspn(request->secret_header, ":"), request->secret_header);
	if (request->body.len)
		printf("  (%zu bytes of body; cometcanary plan --show-requests shows them)\n", request->body.len);
}

/* A text of the server's choice; not, when it says back the key that it was given. */
static void
add_shown(const struct telling *telling, struct str text, struct buf *out)
{
	escape_terminal(out, secret_is_in(telling->secret, text) ? STR("<secret>") : text);
}

static void
add_header(const struct telling *telling, const struct head *head, const char *name, struct buf *out)
{
	struct str value = head_find(head, name);
	if (!value.at)
		return;
	buf_printf(out, "; %s: ", name);
	add_shown(telling, value, out);
}

static void
on_head(void *arg, struct str bytes)
{
	struct telling *telling = arg;
	struct head head;
	if (telling->json || !head_parse(bytes, &head))
		return;
	auto_buf struct buf text = BUF_INIT(SHOWN_MAX);
	buf_printf(&text, "status %d, %zu bytes", head.status, bytes.len);
	for (size_t i = 0; shown_headers[i]; i++)
		add_header(telling, &head, shown_headers[i], &text);
	tell_step(telling, clock_mono(), "head", buf_cstr(&text));
	telling->is_stream = str_eq_nocase(head_media_type(&head), STR("text/event-stream"));
}

static void
on_event(void *arg, const struct sse_event *event, bool unfinished)
{
	struct telling *telling = arg;
	auto_buf struct buf text = BUF_INIT(SHOWN_MAX);
	buf_printf(&text, "%u: %zu bytes", ++telling->event_count, event->data.len);
	if (event->name.at) {
		buf_text(&text, ", ");
		add_shown(telling, str_is_identifier(event->name) ? event->name : STR("other"), &text);
	}
	if (str_eq(event->data, STR("[DONE]")))
		buf_text(&text, ", the terminal marker");
	if (unfinished)
		buf_text(&text, ", unfinished");
	tell_step(telling, clock_mono(), "event", buf_cstr(&text));
}

static void
on_body(void *arg, struct str bytes)
{
	struct telling *telling = arg;
	telling->body_bytes += bytes.len;
	if (telling->json)
		return;
	if (telling->is_stream) {
		sse_feed(&telling->events, bytes.at, bytes.len);
		return;
	}
	auto_buf struct buf text = BUF_INIT(SHOWN_MAX);
	buf_printf(&text, "%zu bytes", bytes.len);
	tell_step(telling, clock_mono(), "body", buf_cstr(&text));
}

static void
on_end(void *arg, const struct exchange *exchange)
{
	struct telling *telling = arg;
	if (telling->json)
		return;
	if (telling->is_stream)
		sse_end(&telling->events);
	tell_step(
	    telling, exchange->at.end.ns ? exchange->at.end : clock_mono(), "end", exchange_end_name(exchange->end));
	const struct timeline *at = &exchange->at;
	const struct {
		const char *name;
		struct mono done;
	} phases[] = {
		{ "dns", at->dns },
		{ "connect", at->connect },
		{ "tls", at->tls },
		{ "sent", at->sent },
		{ "first byte", at->first_byte },
		{ "head whole", at->head },
		{ "first text", at->first_content },
		{ "end", at->end },
	};
	printf("reached at");
	for (size_t i = 0; i < ARRAY_LEN(phases); i++)
		if (phases[i].done.ns)
			printf("  %s %.1f", phases[i].name,
			    (double)mono_diff_ns(phases[i].done, at->start) / (double)NS_PER_MS);
	printf(" ms\n");
}

static void
tell_findings(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];
		auto_buf struct buf path = BUF_INIT(SHOWN_MAX);
		escape_terminal(&path, str_of(finding->path));
		printf("finding    %s (%s) at %s\n", finding_rule_id(finding->rule), severity_name(finding->severity),
		    buf_cstr(&path));
	}
	if (findings->dropped)
		printf("finding    and %zu more\n", findings->dropped);
}

static void
tell_verdict(const struct record *record)
{
	const struct verdict *verdict = &record->verdict;
	bool ok = verdict->outcome == OUTCOME_OK;
	printf("outcome    %s%s%s: %s\n", terminal_colour(stdout, ok ? COLOUR_GOOD : COLOUR_BAD),
	    outcome_code(verdict->outcome), terminal_colour(stdout, COLOUR_NONE), outcome_text(verdict->outcome));
	if (verdict->underlying != OUTCOME_INVALID)
		printf("underlying %s\n", outcome_code(verdict->underlying));
	if (!ok)
		printf("retryable  %s\n", retryable_name(verdict->retryable));
	const struct usage *usage = &record->reply->usage;
	printf("usage      %s", usage_verdict_name(usage->verdict));
	if (usage->input_tokens != USAGE_ABSENT)
		printf(", %lld in", (long long)usage->input_tokens);
	if (usage->output_tokens != USAGE_ABSENT)
		printf(", %lld out", (long long)usage->output_tokens);
	printf("\n");
	tell_findings(&record->reply->findings);
	printf("run        %.*s\n", STR_ARG(record->run_id));
}

static void
json_phase(struct jsonw *w, const char *key, struct mono start, struct mono done)
{
	if (done.ns)
		jsonw_real(w, key, (double)mono_diff_ns(done, start) / (double)NS_PER_MS);
}

static void
write_json(const struct record *record, struct buf *out)
{
	struct jsonw w;
	const struct timeline *at = &record->exchange->at;
	const struct verdict *verdict = &record->verdict;
	const struct usage *usage = &record->reply->usage;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_text(&w, "endpoint", record->endpoint->name);
	jsonw_text(&w, "probe", probe_name(record->probe));
	jsonw_str(&w, "run_id", record->run_id);
	jsonw_text(&w, "outcome", outcome_code(verdict->outcome));
	jsonw_text(&w, "class", outcome_class_name(outcome_class(verdict->outcome)));
	if (verdict->underlying != OUTCOME_INVALID)
		jsonw_text(&w, "underlying", outcome_code(verdict->underlying));
	bool failed = verdict->outcome != OUTCOME_OK;
	jsonw_text_or_null(&w, "retryable", failed ? retryable_name(verdict->retryable) : NULL);
	if (record->exchange->status)
		jsonw_int(&w, "http_status", record->exchange->status);
	json_phase(&w, "dns_ms", at->start, at->dns);
	json_phase(&w, "connect_ms", at->start, at->connect);
	json_phase(&w, "tls_ms", at->start, at->tls);
	json_phase(&w, "sent_ms", at->start, at->sent);
	json_phase(&w, "first_byte_ms", at->start, at->first_byte);
	json_phase(&w, "first_token_ms", at->start, at->first_content);
	json_phase(&w, "end_ms", at->start, at->end);
	jsonw_text(&w, "usage", usage_verdict_name(usage->verdict));
	if (usage->input_tokens != USAGE_ABSENT)
		jsonw_int(&w, "input_tokens", usage->input_tokens);
	if (usage->output_tokens != USAGE_ABSENT)
		jsonw_int(&w, "output_tokens", usage->output_tokens);
	jsonw_open_array(&w, "findings");
	for (size_t i = 0; i < record->reply->findings.count; i++) {
		jsonw_open_object(&w, NULL);
		finding_write_members(&w, &record->reply->findings.list[i]);
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	jsonw_close_object(&w);
}

static void
on_run_done(void *arg, const struct record *record)
{
	struct telling *telling = arg;
	if (telling->json) {
		auto_buf struct buf text = BUF_INIT(64 * 1024);
		write_json(record, &text);
		puts(buf_cstr(&text));
	} else {
		tell_verdict(record);
	}
	telling->exit_code = record->verdict.outcome == OUTCOME_OK ? EX_OK : 1;
	loop_stop(telling->loop);
}

/* PROBE_COUNT with a message when the endpoint cannot be asked so. */
static enum probe_kind
choose_probe(const struct endpoint *endpoint, const char *name)
{
	if (!name)
		return endpoint->probe_count ? endpoint->probes[0] : PROBE_SYNC;
	enum probe_kind kind = probe_from_name(str_of(name));
	if (kind == PROBE_COUNT)
		fprintf(stderr, "cometcanary probe: there is no probe '%s'\n", name);
	return kind;
}

/* The books of the budgets; without any, or without a store, there is nothing to open. False with a message. */
static bool
open_books(const struct config *config, struct store **ret_store)
{
	auto_buf struct buf why = BUF_INIT(4096);
	const struct store_options options = { .path = config->store.path, .retention_ns = config->store.retention_ns };
	*ret_store = NULL;
	if (config->budget_count == 0 || !*config->store.path)
		return true;
	int error = store_open(&options, &why, ret_store);
	if (error)
		fprintf(stderr, "cometcanary probe: nothing is sent, the budget is not known: %s: %s\n",
		    config->store.path, why.len ? buf_cstr(&why) : strerror(-error));
	return error == 0;
}

static void
on_denied(void *arg, const struct endpoint *endpoint, enum probe_kind probe, struct str run_id)
{
	struct telling *telling = arg;
	(void)run_id;
	fprintf(stderr, "cometcanary probe: nothing is sent: the budget has no room for %s %s\n", endpoint->name,
	    probe_name(probe));
	telling->exit_code = EXIT_BUDGET;
	loop_stop(telling->loop);
}

static int
run_once(struct config *config, const struct endpoint *endpoint, enum probe_kind kind, bool json)
{
	static const struct tap_view view = { on_request, on_head, on_body, on_end };
	static const struct pipeline_hooks hooks = { .denied = on_denied, .done = on_run_done };
	struct store *store;
	if (!open_books(config, &store))
		return EXIT_BUDGET;
	struct loop *loop = loop_uv_new();
	const char *why = NULL;
	struct transport *transport = loop ? transport_multi_new(loop, &why) : NULL;
	if (!transport) {
		fprintf(stderr, "cometcanary probe: %s\n", why ? why : "no event loop can be made");
		loop_free(loop);
		store_close(store);
		return EX_SOFTWARE;
	}
	struct telling telling = {
		.loop = loop, .secret = endpoint_secret(endpoint), .json = json, .exit_code = EX_SOFTWARE
	};
	sse_init(&telling.events, endpoint->caps.line_bytes, endpoint->caps.event_bytes, on_event, &telling);
	struct transport *tap = tap_new(transport, &view, &telling);
	struct pipeline *pipeline = pipeline_new(loop, tap, &hooks, &telling);
	struct spend *spend = spend_new(loop, store, NULL);
	pipeline_set_spend(pipeline, spend);
	if (!json)
		printf("%s%s %s%s: %s\n", terminal_colour(stdout, COLOUR_BOLD), endpoint->name, probe_name(kind),
		    terminal_colour(stdout, COLOUR_NONE), probe_text(kind));
	pipeline_start(pipeline, config, endpoint, kind);
	loop_run(loop);
	pipeline_free(pipeline);
	spend_free(spend);
	store_close(store);
	transport_free(tap);
	transport_free(transport);
	sse_done(&telling.events);
	loop_free(loop);
	return telling.exit_code;
}

static int
probe(const struct probe_options *options, const char *name)
{
	struct config *config = conf_file_load(options->config_file);
	if (!config)
		return EX_CONFIG;
	int code = EX_USAGE;
	const struct endpoint *endpoint = config_find_endpoint(config, name);
	if (!endpoint) {
		fprintf(stderr, "cometcanary probe: %s has no endpoint '%s'\n", options->config_file, name);
	} else {
		enum probe_kind kind = choose_probe(endpoint, options->probe);
		if (kind != PROBE_COUNT)
			code = run_once(config, endpoint, kind, terminal_wants_json(options->format));
	}
	config_release(config);
	return code;
}

int
command_probe(const char *config_file, int argc, char **argv)
{
	struct probe_options options = { .config_file = config_file };
	int operand;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	return probe(&options, argv[operand]);
}
