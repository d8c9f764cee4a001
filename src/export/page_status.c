/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "base/jsonw.h"
#include "contract/ledger_print.h"
#include "export/page.h"
#include "export/page_docs.h"
#include "export/walk.h"
#include "model/dialect.h"
#include "model/phase.h"
#include "record/latest.h"

enum { API_VERSION = 1 };

static void
write_ms(struct jsonw *w, const char *key, int64_t ns)
{
	if (ns != PHASE_ABSENT)
		jsonw_real(w, key, (double)(ns / NS_PER_US) / 1000.0);
}

static void
write_findings(struct jsonw *w, const struct latest_run *run)
{
	jsonw_int(w, "finding_count", (int64_t)run->finding_count);
	jsonw_open_array(w, "findings");
	for (size_t i = 0; i < run->kept_findings; i++) {
		jsonw_open_object(w, NULL);
		finding_write_members(w, &run->findings[i]);
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

/* Of the last run, in whichever process. */
static void
write_ending(struct jsonw *w, const struct latest_run *run)
{
	if (run->outcome != OUTCOME_INVALID) {
		jsonw_text(w, "outcome", outcome_code(run->outcome));
		jsonw_text(w, "class", outcome_class_name(outcome_class(run->outcome)));
		jsonw_text(w, "blame", blame_name(outcome_blame(run->outcome)));
	}
	jsonw_time(w, "last_run", run->last_run);
	jsonw_time(w, "last_success", run->last_success);
}

static void
write_run(struct jsonw *w, const struct latest_run *run)
{
	jsonw_time(w, "since", run->since);
	write_ms(w, "latency_ms", run->latency_ns);
	write_ms(w, "ttft_ms", run->first_token_ns);
	if (run->http_status > 0)
		jsonw_int(w, "http_status", run->http_status);
	jsonw_text(w, "usage", usage_verdict_name(run->usage));
	jsonw_text(w, "run_id", *run->run_id ? run->run_id : NULL);
	write_findings(w, run);
}

static void
write_probe(struct jsonw *w, const struct export_view *view, const struct endpoint *endpoint, enum probe_kind kind)
{
	static const struct latest_run none = { .outcome = OUTCOME_INVALID };
	const struct latest_run *run = latest_find(view->latest, endpoint, kind);
	if (!run)
		run = &none;
	jsonw_open_object(w, NULL);
	jsonw_text(w, "probe", probe_name(kind));
	jsonw_real(w, "interval_s", (double)endpoint_interval_ns(endpoint, kind) / (double)NS_PER_SEC);
	jsonw_int(w, "runs", (int64_t)run->runs);
	jsonw_int(w, "failures", (int64_t)run->failures);
	jsonw_int(w, "consecutive_failures", run->consecutive_failures);
	write_ending(w, run);
	if (run->runs > 0)
		write_run(w, run);
	else if (run->last_run.us != 0)
		jsonw_bool(w, "before_restart", true);
	jsonw_close_object(w);
}

/* All that was seen in the last runs, with what became of it. */
static void
write_ledger(struct jsonw *w, const struct export_view *view, const struct endpoint *endpoint)
{
	const struct ledger *ledger = view->ledger(view->arg, endpoint);
	if (!ledger)
		return;
	const struct doc_book docs = { page_docs_find, (void *)(uintptr_t)view };
	const struct ledger_view shown = { endpoint, ledger, view->today_days(view->arg), &docs };
	ledger_write(w, "contract", &shown);
	ledger_write_findings(w, "findings", &shown);
}

static void
write_revalidation(struct jsonw *w, const struct export_view *view, const struct endpoint *endpoint)
{
	struct revalidation_status status;
	view->revalidation_status(view->arg, endpoint, &status);
	if (status.began.us == 0)
		return;
	jsonw_text(w, "revalidation", status.pending ? "pending" : revalidation_result_name(status.result));
	jsonw_text(w, "revalidation_trigger", revalidation_trigger_name(status.trigger));
	jsonw_time(w, "revalidation_began", status.began);
	if (!status.pending)
		jsonw_time(w, "revalidation_ended", status.ended);
}

static void
write_endpoint(struct jsonw *w, const char *key, const struct export_view *view, const struct endpoint *endpoint)
{
	jsonw_open_object(w, key);
	jsonw_text(w, "name", endpoint->name);
	jsonw_text(w, "provider", endpoint->provider->name);
	jsonw_text(w, "dialect", endpoint->dialect->name);
	jsonw_text(w, "model", endpoint->model);
	jsonw_text(w, "path", endpoint->path);
	jsonw_bool(w, "enabled", endpoint->enabled);
	write_revalidation(w, view, endpoint);
	jsonw_open_array(w, "probes");
	for (size_t i = 0; i < endpoint->probe_count; i++)
		write_probe(w, view, endpoint, endpoint->probes[i]);
	jsonw_close_array(w);
	jsonw_close_object(w);
}

static void
begin_status(const struct page_request *request, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_int(&w, "version", API_VERSION);
	jsonw_text(&w, "program_version", request->view->version);
	jsonw_time(&w, "started", request->view->started);
	jsonw_time(&w, "now", request->now);
	jsonw_bool(&w, "healthy", !request->view->trouble(request->view->arg));
	jsonw_bool(&w, "ready", request->view->ready(request->view->arg));
	jsonw_open_array(&w, "endpoints");
}

static void
add_endpoint(const struct export_view *view, const struct endpoint *endpoint, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	write_endpoint(&w, NULL, view, endpoint);
}

static void
end_status(const struct export_view *view, struct buf *out)
{
	struct jsonw w;
	buf_text(out, "],\"docs\":");
	jsonw_init(&w, out);
	page_docs_write_list(&w, NULL, view);
	buf_text(out, "}\n");
}

void
page_status(const struct page_request *request, struct page_reply *reply)
{
	static const struct walk_rows rows = {
		.begin = begin_status, .endpoint = add_endpoint, .between = ",", .end = end_status
	};
	reply->status = 200;
	reply->content_type = "application/json";
	reply->stream = walk_stream(request, &rows);
}

void
page_endpoint(const struct page_request *request, struct page_reply *reply)
{
	const struct config *config = request->view->config(request->view->arg);
	const struct endpoint *found = NULL;
	for (size_t i = 0; config && i < config->endpoint_count; i++)
		if (str_eq(request->rest, str_of(config->endpoints[i].name)))
			found = &config->endpoints[i];
	struct jsonw w;
	jsonw_init(&w, &reply->body);
	jsonw_open_object(&w, NULL);
	jsonw_int(&w, "version", API_VERSION);
	if (found)
		write_endpoint(&w, "endpoint", request->view, found);
	else
		jsonw_text(&w, "error", "no such endpoint");
	if (found)
		write_ledger(&w, request->view, found);
	jsonw_close_object(&w);
	buf_char(&reply->body, '\n');
	reply->status = found ? 200 : 404;
	reply->content_type = "application/json";
}
