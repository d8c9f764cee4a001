/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"

/* What ran, in order: each callback adds its letter. */
static struct {
	char text[256];
	size_t len;
} ran;

struct item {
	char letter;
	struct loop *loop;
	struct loop_timer timer;
	struct loop_defer defer;
	struct item *other;
	int rounds;
	int64_t stall_ns;
	struct mono at;
};

static void
note(struct item *item)
{
	assert_true(ran.len < sizeof(ran.text) - 1);
	ran.text[ran.len++] = item->letter;
	ran.text[ran.len] = '\0';
	item->at = loop_now(item->loop);
}

static void
expect_ran(const char *text)
{
	assert_string_equal(ran.text, text);
	ran.len = 0;
	ran.text[0] = '\0';
}

static void
fn_note(void *arg)
{
	note(arg);
}

static void
fn_stop(void *arg)
{
	struct item *item = arg;
	note(item);
	loop_stop(item->loop);
}

static void
set_ms(struct item *item, int64_t ms, loop_fn *fn)
{
	loop_timer_set(item->loop, &item->timer, mono_add_ns(loop_now(item->loop), ms * NS_PER_MS), fn, item);
}

/* The same tests run on both backends. */
static struct loop *
new_uv(void)
{
	return loop_uv_new();
}

static struct loop *
new_sim(void)
{
	return loop_sim_new((struct mono){ 5 * NS_PER_SEC }, (struct wall){ 1000 * US_PER_SEC });
}

static void
timers_in_order(struct loop *(*make)(void))
{
	struct loop *loop = make();
	struct item a = { .letter = 'a', .loop = loop }, b = { .letter = 'b', .loop = loop };
	struct item c = { .letter = 'c', .loop = loop }, d = { .letter = 'd', .loop = loop };
	struct mono base = loop_now(loop);
	loop_timer_set(loop, &c.timer, mono_add_ns(base, 9 * NS_PER_MS), fn_note, &c);
	loop_timer_set(loop, &a.timer, mono_add_ns(base, 3 * NS_PER_MS), fn_note, &a);
	loop_timer_set(loop, &b.timer, mono_add_ns(base, 3 * NS_PER_MS), fn_note, &b); /* a tie: armed later */
	loop_timer_set(loop, &d.timer, mono_add_ns(base, 1 * NS_PER_MS), fn_stop, &d);
	loop_timer_set(loop, &d.timer, mono_add_ns(base, 12 * NS_PER_MS), fn_stop, &d); /* moved */
	loop_run(loop);
	expect_ran("abcd");
	assert_true(mono_diff_ns(a.at, base) >= 3 * NS_PER_MS);
	assert_true(mono_diff_ns(c.at, base) >= 9 * NS_PER_MS);
	assert_true(mono_diff_ns(d.at, base) >= 12 * NS_PER_MS);
	assert_int_equal(a.timer.heap_slot, 0);
	loop_free(loop);
}

static void
fn_cancel_other(void *arg)
{
	struct item *item = arg;
	note(item);
	loop_timer_cancel(item->loop, &item->other->timer);
	loop_defer_cancel(item->loop, &item->other->defer);
}

static void
cancel_in_callback(struct loop *(*make)(void))
{
	struct loop *loop = make();
	struct item b = { .letter = 'b', .loop = loop }, a = { .letter = 'a', .loop = loop, .other = &b };
	struct item z = { .letter = 'z', .loop = loop };
	struct mono due = mono_add_ns(loop_now(loop), NS_PER_MS);
	loop_timer_set(loop, &a.timer, due, fn_cancel_other, &a);
	loop_timer_set(loop, &b.timer, due, fn_note, &b); /* due in the same turn, and cancelled in it */
	loop_timer_set(loop, &z.timer, due, fn_stop, &z);
	loop_run(loop);
	expect_ran("az");

	/* the same among deferred calls of one batch */
	loop_defer(loop, &a.defer, fn_cancel_other, &a);
	loop_defer(loop, &b.defer, fn_note, &b);
	loop_defer(loop, &z.defer, fn_stop, &z);
	loop_run(loop);
	expect_ran("az");
	loop_free(loop);
}

static void
fn_again(void *arg)
{
	struct item *item = arg;
	note(item);
	if (--item->rounds > 0)
		loop_timer_set(item->loop, &item->timer, (struct mono){ 1 }, fn_again, item);
	else
		loop_stop(item->loop);
}

