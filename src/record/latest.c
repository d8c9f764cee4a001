/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/latest.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/phase.h"

struct row {
	char *name;
	size_t probe_count;
	enum probe_kind *probes;
	struct latest_run *runs;
};

struct latest {
	struct row *rows;
	size_t count;
};

struct latest *
latest_new(void)
{
	return xcalloc(1, sizeof(struct latest));
}

static void
rows_free(struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < rows[i].probe_count; j++)
			free(rows[i].runs[j].findings);
		free(rows[i].name);
		free(rows[i].probes);
		free(rows[i].runs);
	}
	free(rows);
}

void
latest_free(struct latest *latest)
{
	if (!latest)
		return;
	rows_free(latest->rows, latest->count);
	free(latest);
}

static struct row *
find_row(const struct latest *latest, const struct endpoint *endpoint)
{
	if (endpoint->index < latest->count && strcmp(latest->rows[endpoint->index].name, endpoint->name) == 0)
		return &latest->rows[endpoint->index];
	for (size_t i = 0; i < latest->count; i++)
		if (strcmp(latest->rows[i].name, endpoint->name) == 0)
			return &latest->rows[i];
	return NULL;
}

static struct latest_run *
find_run(const struct latest *latest, const struct endpoint *endpoint, enum probe_kind probe)
{
	const struct row *row = find_row(latest, endpoint);
	for (size_t i = 0; row && i < row->probe_count; i++)
		if (row->probes[i] == probe)
			return &row->runs[i];
	return NULL;
}

void
latest_configure(struct latest *latest, const struct config *config)
{
	struct row *rows = xcalloc(config->endpoint_count + 1, sizeof(*rows));
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		struct row *row = &rows[i];
		row->name = xstrdup(endpoint->name);
		row->probe_count = endpoint->probe_count;
		row->probes = xcalloc(row->probe_count + 1, sizeof(*row->probes));
		row->runs = xcalloc(row->probe_count + 1, sizeof(*row->runs));
		for (size_t j = 0; j < row->probe_count; j++) {
			row->probes[j] = endpoint->probes[j];
			row->runs[j].outcome = OUTCOME_INVALID;
			struct latest_run *old = find_run(latest, endpoint, endpoint->probes[j]);
			if (!old)
				continue;
			row->runs[j] = *old;
			old->findings = NULL;
			old->kept_findings = 0;
		}
	}
	rows_free(latest->rows, latest->count);
	latest->rows = rows;
	latest->count = config->endpoint_count;
}

static void
keep_findings(struct latest_run *run, const struct findings *findings)
{
	free(run->findings);
	run->findings = NULL;
	run->finding_count = findings->count + findings->dropped;
	run->kept_findings = findings->count < LATEST_FINDINGS_MAX ? findings->count : LATEST_FINDINGS_MAX;
	if (run->kept_findings == 0)
		return;
	run->findings = xcalloc(run->kept_findings, sizeof(*run->findings));
	memcpy(run->findings, findings->list, run->kept_findings * sizeof(*run->findings));
}

static void
keep_run_id(struct latest_run *run, struct str run_id)
{
	size_t len = run_id.len < sizeof(run->run_id) ? run_id.len : sizeof(run->run_id) - 1;
	if (len)
		memcpy(run->run_id, run_id.at, len);
	run->run_id[len] = '\0';
}

void
latest_record(struct latest *latest, const struct record *record)
{
	static const struct exchange nothing;
	struct latest_run *run = find_run(latest, record->endpoint, record->probe);
	if (!run)
		return;
	const struct exchange *exchange = record->exchange ? record->exchange : &nothing;
	bool ok = record->verdict.outcome == OUTCOME_OK;
	if (run->runs == 0 || run->outcome != record->verdict.outcome)
		run->since = record->finished;
	run->runs++;
	run->failures += !ok;
	run->consecutive_failures = ok ? 0 : run->consecutive_failures + 1;
	run->outcome = record->verdict.outcome;
	run->last_run = record->finished;
	if (ok)
		run->last_success = record->finished;
	run->latency_ns = phase_total_ns(&exchange->at);
	run->first_token_ns = phase_first_content_ns(&exchange->at);
	run->http_status = exchange->status;
	run->usage = record->reply->usage.verdict;
	keep_run_id(run, record->run_id);
	keep_findings(run, &record->reply->findings);
}

void
latest_remember(
    struct latest *latest, const struct endpoint *endpoint, enum probe_kind probe, const struct latest_memory *memory)
{
	struct latest_run *run = find_run(latest, endpoint, probe);
	if (!run || run->runs > 0)
		return;
	run->last_run = memory->run;
	run->last_success = memory->success;
	run->outcome = memory->outcome;
}

const struct latest_run *
latest_find(const struct latest *latest, const struct endpoint *endpoint, enum probe_kind probe)
{
	return find_run(latest, endpoint, probe);
}
