/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "app/commands.h"
#include "app/conf_file.h"
#include "app/listing.h"
#include "app/options.h"
#include "app/plan_docs.h"
#include "app/terminal.h"
#include "base/arena.h"
#include "base/jsonw.h"
#include "base/parse.h"
#include "config/forecast.h"
#include "config/load.h"
#include "record/exposition.h"
#include "record/metrics.h"
#include "request/build.h"

struct plan_options {
	const char *config_file, *format;
	bool show_requests;
};

static const struct option_row rows[] = {
	OPTION_ROW_CONFIG(struct plan_options),
	{ "show-requests", OPTION_SWITCH, NULL, "every byte that would ever be sent, secrets as <secret>",
	    offsetof(struct plan_options, show_requests), NULL },
	OPTION_ROW_FORMAT(struct plan_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary plan",
	.operands = "",
	.summary = "What a configuration will do in a day at most. Nothing is sent.",
	.rows = rows,
};

static const char *const window_names[] = { [BUDGET_HOUR] = "hour", [BUDGET_DAY] = "day", [BUDGET_MONTH] = "month" };

enum { REPORT_MAX = 256 * 1024 * 1024, REQUEST_MAX = 32 * 1024 * 1024, TITLE_MAX = 256 };

/* In the place of an id that each run makes anew. */
static const struct str sample_run_id = { "00000000000000000000000000", 26 };

/* Counted on the page itself, so that it cannot be wrong. Histogram buckets are series. */
static size_t
count_series(const struct config *config)
{
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, config, (struct wall){ 1 });
	struct exposition *exposition = exposition_new(metrics, EXPOSITION_TEXT);
	auto_buf struct buf text = BUF_INIT(REPORT_MAX);
	while (exposition_render(exposition, &text, REPORT_MAX))
		;
	exposition_free(exposition);
	metrics_free(metrics);
	size_t series = 0;
	struct str rest = buf_view(&text);
	while (rest.at) {
		struct str line = str_split(&rest, '\n');
		series += line.len > 0 && line.at[0] != '#';
	}
	return series;
}

static void
print_request(const struct endpoint *endpoint, enum probe_kind probe, struct buf *out)
{
	struct arena arena;
	struct asked asked;
	struct request request;
	arena_init(&arena, REQUEST_MAX);
	request_ask(endpoint, probe, &asked);
	if (request_build(endpoint, &asked, sample_run_id, &arena, &request) == 0)
		request_print(out, &request);
	request_done(&request);
	arena_done(&arena);
}

/* Of a provider that is asked for its list of models; else 0. */
static int64_t
lists_a_day(const struct provider *provider)
{
	int64_t interval_ns = provider->models_interval_ns;
	return provider->models_path ? (86400 * NS_PER_SEC + interval_ns - 1) / interval_ns : 0;
}

static int64_t
all_lists_a_day(const struct config *config)
{
	int64_t requests = 0;
	for (size_t i = 0; i < config->provider_count; i++)
		requests += lists_a_day(&config->providers[i]);
	return requests;
}

static void
write_list_json(struct jsonw *w, const struct provider *provider, bool show_requests)
{
	jsonw_open_object(w, NULL);
	jsonw_text(w, "provider", provider->name);
	jsonw_real(w, "interval_seconds", (double)provider->models_interval_ns / (double)NS_PER_SEC);
	jsonw_int(w, "requests_per_day", lists_a_day(provider));
	if (show_requests) {
		const struct endpoint endpoint = listing_endpoint(provider);
		auto_buf struct buf request = BUF_INIT(REQUEST_MAX);
		print_request(&endpoint, PROBE_SYNC, &request);
		jsonw_str(w, "request", buf_view(&request));
	}
	jsonw_close_object(w);
}

static double
usd(int64_t usd_micro)
{
	return (double)usd_micro / (double)USD_MICRO;
}

