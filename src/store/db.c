/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "store/schema.h"

enum {
	BUSY_MS = 5000, /* what another process may hold the file for */
	CHECK_SECONDS_MAX = 2, /* of a start; what is damaged further on shows when it is read */
	CHECK_EVERY_STEPS = 10000,
	WAL_BYTES_KEPT = 4 * 1024 * 1024,
};

struct db {
	sqlite3 *sqlite;
	sqlite3_stmt *statements[SQL_COUNT];
	int synchronous; /* -1 = not set yet */
};

/* ---- what SQLite says ---- */

static int
errno_of(int rc, int os_errno)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_TOOBIG:
		return -EFBIG;
	default:
		return os_errno > 0 ? -os_errno : -EIO;
	}
}

int
db_error(struct db *db)
{
	return errno_of(sqlite3_errcode(db->sqlite), sqlite3_system_errno(db->sqlite));
}

const char *
db_why(struct db *db)
{
	return sqlite3_errmsg(db->sqlite);
}

static int
run_text(struct db *db, const char *sql)
{
	return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_error(db);
}

sqlite3_stmt *
db_statement(struct db *db, enum db_sql sql)
{
	static const char *const texts[SQL_COUNT] = {
#define SQL(name, text) [SQL_##name] = text,
#include "store/sql.def"
#undef SQL
	};
	if (!db->statements[sql])
		sqlite3_prepare_v3(db->sqlite, texts[sql], -1, SQLITE_PREPARE_PERSISTENT, &db->statements[sql], NULL);
	return db->statements[sql];
}

void
db_done(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

int
db_row(struct db *db, sqlite3_stmt *statement)
{
	int rc = statement ? sqlite3_step(statement) : SQLITE_ERROR;
	if (rc == SQLITE_ROW)
		return 1;
	int error = rc == SQLITE_DONE ? 0 : db_error(db);
	if (statement)
		db_done(statement);
	return error;
}

int
db_run(struct db *db, sqlite3_stmt *statement)
{
	int rc;
	do
		rc = db_row(db, statement);
	while (rc > 0);
	return rc;
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->sqlite);
}

/* One number, from a statement of one row. */
static int
read_number(struct db *db, const char *sql, int64_t *ret_number)
{
	sqlite3_stmt *statement = NULL;
	sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL);
	int rc = db_row(db, statement);
	if (rc > 0)
		*ret_number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return rc > 0 ? 0 : rc < 0 ? rc : -EIO;
}

/* ---- transactions ---- */

