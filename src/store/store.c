/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store/store.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/xalloc.h"
#include "model/phase.h"
#include "model/record.h"
#include "store/file.h"
#include "store/op.h"
#include "store/rows.h"
#include "store/worker.h"

enum {
	HISTORY_WAITING_MAX = 8192,
	OTHERS_WAITING_MAX = 4096,
	BYTES_WAITING_MAX = 64 * 1024 * 1024, /* of items */
};

#define STUCK_NS (30 * NS_PER_SEC)

struct store {
	struct store_options options; /* without the path */
	struct file *file; /* NULL = off; with a worker, the worker's */
	struct worker *worker; /* NULL = no thread */
	struct loop_waker waker;
	struct loop_defer submit, refuse;
	struct op_list fresh; /* asked for in this turn */
	bool urgent; /* one of them has somebody waiting */
	struct op_list refused; /* to be told so */
	size_t history_waiting, others_waiting, bytes_waiting;
	struct store_stats stats;
};

/* ---- asking ---- */

static size_t
bytes_of(const struct op *op)
{
	return op->kind == OP_PUT ? op->item.key.len + op->item.value.len : 0;
}

static void
count(struct store *store, const struct op *op)
{
	if (op_is_write(op))
		*(op->error ? &store->stats.failed : &store->stats.ok) += 1;
}

/* The end of every operation but events. */
static void
finish(struct op *op)
{
	op_tell(op);
	op_free(op);
}

static void
on_refuse(void *arg)
{
	struct store *store = arg;
	struct op_list list = store->refused;
	store->refused = (struct op_list){ 0 };
	for (struct op *op = op_list_take(&list); op; op = op_list_take(&list))
		finish(op);
}

static void
refuse(struct store *store, struct op *op, int error)
{
	op->error = error;
	if (error != -ENODEV)
		count(store, op);
	if (!store->options.loop) {
		finish(op);
		return;
	}
	op_list_add(&store->refused, op);
	loop_defer(store->options.loop, &store->refuse, on_refuse, store);
}

static void
on_submit(void *arg)
{
	struct store *store = arg;
	worker_submit(store->worker, &store->fresh, store->urgent);
	store->urgent = false;
}

static void
run_now(struct store *store, struct op *op)
{
	struct op_list one = { 0 };
	op_list_add(&one, op);
	file_run(store->file, &one);
	count(store, op);
	finish(op);
}

static void
ask(struct store *store, struct op *op)
{
	if (!store->file) {
		refuse(store, op, -ENODEV);
		return;
	}
	if (!store->worker) {
		run_now(store, op);
		return;
	}
	if (op->kind == OP_HISTORY && store->history_waiting >= HISTORY_WAITING_MAX) {
		store->stats.dropped++;
		op_free(op);
		return;
	}
	if (op->kind != OP_HISTORY &&
	    (store->others_waiting >= OTHERS_WAITING_MAX || store->bytes_waiting + bytes_of(op) > BYTES_WAITING_MAX)) {
		refuse(store, op, -EAGAIN);
		return;
	}
	*(op->kind == OP_HISTORY ? &store->history_waiting : &store->others_waiting) += 1;
	store->bytes_waiting += bytes_of(op);
	store->urgent = store->urgent || op->kind != OP_HISTORY;
	op_list_add(&store->fresh, op);
	loop_defer(store->options.loop, &store->submit, on_submit, store);
}

static void
tell_event(void *arg, enum store_event event, const char *text)
{
	struct store *store = arg;
	if (store->options.event)
		store->options.event(store->options.arg, event, text);
}

static void
on_wake(void *arg)
{
	struct store *store = arg;
	struct op_list done = { 0 };
	worker_collect(store->worker, &done);
	for (struct op *op = op_list_take(&done); op; op = op_list_take(&done)) {
		if (op->kind == OP_EVENT) {
			tell_event(store, op->event, op->text);
			op_free(op);
			continue;
		}
		*(op->kind == OP_HISTORY ? &store->history_waiting : &store->others_waiting) -= 1;
		store->bytes_waiting -= bytes_of(op);
		count(store, op);
		finish(op);
	}
}

