/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The series of budgets: limits, what is spent, what was refused. A part of the metrics, which own the list and copy it
 * into each snapshot. On the loop's thread; the writers are pure.
 */
#ifndef COMETCANARY_RECORD_BUDGETS_H
#define COMETCANARY_RECORD_BUDGETS_H

#include <stddef.h>

#include "record/families.h"
#include "record/metrics.h"

struct budget_series {
	char *name;
	char *labels; /* budget="…" */
	struct amount limit; /* 0 = none */
	struct budget_gauges gauges;
};

struct budget_list {
	struct budget_series *items; /* owned */
	size_t count;
};

/* Those of a configuration; what is known of budgets that stay goes on. */
void budgets_configure(struct budget_list *list, const struct config *config);
/* NULL when it is not configured. */
struct budget_series *budgets_find(const struct budget_list *list, const char *name);
struct budget_list budgets_copy(const struct budget_list *list);
void budgets_done(struct budget_list *list);

family_writer budgets_write_limit, budgets_write_spent, budgets_write_reset, budgets_write_denied;

#endif
