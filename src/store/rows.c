/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* A delete holds the write lock for a few ms at most. */
enum { PRUNE_ROWS = 500 };

/* Of one kind: what does not fit in memory is no state of ours. */
#define LOADED_BYTES_MAX ((size_t)1 << 30)

static const struct kind_row {
	const char *name; /* in the file: for ever */
	int64_t versions; /* that are kept of each key */
} kinds[STORE_KIND_COUNT] = {
	[STORE_BASELINE] = { "baseline", 1 },
	[STORE_FINDINGS] = { "findings", 1 },
	[STORE_VERIFIED] = { "verified", 1 },
	[STORE_GOLDEN] = { "golden", 1 },
	[STORE_DOCUMENT] = { "document", 20 },
};

static void
bind_str(sqlite3_stmt *statement, int at, struct str text)
{
	if (text.at)
		sqlite3_bind_text(statement, at, text.at, (int)text.len, SQLITE_STATIC);
}

static void
bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	bind_str(statement, at, str_of(text));
}

static void
bind_i64(sqlite3_stmt *statement, int at, int64_t number)
{
	sqlite3_bind_int64(statement, at, number);
}

/* NULL for what a run does not have. */
static void
bind_known(sqlite3_stmt *statement, int at, int64_t number)
{
	if (number >= 0)
		bind_i64(statement, at, number);
}

static int
add_history(struct op *op, struct db *db)
{
	const struct op_run *run = &op->run;
	sqlite3_stmt *row = db_statement(db, SQL_HISTORY_ADD);
	bind_i64(row, 1, run->finished.us);
	bind_text(row, 2, run->run_id);
	bind_text(row, 3, op->text);
	bind_text(row, 4, probe_name(run->probe));
	bind_text(row, 5, outcome_code(run->outcome));
	bind_text(row, 6, outcome_class_name(outcome_class(run->outcome)));
	bind_known(row, 7, run->http_status);
	bind_known(row, 8, run->latency_us);
	bind_known(row, 9, run->ttft_us);
	bind_known(row, 10, run->input_tokens);
	bind_known(row, 11, run->output_tokens);
	if (run->usage != USAGE_VERDICT_NOT_APPLICABLE)
		bind_text(row, 12, usage_verdict_name(run->usage));
	bind_i64(row, 13, run->findings);
	int error = db_run(db, row);
	if (error)
		return error;
	sqlite3_stmt *last = db_statement(db, SQL_LAST_PUT);
	bind_text(last, 1, op->text);
	bind_text(last, 2, probe_name(run->probe));
	bind_i64(last, 3, run->finished.us);
	bind_i64(last, 4, run->outcome == OUTCOME_OK);
	return db_run(db, last);
}

static int
put_item(const struct store_item *item, struct db *db)
{
	const struct kind_row *kind = &kinds[item->kind];
	sqlite3_stmt *put = db_statement(db, SQL_ITEM_PUT);
	bind_text(put, 1, kind->name);
	bind_str(put, 2, item->key);
	bind_i64(put, 3, item->at.us);
	sqlite3_bind_blob64(put, 4, item->value.at, item->value.len, SQLITE_STATIC);
	int error = db_run(db, put);
	if (error)
		return error;
	sqlite3_stmt *trim = db_statement(db, SQL_ITEM_TRIM);
	bind_text(trim, 1, kind->name);
	bind_str(trim, 2, item->key);
	bind_i64(trim, 3, kind->versions);
	return db_run(db, trim);
}

static int
remove_item(const struct store_item *item, struct db *db)
{
	sqlite3_stmt *statement = db_statement(db, SQL_ITEM_REMOVE);
	bind_text(statement, 1, kinds[item->kind].name);
	bind_str(statement, 2, item->key);
	return db_run(db, statement);
}

static void
bind_claim(sqlite3_stmt *statement, const struct store_claim *claim)
{
	bind_text(statement, 1, claim->budget);
	bind_i64(statement, 2, claim->window_start_s);
	bind_i64(statement, 3, claim->amount.requests);
	bind_i64(statement, 4, claim->amount.tokens);
	bind_i64(statement, 5, claim->amount.usd_micro);
}

static struct str
column_str(sqlite3_stmt *statement, int at)
{
	const char *text = sqlite3_column_blob(statement, at);
	return str_span(text ? text : "", (size_t)sqlite3_column_bytes(statement, at));
}

/* Views into the text that grows are places in it, until it has stopped growing. */
static void
add_item(struct store_items *items, struct buf *text, enum store_kind kind, sqlite3_stmt *row)
{
	if ((items->count & (items->count - 1)) == 0)
		items->list = xrealloc(items->list, (items->count ? 2 * items->count : 1) * sizeof(items->list[0]));
	struct str key = column_str(row, 0), value = column_str(row, 2);
	items->list[items->count++] = (struct store_item){ .kind = kind,
		.key = str_span(NULL, key.len),
		.at = { sqlite3_column_int64(row, 1) },
		.value = str_span(NULL, value.len) };
	buf_str(text, key);
	buf_str(text, value);
}

static void
point_items(struct store_items *items)
{
	const char *at = items->text;
	for (size_t i = 0; i < items->count; i++) {
		items->list[i].key.at = at;
		at += items->list[i].key.len;
		items->list[i].value.at = at;
		at += items->list[i].value.len;
	}
}

