/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slots of a schedule: one for each endpoint and probe, found by name, since the endpoint of a run that ends may be
 * of an older configuration. A slot that is gone from the configuration while its run is under way is retired: it stays
 * until that run ends. Only for schedule.c.
 */
#ifndef COMETCANARY_SCHEDULE_SLOT_H
#define COMETCANARY_SCHEDULE_SLOT_H

#include "base/loop.h"
#include "model/conf.h"
#include "schedule/admit.h"
#include "schedule/plan.h"

struct slot {
	struct ticket ticket;
	struct plan plan;
	struct loop_timer timer;
	struct schedule *schedule;
	const struct endpoint *endpoint; /* of the configuration in force; NULL = retired */
	char *retired_name;
	struct slot *next_retired;
	enum probe_kind probe;
	bool adopted; /* while a configuration is put into force: it is in the new one */
};

/* Open addressing; built once for a configuration. */
struct slot_table {
	struct slot **cells;
	size_t mask;
	size_t count;
};

/* Room for `expected` slots. */
void slot_table_init(struct slot_table *table, size_t expected);
void slot_table_add(struct slot_table *table, struct slot *slot);
/* NULL when there is none. */
struct slot *slot_table_find(const struct slot_table *table, const char *endpoint, enum probe_kind probe);
/* while ((slot = slot_table_next(table, &at))), with at = 0 at first. */
struct slot *slot_table_next(const struct slot_table *table, size_t *at);
/* The slots are not freed. */
void slot_table_done(struct slot_table *table);

void slot_retire(struct slot **list, struct slot *slot);
/* Takes it out of the list; NULL when there is none. Owned. */
struct slot *slot_unretire(struct slot **list, const char *endpoint, enum probe_kind probe);
void slot_free(struct slot *slot);

#endif
