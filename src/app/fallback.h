/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fallback policies at run time: puts failed runs before the policies of their endpoint, counts and logs what each said.
 * The first one is in force: in mode "exercise" it asks the target, once, with the target's own key and model, where
 * the schedule lets it. The others only decide beside it, whatever their mode. Holds what configuration does not: the
 * kill switches and when each endpoint last fell back. Loop thread; owned by the engine.
 */
#ifndef COMETCANARY_APP_FALLBACK_H
#define COMETCANARY_APP_FALLBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "model/record.h"

struct fallback;
struct loop;
struct metrics;
struct schedule;
struct spend;
struct transport;

struct fallback_parts {
	struct loop *loop;
	struct transport *transport;
	struct metrics *metrics;
	struct spend *spend; /* targets draw on their own budgets */
	struct schedule *schedule; /* who is asked keeps to its windows, pauses and caps */
	/* A target answered: its head is known. May be NULL. */
	void (*answered)(void *arg, const struct endpoint *target, const struct reply *reply);
	/* The last target that was being asked has answered. */
	void (*idle)(void *arg);
	void *arg;
};

/* Parts are borrowed. Returns owned. */
struct fallback *fallback_new(const struct fallback_parts *parts) ATTR_NODISCARD;
/* Puts a configuration into force, which replaces `old` (NULL = none). Borrowed until the next call or the end. A kill switch stays as
 * it was turned, unless the configuration says something else than before. */
void fallback_configure(struct fallback *fallback, struct config *config, const struct config *old);
/* What the policy in force says of a run that has ended; empty for what is ok, negative, or has no policy. Starts the exercise. */
struct fallback_decision fallback_take(struct fallback *fallback, const struct record *record);
/* The kill switch of a policy: 0, or -ENOENT. */
int fallback_switch(struct fallback *fallback, struct str policy, bool enabled);
/* Asks no target any more. */
void fallback_stop(struct fallback *fallback);
/* Targets that are being asked. */
size_t fallback_in_flight(const struct fallback *fallback);
/* Cancels them. */
void fallback_free(struct fallback *fallback);

#endif