int
rows_read_items(struct db *db, enum store_kind kind, struct str key, struct store_items *ret_items)
{
	auto_buf struct buf text = BUF_INIT(LOADED_BYTES_MAX);
	*ret_items = (struct store_items){ 0 };
	sqlite3_stmt *statement = db_statement(db, SQL_ITEM_LOAD);
	bind_text(statement, 1, kinds[kind].name);
	bind_str(statement, 2, key);
	int rc;
	while ((rc = db_row(db, statement)) > 0)
		add_item(ret_items, &text, kind, statement);
	if (rc == 0 && text.overflow)
		rc = -EFBIG;
	if (rc < 0) {
		store_items_done(ret_items);
		return rc;
	}
	buf_cstr(&text);
	ret_items->text = text.at;
	text = BUF_INIT(0);
	point_items(ret_items);
	return 0;
}

int
rows_read_budget(struct db *db, const char *budget, int64_t window_start_s, struct store_amount *ret_spent)
{
	*ret_spent = (struct store_amount){ 0 };
	sqlite3_stmt *statement = db_statement(db, SQL_BUDGET_READ);
	bind_text(statement, 1, budget);
	bind_i64(statement, 2, window_start_s);
	int rc = db_row(db, statement);
	if (rc <= 0)
		return rc;
	*ret_spent = (struct store_amount){ .requests = sqlite3_column_int64(statement, 0),
		.tokens = sqlite3_column_int64(statement, 1),
		.usd_micro = sqlite3_column_int64(statement, 2) };
	db_done(statement);
	return 0;
}

int
rows_read_last_runs(struct db *db, void (*fn)(void *arg, const struct store_last_run *last), void *arg)
{
	sqlite3_stmt *statement = db_statement(db, SQL_LAST_LIST);
	int rc;
	while ((rc = db_row(db, statement)) > 0) {
		const struct store_last_run last = { .endpoint = column_str(statement, 0),
			.probe = column_str(statement, 1),
			.run = { sqlite3_column_int64(statement, 2) },
			.success = { sqlite3_column_int64(statement, 3) },
			.outcome = column_str(statement, 4) };
		fn(arg, &last);
	}
	return rc;
}

static int
read_spent(struct op_budget *budget, struct db *db)
{
	int error = 0;
	for (size_t i = 0; i < budget->count && error == 0; i++)
		error = rows_read_budget(
		    db, budget->claims[i].budget, budget->claims[i].window_start_s, &budget->grant.spent[i]);
	return error;
}

/* All claims fit, or those before the one that does not are taken back. */
static int
reserve(struct op_budget *budget, struct db *db)
{
	budget->grant = (struct store_grant){ 0 };
	int error = db_run(db, db_statement(db, SQL_SAVEPOINT));
	size_t fitting = 0;
	while (fitting < budget->count && error == 0) {
		const struct store_claim *claim = &budget->claims[fitting];
		sqlite3_stmt *statement = db_statement(db, SQL_BUDGET_RESERVE);
		bind_claim(statement, claim);
		bind_i64(statement, 6, claim->limit.requests);
		bind_i64(statement, 7, claim->limit.tokens);
		bind_i64(statement, 8, claim->limit.usd_micro);
		error = db_run(db, statement);
		if (error || db_changes(db) == 0)
			break;
		fitting++;
	}
	budget->grant.granted = error == 0 && fitting == budget->count;
	budget->grant.denied_by = fitting;
	if (error == 0 && !budget->grant.granted)
		error = db_run(db, db_statement(db, SQL_SAVEPOINT_BACK));
	if (error == 0)
		error = db_run(db, db_statement(db, SQL_SAVEPOINT_DONE));
	return error ? error : read_spent(budget, db);
}

static int
adjust(struct op_budget *budget, struct db *db)
{
	int error = 0;
	budget->grant = (struct store_grant){ .granted = true };
	for (size_t i = 0; i < budget->count && error == 0; i++) {
		sqlite3_stmt *statement = db_statement(db, SQL_BUDGET_ADJUST);
		bind_claim(statement, &budget->claims[i]);
		error = db_run(db, statement);
	}
	return error ? error : read_spent(budget, db);
}

int
rows_run(struct op *op, struct db *db)
{
	switch (op->kind) {
	case OP_HISTORY:
		return add_history(op, db);
	case OP_PUT:
		return put_item(&op->item, db);
	case OP_REMOVE:
		return remove_item(&op->item, db);
	case OP_LOAD:
		return rows_read_items(db, op->item.kind, op->item.key, &op->items);
	case OP_RESERVE:
		return reserve(op->budget, db);
	case OP_ADJUST:
		return adjust(op->budget, db);
	case OP_EVENT:
		break;
	}
	return 0;
}

static int
delete_old(struct db *db, struct wall history_before, struct wall budgets_before, bool *ret_more)
{
	sqlite3_stmt *history = db_statement(db, SQL_HISTORY_PRUNE);
	bind_i64(history, 1, history_before.us);
	bind_i64(history, 2, PRUNE_ROWS);
	int error = db_run(db, history);
	if (error)
		return error;
	*ret_more = db_changes(db) == PRUNE_ROWS;
	sqlite3_stmt *budgets = db_statement(db, SQL_BUDGET_PRUNE);
	bind_i64(budgets, 1, budgets_before.us / US_PER_SEC);
	return db_run(db, budgets);
}

int
rows_prune(struct db *db, struct wall history_before, struct wall budgets_before, bool *ret_more)
{
	*ret_more = false;
	int error = db_begin(db, false);
	if (error == 0)
		error = delete_old(db, history_before, budgets_before, ret_more);
	if (error == 0)
		error = db_commit(db);
	if (error)
		db_rollback(db);
	return error;
}
