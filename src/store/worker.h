/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's thread and the two queues between it and the loop's thread. Operations go in by worker_submit() and come
 * back, with events, by worker_collect() after loop_wake(). Used by store/ alone.
 */
#ifndef COMETCANARY_STORE_WORKER_H
#define COMETCANARY_STORE_WORKER_H

#include <stdbool.h>

#include "store/file.h"
#include "store/op.h"

struct loop;
struct worker;

/* The file, open or not, is the thread's from now on, and its events come back as operations, after those of `events`, which are taken. 0 with owned *ret_worker, or
 * -errno. */
int worker_start(struct file *file, struct loop *loop, struct op_list *events, struct worker **ret_worker);
/* Takes all of ops. urgent: now; else within half a second. */
void worker_submit(struct worker *worker, struct op_list *ops, bool urgent);
/* Adds what is done; the events too. */
void worker_collect(struct worker *worker, struct op_list *done);
/* The file to the caller for a moment: waits for the work under way. */
struct file *worker_borrow_file(struct worker *worker);
void worker_return_file(struct worker *worker);
/* When the thread last showed that it lives. */
struct mono worker_beat(const struct worker *worker);
/* Runs what is queued, closes the file, and ends the thread. False when that took too long: the thread keeps what it
 * has, and nothing of it is freed. */
bool worker_stop(struct worker *worker);

#endif