/* A timer that is armed in the past runs in the next turn: others are not starved. */
static void
past_means_next_turn(struct loop *(*make)(void))
{
	struct loop *loop = make();
	struct item a = { .letter = 'a', .loop = loop, .rounds = 3 }, b = { .letter = 'b', .loop = loop };
	struct mono due = mono_add_ns(loop_now(loop), NS_PER_MS);
	loop_timer_set(loop, &a.timer, due, fn_again, &a);
	loop_timer_set(loop, &b.timer, due, fn_note, &b);
	loop_run(loop);
	expect_ran("abaa");
	loop_free(loop);
}

static void
fn_defer_self(void *arg)
{
	struct item *item = arg;
	note(item);
	if (--item->rounds > 0)
		loop_defer(item->loop, &item->defer, fn_defer_self, item);
	else
		loop_stop(item->loop);
}

static void
fn_defer_other(void *arg)
{
	struct item *item = arg;
	note(item);
	loop_defer(item->loop, &item->other->defer, fn_defer_self, item->other);
	loop_defer(item->loop, &item->other->defer, fn_defer_self, item->other); /* queued once */
}

static void
deferred_after_callback(struct loop *(*make)(void))
{
	struct loop *loop = make();
	struct item d = { .letter = 'd', .loop = loop, .rounds = 3 };
	struct item a = { .letter = 'a', .loop = loop, .other = &d }, b = { .letter = 'b', .loop = loop };
	struct mono due = mono_add_ns(loop_now(loop), NS_PER_MS);
	loop_timer_set(loop, &a.timer, due, fn_defer_other, &a);
	loop_timer_set(loop, &b.timer, due, fn_note, &b);
	loop_run(loop);
	expect_ran("abddd");
	loop_free(loop);
}

static void
fn_wake(void *arg)
{
	struct item *item = arg;
	note(item);
	loop_stop(item->loop);
}

static void *
wake_thread(void *arg)
{
	loop_wake(arg);
	return NULL;
}

static void
wake_from_thread(struct loop *(*make)(void))
{
	struct loop *loop = make();
	struct item w = { .letter = 'w', .loop = loop }, never = { .letter = 'n', .loop = loop };
	set_ms(&never, 60000, fn_stop);
	struct loop_waker waker, second, gone;
	struct item s = { .letter = 's', .loop = loop }, g = { .letter = 'g', .loop = loop };
	loop_waker_add(loop, &waker, fn_wake, &w);
	loop_waker_add(loop, &gone, fn_note, &g);
	loop_waker_add(loop, &second, fn_note, &s);
	loop_waker_remove(loop, &gone);
	loop_waker_remove(loop, &gone);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, wake_thread, loop), 0);
	if (make == new_sim) /* simulated time would run to the timer before the thread gets a core */
		pthread_join(thread, NULL);
	loop_run(loop);
	if (make != new_sim)
		pthread_join(thread, NULL);
	expect_ran("sw");
	loop_free(loop);
}

static void
heap_against_sorting(struct loop *(*make)(void))
{
	enum { COUNT = 500 };
	struct loop *loop = make();
	struct item *items = xcalloc(COUNT, sizeof(items[0]));
	unsigned seed = 7;
	struct mono base = mono_add_ns(loop_now(loop), -NS_PER_SEC);
	for (int i = 0; i < COUNT; i++) {
		items[i] = (struct item){ .letter = '.', .loop = loop };
		seed = seed * 1103515245 + 12345;
		loop_timer_set(loop, &items[i].timer,
		    mono_add_ns(base, (seed >> 8) % 1000 * NS_PER_US + 2 * NS_PER_SEC), fn_note, &items[i]);
		if (i % 3 == 0)
			loop_timer_cancel(loop, &items[i / 2].timer);
	}
	struct mono last = { 0 };
	size_t left = 0;
	for (int i = 0; i < COUNT; i++)
		left += items[i].timer.heap_slot != 0;
	assert_true(left > 200);
	/* Take them out in the order of the heap by cancelling the smallest each time. */
	for (; left > 0; left--) {
		struct item *first = NULL;
		for (int i = 0; i < COUNT; i++)
			if (items[i].timer.heap_slot == 1)
				first = &items[i];
		assert_non_null(first);
		assert_false(mono_before(first->timer.due, last));
		last = first->timer.due;
		loop_timer_cancel(loop, &first->timer);
	}
	free(items);
	loop_free(loop);
}

#define ON_BOTH(name) \
	static void test_##name##_sim(void **state) \
	{ \
		(void)state; \
		name(new_sim); \
	} \
	static void test_##name##_uv(void **state) \
	{ \
		(void)state; \
		name(new_uv); \
	}
