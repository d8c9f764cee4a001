/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/drift.h"
#include "app/fallback.h"
#include "app/listing.h"
#include "app/pipeline.h"
#include "app/revalidate.h"
#include "app/self_check.h"
#include "app/spend.h"
#include "app/watch.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "config/load.h"
#include "record/latest.h"
#include "record/logline.h"
#include "record/metrics.h"
#include "schedule/schedule.h"
#include "store/store.h"

struct engine {
	struct engine_parts parts;
	struct config *config; /* in force, held */
	struct pipeline *pipeline;
	struct fallback *fallback;
	struct spend *spend;
	struct schedule *schedule;
	struct self_check *self_check;
	struct listing *listing;
	struct watch *watch;
	struct revalidate *revalidate;
	struct loop_defer idle_call;
	size_t in_flight; /* the pipeline still counts the run whose end it is just telling */
	bool stopping, online;
};

static void
tell_in_flight(struct engine *engine)
{
	metrics_in_flight(engine->parts.metrics, engine->in_flight);
	bool idle = engine->in_flight == 0 && fallback_in_flight(engine->fallback) == 0;
	if (engine->stopping && idle && engine->parts.idle)
		loop_defer(engine->parts.loop, &engine->idle_call, engine->parts.idle, engine->parts.arg);
}

static const struct baseline *
on_baseline(void *arg, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct engine *engine = arg;
	return drift_baseline(engine->parts.drift, endpoint, probe);
}

static void
on_inspect(void *arg, const struct endpoint *endpoint, const struct asked *asked, struct reply *reply, struct wall now)
{
	struct engine *engine = arg;
	drift_inspect(engine->parts.drift, endpoint, asked, reply, now);
}

/* Who is told to wait, waits, and who was told that the limit is used up does not run into it: for the whole provider, and
 * no longer than this whatever it says. */
#define PAUSE_MAX_NS (600 * NS_PER_SEC)

static void
on_answered(void *arg, const struct endpoint *endpoint, const struct reply *reply)
{
	struct engine *engine = arg;
	int64_t asked_ns = reply->hints.retry_after_ns;
	bool refused = reply->status == 429 || reply->status == 503 || reply->status == 529;
	int64_t pause_ns = refused ? hints_pause_ns(&reply->hints) : hints_refill_ns(&reply->hints);
	if (asked_ns != HINT_ABSENT)
		metrics_retry_after(
		    engine->parts.metrics, endpoint->provider, asked_ns < PAUSE_MAX_NS ? asked_ns : PAUSE_MAX_NS);
	if (pause_ns <= 0)
		return;
	struct mono until =
	    mono_add_ns(loop_now(engine->parts.loop), pause_ns < PAUSE_MAX_NS ? pause_ns : PAUSE_MAX_NS);
	schedule_pause(engine->schedule, endpoint->provider, until);
}

/* What cannot leave now says nothing about who was asked. The provider's own wish to wait is in the delay already. */
static bool
on_may_retry(void *arg)
{
	const struct engine *engine = arg;
	return engine->online;
}

static void
on_retry(void *arg, const struct endpoint *endpoint, enum probe_kind probe, enum outcome cause)
{
	struct engine *engine = arg;
	metrics_retry(engine->parts.metrics, endpoint, probe, cause);
	log_msg(LOG_INFO, "probe retried", LOG_F_TEXT("endpoint", endpoint->name),
	    LOG_F_TEXT("probe", probe_name(probe)), LOG_F_TEXT("outcome", outcome_code(cause)));
}

static void
on_run_done(void *arg, const struct record *record)
{
	struct engine *engine = arg;
	struct record told = *record;
	engine->in_flight--;
	schedule_finished(engine->schedule, record->endpoint, record->probe); /* its place may be the target's */
	told.fallback = fallback_take(engine->fallback, record);
	metrics_record(engine->parts.metrics, record);
	latest_record(engine->parts.latest, record);
	drift_record(engine->parts.drift, record);
	logline_write(&told);
	store_history(engine->parts.store, record);
	flight_run(engine->parts.flight, record);
	revalidate_record(engine->revalidate, record);
	tell_in_flight(engine);
}

static void
on_fallback_idle(void *arg)
{
	tell_in_flight(arg);
}

static void
on_start(void *arg, const struct endpoint *endpoint, enum probe_kind probe, int64_t lag_ns)
{
	struct engine *engine = arg;
	metrics_scheduler_lag(engine->parts.metrics, lag_ns);
	engine->in_flight++;
	pipeline_start(engine->pipeline, engine->config, endpoint, probe);
	tell_in_flight(engine);
}

