/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/drift.h"

#include <stdlib.h>
#include <string.h>

#include "app/ledger_store.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "config/load.h"
#include "contract/ledger_print.h"
#include "record/metrics.h"

#define US_PER_DAY (86400 * US_PER_SEC)
#define RETRY_EVERY_US (60 * US_PER_SEC)

enum dirty { DIRTY_FINDINGS = 1, DIRTY_VERIFIED = 2, DIRTY_BASELINES = 4, DIRTY_ALL = 7 };

struct row {
	char *name; /* owned */
	struct ledger ledger;
	unsigned dirty; /* enum dirty: to be written with the next tick */
};

struct drift {
	struct metrics *metrics;
	struct store *store;
	struct config *config; /* in force; held */
	struct row *rows; /* in the order of the configuration */
	size_t count;
	int64_t today_days;
	struct wall last_retry;
	bool write_failed; /* since the last retry */
	bool loading, load_again; /* one at a time, or a pin could be done twice */
};

struct drift *
drift_new(struct metrics *metrics, struct store *store)
{
	struct drift *drift = xcalloc(1, sizeof(*drift));
	drift->metrics = metrics;
	drift->store = store && store_is_on(store) ? store : NULL;
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
	config_release(drift->config);
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
	const struct ledger_view view = { endpoint, ledger, drift->today_days, NULL };
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

/* ---- the store ---- */

static struct ledger_place
place_of(const struct drift *drift, struct row *row)
{
	return (struct ledger_place){ &drift->config->endpoints[row - drift->rows], &row->ledger };
}

static void
on_saved(void *arg, int error)
{
	struct drift *drift = arg;
	drift->write_failed = drift->write_failed || error;
}

static void
save_baseline(struct drift *drift, struct row *row, enum probe_kind probe)
{
	const struct ledger_place place = place_of(drift, row);
	if (drift->store && !row->ledger.waits)
		ledger_store_put_baseline(drift->store, &place, probe, on_saved, drift);
}

static void
save(struct drift *drift, struct row *row, enum store_kind kind)
{
	const struct ledger_place place = place_of(drift, row);
	if (drift->store)
		ledger_store_put(drift->store, &place, kind, on_saved, drift);
}

/* What was not read yet is not written over. */
static void
save_row(struct drift *drift, struct row *row)
{
	if (row->ledger.waits)
		return;
	if (row->dirty & DIRTY_FINDINGS)
		save(drift, row, STORE_FINDINGS);
	if (row->dirty & DIRTY_VERIFIED)
		save(drift, row, STORE_VERIFIED);
	for (size_t i = 0; row->dirty & DIRTY_BASELINES && i < row->ledger.probe_count; i++)
		if (row->ledger.probes[i].baseline)
			save_baseline(drift, row, row->ledger.probes[i].kind);
	row->dirty = 0;
}

void
drift_flush(struct drift *drift)
{
	for (size_t i = 0; i < drift->count; i++)
		save_row(drift, &drift->rows[i]);
}

static void
tell_trouble(void *arg, const struct endpoint *endpoint, const char *what, const char *why)
{
	(void)arg;
	auto_buf struct buf problem = BUF_INIT(1024);
	buf_printf(&problem, "%s in the store %s", what, why);
	log_msg(LOG_ERROR, "inconclusive: the contract cannot be compared with what was",
	    LOG_F_TEXT("endpoint", endpoint->name), LOG_F_STR("problem", buf_view(&problem)));
}

static void
do_pins(struct drift *drift, struct row *row, const struct store_items *items)
{
	const struct ledger_place place = place_of(drift, row);
	unsigned pinned = ledger_store_take_pins(&place, items);
	for (size_t i = 0; i < row->ledger.probe_count; i++) {
		enum probe_kind kind = row->ledger.probes[i].kind;
		if (!(pinned >> kind & 1))
			continue;
		save_baseline(drift, row, kind);
		ledger_store_remove_pin(drift->store, place.endpoint, kind);
		tell_baseline(drift, place.endpoint, &row->ledger.probes[i]);
		log_msg(LOG_INFO, "baseline pinned by the operator", LOG_F_TEXT("endpoint", place.endpoint->name),
		    LOG_F_TEXT("probe", ledger_probe_name(kind)));
	}
}

static void
take(struct drift *drift, enum store_kind kind, const struct store_items *items)
{
	for (size_t i = 0; i < drift->count; i++) {
		struct row *row = &drift->rows[i];
		const struct ledger_place place = place_of(drift, row);
		if (!row->ledger.waits)
			continue;
		ledger_store_take(&place, kind, items, tell_trouble, drift);
		if (kind == STORE_BASELINE) /* the last of the three */
			row->ledger.waits = false;
	}
}

static void load(struct drift *drift);

static void
on_findings(void *arg, int error, const struct store_items *items)
{
	if (error == 0)
		take(arg, STORE_FINDINGS, items);
}

static void
on_verified(void *arg, int error, const struct store_items *items)
{
	if (error == 0)
		take(arg, STORE_VERIFIED, items);
}

static void
on_baselines(void *arg, int error, const struct store_items *items)
{
	struct drift *drift = arg;
	bool again = drift->load_again;
	drift->loading = drift->load_again = false;
	if (error)
		return; /* again with the next retry */
	take(drift, STORE_BASELINE, items);
	for (size_t i = 0; i < drift->count; i++)
		do_pins(drift, &drift->rows[i], items);
	tell_all(drift);
	if (again)
		load(drift);
}

/* Rows that wait get what the store has of them, and pins that are asked for are done. */
static void
load(struct drift *drift)
{
	if (drift->loading) {
		drift->load_again = true;
		return;
	}
	drift->loading = true;
	store_load(drift->store, STORE_FINDINGS, on_findings, drift);
	store_load(drift->store, STORE_VERIFIED, on_verified, drift);
	store_load(drift->store, STORE_BASELINE, on_baselines, drift);
}

/* The same, waiting for it: before the loop runs. What fails now is tried again later. */
static void
load_now(struct drift *drift)
{
	static const struct {
		enum store_kind kind;
		store_load_fn *fn;
	} steps[] = { { STORE_FINDINGS, on_findings }, { STORE_VERIFIED, on_verified },
		{ STORE_BASELINE, on_baselines } };
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		auto_store_items struct store_items items = { 0 };
		int error = store_read(drift->store, steps[i].kind, STR_NONE, &items);
		steps[i].fn(drift, error, &items);
		if (error)
			return;
	}
}

