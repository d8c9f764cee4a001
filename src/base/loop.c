/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/loop.h"

#include <stdlib.h>

#include "base/loop_backend.h"
#include "base/xalloc.h"

void
loop_init(struct loop *loop, const struct loop_ops *ops)
{
	*loop = (struct loop){ .ops = ops };
	loop->deferred.next = loop->deferred.prev = &loop->deferred;
}

void
loop_done(struct loop *loop)
{
	free(loop->heap);
}

void
loop_free(struct loop *loop)
{
	if (loop)
		loop->ops->free(loop);
}

/* ---- the turn ---- */

void
loop_turn_begin(struct loop *loop)
{
	if (loop->in_turn)
		return;
	loop->now = loop->ops->mono(loop);
	loop->wall = loop->ops->wall(loop);
	loop->in_turn = true;
}

void
loop_turn_end(struct loop *loop)
{
	loop->in_turn = false;
}

struct mono
loop_now(const struct loop *loop)
{
	return loop->in_turn ? loop->now : loop->ops->mono(loop);
}

struct wall
loop_wall(const struct loop *loop)
{
	return loop->in_turn ? loop->wall : loop->ops->wall(loop);
}

/* ---- timers: a binary heap ---- */

static bool
runs_before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due.ns != b->due.ns ? a->due.ns < b->due.ns : a->order < b->order;
}

static void
heap_put(struct loop *loop, size_t slot, struct loop_timer *timer)
{
	loop->heap[slot] = timer;
	timer->heap_slot = slot;
}

static void
heap_up(struct loop *loop, size_t slot, struct loop_timer *timer)
{
	for (; slot > 1 && runs_before(timer, loop->heap[slot / 2]); slot /= 2)
		heap_put(loop, slot, loop->heap[slot / 2]);
	heap_put(loop, slot, timer);
}

static void
heap_down(struct loop *loop, size_t slot, struct loop_timer *timer)
{
	for (;;) {
		size_t child = 2 * slot;
		if (child > loop->timers)
			break;
		if (child < loop->timers && runs_before(loop->heap[child + 1], loop->heap[child]))
			child++;
		if (!runs_before(loop->heap[child], timer))
			break;
		heap_put(loop, slot, loop->heap[child]);
		slot = child;
	}
	heap_put(loop, slot, timer);
}

static void
heap_place(struct loop *loop, size_t slot, struct loop_timer *timer)
{
	if (slot > 1 && runs_before(timer, loop->heap[slot / 2]))
		heap_up(loop, slot, timer);
	else
		heap_down(loop, slot, timer);
}

void
loop_timer_set(struct loop *loop, struct loop_timer *timer, struct mono due, loop_fn *fn, void *arg)
{
	struct mono now = loop_now(loop);
	timer->due = mono_before(due, now) ? now : due;
	timer->fn = fn;
	timer->arg = arg;
	timer->order = ++loop->order;
	if (timer->heap_slot) {
		heap_place(loop, timer->heap_slot, timer);
		return;
	}
	if (loop->timers + 1 >= loop->heap_room) {
		loop->heap_room = loop->heap_room ? 2 * loop->heap_room : 64;
		loop->heap = xrealloc(loop->heap, loop->heap_room * sizeof(loop->heap[0]));
	}
	heap_up(loop, ++loop->timers, timer);
}

void
loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	size_t slot = timer->heap_slot;
	if (!slot)
		return;
	timer->heap_slot = 0;
	struct loop_timer *last = loop->heap[loop->timers--];
	if (last != timer)
		heap_place(loop, slot, last);
}

const struct loop_timer *
loop_next_timer(const struct loop *loop)
{
	return loop->timers ? loop->heap[1] : NULL;
}

static void
note_lag(struct loop *loop, int64_t lag_ns)
{
	if (lag_ns < 0)
		lag_ns = 0;
	if (lag_ns > loop->worst_lag_ns)
		loop->worst_lag_ns = lag_ns;
	if (loop->on_lag)
		loop->on_lag(loop->lag_arg, lag_ns);
}

