/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must outlive the process, in one SQLite file: baselines, active findings, what was verified and when, golden
 * heads, versions of documents, budget windows, the history of runs. Owns the file, and a thread that does all work on
 * it; callers are on the loop's thread, and so are their callbacks.
 *
 * Writes are of two classes. History may be lost: it is on disk within a second, and is dropped and counted when its
 * queue is full. Everything else is acknowledged: one commit for all that came meanwhile, then the callback.
 * Without a loop (commands) there is no thread: each call does its work before it returns, its callback inside.
 */
#ifndef COMETCANARY_STORE_STORE_H
#define COMETCANARY_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

struct loop;
struct record;
struct store;

/* A few things of each kind, found by a key of the caller's choice, such as "chat/sync". */
enum store_kind {
	STORE_BASELINE,
	STORE_FINDINGS, /* active ones */
	STORE_VERIFIED, /* when a probe last showed that a part of a contract holds */
	STORE_GOLDEN, /* heads of exemplary answers */
	STORE_DOCUMENT, /* the last 20 versions under each key */
	STORE_KIND_COUNT
};

enum { STORE_KEY_MAX = 512, STORE_VALUE_MAX = 16 * 1024 * 1024, STORE_CLAIMS_MAX = 8 };

struct store_item {
	enum store_kind kind;
	struct str key; /* 1 to STORE_KEY_MAX bytes */
	struct wall at;
	struct str value; /* at most STORE_VALUE_MAX bytes */
};

/* By key, the newest version first. Owned by whoever got it. */
struct store_items {
	struct store_item *list;
	size_t count;
	char *text; /* what the views point into */
};

enum store_event {
	STORE_DOWN, /* writes fail; text: why. Tried again by itself */
	STORE_UP, /* they succeed again */
	STORE_SET_ASIDE, /* the file was damaged, text: its new name; a new one is in place, and empty */
	STORE_CHANGED, /* another process has written: what was loaded may be old */
};

struct store_options {
	const char *path; /* absolute; "" = no store: nothing is kept, and calls end in -ENODEV */
	int64_t retention_ns; /* of the history; 0 = for ever */
	bool read_only; /* without a loop: the file is there, and stays as it is */
	struct loop *loop; /* NULL = no thread; see above */
	void (*event)(void *arg, enum store_event event, const char *text); /* NULL = not told */
	void *arg;
};

/* 0 with owned *ret_store; -errno with the reason for people in ret_why. The file and its folder are made when missing,
 * for the owner alone. A file of a newer version, or of another program, is refused and not touched (-ENOTSUP).
 * With a loop nothing else is a failure: a damaged file is set aside, and what cannot be opened now is tried again. */
int store_open(const struct store_options *options, struct buf *ret_why, struct store **ret_store);
/* Writes what is queued. Callbacks that are still due are not called. False when the disk did not answer in time: what
 * was queued may be lost. NULL is fine. */
bool store_close(struct store *store);
/* The history is kept for so long from now on. */
void store_retain(struct store *store, int64_t retention_ns);
/* False for path "". */
bool store_is_on(const struct store *store);
/* The thread has hung for 30 s in something, such as a disk that does not answer. */
bool store_is_stuck(const struct store *store, struct mono now);

struct store_stats {
	uint64_t ok, failed; /* writes of both classes */
	uint64_t dropped; /* history that found the queue full */
};
struct store_stats store_stats(const struct store *store);

/* Called once, never inside the call that asked for it (but without a loop). 0: the change is on disk. -EAGAIN: the
 * queue is full; -ENODEV: no store; -EINVAL, -EFBIG: key or value; else what the disk said. After a failure the change is
 * not there. */
typedef void store_done_fn(void *arg, int error);
/* items: borrowed, gone after the call; empty after a failure. */
typedef void store_load_fn(void *arg, int error, const struct store_items *items);

/* One row of the history, and the time of the last run. NULL and path "" are fine. */
void store_history(struct store *store, const struct record *record);

/* The item is copied. fn NULL: nobody needs to know. */
void store_put(struct store *store, const struct store_item *item, store_done_fn *fn, void *arg);
void store_remove(struct store *store, enum store_kind kind, struct str key, store_done_fn *fn, void *arg);
/* All of a kind, as it is after everything that was asked before. */
void store_load(struct store *store, enum store_kind kind, store_load_fn *fn, void *arg);
/* Likewise of one key. */
void store_load_key(struct store *store, enum store_kind kind, struct str key, store_load_fn *fn, void *arg);

struct store_amount {
	int64_t requests, tokens, usd_micro; /* not negative, but in store_budget_adjust() */
};

#define STORE_NO_LIMIT INT64_MAX

/* Some of one budget's window. */
struct store_claim {
	const char *budget;
	int64_t window_start_s; /* since 1970 */
	struct store_amount amount;
	struct store_amount limit; /* of the whole window; STORE_NO_LIMIT. Not looked at by store_budget_adjust() */
};

struct store_grant {
	int error; /* as of store_done_fn; then nothing is granted */
	bool granted;
	size_t denied_by; /* the first claim that did not fit, when nothing failed */
	struct store_amount spent[STORE_CLAIMS_MAX]; /* of each claim's window afterwards */
};
typedef void store_grant_fn(void *arg, const struct store_grant *grant);

/* All claims or none, whoever else uses the file. count: 1 to STORE_CLAIMS_MAX. */
void store_budget_reserve(
    struct store *store, const struct store_claim *claims, size_t count, store_grant_fn *fn, void *arg);
/* Adds amounts, negative ones too, whatever the limit: what was really spent minus what was reserved. Stays above 0.
 * fn may be NULL. */
void
store_budget_adjust(struct store *store, const struct store_claim *claims, size_t count, store_grant_fn *fn, void *arg);

/* The rest waits for the disk: for the time before the loop runs, and for commands. 0 or -errno. */

/* key absent = all of the kind. *ret_items is owned: store_items_done(). */
int store_read(struct store *store, enum store_kind kind, struct str key, struct store_items *ret_items);
/* The newest of a key; NULL when there is none. Borrowed. */
const struct store_item *store_items_find(const struct store_items *items, struct str key);
void store_items_done(struct store_items *items);
#define auto_store_items ATTR_CLEANUP(store_items_done)

/* Zeros for a window that nobody has used. */
int store_budget_spent(struct store *store, const char *budget, int64_t window_start_s, struct store_amount *ret_spent);

struct store_last_run {
	struct str endpoint, probe;
	struct wall run, success; /* us 0 = never */
	struct str outcome; /* of the run; empty = it is no longer in the history */
};
int store_last_runs(struct store *store, void (*fn)(void *arg, const struct store_last_run *last), void *arg);

#endif
