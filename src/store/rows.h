/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations as rows of the file. On the thread that has the connection. Used by store/ alone. All return 0 or -errno.
 */
#ifndef COMETCANARY_STORE_ROWS_H
#define COMETCANARY_STORE_ROWS_H

#include "store/db.h"
#include "store/op.h"

/* What the operation asks for, inside of a transaction if it writes. */
int rows_run(struct op *op, struct db *db);

/* See store_read(), store_budget_spent(), store_last_runs(). */
int rows_read_items(struct db *db, enum store_kind kind, struct str key, struct store_items *ret_items);
int rows_read_budget(struct db *db, const char *budget, int64_t window_start_s, struct store_amount *ret_spent);
int rows_read_last_runs(struct db *db, void (*fn)(void *arg, const struct store_last_run *last), void *arg);

/* Deletes some of what is too old, in a transaction of its own: *ret_more when there is more. */
int rows_prune(struct db *db, struct wall history_before, struct wall budgets_before, bool *ret_more);

#endif