void
loop_run_timers(struct loop *loop)
{
	uint64_t newest = loop->order;
	while (loop->timers) {
		struct loop_timer *timer = loop->heap[1];
		if (mono_before(loop->now, timer->due) || timer->order > newest)
			break;
		loop_timer_cancel(loop, timer);
		/* A fresh reading: the timers before this one may have taken long. */
		note_lag(loop, mono_diff_ns(loop->ops->mono(loop), timer->due));
		timer->fn(timer->arg);
	}
}

int64_t
loop_take_worst_lag_ns(struct loop *loop)
{
	int64_t worst_ns = loop->worst_lag_ns;
	loop->worst_lag_ns = 0;
	return worst_ns;
}

void
loop_on_lag(struct loop *loop, void (*fn)(void *arg, int64_t lag_ns), void *arg)
{
	loop->on_lag = fn;
	loop->lag_arg = arg;
}

/* ---- deferred calls: a ring ---- */

void
loop_defer(struct loop *loop, struct loop_defer *defer, loop_fn *fn, void *arg)
{
	defer->fn = fn;
	defer->arg = arg;
	if (defer->next)
		return;
	defer->prev = loop->deferred.prev;
	defer->next = &loop->deferred;
	defer->prev->next = defer->next->prev = defer;
}

void
loop_defer_cancel(struct loop *loop, struct loop_defer *defer)
{
	(void)loop;
	if (!defer->next)
		return;
	defer->prev->next = defer->next;
	defer->next->prev = defer->prev;
	defer->next = defer->prev = NULL;
}

bool
loop_has_deferred(const struct loop *loop)
{
	return loop->deferred.next != &loop->deferred;
}

bool
loop_run_deferred(struct loop *loop)
{
	if (!loop_has_deferred(loop))
		return false;
	struct loop_defer batch = { .next = loop->deferred.next, .prev = loop->deferred.prev };
	batch.next->prev = batch.prev->next = &batch;
	loop->deferred.next = loop->deferred.prev = &loop->deferred;
	while (batch.next != &batch) {
		struct loop_defer *defer = batch.next;
		loop_defer_cancel(loop, defer);
		defer->fn(defer->arg);
	}
	return loop_has_deferred(loop);
}

/* ---- what only the backend knows ---- */

struct loop_watch *
loop_watch_new(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn, void *arg)
{
	return loop->ops->watch_new(loop, fd, events, fn, arg);
}

int
loop_watch_change(struct loop_watch *watch, unsigned events)
{
	return watch->loop->ops->watch_change(watch, events);
}

void
loop_watch_free(struct loop_watch *watch)
{
	if (watch)
		watch->loop->ops->watch_free(watch);
}

int
loop_signal(struct loop *loop, int signo, void (*fn)(void *arg, int signo), void *arg)
{
	return loop->ops->signal(loop, signo, fn, arg);
}

void
loop_wake(struct loop *loop)
{
	loop->ops->wake(loop);
}

void
loop_waker_add(struct loop *loop, struct loop_waker *waker, loop_fn *fn, void *arg)
{
	*waker = (struct loop_waker){ .fn = fn, .arg = arg, .next = loop->wakers };
	loop->wakers = waker;
}

void
loop_waker_remove(struct loop *loop, struct loop_waker *waker)
{
	for (struct loop_waker **at = &loop->wakers; *at; at = &(*at)->next) {
		if (*at != waker)
			continue;
		*at = waker->next;
		return;
	}
}

void
loop_run_wakers(struct loop *loop)
{
	struct loop_waker *next;
	for (struct loop_waker *waker = loop->wakers; waker; waker = next) {
		next = waker->next;
		waker->fn(waker->arg);
	}
}

void
loop_run(struct loop *loop)
{
	loop->ops->run(loop);
}

void
loop_stop(struct loop *loop)
{
	loop->ops->stop(loop);
}
