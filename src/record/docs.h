/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The series of watched documents and of revalidations (record/named.h). Pure.
 */
#ifndef COMETCANARY_RECORD_DOCS_H
#define COMETCANARY_RECORD_DOCS_H

#include <stddef.h>

#include "record/families.h"
#include "record/metrics.h"

struct doc_series {
	struct named named;
	struct doc_counts counts;
};

family_writer docs_write_checks, docs_write_changes, docs_write_last_check, docs_write_last_change,
    docs_write_evidence_missing, docs_write_revalidations, docs_write_revalidation_pending;

#endif
