/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/docs.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct doc_series *
docs_find(const struct doc_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

void
docs_configure(struct doc_list *list, const struct config *config)
{
	struct doc_list fresh = { xcalloc(config->doc_count + 1, sizeof(struct doc_series)), config->doc_count };
	for (size_t i = 0; i < config->doc_count; i++) {
		const char *name = config->docs[i].name;
		const struct doc_series *old = docs_find(list, name);
		struct doc_series *series = &fresh.items[i];
		if (old)
			series->counts = old->counts;
		series->name = xstrdup(name);
		series->labels = series_label("doc", name);
	}
	docs_done(list);
	*list = fresh;
}

struct doc_list
docs_copy(const struct doc_list *list)
{
	struct doc_list copy = { xcalloc(list->count + 1, sizeof(struct doc_series)), list->count };
	for (size_t i = 0; i < list->count; i++) {
		copy.items[i] = list->items[i];
		copy.items[i].name = xstrdup(list->items[i].name);
		copy.items[i].labels = xstrdup(list->items[i].labels);
	}
	return copy;
}

void
docs_done(struct doc_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].labels);
	}
	free(list->items);
	*list = (struct doc_list){ 0 };
}

static struct sample
of_doc(const struct family_item *item)
{
	return (struct sample){ .labels = str_of(item->doc->labels) };
}

void
docs_write_checks(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_doc(item);
	sample.key = "result";
	for (unsigned i = 0; i < DOC_RESULT_COUNT; i++) {
		sample.value = doc_result_name((enum doc_result)i);
		sample_u64(w, &sample, item->doc->counts.checks[i]);
	}
}

void
docs_write_changes(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_doc(item);
	sample.key = "kind";
	for (unsigned i = 0; i < DOC_CHANGE_COUNT; i++) {
		sample.value = doc_change_name((enum doc_change)i);
		sample_u64(w, &sample, item->doc->counts.changes[i]);
	}
}

void
docs_write_last_check(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_doc(item);
	if (item->doc->counts.last_check.us)
		sample_time(w, &sample, item->doc->counts.last_check);
}

void
docs_write_last_change(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_doc(item);
	if (item->doc->counts.last_change.us)
		sample_time(w, &sample, item->doc->counts.last_change);
}

/* Known once the document has been looked at. */
void
docs_write_evidence_missing(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_doc(item);
	if (item->doc->counts.last_check.us)
		sample_u64(w, &sample, item->doc->counts.evidence_missing);
}

/* For endpoints that a document sets off all of them exist at 0, for others those that have happened. */
void
docs_write_revalidations(struct sample_writer *w, const struct family_item *item)
{
	const struct endpoint_series *endpoint = item->endpoint;
	for (unsigned trigger = 0; trigger < TRIGGER_COUNT; trigger++) {
		for (unsigned result = 0; result < REVALIDATION_COUNT; result++) {
			uint64_t count = endpoint->revalidations[trigger][result];
			if (count == 0 && !endpoint->documented)
				continue;
			auto_buf struct buf labels = BUF_INIT(SERIES_TEXTS_BYTES_MAX);
			buf_str(&labels, series_text(endpoint, endpoint->labels));
			buf_printf(
			    &labels, ",trigger=\"%s\"", revalidation_trigger_name((enum revalidation_trigger)trigger));
			struct sample sample = { buf_view(&labels), "result",
				revalidation_result_name((enum revalidation_result)result) };
			sample_u64(w, &sample, count);
		}
	}
}

void
docs_write_revalidation_pending(struct sample_writer *w, const struct family_item *item)
{
	const struct endpoint_series *endpoint = item->endpoint;
	struct sample sample = { .labels = series_text(endpoint, endpoint->labels) };
	if (endpoint->documented || endpoint->revalidated)
		sample_u64(w, &sample, endpoint->revalidation_pending);
}
