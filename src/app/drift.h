/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the running daemon knows of the contracts: one ledger an endpoint (contract/ledger.h), told of every run, kept
 * over reloads and in the store, shown as metrics and on the pages. Loop thread.
 */
#ifndef COMETCANARY_APP_DRIFT_H
#define COMETCANARY_APP_DRIFT_H

#include "base/attr.h"
#include "contract/ledger.h"

struct drift;
struct metrics;
struct store;

/* All borrowed; store NULL = nothing outlives the process. Returns owned; to be freed before the store is closed. */
struct drift *drift_new(struct metrics *metrics, struct store *store) ATTR_NODISCARD;
void drift_free(struct drift *drift);
/* Writes what has not been written yet; the daemon ends. */
void drift_flush(struct drift *drift);

/* Puts a configuration into force, and holds it until the next one. After metrics_configure(). The first time it waits
 * for the store. */
void drift_configure(struct drift *drift, struct config *config, struct wall now);
/* Now and then, once a second is enough: acknowledgements end with a day. */
void drift_tick(struct drift *drift, struct wall now);
/* Another process has written to the store: maybe `baseline pin`. */
void drift_store_changed(struct drift *drift);

/* Before a run is judged: what its answer is compared with (borrowed for this turn; NULL = nothing), and findings that
 * take more than one answer. */
const struct baseline *
drift_baseline(const struct drift *drift, const struct endpoint *endpoint, enum probe_kind probe);
void drift_inspect(const struct drift *drift, const struct endpoint *endpoint, const struct asked *asked,
    struct reply *reply, struct wall now);
void drift_record(struct drift *drift, const struct record *record);
/* The provider's list of models was read. */
void drift_listed(struct drift *drift, const struct endpoint *endpoint, bool listed, struct wall now);
/* What the documents that the endpoint relies on say against its contract now, all of it; graded in place. */
void drift_documented(struct drift *drift, const struct endpoint *endpoint, struct findings *findings, struct wall now);

/* Borrowed for this turn; NULL when the endpoint is not configured. */
const struct ledger *drift_ledger(const struct drift *drift, const struct endpoint *endpoint);

#endif
