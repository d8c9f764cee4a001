/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first seam: everything that waits, waits here. Timers, fd watches, deferred calls and "now", with two backends:
 * loop_uv.c (libuv, for programs) and loop_sim.c (a simulated clock, for tests: a day passes in milliseconds).
 * All calls and callbacks on the loop's own thread, except loop_wake().
 *
 * One turn: read the clock → run due timers (those due at that reading, oldest first) → run deferred calls → wait.
 */
#ifndef COMETCANARY_BASE_LOOP_H
#define COMETCANARY_BASE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct loop;

typedef void loop_fn(void *arg);

/* Embedded in its owner; zero before first use. The owner keeps it alive while it is armed. */
struct loop_timer {
	struct mono due;
	loop_fn *fn;
	void *arg;
	uint64_t order; /* of arming: the earlier of two that are due at the same time runs first */
	size_t heap_slot; /* 0 = not armed */
};

/* Embedded likewise. A deferred call runs once, after the current callback, before the loop waits; what a deferred call
 * defers runs in the next turn, which then comes without waiting. */
struct loop_defer {
	loop_fn *fn;
	void *arg;
	struct loop_defer *next, *prev; /* NULL = not queued */
};

/* Embedded likewise: what loop_wake() calls. */
struct loop_waker {
	loop_fn *fn;
	void *arg;
	struct loop_waker *next;
};

enum loop_events {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_ERROR = 4, /* reported, never asked for */
};

struct loop_watch; /* one watched file descriptor */
typedef void loop_watch_fn(void *arg, int fd, unsigned events);

/* Returns owned; NULL and errno when there are no descriptors left for it. */
struct loop *loop_uv_new(void);
/* Starts at the given times; the wall clock follows the monotonic one unless a test steps it. */
struct loop *loop_sim_new(struct mono mono, struct wall wall);
void loop_free(struct loop *loop);

/* The turn's reading of the clocks; outside a turn, a fresh one. For latency stamps inside a turn use clock_mono(). */
struct mono loop_now(const struct loop *loop);
struct wall loop_wall(const struct loop *loop);

/* Arms, or moves if armed. A due time in the past means the next turn. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, struct mono due, loop_fn *fn, void *arg);
/* Harmless when it is not armed. */
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

void loop_defer(struct loop *loop, struct loop_defer *defer, loop_fn *fn, void *arg);
void loop_defer_cancel(struct loop *loop, struct loop_defer *defer);

/* Level-triggered. events: LOOP_READ | LOOP_WRITE, not 0. One watch a descriptor; free it before the descriptor is
 * closed. Real backend only. Returns owned; NULL and errno on failure (fd limit, bad fd). */
struct loop_watch *loop_watch_new(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn, void *arg);
/* 0 or -errno. */
int loop_watch_change(struct loop_watch *watch, unsigned events);
/* Also from inside its own callback; fn is not called again. NULL is harmless. */
void loop_watch_free(struct loop_watch *watch);

/* Runs fn on the loop's thread for each signal. Real backend only. 0 or -errno. */
int loop_signal(struct loop *loop, int signo, void (*fn)(void *arg, int signo), void *arg);

/* Any thread: makes the loop turn once and call every waker's function: each looks for itself whether it is meant. */
void loop_wake(struct loop *loop);
void loop_waker_add(struct loop *loop, struct loop_waker *waker, loop_fn *fn, void *arg);
/* Not from inside of another waker's function. Harmless when it was not added. */
void loop_waker_remove(struct loop *loop, struct loop_waker *waker);

/* Until loop_stop(); a simulated loop also returns when nothing is armed or deferred. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* How late timers ran since the last call: the worst in ns. Says when a latency figure cannot be trusted. */
int64_t loop_take_worst_lag_ns(struct loop *loop);
/* Called once for each timer that ran, with how late it was; feeds cometcanary_event_loop_lag_seconds. NULL = off. */
void loop_on_lag(struct loop *loop, void (*fn)(void *arg, int64_t lag_ns), void *arg);

/* Simulated backend only: moves time, running what falls due on the way, in order. */
void loop_sim_advance(struct loop *loop, int64_t ns);
/* Runs what is due now and deferred, without moving time. */
void loop_sim_settle(struct loop *loop);
/* A step of the wall clock alone; and a stall: time goes by (on both clocks) while no timer runs. Both work inside
 * callbacks too. */
void loop_sim_step_wall(struct loop *loop, int64_t us);
void loop_sim_stall(struct loop *loop, int64_t ns);

#endif
