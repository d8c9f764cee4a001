/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file over time: opened again after it failed, set aside when it is damaged, noticed when it was replaced or when
 * others have written, pruned. On the store's thread (or the command's, which has no other). Used by store/ alone.
 */
#ifndef COMETCANARY_STORE_FILE_H
#define COMETCANARY_STORE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/db.h"
#include "store/op.h"

struct file {
	char *path; /* owned */
	_Atomic int64_t retention_ns; /* the only thing that others write */
	bool read_only;
	bool self_healing; /* set damaged files aside, try again what failed: the daemon's way */
	void (*event)(void *arg, enum store_event event, const char *text); /* on this thread */
	void *arg;

	struct db *db; /* NULL = not open */
	int error; /* of the last attempt to open, while it is not */
	bool down; /* told */
	struct mono next_open, next_prune;
	dev_t device;
	ino_t inode;
	int64_t data_version;
};

/* With the upper half of the struct filled in. 0, or -errno with the reason in ret_why; a self-healing file fails only
 * when it must be left alone (-ENOTSUP). */
int file_open(struct file *file, struct buf *ret_why);
void file_close(struct file *file);

/* Runs all operations: the writes in one transaction, then the loads. Each op's error is set. */
void file_run(struct file *file, struct op_list *ops);
/* About once a second: what nobody asks for. */
void file_tick(struct file *file);

#endif
