/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "store/rows.h"

enum {
	NAME_BYTES_MAX = 8192,
	WHY_BYTES_MAX = 1024,
	SAME_SECOND_MAX = 100, /* damaged files of one second */
	BUDGET_DAYS_KEPT = 400, /* longer than any window */
};

#define OPEN_EVERY_NS NS_PER_SEC
#define PRUNE_EVERY_NS (60 * NS_PER_SEC)

static void
tell(struct file *file, enum store_event event, const char *text)
{
	if (file->event)
		file->event(file->arg, event, text);
}

/* ---- up and down ---- */

static void
go_down(struct file *file, const char *why)
{
	if (!file->down)
		tell(file, STORE_DOWN, why);
	file->down = true;
}

static void
go_up(struct file *file)
{
	if (file->down)
		tell(file, STORE_UP, "");
	file->down = false;
}

/* NAME.corrupt-20261122T100000Z, or with a number behind it. False when it cannot be renamed. */
static bool
rename_away(const char *path, struct buf *ret_name)
{
	auto_buf struct buf time = BUF_INIT(NAME_BYTES_MAX);
	wall_format_rfc3339(&time, clock_wall());
	auto_buf struct buf stamp = BUF_INIT(NAME_BYTES_MAX);
	for (const char *at = buf_cstr(&time); *at && *at != '.'; at++)
		if (*at != '-' && *at != ':')
			buf_char(&stamp, *at);
	for (int i = 1; i <= SAME_SECOND_MAX; i++) {
		buf_reset(ret_name);
		buf_printf(ret_name, "%s.corrupt-%sZ", path, buf_cstr(&stamp));
		if (i > 1)
			buf_printf(ret_name, "-%d", i);
		if (renameat2(AT_FDCWD, path, AT_FDCWD, buf_cstr(ret_name), RENAME_NOREPLACE) == 0)
			return true;
		if (errno == EINVAL) /* a file system without that flag */
			return rename(path, buf_cstr(ret_name)) == 0;
		if (errno != EEXIST)
			return false;
	}
	return false;
}

/* With its log, which belongs to it; what is shared memory goes. */
static bool
set_aside(struct file *file)
{
	auto_buf struct buf name = BUF_INIT(NAME_BYTES_MAX), from = BUF_INIT(NAME_BYTES_MAX),
			    to = BUF_INIT(NAME_BYTES_MAX);
	if (!rename_away(file->path, &name))
		return false;
	buf_printf(&from, "%s-wal", file->path);
	buf_printf(&to, "%s-wal", buf_cstr(&name));
	if (rename(buf_cstr(&from), buf_cstr(&to)) != 0)
		unlink(buf_cstr(&from));
	buf_reset(&from);
	buf_printf(&from, "%s-shm", file->path);
	unlink(buf_cstr(&from));
	tell(file, STORE_SET_ASIDE, buf_cstr(&name));
	return true;
}

static void
remember(struct file *file)
{
	struct stat seen;
	if (stat(file->path, &seen) == 0) {
		file->device = seen.st_dev;
		file->inode = seen.st_ino;
	}
	file->data_version = 0;
	db_data_version(file->db, &file->data_version);
}

static int
open_once(struct file *file, struct buf *ret_why)
{
	int error = db_open(file->path, file->read_only, ret_why, &file->db);
	if (error == -EUCLEAN && file->self_healing && set_aside(file)) {
		buf_reset(ret_why);
		error = db_open(file->path, file->read_only, ret_why, &file->db);
	}
	file->error = error;
	if (error == 0)
		remember(file);
	return error;
}

int
file_open(struct file *file, struct buf *ret_why)
{
	int error = open_once(file, ret_why);
	if (error && file->self_healing && error != -ENOTSUP) {
		file->next_open = mono_add_ns(clock_mono(), OPEN_EVERY_NS);
		go_down(file, buf_cstr(ret_why));
		return 0;
	}
	return error;
}

