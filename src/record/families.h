/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which series each metric family has, as a table: one function a family, called for each thing in its scope. A family
 * that nothing feeds has no function. Used by record/exposition.c alone.
 */
#ifndef COMETCANARY_RECORD_FAMILIES_H
#define COMETCANARY_RECORD_FAMILIES_H

#include "model/metric.h"
#include "record/sample.h"
#include "record/series.h"

enum family_scope { SCOPE_DAEMON, SCOPE_PROVIDER, SCOPE_POLICY, SCOPE_BUDGET, SCOPE_DOC, SCOPE_ENDPOINT, SCOPE_PROBE };

/* What a family's function writes about; what its scope does not reach is NULL. */
struct family_item {
	const struct metrics_snapshot *all;
	const struct provider_series *provider;
	const struct policy_series *policy;
	const struct budget_series *budget;
	const struct doc_series *doc;
	const struct endpoint_series *endpoint;
	const struct probe_series *probe;
};

typedef void family_writer(struct sample_writer *w, const struct family_item *item);

struct family {
	family_writer *write;
	enum family_scope scope;
};

extern const struct family families[METRIC_COUNT];

#endif
