/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include <uv.h>

#include "base/loop_backend.h"
#include "base/xalloc.h"

/*
 * A turn in libuv's order: timers, prepare, wait, descriptors, check. Every callback begins a turn (reads the clocks);
 * prepare ends it. Deferred calls run in check, and in prepare, where those of the timers are left; when more are left
 * after that, an idle handle keeps the loop from waiting.
 */
struct loop_uv {
	struct loop loop;
	uv_loop_t uv;
	uv_timer_t timer; /* armed for the root of the heap */
	struct mono timer_due; /* what it is armed for; 0 = not armed */
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t idle;
	uv_async_t wake;
};

struct signal_watch {
	uv_signal_t uv; /* first: freed as a whole when libuv has closed it */
	struct loop *loop;
	void (*fn)(void *arg, int signo);
	void *arg;
};

struct watch_uv {
	uv_poll_t uv; /* first, likewise */
	struct loop_watch watch;
	int fd;
	unsigned events;
	loop_watch_fn *fn;
	void *arg;
};

static struct loop_uv *
uv_of(struct loop *loop)
{
	return CONTAINER_OF(loop, struct loop_uv, loop);
}

static struct mono
real_mono(const struct loop *loop)
{
	(void)loop;
	return clock_mono();
}

static struct wall
real_wall(const struct loop *loop)
{
	(void)loop;
	return clock_wall();
}

static void
free_handle(uv_handle_t *handle)
{
	free(handle);
}

/* ---- the turn ---- */

static void
on_timer(uv_timer_t *handle)
{
	struct loop_uv *self = handle->data;
	self->timer_due = (struct mono){ 0 };
	/* The timers' own reading, also when a turn of descriptors is still open. */
	loop_turn_end(&self->loop);
	loop_turn_begin(&self->loop);
	loop_run_timers(&self->loop);
}

static void
arm_timer(struct loop_uv *self)
{
	const struct loop_timer *next = loop_next_timer(&self->loop);
	if (!next) {
		if (self->timer_due.ns)
			uv_timer_stop(&self->timer);
		self->timer_due = (struct mono){ 0 };
		return;
	}
	if (next->due.ns == self->timer_due.ns)
		return;
	/* libuv counts whole ms of the same clock: rounded up, or the loop would spin until the time has come. */
	uint64_t due_ms = (uint64_t)((next->due.ns + NS_PER_MS - 1) / NS_PER_MS);
	uv_update_time(&self->uv);
	uint64_t now_ms = uv_now(&self->uv);
	uv_timer_start(&self->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
	self->timer_due = next->due;
}

static void
on_idle(uv_idle_t *handle)
{
	(void)handle;
}

static void
on_prepare(uv_prepare_t *handle)
{
	struct loop_uv *self = handle->data;
	if (loop_has_deferred(&self->loop))
		loop_turn_begin(&self->loop);
	if (loop_run_deferred(&self->loop))
		uv_idle_start(&self->idle, on_idle);
	else
		uv_idle_stop(&self->idle);
	arm_timer(self);
	/* libuv reckons how long to wait from its cached time, which the callbacks of this turn have made old. */
	uv_update_time(&self->uv);
	loop_turn_end(&self->loop);
}

static void
on_check(uv_check_t *handle)
{
	struct loop_uv *self = handle->data;
	if (!loop_has_deferred(&self->loop))
		return;
	loop_turn_begin(&self->loop);
	loop_run_deferred(&self->loop);
}

static void
on_async(uv_async_t *handle)
{
	struct loop *loop = handle->data;
	loop_turn_begin(loop);
	loop_run_wakers(loop);
}

static void
uv_loop_wake(struct loop *loop)
{
	uv_async_send(&uv_of(loop)->wake);
}

static void
uv_loop_run(struct loop *loop)
{
	uv_run(&uv_of(loop)->uv, UV_RUN_DEFAULT);
	loop_turn_end(loop);
}

static void
uv_loop_stop(struct loop *loop)
{
	uv_stop(&uv_of(loop)->uv);
}

/* ---- descriptors ---- */

static struct watch_uv *
watch_of(struct loop_watch *watch)
{
	return CONTAINER_OF(watch, struct watch_uv, watch);
}

static int
to_uv(unsigned events)
{
	return (events & LOOP_READ ? UV_READABLE : 0) | (events & LOOP_WRITE ? UV_WRITABLE : 0);
}

static void
on_poll(uv_poll_t *handle, int status, int events)
{
	struct watch_uv *self = CONTAINER_OF(handle, struct watch_uv, uv);
	unsigned seen = 0;
	if (status < 0) {
		/* libuv has stopped watching. The reader must hear of it, and again while it does nothing about it. */
		uv_poll_start(handle, to_uv(self->events), on_poll);
		seen = LOOP_ERROR | self->events;
	}
	if (events & UV_READABLE)
		seen |= LOOP_READ;
	if (events & UV_WRITABLE)
		seen |= LOOP_WRITE;
	loop_turn_begin(self->watch.loop);
	self->fn(self->arg, self->fd, seen);
}

static struct loop_watch *
uv_watch_new(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn, void *arg)
{
	struct watch_uv *self = xcalloc(1, sizeof(*self));
	int rc = uv_poll_init(&uv_of(loop)->uv, &self->uv, fd);
	if (rc < 0) {
		free(self);
		errno = -rc;
		return NULL;
	}
	self->watch.loop = loop;
	self->fd = fd;
	self->events = events;
	self->fn = fn;
	self->arg = arg;
	rc = uv_poll_start(&self->uv, to_uv(events), on_poll);
	if (rc < 0) {
		loop_watch_free(&self->watch);
		errno = -rc;
		return NULL;
	}
	return &self->watch;
}

static int
uv_watch_change(struct loop_watch *watch, unsigned events)
{
	struct watch_uv *self = watch_of(watch);
	if (self->events == events)
		return 0;
	self->events = events;
	return uv_poll_start(&self->uv, to_uv(events), on_poll);
}

static void
uv_watch_free(struct loop_watch *watch)
{
	struct watch_uv *self = watch_of(watch);
	/* Takes the descriptor out of epoll and out of the events that wait in this turn; the memory goes a turn later. */
	uv_close((uv_handle_t *)&self->uv, free_handle);
}

/* ---- signals ---- */

static void
on_signal(uv_signal_t *handle, int signo)
{
	struct signal_watch *self = CONTAINER_OF(handle, struct signal_watch, uv);
	loop_turn_begin(self->loop);
	self->fn(self->arg, signo);
}

static int
uv_loop_signal(struct loop *loop, int signo, void (*fn)(void *arg, int signo), void *arg)
{
	struct signal_watch *self = xcalloc(1, sizeof(*self));
	int rc = uv_signal_init(&uv_of(loop)->uv, &self->uv);
	if (rc < 0) {
		free(self);
		return rc;
	}
	self->loop = loop;
	self->fn = fn;
	self->arg = arg;
	rc = uv_signal_start(&self->uv, on_signal, signo);
	if (rc < 0)
		uv_close((uv_handle_t *)&self->uv, free_handle);
	return rc;
}

/* ---- beginning and end ---- */

static void
close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (uv_is_closing(handle))
		return;
	bool ours_to_free = handle->type == UV_POLL || handle->type == UV_SIGNAL;
	uv_close(handle, ours_to_free ? free_handle : NULL);
}

