/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/drift.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "contract/ledger_print.h"
#include "record/metrics.h"

#define US_PER_DAY (86400 * US_PER_SEC)

struct row {
	char *name; /* owned */
	struct ledger ledger;
};

struct drift {
	struct metrics *metrics;
	const struct config *config; /* in force */
	struct row *rows; /* in the order of the configuration */
	size_t count;
	int64_t today_days;
};

struct drift *
drift_new(struct metrics *metrics)
{
	struct drift *drift = xcalloc(1, sizeof(*drift));
	drift->metrics = metrics;
	return drift;
}

static void
rows_free(struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ledger_done(&rows[i].ledger);
		free(rows[i].name);
	}
	free(rows);
}

void
drift_free(struct drift *drift)
{
	if (!drift)
		return;
	rows_free(drift->rows, drift->count);
	free(drift);
}

/* The endpoint may be of the configuration before this one. */
static struct row *
find_row(const struct drift *drift, const struct endpoint *endpoint)
{
	if (endpoint->index < drift->count && strcmp(drift->rows[endpoint->index].name, endpoint->name) == 0)
		return &drift->rows[endpoint->index];
	for (size_t i = 0; i < drift->count; i++)
		if (strcmp(drift->rows[i].name, endpoint->name) == 0)
			return &drift->rows[i];
	return NULL;
}

/* The same for a run: NULL also when it asked for something else than what is configured now. */
static struct row *
find_row_of_run(const struct drift *drift, const struct endpoint *endpoint)
{
	struct row *row = find_row(drift, endpoint);
	if (!row || endpoint == &drift->config->endpoints[endpoint->index])
		return row;
	return ledger_request_hash(endpoint) == row->ledger.request_hash ? row : NULL;
}

static void
tell_metrics(const struct drift *drift, const struct endpoint *endpoint, const struct ledger *ledger)
{
	struct contract_gauges gauges = { .last_change = ledger->last_change };
	const struct ledger_view view = { endpoint, ledger, drift->today_days };
	ledger_count(&view, gauges.drift, gauges.active);
	if (ledger->listed != LISTED_UNKNOWN)
		gauges.listed = ledger->listed == LISTED_YES ? GAUGE_YES : GAUGE_NO;
	metrics_contract(drift->metrics, endpoint, &gauges);
}

static void
tell_baseline(const struct drift *drift, const struct endpoint *endpoint, const struct ledger_probe *probe)
{
	metrics_baseline(
	    drift->metrics, endpoint, probe->kind, probe->baseline ? baseline_samples(probe->baseline) : 0);
}

static void
tell_all(const struct drift *drift)
{
	for (size_t i = 0; i < drift->count; i++) {
		const struct endpoint *endpoint = &drift->config->endpoints[i];
		const struct ledger *ledger = &drift->rows[i].ledger;
		tell_metrics(drift, endpoint, ledger);
		for (size_t j = 0; j < endpoint->probe_count; j++)
			tell_baseline(drift, endpoint, &ledger->probes[j]);
	}
}

void
drift_configure(struct drift *drift, const struct config *config, struct wall now)
{
	struct row *rows = xcalloc(config->endpoint_count + 1, sizeof(*rows));
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		struct row *old = find_row(drift, endpoint);
		rows[i].name = xstrdup(endpoint->name);
		if (old) {
			rows[i].ledger = old->ledger;
			old->ledger = (struct ledger){ 0 };
			ledger_configure(&rows[i].ledger, endpoint, now);
		} else {
			ledger_init(&rows[i].ledger, endpoint);
		}
	}
	rows_free(drift->rows, drift->count);
	drift->rows = rows;
	drift->count = config->endpoint_count;
	drift->config = config;
	drift->today_days = now.us / US_PER_DAY;
	tell_all(drift);
}

void
drift_tick(struct drift *drift, struct wall now)
{
	int64_t today_days = now.us / US_PER_DAY;
	if (!drift->config || today_days == drift->today_days)
		return;
	drift->today_days = today_days;
	tell_all(drift);
}

const struct baseline *
drift_baseline(const struct drift *drift, const struct endpoint *endpoint, enum probe_kind probe)
{
	const struct row *row = find_row_of_run(drift, endpoint);
	return row ? ledger_baseline(&row->ledger, probe) : NULL;
}

void
drift_inspect(const struct drift *drift, const struct endpoint *endpoint, const struct asked *asked,
    struct reply *reply, struct wall now)
{
	const struct row *row = find_row_of_run(drift, endpoint);
	if (row)
		ledger_inspect(&row->ledger, endpoint, asked, reply, now);
}

static void
log_change(const struct endpoint *endpoint, const struct ledger *ledger)
{
	size_t active = 0;
	for (size_t i = 0; i < ledger->probe_count; i++)
		active += active_count(&ledger->probes[i].active);
	log_msg(active ? LOG_WARN : LOG_INFO, "active contract findings changed",
	    LOG_F_TEXT("endpoint", endpoint->name), LOG_F_INT("contract_findings", (int64_t)active));
}

static void
note_changes(struct drift *drift, struct row *row, enum probe_kind probe, unsigned changes)
{
	const struct endpoint *endpoint = &drift->config->endpoints[row - drift->rows];
	if (changes & LEDGER_FINDINGS)
		log_change(endpoint, &row->ledger);
	if (changes & (LEDGER_FINDINGS | LEDGER_LISTED))
		tell_metrics(drift, endpoint, &row->ledger);
	if (changes & LEDGER_BASELINE)
		tell_baseline(drift, endpoint, ledger_find(&row->ledger, probe));
}

void
drift_record(struct drift *drift, const struct record *record)
{
	struct row *row = find_row_of_run(drift, record->endpoint);
	if (row)
		note_changes(drift, row, record->probe, ledger_record(&row->ledger, record));
}

void
drift_listed(struct drift *drift, const struct endpoint *endpoint, bool listed, struct wall now)
{
	struct row *row = find_row_of_run(drift, endpoint);
	struct findings seen;
	if (!row)
		return;
	unsigned changes = ledger_note_listed(&row->ledger, endpoint, listed, now, &seen);
	metrics_findings(drift->metrics, endpoint, &seen);
	note_changes(drift, row, PROBE_COUNT, changes);
}

const struct ledger *
drift_ledger(const struct drift *drift, const struct endpoint *endpoint)
{
	const struct row *row = find_row(drift, endpoint);
	return row ? &row->ledger : NULL;
}
