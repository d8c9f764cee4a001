/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/loop_backend.h"
#include "base/xalloc.h"

/* Turns without time going by: more than any honest scenario needs, so that a call that defers itself for ever shows. */
enum { QUIET_TURNS_MAX = 1000000 };

struct loop_sim {
	struct loop loop;
	struct mono mono;
	int64_t wall_offset_us; /* wall clock minus monotonic clock */
	bool running, stopped;
	atomic_bool woken;
};

static struct loop_sim *
sim_of(struct loop *loop)
{
	return CONTAINER_OF(loop, struct loop_sim, loop);
}

static struct mono
sim_mono(const struct loop *loop)
{
	return ((const struct loop_sim *)loop)->mono;
}

static struct wall
sim_wall(const struct loop *loop)
{
	const struct loop_sim *sim = (const struct loop_sim *)loop;
	return (struct wall){ sim->mono.ns / NS_PER_US + sim->wall_offset_us };
}

static struct loop_watch *
sim_watch_new(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn, void *arg)
{
	(void)loop, (void)fd, (void)events, (void)fn, (void)arg;
	assert(false && "descriptors cannot be watched on simulated time");
	errno = ENOTSUP;
	return NULL;
}

static int
sim_watch_change(struct loop_watch *watch, unsigned events)
{
	(void)watch, (void)events;
	return -ENOTSUP;
}

static void
sim_watch_free(struct loop_watch *watch)
{
	(void)watch;
}

static int
sim_signal(struct loop *loop, int signo, void (*fn)(void *arg, int signo), void *arg)
{
	(void)loop, (void)signo, (void)fn, (void)arg;
	return -ENOTSUP;
}

static void
sim_wake(struct loop *loop)
{
	atomic_store(&sim_of(loop)->woken, true);
}

/* One turn; false when there was nothing to do. */
static bool
turn(struct loop_sim *sim)
{
	struct loop *loop = &sim->loop;
	const struct loop_timer *next = loop_next_timer(loop);
	bool woken = atomic_exchange(&sim->woken, false);
	bool due = next && !mono_before(sim->mono, next->due);
	if (!woken && !due && !loop_has_deferred(loop))
		return false;
	loop_turn_begin(loop);
	if (woken)
		loop_run_wakers(loop);
	loop_run_timers(loop);
	loop_run_deferred(loop);
	loop_turn_end(loop);
	return true;
}

static void
settle(struct loop_sim *sim)
{
	int turns = 0;
	while (!sim->stopped && turn(sim)) {
		if (++turns > QUIET_TURNS_MAX) {
			fputs("cometcanary: the simulated loop does not come to rest\n", stderr);
			abort();
		}
	}
}

/* Up to `limit`, or (NULL) until nothing is armed. */
static void
run_until(struct loop_sim *sim, const struct mono *limit)
{
	assert(!sim->running);
	sim->running = true;
	sim->stopped = false;
	for (;;) {
		settle(sim);
		const struct loop_timer *next = loop_next_timer(&sim->loop);
		if (sim->stopped || !next || (limit && mono_before(*limit, next->due)))
			break;
		if (mono_before(sim->mono, next->due))
			sim->mono = next->due;
	}
	if (limit && !sim->stopped && mono_before(sim->mono, *limit))
		sim->mono = *limit;
	sim->running = false;
}

static void
sim_run(struct loop *loop)
{
	run_until(sim_of(loop), NULL);
}

static void
sim_stop(struct loop *loop)
{
	sim_of(loop)->stopped = true;
}

static void
sim_free(struct loop *loop)
{
	loop_done(loop);
	free(sim_of(loop));
}

static const struct loop_ops sim_ops = {
	.mono = sim_mono,
	.wall = sim_wall,
	.watch_new = sim_watch_new,
	.watch_change = sim_watch_change,
	.watch_free = sim_watch_free,
	.signal = sim_signal,
	.wake = sim_wake,
	.run = sim_run,
	.stop = sim_stop,
	.free = sim_free,
};

struct loop *
loop_sim_new(struct mono mono, struct wall wall)
{
	struct loop_sim *sim = xcalloc(1, sizeof(*sim));
	loop_init(&sim->loop, &sim_ops);
	sim->mono = mono;
	sim->wall_offset_us = wall.us - mono.ns / NS_PER_US;
	return &sim->loop;
}

void
loop_sim_advance(struct loop *loop, int64_t ns)
{
	struct mono limit = mono_add_ns(sim_of(loop)->mono, ns);
	run_until(sim_of(loop), &limit);
}

void
loop_sim_settle(struct loop *loop)
{
	loop_sim_advance(loop, 0);
}

void
loop_sim_step_wall(struct loop *loop, int64_t us)
{
	sim_of(loop)->wall_offset_us += us;
}

void
loop_sim_stall(struct loop *loop, int64_t ns)
{
	struct loop_sim *sim = sim_of(loop);
	sim->mono = mono_add_ns(sim->mono, ns);
}