static void
on_skip(void *arg, const struct endpoint *endpoint, enum probe_kind probe, enum skip_reason reason, uint64_t count)
{
	struct engine *engine = arg;
	metrics_skip(engine->parts.metrics, endpoint, probe, reason, count);
	flight_skip(engine->parts.flight, loop_wall(engine->parts.loop), endpoint, probe, reason);
	log_msg(LOG_DEBUG, "probe skipped", LOG_F_TEXT("endpoint", endpoint->name),
	    LOG_F_TEXT("probe", probe_name(probe)), LOG_F_TEXT("reason", skip_name(reason)),
	    LOG_F_INT("count", (int64_t)count));
}

static void
on_denied(void *arg, const struct endpoint *endpoint, enum probe_kind probe, struct str run_id)
{
	struct engine *engine = arg;
	(void)run_id;
	engine->in_flight--;
	on_skip(engine, endpoint, probe, SKIP_BUDGET, 1);
	schedule_finished(engine->schedule, endpoint, probe);
	revalidate_not_sent(engine->revalidate, endpoint, probe);
	tell_in_flight(engine);
}

static void
on_tick(void *arg)
{
	struct engine *engine = arg;
	struct wall now = loop_wall(engine->parts.loop);
	metrics_scheduler_tick(engine->parts.metrics, now);
	drift_tick(engine->parts.drift, now);
	spend_tick(engine->spend);
	revalidate_tick(engine->revalidate);
	if (engine->parts.tick)
		engine->parts.tick(engine->parts.arg);
}

static void
on_listed(void *arg, const struct endpoint *endpoint, bool listed)
{
	struct engine *engine = arg;
	drift_listed(engine->parts.drift, endpoint, listed, loop_wall(engine->parts.loop));
}

static void
on_self_check(void *arg, bool online)
{
	struct engine *engine = arg;
	metrics_self_online(engine->parts.metrics, online);
	schedule_set_online(engine->schedule, online);
	watch_set_online(engine->watch, online);
	if (online != engine->online) {
		const char *what = online ? "own network works again" : "own network does not work";
		log_msg(online ? LOG_INFO : LOG_WARN, what, LOG_F_BOOL("online", online));
		flight_note(engine->parts.flight, loop_wall(engine->parts.loop), what, online);
	}
	engine->online = online;
}

static void
on_doc_changed(void *arg, const struct doc *doc)
{
	struct engine *engine = arg;
	flight_note(engine->parts.flight, loop_wall(engine->parts.loop), "documentation changed", (int64_t)doc->index);
	for (size_t i = 0; doc->revalidate && i < doc->relying_count; i++)
		revalidate_begin(engine->revalidate, doc->relying[i], TRIGGER_DOC_CHANGE);
}

static int
on_revalidate(void *arg, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct engine *engine = arg;
	char run_id[RUN_ID_BYTES];
	if (schedule_objection(engine->schedule, endpoint) != SKIP_COUNT)
		return engine->stopping ? -ESHUTDOWN : -EAGAIN;
	int error = engine_probe_now(engine, endpoint, probe, run_id);
	return error == -EBUSY ? -EAGAIN : error;
}

struct engine *
engine_new(const struct engine_parts *parts)
{
	static const struct pipeline_hooks pipeline_hooks = { .baseline = on_baseline,
		.inspect = on_inspect,
		.answered = on_answered,
		.may_retry = on_may_retry,
		.retry = on_retry,
		.denied = on_denied,
		.done = on_run_done };
	static const struct schedule_hooks schedule_hooks = { .start = on_start, .skip = on_skip, .tick = on_tick };
	struct engine *engine = xcalloc(1, sizeof(*engine));
	engine->parts = *parts;
	engine->online = true;
	engine->pipeline = pipeline_new(parts->loop, parts->transport, &pipeline_hooks, engine);
	engine->spend = spend_new(parts->loop, parts->store, parts->metrics);
	pipeline_set_spend(engine->pipeline, engine->spend);
	engine->schedule = schedule_new(parts->loop, parts->seed, &schedule_hooks, engine);
	const struct fallback_parts fallback_parts = { .loop = parts->loop,
		.transport = parts->transport,
		.metrics = parts->metrics,
		.spend = engine->spend,
		.schedule = engine->schedule,
		.answered = on_answered,
		.idle = on_fallback_idle,
		.arg = engine };
	engine->fallback = fallback_new(&fallback_parts);
	engine->self_check = self_check_new(parts->loop, parts->transport, on_self_check, engine);
	engine->listing = listing_new(parts->loop, parts->transport, on_listed, engine);
	const struct watch_parts watch_parts = { .loop = parts->loop,
		.transport = parts->transport,
		.metrics = parts->metrics,
		.drift = parts->drift,
		.store = parts->store,
		.seed = parts->seed,
		.changed = on_doc_changed,
		.arg = engine };
	engine->watch = watch_new(&watch_parts);
	const struct revalidate_parts revalidate_parts = {
		.loop = parts->loop, .metrics = parts->metrics, .start = on_revalidate, .arg = engine
	};
	engine->revalidate = revalidate_new(&revalidate_parts);
	return engine;
}