/* ---- opening and closing ---- */

static void
free_file(struct file *file)
{
	file_close(file);
	free(file->path);
	free(file);
}

/* What is told while the file is opened waits for the loop with the rest. */
static void
keep_event(void *arg, enum store_event event, const char *text)
{
	op_list_add(arg, op_new_event(event, text));
}

static int
open_file(struct store *store, const struct store_options *options, struct op_list *events, struct buf *ret_why)
{
	struct file *file = xcalloc(1, sizeof(*file));
	file->path = xstrdup(options->path);
	atomic_store(&file->retention_ns, options->retention_ns);
	file->read_only = options->read_only;
	file->self_healing = options->loop;
	file->event = keep_event;
	file->arg = events;
	int error = file_open(file, ret_why);
	if (error == 0 && options->loop)
		error = worker_start(file, options->loop, events, &store->worker);
	if (error) {
		free_file(file);
		return error;
	}
	if (!options->loop) {
		file->event = tell_event;
		file->arg = store;
	}
	store->file = file;
	return 0;
}

int
store_open(const struct store_options *options, struct buf *ret_why, struct store **ret_store)
{
	struct store *store = xcalloc(1, sizeof(*store));
	struct op_list events = { 0 };
	store->options = *options;
	store->options.path = NULL;
	int error = options->path[0] ? open_file(store, options, &events, ret_why) : 0;
	op_list_free(&events);
	if (error) {
		free(store);
		return error;
	}
	if (store->worker)
		loop_waker_add(options->loop, &store->waker, on_wake, store);
	*ret_store = store;
	return 0;
}

bool
store_close(struct store *store)
{
	if (!store)
		return true;
	bool ended = true;
	struct loop *loop = store->options.loop;
	if (loop) {
		loop_defer_cancel(loop, &store->submit);
		loop_defer_cancel(loop, &store->refuse);
		loop_waker_remove(loop, &store->waker);
	}
	if (store->worker) {
		worker_submit(store->worker, &store->fresh, true);
		ended = worker_stop(store->worker);
	}
	if (store->file && ended)
		free_file(store->file);
	op_list_free(&store->refused);
	free(store);
	return ended;
}

void
store_retain(struct store *store, int64_t retention_ns)
{
	if (store->file)
		atomic_store(&store->file->retention_ns, retention_ns);
}

bool
store_is_on(const struct store *store)
{
	return store->file;
}

bool
store_is_stuck(const struct store *store, struct mono now)
{
	return store->worker && mono_diff_ns(now, worker_beat(store->worker)) > STUCK_NS;
}

struct store_stats
store_stats(const struct store *store)
{
	return store->stats;
}

/* ---- writes and loads ---- */

static int64_t
us_of(int64_t ns)
{
	return ns == PHASE_ABSENT ? -1 : ns / NS_PER_US;
}

void
store_history(struct store *store, const struct record *record)
{
	static const struct timeline never;
	if (!store || !store->file)
		return;
	const struct timeline *at = record->exchange ? &record->exchange->at : &never;
	const struct findings *findings = &record->reply->findings;
	struct op *op = op_new(OP_HISTORY);
	op->text = xstrdup(record->endpoint->name);
	op->run = (struct op_run){ .finished = record->finished,
		.probe = record->probe,
		.outcome = record->verdict.outcome,
		.http_status = record->exchange && record->exchange->status > 0 ? record->exchange->status : -1,
		.latency_us = us_of(phase_total_ns(at)),
		.ttft_us = us_of(phase_first_content_ns(at)),
		.input_tokens = record->reply->usage.input_tokens,
		.output_tokens = record->reply->usage.output_tokens,
		.usage = record->reply->usage.verdict,
		.findings = (int64_t)(findings->count + findings->dropped) };
	size_t len = record->run_id.len < OP_RUN_ID_MAX ? record->run_id.len : OP_RUN_ID_MAX - 1;
	memcpy(op->run.run_id, record->run_id.at, len);
	ask(store, op);
}

