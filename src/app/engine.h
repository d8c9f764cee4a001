/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canary itself, whatever drives its clock and its network: schedule → pipeline → metrics and log line, with the
 * self check beside. The daemon runs it on libuv and libcurl, the scenario tests on simulated ones. Loop thread.
 */
#ifndef COMETCANARY_APP_ENGINE_H
#define COMETCANARY_APP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/flight.h"
#include "base/attr.h"
#include "base/str.h"
#include "model/conf.h"
#include "model/request.h"
#include "model/revalidation.h"

struct drift;
struct engine;
struct latest;
struct loop;
struct metrics;
struct store;
struct transport;

struct engine_parts {
	struct loop *loop;
	struct transport *transport;
	struct metrics *metrics;
	struct latest *latest;
	struct drift *drift;
	struct flight *flight;
	struct store *store; /* NULL = no history is kept */
	uint64_t seed; /* of the schedule's jitter */
	/* Once a second while the scheduler is alive, and when the last run has ended after engine_stop(). May be NULL. */
	void (*tick)(void *arg);
	void (*idle)(void *arg);
	void *arg;
};

/* All parts are borrowed. Returns owned; nothing runs before engine_configure(). */
struct engine *engine_new(const struct engine_parts *parts) ATTR_NODISCARD;
/* Puts a configuration into force and holds it; the one before is released once its last run has ended. */
void engine_configure(struct engine *engine, struct config *config);
/* In force; NULL before the first. */
const struct config *engine_config(const struct engine *engine);
/* Starts one run now, beside the timetable. 0 and its id, or as schedule_claim(). */
int engine_probe_now(
    struct engine *engine, const struct endpoint *endpoint, enum probe_kind probe, char ret_run_id[RUN_ID_BYTES]);
/* Every probe of the endpoint, as soon as possible. 0 or -ESHUTDOWN. */
int engine_revalidate(struct engine *engine, const struct endpoint *endpoint);
/* What is known of a watched document, and of the last revalidation of an endpoint. */
void engine_doc_status(const struct engine *engine, const struct doc *doc, struct doc_status *ret_status);
void engine_revalidation_status(
    const struct engine *engine, const struct endpoint *endpoint, struct revalidation_status *ret_status);
/* The kill switch of a fallback policy: 0, or -ENOENT. */
int engine_switch_fallback(struct engine *engine, struct str policy, bool enabled);
/* Starts nothing more. idle() is called from the loop when nothing is under way any more. */
void engine_stop(struct engine *engine);
size_t engine_in_flight(const struct engine *engine);
/* See schedule_is_stuck(). */
bool engine_is_stuck(const struct engine *engine);
/* Cancels what is under way: counted as skipped by shutdown. */
void engine_free(struct engine *engine);

#endif
