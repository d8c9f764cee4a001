/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to the file, on whichever one thread uses it at a time: opening with every check, statements prepared
 * once, SQLite's results as -errno (a damaged file is -EUCLEAN). Used by store/ alone.
 */
#ifndef COMETCANARY_STORE_DB_H
#define COMETCANARY_STORE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/buf.h"

enum db_sql {
#define SQL(name, text) SQL_##name,
#include "store/sql.def"
#undef SQL
	SQL_COUNT
};

struct db;

/* Makes folder and file when missing, and brings an older file up to date; read_only does neither. 0 with owned *ret_db,
 * or -errno with the reason for people in ret_why: -EUCLEAN for a damaged file, -ENOTSUP for one to keep away from. */
int db_open(const char *path, bool read_only, struct buf *ret_why, struct db **ret_db);
/* NULL is fine. */
void db_close(struct db *db);

/* Ready to bind; NULL when it cannot be prepared: then db_error() says why. Borrowed. */
sqlite3_stmt *db_statement(struct db *db, enum db_sql sql);
/* Runs it to its end, and unbinds it. NULL is a failure. 0 or -errno. */
int db_run(struct db *db, sqlite3_stmt *statement);
/* The next row: 1, at the end 0, or -errno. After 1, db_done() ends it early. */
int db_row(struct db *db, sqlite3_stmt *statement);
void db_done(sqlite3_stmt *statement);
/* Rows that the last statement has changed. */
int64_t db_changes(struct db *db);
/* Of what failed last; never 0. */
int db_error(struct db *db);
/* The same in words. */
const char *db_why(struct db *db);

/* A transaction that others' readers do not wait for. durable: its commit is on the disk when it returns, else when
 * the system likes; a kill of the process loses neither. 0 or -errno. */
int db_begin(struct db *db, bool durable);
int db_commit(struct db *db);
void db_rollback(struct db *db);
/* A number that changes when somebody else has written. */
int db_data_version(struct db *db, int64_t *ret_version);

#endif
