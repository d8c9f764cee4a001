/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of all budgets: before an attempt leaves, its worst case is reserved in every budget that applies, all or
 * none; afterwards what it really cost stands there. With a store the reservation is on disk before the answer; what
 * cannot be written is refused. Without one the books are in memory. Who dies in between has spent too much on paper,
 * never too little. On the loop's thread.
 */
#ifndef COMETCANARY_APP_SPEND_H
#define COMETCANARY_APP_SPEND_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"
#include "model/conf.h"
#include "model/exchange.h"
#include "model/reply.h"

struct loop;
struct metrics;
struct spend;
struct store;
struct spend_entry;

/* One attempt's share, inside of whoever makes the attempt. All zero = none. */
struct spend_claim {
	struct spend_entry *entry;
};

enum spend_answer { SPEND_GRANTED, SPEND_DENIED, SPEND_ASKED };
/* The later answer, never from inside spend_reserve(). */
typedef void spend_answer_fn(void *arg, bool granted);

/* store: NULL or off = in memory; metrics: NULL = none. All borrowed; returns owned. */
struct spend *spend_new(struct loop *loop, struct store *store, struct metrics *metrics) ATTR_NODISCARD;
/* What was spent before is kept, by the budgets' names. Limits are those of the configuration that an endpoint is of. */
void spend_configure(struct spend *spend, const struct config *config);
/* Now and then: windows begin. */
void spend_tick(struct spend *spend);
/* The worst case of one attempt. SPEND_ASKED: fn will say. An endpoint without a budget is granted at once. */
enum spend_answer spend_reserve(
    struct spend *spend, struct spend_claim *claim, const struct endpoint *endpoint, spend_answer_fn *fn, void *arg);
/* The attempt is over: what it cost takes the place of the worst case. Does nothing without a reservation. */
void spend_settle(struct spend_claim *claim, const struct exchange *exchange, const struct reply *reply);
/* Nobody knows what it cost: the worst case stays. What is still being asked for is given back once it is granted. */
void spend_drop(struct spend_claim *claim);
/* Claims are void. NULL is fine. */
void spend_free(struct spend *spend);

#endif