void
file_close(struct file *file)
{
	db_close(file->db);
	file->db = NULL;
}

static bool
is_replaced(const struct file *file)
{
	struct stat seen;
	return stat(file->path, &seen) != 0 || seen.st_dev != file->device || seen.st_ino != file->inode;
}

/* Open, and the file that bears the name; or why not. */
static int
ensure(struct file *file)
{
	struct mono now = clock_mono();
	if (file->db && file->self_healing && is_replaced(file)) {
		file_close(file);
		file->next_open = (struct mono){ 0 };
	}
	if (file->db || !file->self_healing)
		return file->db ? 0 : file->error;
	if (mono_before(now, file->next_open))
		return file->error;
	auto_buf struct buf why = BUF_INIT(WHY_BYTES_MAX);
	file->next_open = mono_add_ns(now, OPEN_EVERY_NS);
	int error = open_once(file, &why);
	if (error)
		go_down(file, buf_cstr(&why));
	else
		tell(file, STORE_CHANGED, "");
	return error;
}

/* A full disk and a locked file need patience alone, everything else a new connection. */
static void
give_up(struct file *file, int error)
{
	auto_free char *why = xstrdup(db_why(file->db));
	db_rollback(file->db);
	go_down(file, why);
	if (!file->self_healing || error == -ENOSPC || error == -EBUSY || error == -EFBIG)
		return;
	file_close(file);
	file->error = error;
	if (error == -EUCLEAN && set_aside(file))
		file->next_open = (struct mono){ 0 };
}

/* ---- work ---- */

/* One transaction; the disk is waited for when anybody waits for an answer. */
static int
transact(struct file *file, const struct op_list *ops)
{
	bool durable = false;
	for (const struct op *op = ops->first; op; op = op->next)
		durable = durable || (op_is_write(op) && op->kind != OP_HISTORY);
	int error = ensure(file);
	if (error)
		return error;
	error = db_begin(file->db, durable);
	for (struct op *op = ops->first; op && error == 0; op = op->next)
		if (op_is_write(op))
			error = rows_run(op, file->db);
	if (error == 0)
		error = db_commit(file->db);
	if (error)
		give_up(file, error);
	else
		go_up(file);
	return error;
}

static void
write_all(struct file *file, struct op_list *ops)
{
	bool writes = false;
	for (const struct op *op = ops->first; op; op = op->next)
		writes = writes || op_is_write(op);
	int error = writes ? transact(file, ops) : 0;
	for (struct op *op = ops->first; op; op = op->next)
		if (op_is_write(op))
			op->error = error;
}

void
file_run(struct file *file, struct op_list *ops)
{
	write_all(file, ops);
	for (struct op *op = ops->first; op; op = op->next) {
		if (op->kind != OP_LOAD)
			continue;
		op->error = ensure(file);
		if (op->error == 0)
			op->error = rows_run(op, file->db);
	}
}

static void
prune(struct file *file)
{
	struct mono now = clock_mono();
	int64_t retention_ns = atomic_load(&file->retention_ns);
	if (file->read_only || retention_ns <= 0 || mono_before(now, file->next_prune))
		return;
	struct wall today = clock_wall();
	struct wall history_before = { today.us - retention_ns / NS_PER_US };
	struct wall budgets_before = { today.us - BUDGET_DAYS_KEPT * 86400 * US_PER_SEC };
	bool more;
	int error = rows_prune(file->db, history_before, budgets_before, &more);
	if (error == 0 && more)
		return;
	file->next_prune = mono_add_ns(now, PRUNE_EVERY_NS);
}

void
file_tick(struct file *file)
{
	if (ensure(file) != 0)
		return;
	int64_t version;
	if (db_data_version(file->db, &version) == 0 && version != file->data_version) {
		file->data_version = version;
		tell(file, STORE_CHANGED, "");
	}
	prune(file);
}