static void
uv_loop_free(struct loop *loop)
{
	struct loop_uv *self = uv_of(loop);
	/* Nothing of what is armed or deferred runs any more: the handles that would run it are closing. */
	uv_walk(&self->uv, close_handle, NULL);
	while (uv_loop_alive(&self->uv))
		uv_run(&self->uv, UV_RUN_DEFAULT);
	uv_loop_close(&self->uv);
	loop_done(loop);
	free(self);
}

static const struct loop_ops uv_ops = {
	.mono = real_mono,
	.wall = real_wall,
	.watch_new = uv_watch_new,
	.watch_change = uv_watch_change,
	.watch_free = uv_watch_free,
	.signal = uv_loop_signal,
	.wake = uv_loop_wake,
	.run = uv_loop_run,
	.stop = uv_loop_stop,
	.free = uv_loop_free,
};

struct loop *
loop_uv_new(void)
{
	struct loop_uv *self = xcalloc(1, sizeof(*self));
	loop_init(&self->loop, &uv_ops);
	int rc = uv_loop_init(&self->uv);
	if (rc < 0) {
		free(self);
		errno = -rc;
		return NULL;
	}
	/* These cannot fail; only what needs a descriptor can. */
	uv_timer_init(&self->uv, &self->timer);
	uv_prepare_init(&self->uv, &self->prepare);
	uv_check_init(&self->uv, &self->check);
	uv_idle_init(&self->uv, &self->idle);
	self->timer.data = self->prepare.data = self->check.data = self;
	uv_prepare_start(&self->prepare, on_prepare);
	uv_check_start(&self->check, on_check);
	rc = uv_async_init(&self->uv, &self->wake, on_async);
	if (rc < 0) {
		loop_free(&self->loop);
		errno = -rc;
		return NULL;
	}
	self->wake.data = &self->loop;
	return &self->loop;
}
