/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/docs.h"

static struct sample
of_doc(const struct family_item *item)
{
	return (struct sample){ .labels = str_of(item->doc->named.labels) };
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
