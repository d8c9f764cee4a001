/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/loop.h"
#include "base/xalloc.h"

#define HISTORY_DELAY_NS (NS_PER_SEC / 2)
#define TICK_NS NS_PER_SEC
#define STOP_NS (4 * NS_PER_SEC) /* what the drain leaves of the 30 s that a container gets */

struct worker {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	struct loop *loop; /* NULL = nobody waits for the thread any more */
	pthread_cond_t wake, ended_cond;
	struct op_list queue, done;
	struct mono due; /* of the queue; never while it is empty */
	bool stopping, ended;
	pthread_mutex_t file_lock; /* held while the thread works on the file */
	struct file *file;
	struct mono next_tick;
	_Atomic int64_t beat_ns;
};

static struct timespec
timespec_of(struct mono t)
{
	return (struct timespec){ .tv_sec = t.ns / NS_PER_SEC, .tv_nsec = t.ns % NS_PER_SEC };
}

static struct mono
earlier(struct mono a, struct mono b)
{
	return mono_before(a, b) ? a : b;
}

/* ---- on the thread ---- */

static void
hand_back(struct worker *worker, struct op_list *ops)
{
	pthread_mutex_lock(&worker->lock);
	op_list_join(&worker->done, ops);
	if (worker->loop)
		loop_wake(worker->loop);
	pthread_mutex_unlock(&worker->lock);
}

/* From inside of the file's work. */
static void
on_event(void *arg, enum store_event event, const char *text)
{
	struct op_list one = { 0 };
	op_list_add(&one, op_new_event(event, text));
	hand_back(arg, &one);
}

static void
work(struct worker *worker, struct op_list *ops)
{
	struct mono now = clock_mono();
	pthread_mutex_lock(&worker->file_lock);
	if (ops->first)
		file_run(worker->file, ops);
	if (!mono_before(now, worker->next_tick)) {
		file_tick(worker->file);
		worker->next_tick = mono_add_ns(now, TICK_NS);
	}
	pthread_mutex_unlock(&worker->file_lock);
	if (ops->first)
		hand_back(worker, ops);
}

/* Waits until there is something to do; false when that is to end. */
static bool
await(struct worker *worker, struct op_list *ret_ops)
{
	pthread_mutex_lock(&worker->lock);
	for (;;) {
		struct mono next = worker->queue.first ? earlier(worker->due, worker->next_tick) : worker->next_tick;
		if (worker->stopping || !mono_before(clock_mono(), next))
			break;
		struct timespec until = timespec_of(next);
		pthread_cond_timedwait(&worker->wake, &worker->lock, &until);
	}
	bool more = !worker->stopping || worker->queue.first;
	op_list_join(ret_ops, &worker->queue);
	pthread_mutex_unlock(&worker->lock);
	return more;
}

static void *
run(void *arg)
{
	struct worker *worker = arg;
	struct op_list ops = { 0 };
	for (;;) {
		atomic_store(&worker->beat_ns, clock_mono().ns);
		if (!await(worker, &ops))
			break;
		work(worker, &ops);
	}
	file_close(worker->file);
	pthread_mutex_lock(&worker->lock);
	worker->ended = true;
	pthread_cond_signal(&worker->ended_cond);
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

/* ---- on the loop's thread ---- */

static void
make_locks(struct worker *worker)
{
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&worker->wake, &monotonic);
	pthread_cond_init(&worker->ended_cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_mutex_init(&worker->file_lock, NULL);
}

static void
worker_free(struct worker *worker)
{
	op_list_free(&worker->queue);
	op_list_free(&worker->done);
	pthread_cond_destroy(&worker->wake);
	pthread_cond_destroy(&worker->ended_cond);
	pthread_mutex_destroy(&worker->lock);
	pthread_mutex_destroy(&worker->file_lock);
	free(worker);
}

int
worker_start(struct file *file, struct loop *loop, struct op_list *events, struct worker **ret_worker)
{
	struct worker *worker = xcalloc(1, sizeof(*worker));
	make_locks(worker);
	worker->loop = loop;
	worker->file = file;
	file->event = on_event;
	file->arg = worker;
	worker->next_tick = mono_add_ns(clock_mono(), TICK_NS);
	atomic_store(&worker->beat_ns, clock_mono().ns);
	/* Signals are the loop's. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&worker->thread, NULL, run, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error) {
		worker_free(worker);
		return -error;
	}
	hand_back(worker, events);
	*ret_worker = worker;
	return 0;
}

void
worker_submit(struct worker *worker, struct op_list *ops, bool urgent)
{
	struct mono due = mono_add_ns(clock_mono(), urgent ? 0 : HISTORY_DELAY_NS);
	pthread_mutex_lock(&worker->lock);
	bool sooner = !worker->queue.first || mono_before(due, worker->due);
	if (sooner)
		worker->due = due;
	op_list_join(&worker->queue, ops);
	if (sooner)
		pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
}

void
worker_collect(struct worker *worker, struct op_list *done)
{
	pthread_mutex_lock(&worker->lock);
	op_list_join(done, &worker->done);
	pthread_mutex_unlock(&worker->lock);
}

struct file *
worker_borrow_file(struct worker *worker)
{
	pthread_mutex_lock(&worker->file_lock);
	return worker->file;
}

void
worker_return_file(struct worker *worker)
{
	pthread_mutex_unlock(&worker->file_lock);
}

struct mono
worker_beat(const struct worker *worker)
{
	return (struct mono){ atomic_load(&worker->beat_ns) };
}

bool
worker_stop(struct worker *worker)
{
	struct timespec until = timespec_of(mono_add_ns(clock_mono(), STOP_NS));
	int error = 0;
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_cond_signal(&worker->wake);
	while (!worker->ended && error == 0)
		error = pthread_cond_timedwait(&worker->ended_cond, &worker->lock, &until);
	bool ended = worker->ended;
	worker->loop = NULL;
	pthread_mutex_unlock(&worker->lock);
	if (!ended) {
		pthread_detach(worker->thread);
		return false;
	}
	pthread_join(worker->thread, NULL);
	worker_free(worker);
	return true;
}
