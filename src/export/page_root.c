/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/escape.h"
#include "export/page.h"
#include "export/walk.h"
#include "record/latest.h"

static void
begin(const struct page_request *request, struct buf *out)
{
	buf_text(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>cometcanary</title>\n<style>\n"
	    "body { font-family: sans-serif; margin: 2em; color: #222; background: #fff }\n"
	    "table { border-collapse: collapse }\n"
	    "th, td { text-align: left; padding: .2em 1em .2em 0; border-bottom: 1px solid #ddd }\n"
	    ".ok { color: #060 } .bad { color: #a00; font-weight: bold } .unsure { color: #850 }\n"
	    "td { white-space: nowrap }\n"
	    "</style>\n</head>\n<body>\n<h1>cometcanary</h1>\n<p>Version ");
	escape_html(out, str_of(request->view->version));
	buf_text(out, ". <a href=\"");
	escape_html(out, str_of(request->web->telemetry_path));
	buf_text(out,
	    "\">Metrics</a>, <a href=\"/api/v1/status\">status as JSON</a>, <a href=\"/api/v1/contracts\">contracts</a>, "
	    "<a href=\"/api/v1/docs\">documents</a>, <a href=\"/-/healthy\">health</a>, "
	    "<a href=\"/-/ready\">readiness</a>.</p>\n"
	    "<table>\n<tr><th>Endpoint</th><th>Probe</th><th>Outcome</th><th>Since</th><th>Last run</th><th>Findings</th></tr>\n");
}

static void
add_cell(struct buf *out, const char *class, const char *text)
{
	buf_printf(out, "<td%s>", class);
	escape_html(out, str_of(text));
	buf_text(out, "</td>");
}

static void
add_time(struct buf *out, struct wall time)
{
	buf_text(out, "<td>");
	if (time.us)
		wall_format_rfc3339(out, time);
	buf_text(out, "</td>");
}

/* Not run yet in this process. */
static void
add_state(struct buf *out, const struct endpoint *endpoint, const struct latest_run *run)
{
	buf_text(out, "<td>");
	buf_text(out, endpoint->enabled ? "not run yet" : "disabled");
	if (run->last_run.us)
		buf_printf(out, "; before the restart: %s",
		    run->outcome != OUTCOME_INVALID ? outcome_code(run->outcome) : "not known any more");
	buf_text(out, "</td>");
}

/* What the last run found, but for what is merely noted. */
static void
add_findings(struct buf *out, const struct latest_run *run)
{
	const char *between = "<td>";
	for (size_t i = 0; i < run->kept_findings; i++) {
		if (run->findings[i].severity == SEVERITY_INFO)
			continue;
		bool breaking = run->findings[i].severity == SEVERITY_BREAKING;
		buf_printf(out, "%s<span class=\"%s\">%s</span>", between, breaking ? "bad" : "unsure",
		    finding_rule_id(run->findings[i].rule));
		between = ", ";
	}
	buf_text(out, *between == '<' ? "<td></td>" : "</td>");
}

static void
add_endpoint(const struct export_view *view, const struct endpoint *endpoint, struct buf *out)
{
	static const struct latest_run none;
	for (size_t i = 0; i < endpoint->probe_count; i++) {
		const struct latest_run *run = latest_find(view->latest, endpoint, endpoint->probes[i]);
		if (!run)
			run = &none;
		bool ok = run->outcome == OUTCOME_OK;
		buf_text(out, "<tr>");
		add_cell(out, "", endpoint->name);
		add_cell(out, "", probe_name(endpoint->probes[i]));
		if (run->runs > 0)
			add_cell(out, ok ? " class=\"ok\"" : " class=\"bad\"", outcome_code(run->outcome));
		else
			add_state(out, endpoint, run);
		add_time(out, run->since);
		add_time(out, run->last_run);
		add_findings(out, run);
		buf_text(out, "</tr>\n");
	}
}

static void
add_document(const struct export_view *view, const struct doc *doc, struct buf *out)
{
	struct doc_status status;
	view->doc_status(view->arg, doc, &status);
	static const char *const classes[DOC_RESULT_COUNT] = { [DOC_UNCHANGED] = " class=\"ok\"",
		[DOC_CHANGED] = " class=\"bad\"",
		[DOC_INCONCLUSIVE] = " class=\"unsure\"" };
	bool looked = status.last_look.us > 0;
	const char *said = !looked ? "not looked at yet"
	    : status.trouble       ? status.trouble
				   : doc_result_name(status.last_result);
	buf_text(out, "<tr>");
	add_cell(out, "", doc->name);
	add_cell(out, "", doc_kind_name(doc->kind));
	add_cell(out, looked ? classes[status.last_result] : "", said);
	if (status.counts.last_check.us > 0)
		buf_printf(out, "<td%s>%zu</td>", status.counts.evidence_missing ? classes[DOC_CHANGED] : "",
		    status.counts.evidence_missing);
	else
		add_cell(out, "", "");
	add_time(out, status.counts.last_change);
	add_time(out, status.counts.last_check);
	buf_text(out, "</tr>\n");
}

static void
end(const struct export_view *view, struct buf *out)
{
	const struct config *config = view->config(view->arg);
	buf_text(out, "</table>\n");
	if (config && config->doc_count > 0)
		buf_text(out,
		    "<h2>Documents</h2>\n<table>\n<tr><th>Document</th><th>Kind</th><th>Last look</th>"
		    "<th>Phrases missing</th><th>Last change</th><th>Last check</th></tr>\n");
	for (size_t i = 0; config && i < config->doc_count; i++)
		add_document(view, &config->docs[i], out);
	buf_text(out, config && config->doc_count > 0 ? "</table>\n" : "");
	buf_text(out, "</body>\n</html>\n");
}

void
page_root(const struct page_request *request, struct page_reply *reply)
{
	static const struct walk_rows rows = { .begin = begin, .endpoint = add_endpoint, .between = "", .end = end };
	reply->status = 200;
	reply->content_type = "text/html; charset=utf-8";
	reply->stream = walk_stream(request, &rows);
}