void
drift_store_changed(struct drift *drift)
{
	if (drift->store && drift->config)
		load(drift);
}

static bool
is_waiting(const struct drift *drift)
{
	for (size_t i = 0; i < drift->count; i++)
		if (drift->rows[i].ledger.waits)
			return true;
	return false;
}

/* Once a minute: what could not be written, what could not be read. */
static void
retry(struct drift *drift)
{
	for (size_t i = 0; drift->write_failed && i < drift->count; i++)
		drift->rows[i].dirty = DIRTY_ALL;
	drift->write_failed = false;
	if (is_waiting(drift))
		load(drift);
}

void
drift_configure(struct drift *drift, struct config *config, struct wall now)
{
	struct row *rows = xcalloc(config->endpoint_count + 1, sizeof(*rows));
	if (drift->config)
		drift_flush(drift); /* what goes may come back */
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		struct row *old = find_row(drift, endpoint);
		rows[i].name = xstrdup(endpoint->name);
		if (old) {
			rows[i].ledger = old->ledger;
			old->ledger = (struct ledger){ 0 };
			rows[i].dirty = ledger_configure(&rows[i].ledger, endpoint, now) ? DIRTY_ALL : old->dirty;
		} else {
			ledger_init(&rows[i].ledger, endpoint);
			rows[i].ledger.waits = drift->store;
		}
	}
	bool first = !drift->config;
	rows_free(drift->rows, drift->count);
	drift->rows = rows;
	drift->count = config->endpoint_count;
	config_release(drift->config);
	drift->config = config_hold(config);
	drift->today_days = now.us / US_PER_DAY;
	if (first && drift->store)
		load_now(drift);
	else if (is_waiting(drift))
		load(drift);
	tell_all(drift);
}

void
drift_tick(struct drift *drift, struct wall now)
{
	int64_t today_days = now.us / US_PER_DAY;
	if (!drift->config)
		return;
	if (drift->store && llabs(now.us - drift->last_retry.us) >= RETRY_EVERY_US) {
		drift->last_retry = now;
		retry(drift);
	}
	/* What changes with every run waits for the tick: a kill costs no more of it than of the history, and all endpoints
	 * that ran within the second are one commit. */
	drift_flush(drift);
	if (today_days == drift->today_days)
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
	if (changes & (LEDGER_FINDINGS | LEDGER_LISTED)) {
		tell_metrics(drift, endpoint, &row->ledger);
		save(drift, row, STORE_FINDINGS);
	}
	if (changes & LEDGER_BASELINE) {
		tell_baseline(drift, endpoint, ledger_find(&row->ledger, probe));
		save_baseline(drift, row, probe);
	}
	if (changes & LEDGER_VERIFIED)
		row->dirty |= DIRTY_VERIFIED;
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
	note_changes(drift, row, (enum probe_kind)LEDGER_MODELS, changes);
}

void
drift_documented(struct drift *drift, const struct endpoint *endpoint, struct findings *findings, struct wall now)
{
	struct row *row = find_row(drift, endpoint);
	if (!row)
		return;
	unsigned changes = ledger_note_documents(&row->ledger, endpoint, findings, now);
	if (changes)
		metrics_findings(drift->metrics, endpoint, findings);
	note_changes(drift, row, (enum probe_kind)LEDGER_DOCS, changes);
}

const struct ledger *
drift_ledger(const struct drift *drift, const struct endpoint *endpoint)
{
	const struct row *row = find_row(drift, endpoint);
	return row ? &row->ledger : NULL;
}