/* A day without failures, and the worst one. */
static void
write_days_json(struct jsonw *w, const struct amount *day, const struct amount *worst, bool priced)
{
	jsonw_int(w, "requests_per_day", day->requests);
	jsonw_int(w, "tokens_per_day", day->tokens);
	if (priced)
		jsonw_real(w, "usd_per_day", usd(day->usd_micro));
	jsonw_int(w, "worst_requests_per_day", worst->requests);
	jsonw_int(w, "worst_tokens_per_day", worst->tokens);
	if (priced)
		jsonw_real(w, "worst_usd_per_day", usd(worst->usd_micro));
}

static void
write_row_json(struct jsonw *w, const struct forecast_row *row, bool show_requests)
{
	jsonw_open_object(w, NULL);
	jsonw_text(w, "endpoint", row->endpoint->name);
	jsonw_text(w, "probe", probe_name(row->probe));
	jsonw_real(w, "interval_seconds", (double)endpoint_interval_ns(row->endpoint, row->probe) / (double)NS_PER_SEC);
	jsonw_int(w, "input_tokens_per_request", row->input_tokens);
	jsonw_int(w, "output_tokens_per_request", row->output_tokens);
	jsonw_int(w, "attempts_per_run", row->attempts);
	jsonw_int(w, "targets_per_run", row->targets);
	jsonw_int(w, "fallbacks_per_day", row->fallbacks);
	write_days_json(w, &row->day, &row->worst, row->endpoint->price);
	if (show_requests) {
		auto_buf struct buf request = BUF_INIT(REQUEST_MAX);
		print_request(row->endpoint, row->probe, &request);
		jsonw_str(w, "request", buf_view(&request));
	}
	jsonw_close_object(w);
}

static void
write_budget_json(struct jsonw *w, const struct forecast_budget *row)
{
	jsonw_open_object(w, NULL);
	jsonw_text(w, "budget", row->budget->name);
	jsonw_text(w, "window", window_names[row->budget->window]);
	write_days_json(w, &row->day, &row->worst, row->worst.usd_micro > 0);
	jsonw_real(w, "lasts_days", row->lasts.days);
	jsonw_bool(w, "lasts_its_window", row->lasts.whole);
	jsonw_real(w, "worst_lasts_days", row->worst_lasts.days);
	jsonw_bool(w, "worst_lasts_its_window", row->worst_lasts.whole);
	jsonw_close_object(w);
}

/* An endpoint with policies: who decides, and who only says what it would do. */
static void
write_policies_json(struct jsonw *w, const struct endpoint *endpoint)
{
	jsonw_open_object(w, NULL);
	jsonw_text(w, "endpoint", endpoint->name);
	jsonw_text(w, "in_force", endpoint->fallback->name);
	jsonw_text(w, "mode", fallback_mode_name(endpoint->fallback->mode));
	jsonw_open_array(w, "compared");
	for (size_t i = 1; i < endpoint->fallback_count; i++)
		jsonw_text(w, NULL, endpoint->fallbacks[i]->name);
	jsonw_close_array(w);
	jsonw_close_object(w);
}

/* With the lists of models, that nobody pays for and no budget limits. */
static struct amount
with_lists(const struct config *config, const struct amount *day)
{
	struct amount sum = *day;
	sum.requests += all_lists_a_day(config);
	return sum;
}

static void
write_json(const struct config *config, const struct forecast *forecast, bool show_requests, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	const struct amount day = with_lists(config, &forecast->day), worst = with_lists(config, &forecast->worst);
	write_days_json(&w, &day, &worst, worst.usd_micro > 0);
	jsonw_int(&w, "series", (int64_t)count_series(config));
	jsonw_open_array(&w, "probes");
	for (size_t i = 0; i < forecast->count; i++)
		write_row_json(&w, &forecast->rows[i], show_requests);
	jsonw_close_array(&w);
	jsonw_open_array(&w, "model_lists");
	for (size_t i = 0; i < config->provider_count; i++)
		if (config->providers[i].models_path)
			write_list_json(&w, &config->providers[i], show_requests);
	jsonw_close_array(&w);
	plan_docs_write(&w, config, show_requests);
	jsonw_open_array(&w, "budgets");
	for (size_t i = 0; i < forecast->budget_count; i++)
		write_budget_json(&w, &forecast->budgets[i]);
	jsonw_close_array(&w);
	jsonw_open_array(&w, "fallbacks");
	for (size_t i = 0; i < config->endpoint_count; i++)
		if (config->endpoints[i].fallback)
			write_policies_json(&w, &config->endpoints[i]);
	jsonw_close_array(&w);
	jsonw_close_object(&w);
	buf_char(out, '\n');
}

