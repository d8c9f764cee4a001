/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One probe run from "probe X now" to its record: request → transport → reader → classify → record, and again where the
 * endpoint's policy says so. The daemon, the gate and the command `probe` all run their probes through here. On the loop's
 * thread.
 */
#ifndef COMETCANARY_APP_PIPELINE_H
#define COMETCANARY_APP_PIPELINE_H

#include <stddef.h>

#include "model/record.h"

struct loop;
struct transport;
struct pipeline;
struct run;
struct spend;

struct asked;
struct baseline;

struct pipeline_hooks {
	/* What the answer of this run is compared with, looked up when it has come: borrowed until the run is judged, NULL =
	 * nothing. May be NULL. */
	const struct baseline *(*baseline)(void *arg, const struct endpoint *endpoint, enum probe_kind probe);
	/* Before a run is judged: adds findings that take more than this one answer. May be NULL. */
	void (*inspect)(void *arg, const struct endpoint *endpoint, const struct asked *asked, struct reply *reply,
	    struct wall now);
	/* An attempt was answered: its head is known. May be NULL. */
	void (*answered)(void *arg, const struct endpoint *endpoint, const struct reply *reply);
	/* Whether a run may be repeated now that its wait is over: else it ends with its last attempt. NULL = always. */
	bool (*may_retry)(void *arg);
	/* The next attempt of a run has begun, `cause` ended the one before. May be NULL. */
	void (*retry)(void *arg, const struct endpoint *endpoint, enum probe_kind probe, enum outcome cause);
	/* The budget had no room for the run: nothing was sent, it is gone, and there is no record. Never from inside
	 * pipeline_start(). NULL where there is no spend. */
	void (*denied)(void *arg, const struct endpoint *endpoint, enum probe_kind probe, struct str run_id);
	/* A run has ended; the record borrows from the run, which is gone afterwards. Never from inside pipeline_start(). */
	void (*done)(void *arg, const struct record *record);
};

/* Returns owned; loop, transport and hooks are borrowed. */
struct pipeline *
pipeline_new(struct loop *loop, struct transport *transport, const struct pipeline_hooks *hooks, void *arg);
/* From now on every attempt, repeated ones too, has to fit into its budgets. Borrowed. */
void pipeline_set_spend(struct pipeline *pipeline, struct spend *spend);
/* Starts a run now. Never fails: what goes wrong ends in a record (local_error). Holds the configuration until it ends.
 * Returns its id (RUN_ID_BYTES), borrowed until the loop turns. */
const char *pipeline_start(
    struct pipeline *pipeline, struct config *config, const struct endpoint *endpoint, enum probe_kind probe);
/* No attempt is repeated any more: runs that wait for their next one end with their last. */
void pipeline_stop_retries(struct pipeline *pipeline);
size_t pipeline_in_flight(const struct pipeline *pipeline);
/* Cancels every run without a record; returns how many there were. Calls `cancelled` for each (may be NULL). */
size_t pipeline_cancel_all(
    struct pipeline *pipeline, void (*cancelled)(void *arg, const struct endpoint *endpoint, enum probe_kind probe));
void pipeline_free(struct pipeline *pipeline);

#endif
