/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The series of watched documents and of revalidations. A part of the metrics, which own the list and copy it into each
 * snapshot. On the loop's thread; the writers are pure.
 */
#ifndef COMETCANARY_RECORD_DOCS_H
#define COMETCANARY_RECORD_DOCS_H

#include <stddef.h>

#include "record/families.h"
#include "record/metrics.h"

struct doc_series {
	char *name;
	char *labels; /* doc="…" */
	struct doc_counts counts;
};

struct doc_list {
	struct doc_series *items; /* owned */
	size_t count;
};

/* Those of a configuration; what was counted of documents that stay goes on. */
void docs_configure(struct doc_list *list, const struct config *config);
/* NULL when it is not configured. */
struct doc_series *docs_find(const struct doc_list *list, const char *name);
struct doc_list docs_copy(const struct doc_list *list);
void docs_done(struct doc_list *list);

family_writer docs_write_checks, docs_write_changes, docs_write_last_check, docs_write_last_change,
    docs_write_evidence_missing, docs_write_revalidations, docs_write_revalidation_pending;

#endif
