/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/page_docs.h"

#include "export/page.h"

enum { API_VERSION = 1 };

static void
write_changes(struct jsonw *w, const char *key, unsigned changes)
{
	jsonw_open_array(w, key);
	for (unsigned i = 0; i < DOC_CHANGE_COUNT; i++)
		if (changes >> i & 1)
			jsonw_text(w, NULL, doc_change_name((enum doc_change)i));
	jsonw_close_array(w);
}

/* What a list of documents shows of each. */
static void
write_short(struct jsonw *w, const struct doc *doc, const struct doc_status *status)
{
	jsonw_text(w, "name", doc->name);
	jsonw_text(w, "kind", doc_kind_name(doc->kind));
	jsonw_time(w, "last_look", status->last_look);
	if (status->last_look.us > 0)
		jsonw_text(w, "last_result", doc_result_name(status->last_result));
	jsonw_text(w, "problem", status->trouble);
	jsonw_time(w, "last_check", status->counts.last_check);
	jsonw_time(w, "last_change", status->counts.last_change);
	if (status->last_changes)
		write_changes(w, "last_changes", status->last_changes);
	if (status->sightings > 0)
		jsonw_int(w, "unconfirmed_sightings", status->sightings);
	if (status->counts.last_check.us > 0)
		jsonw_int(w, "evidence_missing", (int64_t)status->counts.evidence_missing);
}

const struct doc_evidence *
page_docs_find(void *arg, const char *name)
{
	const struct export_view *view = arg;
	const struct config *config = view->config(view->arg);
	const struct doc *doc = config ? config_find_doc(config, name) : NULL;
	struct doc_status status = { .evidence = NULL };
	if (doc)
		view->doc_status(view->arg, doc, &status);
	return status.evidence;
}

static void
write_whole(struct jsonw *w, const struct doc *doc, const struct doc_status *status)
{
	const struct doc_counts *counts = &status->counts;
	write_short(w, doc, status);
	jsonw_text(w, "url", doc->url);
	jsonw_str(w, "effective_url", status->url);
	jsonw_real(w, "interval_s", (double)doc->interval_ns / (double)NS_PER_SEC);
	jsonw_int(w, "confirm", doc->confirm);
	jsonw_bool(w, "revalidate", doc->revalidate);
	jsonw_int(w, "unchanged_checks", (int64_t)counts->checks[DOC_UNCHANGED]);
	jsonw_int(w, "changed_checks", (int64_t)counts->checks[DOC_CHANGED]);
	jsonw_int(w, "inconclusive_checks", (int64_t)counts->checks[DOC_INCONCLUSIVE]);
	jsonw_open_array(w, "missing_phrases");
	for (size_t i = 0; i < counts->evidence_missing; i++)
		jsonw_text(w, NULL, status->evidence->missing[i]);
	jsonw_close_array(w);
	jsonw_open_array(w, "endpoints");
	for (size_t i = 0; i < doc->relying_count; i++)
		jsonw_text(w, NULL, doc->relying[i]->name);
	jsonw_close_array(w);
}

static void
write_all(struct jsonw *w, const char *key, const struct export_view *view,
    void (*write)(struct jsonw *w, const struct doc *doc, const struct doc_status *status))
{
	const struct config *config = view->config(view->arg);
	jsonw_open_array(w, key);
	for (size_t i = 0; config && i < config->doc_count; i++) {
		struct doc_status status;
		view->doc_status(view->arg, &config->docs[i], &status);
		jsonw_open_object(w, NULL);
		write(w, &config->docs[i], &status);
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

void
page_docs_write_list(struct jsonw *w, const char *key, const struct export_view *view)
{
	write_all(w, key, view, write_short);
}

void
page_docs(const struct page_request *request, struct page_reply *reply)
{
	struct jsonw w;
	jsonw_init(&w, &reply->body);
	jsonw_open_object(&w, NULL);
	jsonw_int(&w, "version", API_VERSION);
	jsonw_time(&w, "now", request->now);
	write_all(&w, "docs", request->view, write_whole);
	jsonw_close_object(&w);
	buf_char(&reply->body, '\n');
	reply->status = 200;
	reply->content_type = "application/json";
}
