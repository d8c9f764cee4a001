/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revalidations: every probe of an endpoint, positive and negative, once and as soon as possible, because something that
 * it relies on may have changed. Runs are started through the owner, within budgets and the provider's door; what cannot
 * be sent in time makes the result inconclusive. Results go to the metrics and the log. Loop thread.
 */
#ifndef COMETCANARY_APP_REVALIDATE_H
#define COMETCANARY_APP_REVALIDATE_H

#include "base/attr.h"
#include "base/clock.h"
#include "model/record.h"
#include "model/revalidation.h"

struct loop;
struct metrics;
struct revalidate;

struct revalidate_parts {
	struct loop *loop;
	struct metrics *metrics;
	/* Starts a run now. 0; -EAGAIN: not now (it is under way, the door is full, a pause, a maintenance window, our own
	 * network); anything else: never. */
	int (*start)(void *arg, const struct endpoint *endpoint, enum probe_kind probe);
	void *arg;
};

/* All parts are borrowed. Returns owned; it does nothing before revalidate_configure(). */
struct revalidate *revalidate_new(const struct revalidate_parts *parts) ATTR_NODISCARD;
/* Puts a configuration into force and holds it. Endpoints whose request, expectations or contract differ from the one
 * before are revalidated. */
void revalidate_configure(struct revalidate *revalidate, struct config *config);
/* Of the configuration in force. One that is under way begins anew: what ran before the change says nothing. */
void
revalidate_begin(struct revalidate *revalidate, const struct endpoint *endpoint, enum revalidation_trigger trigger);
/* A run of that endpoint has ended. */
void revalidate_record(struct revalidate *revalidate, const struct record *record);
/* A run that was started here was not sent after all. */
void revalidate_not_sent(struct revalidate *revalidate, const struct endpoint *endpoint, enum probe_kind probe);
/* Once a second: starts what could not be started before, gives up what takes too long. */
void revalidate_tick(struct revalidate *revalidate);
void revalidate_status(
    const struct revalidate *revalidate, const struct endpoint *endpoint, struct revalidation_status *ret_status);
void revalidate_free(struct revalidate *revalidate);

#endif
