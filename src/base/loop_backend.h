/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What loop.c shares with its two backends, and with nobody else: the timer heap, the deferred calls, the lag. A backend
 * embeds struct loop as its first member, and makes turns: loop_turn_begin(), loop_run_timers(), loop_run_deferred(),
 * loop_turn_end().
 */
#ifndef COMETCANARY_BASE_LOOP_BACKEND_H
#define COMETCANARY_BASE_LOOP_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"

struct loop_ops {
	struct mono (*mono)(const struct loop *loop);
	struct wall (*wall)(const struct loop *loop);
	struct loop_watch *(*watch_new)(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn, void *arg);
	int (*watch_change)(struct loop_watch *watch, unsigned events);
	void (*watch_free)(struct loop_watch *watch);
	int (*signal)(struct loop *loop, int signo, void (*fn)(void *arg, int signo), void *arg);
	void (*wake)(struct loop *loop); /* any thread */
	void (*run)(struct loop *loop);
	void (*stop)(struct loop *loop);
	void (*free)(struct loop *loop);
};

struct loop {
	const struct loop_ops *ops;
	bool in_turn;
	struct mono now; /* the turn's readings; meaningless outside a turn */
	struct wall wall;
	struct loop_timer **heap; /* from 1; the root is the next that is due */
	size_t timers, heap_room;
	uint64_t order;
	struct loop_defer deferred; /* the list's ring */
	struct loop_waker *wakers;
	void (*on_lag)(void *arg, int64_t lag_ns);
	void *lag_arg;
	int64_t worst_lag_ns;
};

/* What loop_watch_change() and loop_watch_free() find first in a backend's watch. */
struct loop_watch {
	struct loop *loop;
};

void loop_init(struct loop *loop, const struct loop_ops *ops);
void loop_done(struct loop *loop);
/* Reads the clocks, once a turn. */
void loop_turn_begin(struct loop *loop);
void loop_turn_end(struct loop *loop);
/* NULL when none is armed. */
const struct loop_timer *loop_next_timer(const struct loop *loop);
/* Those that were armed before the call and are due at the turn's reading. */
void loop_run_timers(struct loop *loop);
/* Those that were deferred before the call; true when there are more by then. */
bool loop_run_deferred(struct loop *loop);
void loop_run_wakers(struct loop *loop);
bool loop_has_deferred(const struct loop *loop);

#endif