/* Dollars with six places: what is not known is a dash. */
static const char *
usd_text(struct buf *buf, bool known, int64_t usd_micro)
{
	buf_reset(buf);
	if (known)
		buf_printf(buf, "%lld.%06lld", (long long)(usd_micro / USD_MICRO), (long long)(usd_micro % USD_MICRO));
	else
		buf_text(buf, "-");
	return buf_cstr(buf);
}

/* NAME, PROBE or WINDOW, EVERY or LASTS, and the figures of a day. */
static void
tell_day(struct buf *out, const char *const texts[3], const struct amount *day, bool priced)
{
	auto_buf struct buf text = BUF_INIT(64);
	buf_printf(out, "%-24s %-16s %9s %13lld %13lld %13s\n", texts[0], texts[1], texts[2], (long long)day->requests,
	    (long long)day->tokens, usd_text(&text, priced, day->usd_micro));
}

/* Below a day without failures, where there is a difference. */
static void
tell_worst(struct buf *out, const char *lasts, const struct amount *worst, const struct amount *day, bool priced)
{
	if (worst->requests != day->requests)
		tell_day(out, (const char *const[]){ "", "  worst case", lasts }, worst, priced);
}

static const char *
lasts_text(struct buf *buf, const struct forecast_lasting *lasting)
{
	buf_reset(buf);
	if (lasting->whole)
		buf_text(buf, "all of it");
	else if (lasting->days >= 1)
		buf_printf(buf, "%.1f d", lasting->days);
	else
		buf_printf(buf, "%.1f h", lasting->days * 24);
	return buf_cstr(buf);
}

static void
tell_budgets(const struct forecast *forecast, struct buf *out)
{
	if (forecast->budget_count == 0)
		return;
	buf_printf(out, "%s%-24s %-16s %9s %13s %13s %13s%s\n", terminal_colour(stdout, COLOUR_BOLD), "BUDGET",
	    "WINDOW", "LASTS", "REQUESTS/DAY", "TOKENS/DAY", "USD/DAY", terminal_colour(stdout, COLOUR_NONE));
	for (size_t i = 0; i < forecast->budget_count; i++) {
		const struct forecast_budget *row = &forecast->budgets[i];
		auto_buf struct buf lasts = BUF_INIT(64);
		bool priced = row->worst.usd_micro > 0;
		const char *const texts[] = { row->budget->name, window_names[row->budget->window],
			lasts_text(&lasts, &row->lasts) };
		tell_day(out, texts, &row->day, priced);
		tell_worst(out, lasts_text(&lasts, &row->worst_lasts), &row->worst, &row->day, priced);
	}
	buf_char(out, '\n');
}

static void
tell_fallbacks(const struct config *config, struct buf *out)
{
	size_t start = out->len;
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		if (!endpoint->fallback)
			continue;
		buf_printf(out, "%s: policy %s (%s)", endpoint->name, endpoint->fallback->name,
		    fallback_mode_name(endpoint->fallback->mode));
		for (size_t k = 1; k < endpoint->fallback_count; k++)
			buf_printf(out, "%s %s", k > 1 ? "," : "; compared with", endpoint->fallbacks[k]->name);
		buf_char(out, '\n');
	}
	if (out->len > start)
		buf_char(out, '\n');
}

static void
tell_lists(const struct config *config, struct buf *out)
{
	for (size_t i = 0; i < config->provider_count; i++) {
		const struct provider *provider = &config->providers[i];
		auto_buf struct buf every = BUF_INIT(64);
		if (!provider->models_path)
			continue;
		format_duration(&every, provider->models_interval_ns);
		buf_printf(out, "%-24s %-16s %9s %13lld %13d %13s\n", provider->name, "(model list)", buf_cstr(&every),
		    (long long)lists_a_day(provider), 0, "-");
	}
}