ON_BOTH(timers_in_order)
ON_BOTH(cancel_in_callback)
ON_BOTH(past_means_next_turn)
ON_BOTH(deferred_after_callback)
ON_BOTH(wake_from_thread)
ON_BOTH(heap_against_sorting)

/* ---- the simulated clock ---- */

static void
test_sim_advance(void **state)
{
	(void)state;
	struct loop *loop = new_sim();
	struct item a = { .letter = 'a', .loop = loop }, b = { .letter = 'b', .loop = loop };
	struct mono base = loop_now(loop);
	set_ms(&a, 10, fn_note);
	set_ms(&b, 11, fn_note);
	loop_sim_advance(loop, 10 * NS_PER_MS - 1);
	expect_ran("");
	loop_sim_advance(loop, 1);
	expect_ran("a");
	assert_int_equal(mono_diff_ns(a.at, base), 10 * NS_PER_MS); /* exactly */
	loop_sim_advance(loop, 86400 * NS_PER_SEC);
	expect_ran("b");
	assert_int_equal(mono_diff_ns(b.at, base), 11 * NS_PER_MS);
	assert_int_equal(mono_diff_ns(loop_now(loop), base), 86400 * NS_PER_SEC + 10 * NS_PER_MS);
	assert_int_equal(loop_take_worst_lag_ns(loop), 0);
	loop_free(loop);
}

static void
test_sim_settle(void **state)
{
	(void)state;
	struct loop *loop = new_sim();
	struct item a = { .letter = 'a', .loop = loop, .rounds = 3 };
	struct mono base = loop_now(loop);
	loop_timer_set(loop, &a.timer, base, fn_again, &a);
	loop_sim_settle(loop);
	expect_ran("aaa");
	assert_int_equal(loop_now(loop).ns, base.ns);
	loop_free(loop);
}

static void
test_sim_wall_steps(void **state)
{
	(void)state;
	struct loop *loop = new_sim();
	struct item a = { .letter = 'a', .loop = loop };
	assert_int_equal(loop_wall(loop).us, 1000 * US_PER_SEC);
	loop_sim_advance(loop, NS_PER_SEC);
	assert_int_equal(loop_wall(loop).us, 1001 * US_PER_SEC);
	set_ms(&a, 100, fn_note);
	loop_sim_step_wall(loop, -3600 * US_PER_SEC);
	assert_int_equal(loop_wall(loop).us, (1001 - 3600) * US_PER_SEC);
	loop_sim_settle(loop);
	expect_ran(""); /* timers live on the other clock */
	loop_sim_advance(loop, 100 * NS_PER_MS);
	expect_ran("a");
	assert_int_equal(loop_wall(loop).us, (1001 - 3600) * US_PER_SEC + 100000);
	loop_free(loop);
}

static void
fn_stall(void *arg)
{
	struct item *item = arg;
	note(item);
	loop_sim_stall(item->loop, item->stall_ns);
}

static int64_t lags[8];
static size_t lag_count;

static void
on_lag(void *arg, int64_t lag_ns)
{
	(void)arg;
	assert_true(lag_count < 8);
	lags[lag_count++] = lag_ns;
}

static void
test_sim_stall(void **state)
{
	(void)state;
	struct loop *loop = new_sim();
	struct item a = { .letter = 'a', .loop = loop, .stall_ns = 40 * NS_PER_MS };
	struct item b = { .letter = 'b', .loop = loop };
	struct mono base = loop_now(loop);
	lag_count = 0;
	loop_on_lag(loop, on_lag, NULL);
	set_ms(&a, 10, fn_stall);
	set_ms(&b, 20, fn_note);
	loop_sim_advance(loop, 10 * NS_PER_MS);
	expect_ran("ab"); /* the stall carried b past its time */
	assert_int_equal(mono_diff_ns(b.at, base), 50 * NS_PER_MS);
	assert_int_equal(lag_count, 2);
	assert_int_equal(lags[0], 0);
	assert_int_equal(lags[1], 30 * NS_PER_MS);
	assert_int_equal(loop_take_worst_lag_ns(loop), 30 * NS_PER_MS);
	assert_int_equal(loop_take_worst_lag_ns(loop), 0);

	/* a stall outside a turn: nothing runs before the loop gets its chance */
	set_ms(&b, 5, fn_note);
	loop_sim_stall(loop, 1000 * NS_PER_MS);
	expect_ran("");
	loop_sim_settle(loop);
	expect_ran("b");
	assert_int_equal(loop_take_worst_lag_ns(loop), 995 * NS_PER_MS);
	loop_on_lag(loop, NULL, NULL);
	loop_free(loop);
}