static int
check_item(const struct store_item *item)
{
	bool too_long = item->key.len > STORE_KEY_MAX || item->value.len > STORE_VALUE_MAX;
	return item->key.len == 0 ? -EINVAL : too_long ? -EFBIG : 0;
}

static void
ask_item(struct store *store, enum op_kind kind, const struct store_item *item, store_done_fn *fn, void *arg)
{
	struct op *op = op_new(kind);
	op->fn.done = fn;
	op->arg = arg;
	int error = check_item(item);
	if (error) {
		refuse(store, op, error);
		return;
	}
	op_set_item(op, item);
	ask(store, op);
}

void
store_put(struct store *store, const struct store_item *item, store_done_fn *fn, void *arg)
{
	ask_item(store, OP_PUT, item, fn, arg);
}

void
store_remove(struct store *store, enum store_kind kind, struct str key, store_done_fn *fn, void *arg)
{
	const struct store_item item = { .kind = kind, .key = key };
	ask_item(store, OP_REMOVE, &item, fn, arg);
}

void
store_load_key(struct store *store, enum store_kind kind, struct str key, store_load_fn *fn, void *arg)
{
	const struct store_item wanted = { .kind = kind, .key = key };
	struct op *op = op_new(OP_LOAD);
	op_set_item(op, &wanted);
	op->fn.load = fn;
	op->arg = arg;
	ask(store, op);
}

void
store_load(struct store *store, enum store_kind kind, store_load_fn *fn, void *arg)
{
	store_load_key(store, kind, STR_NONE, fn, arg);
}

static void
ask_budget(struct store *store, struct op *op, const struct store_claim *claims, size_t claim_count)
{
	if (op_set_claims(op, claims, claim_count))
		ask(store, op);
	else
		refuse(store, op, -EINVAL);
}

void
store_budget_reserve(
    struct store *store, const struct store_claim *claims, size_t claim_count, store_grant_fn *fn, void *arg)
{
	struct op *op = op_new(OP_RESERVE);
	op->fn.grant = fn;
	op->arg = arg;
	ask_budget(store, op, claims, claim_count);
}

void
store_budget_adjust(
    struct store *store, const struct store_claim *claims, size_t claim_count, store_grant_fn *fn, void *arg)
{
	struct op *op = op_new(OP_ADJUST);
	op->fn.grant = fn;
	op->arg = arg;
	ask_budget(store, op, claims, claim_count);
}

/* ---- reads that wait ---- */

static struct file *
borrow_file(struct store *store)
{
	return store->worker ? worker_borrow_file(store->worker) : store->file;
}

static void
return_file(struct store *store)
{
	if (store->worker)
		worker_return_file(store->worker);
}

int
store_read(struct store *store, enum store_kind kind, struct str key, struct store_items *ret_items)
{
	*ret_items = (struct store_items){ 0 };
	struct file *file = borrow_file(store);
	if (!file)
		return -ENODEV;
	int error = file->db ? rows_read_items(file->db, kind, key, ret_items) : file->error;
	return_file(store);
	return error;
}

const struct store_item *
store_items_find(const struct store_items *items, struct str key)
{
	for (size_t i = 0; i < items->count; i++)
		if (str_eq(items->list[i].key, key))
			return &items->list[i];
	return NULL;
}

void
store_items_done(struct store_items *items)
{
	free(items->list);
	free(items->text);
	*items = (struct store_items){ 0 };
}

int
store_budget_spent(struct store *store, const char *budget, int64_t window_start_s, struct store_amount *ret_spent)
{
	*ret_spent = (struct store_amount){ 0 };
	struct file *file = borrow_file(store);
	if (!file)
		return -ENODEV;
	int error = file->db ? rows_read_budget(file->db, budget, window_start_s, ret_spent) : file->error;
	return_file(store);
	return error;
}

int
store_last_runs(struct store *store, void (*fn)(void *arg, const struct store_last_run *last), void *arg)
{
	struct file *file = borrow_file(store);
	if (!file)
		return -ENODEV;
	int error = file->db ? rows_read_last_runs(file->db, fn, arg) : file->error;
	return_file(store);
	return error;
}