void
engine_configure(struct engine *engine, struct config *config)
{
	struct config *old = engine->config;
	engine->config = config_hold(config);
	struct wall now = loop_wall(engine->parts.loop);
	metrics_configure(engine->parts.metrics, config, now);
	latest_configure(engine->parts.latest, config);
	drift_configure(engine->parts.drift, config, now);
	fallback_configure(engine->fallback, config, old);
	spend_configure(engine->spend, config);
	schedule_configure(engine->schedule, config);
	listing_configure(engine->listing, config);
	watch_configure(engine->watch, config);
	revalidate_configure(engine->revalidate, config);
	if (!self_check_configure(engine->self_check, &config->self_check)) {
		engine->online = true;
		schedule_set_online(engine->schedule, true);
		watch_set_online(engine->watch, true);
	}
	if (old)
		config_release(old);
}

const struct config *
engine_config(const struct engine *engine)
{
	return engine->config;
}

int
engine_probe_now(
    struct engine *engine, const struct endpoint *endpoint, enum probe_kind probe, char ret_run_id[RUN_ID_BYTES])
{
	int error = schedule_claim(engine->schedule, endpoint, probe);
	if (error)
		return error;
	engine->in_flight++;
	memcpy(ret_run_id, pipeline_start(engine->pipeline, engine->config, endpoint, probe), RUN_ID_BYTES);
	tell_in_flight(engine);
	return 0;
}

int
engine_revalidate(struct engine *engine, const struct endpoint *endpoint)
{
	if (engine->stopping)
		return -ESHUTDOWN;
	revalidate_begin(engine->revalidate, endpoint, TRIGGER_MANUAL);
	return 0;
}

void
engine_doc_status(const struct engine *engine, const struct doc *doc, struct doc_status *ret_status)
{
	*ret_status = (struct doc_status){ 0 };
	if (engine->watch)
		watch_status(engine->watch, doc, ret_status);
}

void
engine_revalidation_status(
    const struct engine *engine, const struct endpoint *endpoint, struct revalidation_status *ret_status)
{
	revalidate_status(engine->revalidate, endpoint, ret_status);
}

int
engine_switch_fallback(struct engine *engine, struct str policy, bool enabled)
{
	return engine->config ? fallback_switch(engine->fallback, policy, enabled) : -ENOENT;
}

void
engine_stop(struct engine *engine)
{
	engine->stopping = true;
	self_check_free(engine->self_check);
	engine->self_check = NULL;
	listing_free(engine->listing);
	engine->listing = NULL;
	watch_free(engine->watch);
	engine->watch = NULL;
	schedule_stop(engine->schedule);
	fallback_stop(engine->fallback);
	pipeline_stop_retries(engine->pipeline);
	tell_in_flight(engine);
}

size_t
engine_in_flight(const struct engine *engine)
{
	return engine->in_flight;
}

bool
engine_is_stuck(const struct engine *engine)
{
	return schedule_is_stuck(engine->schedule, loop_now(engine->parts.loop));
}

static void
on_cancelled(void *arg, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct engine *engine = arg;
	engine->in_flight--;
	on_skip(engine, endpoint, probe, SKIP_SHUTDOWN, 1);
	schedule_finished(engine->schedule, endpoint, probe);
}

void
engine_free(struct engine *engine)
{
	if (!engine)
		return;
	self_check_free(engine->self_check);
	listing_free(engine->listing);
	watch_free(engine->watch);
	schedule_stop(engine->schedule);
	pipeline_cancel_all(engine->pipeline, on_cancelled);
	loop_defer_cancel(engine->parts.loop, &engine->idle_call);
	fallback_free(engine->fallback);
	pipeline_free(engine->pipeline);
	spend_free(engine->spend);
	revalidate_free(engine->revalidate);
	schedule_free(engine->schedule);
	if (engine->config)
		config_release(engine->config);
	free(engine);
}