static void
test_sim_has_no_signals(void **state)
{
	(void)state;
	struct loop *loop = new_sim();
	assert_int_equal(loop_signal(loop, SIGUSR1, NULL, NULL), -ENOTSUP);
	loop_free(loop);
}

/* ---- the real one ---- */

static void
on_signal(void *arg, int signo)
{
	assert_int_equal(signo, SIGUSR1);
	fn_stop(arg);
}

static void
test_uv_signal(void **state)
{
	(void)state;
	struct loop *loop = loop_uv_new();
	struct item s = { .letter = 's', .loop = loop };
	assert_int_equal(loop_signal(loop, SIGUSR1, on_signal, &s), 0);
	assert_int_equal(loop_signal(loop, SIGKILL, on_signal, &s), -EINVAL);
	raise(SIGUSR1);
	loop_run(loop);
	expect_ran("s");
	loop_free(loop);
}

static void
test_uv_clocks(void **state)
{
	(void)state;
	struct loop *loop = loop_uv_new();
	assert_true(llabs(mono_diff_ns(clock_mono(), loop_now(loop))) < NS_PER_SEC);
	assert_true(llabs(clock_wall().us - loop_wall(loop).us) < US_PER_SEC);
	loop_free(loop);
}

/* A callback that takes long makes the next timer late, and that is seen. */
static void
fn_burn(void *arg)
{
	struct item *item = arg;
	note(item);
	struct mono until = mono_add_ns(clock_mono(), item->stall_ns);
	while (mono_before(clock_mono(), until))
		;
}

static void
test_uv_lag(void **state)
{
	(void)state;
	struct loop *loop = loop_uv_new();
	struct item a = { .letter = 'a', .loop = loop, .stall_ns = 30 * NS_PER_MS };
	struct item b = { .letter = 'b', .loop = loop };
	set_ms(&a, 1, fn_burn);
	set_ms(&b, 2, fn_stop);
	loop_run(loop);
	expect_ran("ab");
	assert_true(loop_take_worst_lag_ns(loop) >= 28 * NS_PER_MS);
	loop_free(loop);
}

struct pipe_end {
	struct item item;
	int fd;
	struct loop_watch *watch;
	unsigned seen;
	struct pipe_end *replace; /* freed, its descriptor closed and opened anew, from this one's callback */
};

static void
on_readable(void *arg, int fd, unsigned events)
{
	struct pipe_end *end = arg;
	assert_int_equal(fd, end->fd);
	end->seen |= events;
	note(&end->item);
	if (--end->item.rounds > 0)
		return; /* level-triggered: comes again */
	loop_watch_free(end->watch); /* inside its own callback */
	end->watch = NULL;
	loop_stop(end->item.loop);
}

static void
test_uv_level_triggered(void **state)
{
	(void)state;
	struct loop *loop = loop_uv_new();
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	struct pipe_end end = { .item = { .letter = 'r', .loop = loop, .rounds = 3 }, .fd = fds[0] };
	end.watch = loop_watch_new(loop, fds[0], LOOP_READ, on_readable, &end);
	assert_non_null(end.watch);
	loop_run(loop);
	expect_ran("rrr");
	assert_int_equal(end.seen, LOOP_READ);
	close(fds[0]);
	close(fds[1]);
	loop_free(loop);
}

static void
on_writable(void *arg, int fd, unsigned events)
{
	struct pipe_end *end = arg;
	(void)fd;
	end->seen |= events;
	note(&end->item);
	assert_int_equal(loop_watch_change(end->watch, LOOP_READ), 0);
}

static void
test_uv_change(void **state)
{
	(void)state;
	struct loop *loop = loop_uv_new();
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	struct pipe_end end = { .item = { .letter = 'w', .loop = loop }, .fd = fds[0] };
	struct item stop = { .letter = 's', .loop = loop };
	end.watch = loop_watch_new(loop, fds[0], LOOP_READ | LOOP_WRITE, on_writable, &end);
	set_ms(&stop, 20, fn_stop);
	loop_run(loop);
	expect_ran("ws"); /* once: after the change it waits for something to read */
	assert_int_equal(end.seen, LOOP_WRITE);
	loop_watch_free(end.watch);
	close(fds[0]);
	close(fds[1]);
	loop_free(loop);
}

/* The first of two ready watches frees the second, whose descriptor number is reused at once by something quiet:
 * the waiting event must not reach the new watch. */