int
db_begin(struct db *db, bool durable)
{
	if (db->synchronous != durable) {
		int error = run_text(db, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
		if (error)
			return error;
		db->synchronous = durable;
	}
	return db_run(db, db_statement(db, SQL_BEGIN));
}

int
db_commit(struct db *db)
{
	return db_run(db, db_statement(db, SQL_COMMIT));
}

void
db_rollback(struct db *db)
{
	/* Some failures have rolled back by themselves. */
	if (!sqlite3_get_autocommit(db->sqlite))
		run_text(db, "ROLLBACK");
}

int
db_data_version(struct db *db, int64_t *ret_version)
{
	sqlite3_stmt *statement = db_statement(db, SQL_DATA_VERSION);
	int rc = db_row(db, statement);
	if (rc <= 0)
		return rc < 0 ? rc : -EIO;
	*ret_version = sqlite3_column_int64(statement, 0);
	db_done(statement);
	return 0;
}

/* ---- opening ---- */

/* The folder of a path, and those above it; what is there stays as it is. 0 or -errno. */
static int
make_folder(const char *path)
{
	auto_free char *folder = xstrdup(path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

/* Exclusively, so that no descriptor of a file in use is closed here: that would drop all its locks of this process. */
static int
make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno == EEXIST ? 0 : -errno;
}

static int
configure(struct db *db)
{
	sqlite3_extended_result_codes(db->sqlite, 1);
	sqlite3_busy_timeout(db->sqlite, BUSY_MS);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* Until it is known to be ours, closing it must not move a byte of it. */
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return run_text(db, "PRAGMA cell_size_check = ON");
}

static int
identify(struct db *db, int64_t *ret_version, struct buf *ret_why)
{
	int64_t owner = 0, tables = 0;
	int error = read_number(db, "PRAGMA application_id", &owner);
	if (error == 0)
		error = read_number(db, "PRAGMA user_version", ret_version);
	if (error == 0)
		error = read_number(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (error) {
		buf_text(ret_why, db_why(db));
		return error;
	}
	if (owner != SCHEMA_APPLICATION_ID && (owner != 0 || *ret_version != 0 || tables > 0)) {
		buf_text(ret_why, "a database of another program; choose another store.path");
		return -ENOTSUP;
	}
	if (*ret_version > SCHEMA_VERSION) {
		buf_printf(ret_why,
		    "written by a newer version of cometcanary (format %lld, this one knows %d); run that version, or "
		    "choose another store.path",
		    (long long)*ret_version, SCHEMA_VERSION);
		return -ENOTSUP;
	}
	return 0;
}

static int
is_over(void *arg)
{
	const struct mono *limit = arg;
	return mono_before(*limit, clock_mono());
}

/* Looks for damage as long as a start may take. */
static int
check(struct db *db, struct buf *ret_why)
{
	struct mono limit = mono_add_ns(clock_mono(), CHECK_SECONDS_MAX * NS_PER_SEC);
	sqlite3_progress_handler(db->sqlite, CHECK_EVERY_STEPS, is_over, &limit);
	sqlite3_stmt *statement = NULL;
	sqlite3_prepare_v2(db->sqlite, "PRAGMA quick_check(1)", -1, &statement, NULL);
	int error = 0;
	int rc = statement ? sqlite3_step(statement) : SQLITE_ERROR;
	if (rc == SQLITE_ROW) {
		const char *said = (const char *)sqlite3_column_text(statement, 0);
		if (!said || strcmp(said, "ok") != 0) {
			buf_text(ret_why, said ? said : "not whole");
			error = -EUCLEAN;
		}
	} else if ((rc & 0xff) != SQLITE_INTERRUPT) {
		error = db_error(db);
		buf_text(ret_why, db_why(db));
	}
	sqlite3_finalize(statement);
	sqlite3_progress_handler(db->sqlite, 0, NULL, NULL);
	return error;
}

/* Two processes may start on the same old file: what there is to do is looked up under the lock. */
static int
migrate(struct db *db)
{
	int64_t version;
	int error = db_begin(db, true);
	if (error)
		return error;
	error = read_number(db, "PRAGMA user_version", &version);
	for (; error == 0 && version < SCHEMA_VERSION; version++)
		error = run_text(db, schema_steps[version]);
	auto_buf struct buf stamp = BUF_INIT(256);
	buf_printf(
	    &stamp, "PRAGMA user_version = %d; PRAGMA application_id = %d", SCHEMA_VERSION, SCHEMA_APPLICATION_ID);
	if (error == 0)
		error = run_text(db, buf_cstr(&stamp));
	if (error == 0)
		error = db_commit(db);
	if (error)
		db_rollback(db);
	return error;
}

static int
prepare_to_write(struct db *db, int64_t version, struct buf *ret_why)
{
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	auto_buf struct buf setting = BUF_INIT(256);
	buf_printf(&setting, "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = %d", WAL_BYTES_KEPT);
	if (sqlite3_db_readonly(db->sqlite, NULL) == 1) {
		buf_text(ret_why, strerror(EROFS));
		return -EROFS;
	}
	int error = run_text(db, buf_cstr(&setting));
	if (error == 0 && version < SCHEMA_VERSION)
		error = migrate(db);
	if (error)
		buf_text(ret_why, db_why(db));
	return error;
}

static int
prepare_to_read(int64_t version, struct buf *ret_why)
{
	if (version == SCHEMA_VERSION)
		return 0;
	buf_text(ret_why,
	    version ? "written by an older version; cometcanaryd brings it up to date when it starts" : "empty");
	return version ? -ENOTSUP : -ENOENT;
}

static int
inspect(struct db *db, bool read_only, struct buf *ret_why)
{
	int64_t version = 0;
	int error = configure(db);
	if (error) {
		buf_text(ret_why, db_why(db));
		return error;
	}
	error = identify(db, &version, ret_why);
	if (error == 0)
		error = check(db, ret_why);
	if (error == 0)
		error = read_only ? prepare_to_read(version, ret_why) : prepare_to_write(db, version, ret_why);
	return error;
}

int
db_open(const char *path, bool read_only, struct buf *ret_why, struct db **ret_db)
{
	int error = 0;
	if (read_only && access(path, R_OK) != 0)
		error = -errno;
	if (!read_only)
		error = make_folder(path);
	if (!read_only && error == 0)
		error = make_file(path);
	if (error) {
		buf_text(ret_why, strerror(-error));
		return error;
	}
	struct db *db = xcalloc(1, sizeof(*db));
	db->synchronous = -1;
	int flags = SQLITE_OPEN_NOMUTEX | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	if (sqlite3_open_v2(path, &db->sqlite, flags, NULL) == SQLITE_OK) {
		error = inspect(db, read_only, ret_why);
	} else {
		error = db_error(db);
		buf_text(ret_why, db_why(db));
	}
	if (error) {
		db_close(db);
		return error;
	}
	*ret_db = db;
	return 0;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(db->statements[i]);
	sqlite3_close(db->sqlite);
	free(db);
}