static void
tell(const struct config *config, const struct forecast *forecast, struct buf *out)
{
	buf_printf(out, "%s%-24s %-16s %9s %13s %13s %13s%s\n", terminal_colour(stdout, COLOUR_BOLD), "ENDPOINT",
	    "PROBE", "EVERY", "REQUESTS/DAY", "TOKENS/DAY", "USD/DAY", terminal_colour(stdout, COLOUR_NONE));
	for (size_t i = 0; i < forecast->count; i++) {
		const struct forecast_row *row = &forecast->rows[i];
		auto_buf struct buf every = BUF_INIT(64);
		format_duration(&every, endpoint_interval_ns(row->endpoint, row->probe));
		const char *const texts[] = { row->endpoint->name, probe_name(row->probe), buf_cstr(&every) };
		tell_day(out, texts, &row->day, row->endpoint->price);
		tell_worst(out, "", &row->worst, &row->day, row->worst.usd_micro > 0);
	}
	tell_lists(config, out);
	const struct amount day = with_lists(config, &forecast->day), worst = with_lists(config, &forecast->worst);
	tell_day(out, (const char *const[]){ "all", "", "" }, &day, worst.usd_micro > 0);
	tell_worst(out, "", &worst, &day, worst.usd_micro > 0);
	buf_char(out, '\n');
	tell_budgets(forecast, out);
	tell_fallbacks(config, out);
	plan_docs_tell(config, out);
	buf_printf(out,
	    "These are upper bounds: every probe on time, every answer as long as its cap, every prompt one token a byte.\n"
	    "The worst case is a day on which every attempt fails and is repeated, and every fallback that would be sent is.\n"
	    "A negative probe that carries the real key is counted as if it were accepted.\n"
	    "%zu series on the metrics page at the start; further outcomes add theirs when they first occur.\n",
	    count_series(config));
}

static void
tell_request(const struct endpoint *endpoint, enum probe_kind probe, const char *title, struct buf *out)
{
	buf_printf(
	    out, "%s--- %s%s\n", terminal_colour(stdout, COLOUR_BOLD), title, terminal_colour(stdout, COLOUR_NONE));
	print_request(endpoint, probe, out);
	buf_char(out, '\n');
}

static void
tell_requests(const struct config *config, const struct forecast *forecast, struct buf *out)
{
	char title[TITLE_MAX];
	for (size_t i = 0; i < forecast->count; i++) {
		const struct forecast_row *row = &forecast->rows[i];
		snprintf(title, sizeof(title), "%s %s", row->endpoint->name, probe_name(row->probe));
		tell_request(row->endpoint, row->probe, title, out);
	}
	for (size_t i = 0; i < config->provider_count; i++) {
		const struct provider *provider = &config->providers[i];
		if (!provider->models_path)
			continue;
		const struct endpoint endpoint = listing_endpoint(provider);
		snprintf(title, sizeof(title), "%s (model list)", provider->name);
		tell_request(&endpoint, PROBE_SYNC, title, out);
	}
	for (size_t i = 0; i < config->doc_count; i++) {
		buf_printf(out, "%s--- %s (document)%s\n", terminal_colour(stdout, COLOUR_BOLD), config->docs[i].name,
		    terminal_colour(stdout, COLOUR_NONE));
		plan_docs_print_request(&config->docs[i], out);
		buf_char(out, '\n');
	}
}

static int
plan(const struct plan_options *options)
{
	struct config *config = conf_file_load_without_secrets(options->config_file);
	if (!config)
		return EX_CONFIG;
	struct forecast forecast = forecast_make(config);
	auto_buf struct buf out = BUF_INIT(REPORT_MAX);
	if (terminal_wants_json(options->format))
		write_json(config, &forecast, options->show_requests, &out);
	else if (options->show_requests)
		tell_requests(config, &forecast, &out);
	else
		tell(config, &forecast, &out);
	fwrite(buf_cstr(&out), 1, out.len, stdout);
	forecast_done(&forecast);
	config_release(config);
	return EX_OK;
}

int
command_plan(const char *config_file, int argc, char **argv)
{
	struct plan_options options = { .config_file = config_file };
	int operand;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	return plan(&options);
}