static void
on_replace(void *arg, int fd, unsigned events)
{
	struct pipe_end *end = arg, *other = end->replace;
	(void)events;
	note(&end->item);
	loop_watch_free(end->watch);
	end->watch = NULL;
	if (!other->watch)
		return;
	loop_watch_free(other->watch);
	int quiet[2], number = other->fd;
	assert_int_equal(pipe(quiet), 0);
	assert_int_equal(dup2(quiet[0], number), number);
	close(quiet[0]);
	other->watch = loop_watch_new(end->item.loop, number, LOOP_READ, on_readable, other);
	assert_non_null(other->watch);
	other->item.rounds = quiet[1]; /* kept open, so that there is no end of file */
	(void)fd;
}

static void
test_uv_descriptor_reuse(void **state)
{
	(void)state;
	struct loop *loop = loop_uv_new();
	int a[2], b[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, b), 0);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(write(b[1], "x", 1), 1);
	struct pipe_end one = { .item = { .letter = '1', .loop = loop }, .fd = a[0] };
	struct pipe_end two = { .item = { .letter = '1', .loop = loop }, .fd = b[0] };
	one.replace = &two;
	two.replace = &one;
	one.watch = loop_watch_new(loop, a[0], LOOP_READ, on_replace, &one);
	two.watch = loop_watch_new(loop, b[0], LOOP_READ, on_replace, &two);
	struct item stop = { .letter = 's', .loop = loop };
	set_ms(&stop, 20, fn_stop);
	loop_run(loop);
	expect_ran("1s"); /* whichever came first replaced the other */
	struct pipe_end *quiet = one.watch ? &one : &two;
	loop_watch_free(quiet->watch);
	close(quiet->item.rounds);
	close(a[0]);
	close(a[1]);
	close(b[0]);
	close(b[1]);
	loop_free(loop);
}

/* A refused connection is an error event, and comes again until somebody does something about it. */
static void
test_uv_error_event(void **state)
{
	(void)state;
	struct loop *loop = loop_uv_new();
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	close(fds[0]); /* writing has become an error */
	struct pipe_end end = { .item = { .letter = 'e', .loop = loop, .rounds = 2 }, .fd = fds[1] };
	end.watch = loop_watch_new(loop, fds[1], LOOP_WRITE, on_readable, &end);
	loop_run(loop);
	expect_ran("ee");
	assert_true(end.seen & LOOP_ERROR);
	close(fds[1]);
	loop_free(loop);
}

static void
test_uv_bad_descriptor(void **state)
{
	(void)state;
	struct loop *loop = loop_uv_new();
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	close(fds[1]);
	errno = 0;
	assert_null(loop_watch_new(loop, fds[0], LOOP_READ, on_readable, NULL));
	assert_int_equal(errno, EBADF);
	loop_free(loop);
}

static void
test_uv_free_with_all_armed(void **state)
{
	(void)state;
	struct loop *loop = loop_uv_new();
	struct item a = { .letter = 'a', .loop = loop };
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	set_ms(&a, 0, fn_note);
	loop_defer(loop, &a.defer, fn_note, &a);
	assert_int_equal(loop_signal(loop, SIGUSR2, on_signal, &a), 0);
	assert_non_null(loop_watch_new(loop, fds[1], LOOP_WRITE, on_writable, NULL));
	loop_stop(loop);
	loop_free(loop);
	expect_ran("");
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timers_in_order_sim),
		cmocka_unit_test(test_timers_in_order_uv),
		cmocka_unit_test(test_cancel_in_callback_sim),
		cmocka_unit_test(test_cancel_in_callback_uv),
		cmocka_unit_test(test_past_means_next_turn_sim),
		cmocka_unit_test(test_past_means_next_turn_uv),
		cmocka_unit_test(test_deferred_after_callback_sim),
		cmocka_unit_test(test_deferred_after_callback_uv),
		cmocka_unit_test(test_wake_from_thread_sim),
		cmocka_unit_test(test_wake_from_thread_uv),
		cmocka_unit_test(test_heap_against_sorting_sim),
		cmocka_unit_test(test_heap_against_sorting_uv),
		cmocka_unit_test(test_sim_advance),
		cmocka_unit_test(test_sim_settle),
		cmocka_unit_test(test_sim_wall_steps),
		cmocka_unit_test(test_sim_stall),
		cmocka_unit_test(test_sim_has_no_signals),
		cmocka_unit_test(test_uv_signal),
		cmocka_unit_test(test_uv_clocks),
		cmocka_unit_test(test_uv_lag),
		cmocka_unit_test(test_uv_level_triggered),
		cmocka_unit_test(test_uv_change),
		cmocka_unit_test(test_uv_descriptor_reuse),
		cmocka_unit_test(test_uv_error_event),
		cmocka_unit_test(test_uv_bad_descriptor),
		cmocka_unit_test(test_uv_free_with_all_armed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
