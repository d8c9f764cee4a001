/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/pipeline.h"

#include <stdlib.h>

#include "app/run_id.h"
#include "app/spend.h"
#include "base/arena.h"
#include "base/loop.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "classify/classify.h"
#include "config/load.h"
#include "decode/head.h"
#include "dialect/field.h"
#include "dialect/reader.h"
#include "policy/retry.h"
#include "request/build.h"
#include "transport/transport.h"

enum {
	RUN_ARENA_BYTES = 256 * 1024,
	SPARE_RUNS_MAX = 64, /* kept for the next probes, with one block of memory each */
};

/* One probe under way. Spare runs keep their arena's first block and are otherwise blank. */
struct run {
	struct pipeline *pipeline;
	struct run *next, **link; /* in pipeline->active, or next in pipeline->spare */
	struct config *config;
	const struct endpoint *endpoint;
	struct arena arena;
	struct asked asked;
	struct request request;
	struct reader reader;
	struct reply reply;
	struct transfer *transfer;
	struct loop_defer local_end;
	struct spend_claim claim;
	struct loop_timer retry_timer;
	bool waiting; /* for the next attempt; what the last one ended in is still here: */
	struct exchange exchange;
	struct verdict verdict;
	unsigned retries;
	struct kept provider_request_id;
	char run_id[RUN_ID_BYTES];
};

struct pipeline {
	struct loop *loop;
	struct transport *transport;
	const struct pipeline_hooks *hooks;
	void *arg;
	struct random random;
	struct run *active, *spare;
	size_t active_count, spare_count;
	struct spend *spend; /* NULL = nothing is limited */
	bool last_attempts; /* no run is repeated any more */
};

struct pipeline *
pipeline_new(struct loop *loop, struct transport *transport, const struct pipeline_hooks *hooks, void *arg)
{
	struct pipeline *pipeline = xmalloc(sizeof(*pipeline));
	*pipeline = (struct pipeline){
		.loop = loop,
		.transport = transport,
		.hooks = hooks,
		.arg = arg,
		.random = { random_seed() },
	};
	return pipeline;
}

void
pipeline_set_spend(struct pipeline *pipeline, struct spend *spend)
{
	pipeline->spend = spend;
}

static struct run *
take_run(struct pipeline *pipeline)
{
	struct run *run = pipeline->spare;
	if (run) {
		pipeline->spare = run->next;
		pipeline->spare_count--;
	} else {
		run = xcalloc(1, sizeof(*run));
		arena_init(&run->arena, RUN_ARENA_BYTES);
	}
	run->pipeline = pipeline;
	run->next = pipeline->active;
	run->link = &pipeline->active;
	if (run->next)
		run->next->link = &run->next;
	pipeline->active = run;
	pipeline->active_count++;
	return run;
}

static void
free_run(struct run *run)
{
	arena_done(&run->arena);
	free(run);
}

/* What an attempt leaves behind, but for its memory. */
static void
clear_attempt(struct run *run)
{
	reader_done(&run->reader);
	reply_done(&run->reply);
	request_done(&run->request);
	run->transfer = NULL;
	run->provider_request_id.given = false;
}

static void
release_run(struct run *run)
{
	struct pipeline *pipeline = run->pipeline;
	*run->link = run->next;
	if (run->next)
		run->next->link = run->link;
	pipeline->active_count--;
	loop_timer_cancel(pipeline->loop, &run->retry_timer);
	loop_defer_cancel(pipeline->loop, &run->local_end);
	spend_drop(&run->claim);
	clear_attempt(run);
	config_release(run->config);
	if (pipeline->spare_count == SPARE_RUNS_MAX) {
		free_run(run);
		return;
	}
	arena_reset(&run->arena);
	run->waiting = false;
	run->retries = 0;
	run->next = pipeline->spare;
	pipeline->spare = run;
	pipeline->spare_count++;
}

static void start_attempt(struct run *run);

static enum effect
attempt_effect(const struct run *run)
{
	return retry_effect(run->endpoint->dialect->method, &run->exchange, &run->reply);
}

static void
judge(struct run *run)
{
	struct pipeline *pipeline = run->pipeline;
	const struct pipeline_hooks *hooks = pipeline->hooks;
	if (hooks->baseline)
		run->asked.baseline = hooks->baseline(pipeline->arg, run->endpoint, run->asked.probe);
	reader_end(&run->reader);
	if (hooks->inspect)
		hooks->inspect(pipeline->arg, run->endpoint, &run->asked, &run->reply, loop_wall(pipeline->loop));
	if (hooks->answered && run->exchange.head_whole)
		hooks->answered(pipeline->arg, run->endpoint, &run->reply);
	run->verdict = classify(&run->exchange, &run->reply, &run->asked);
}

static void
conclude(struct run *run)
{
	struct pipeline *pipeline = run->pipeline;
	struct record record = {
		.finished = loop_wall(pipeline->loop),
		.run_id = str_of(run->run_id),
		.request_id = run->endpoint->provider->request_id_header ? str_of(run->run_id) : STR_NONE,
		.provider_request_id = kept_str(&run->provider_request_id),
		.config = run->config,
		.endpoint = run->endpoint,
		.probe = run->asked.probe,
		.stream = run->asked.stream,
		.verdict = run->verdict,
		.exchange = &run->exchange,
		.reply = &run->reply,
		.effect = attempt_effect(run),
		.retries = run->retries,
	};
	pipeline->hooks->done(pipeline->arg, &record);
	release_run(run);
}

/* A negative probe is never repeated: what it was answered is what it asked for. */
static bool
may_retry(struct run *run, int64_t *ret_delay_ns)
{
	struct pipeline *pipeline = run->pipeline;
	const struct fallback_policy *policy = run->endpoint->fallback;
	if (!policy || probe_is_negative(run->asked.probe) || pipeline->last_attempts)
		return false;
	const struct retry_case about = {
		.retryable = run->verdict.retryable,
		.effect = attempt_effect(run),
		.retries = run->retries,
		.duplicates_ok = policy->duplicates_ok,
		.hints = &run->reply.hints,
	};
	return retry_decide(&policy->retry, &about, random_next(&pipeline->random), ret_delay_ns);
}

static void
end_waiting(struct run *run)
{
	run->waiting = false;
	conclude(run);
}

static void
on_retry(void *arg)
{
	struct run *run = arg;
	const struct pipeline_hooks *hooks = run->pipeline->hooks;
	if (!hooks->may_retry || hooks->may_retry(run->pipeline->arg))
		start_attempt(run);
	else
		end_waiting(run);
}

static void
finish(struct run *run, const struct exchange *exchange)
{
	struct pipeline *pipeline = run->pipeline;
	int64_t delay_ns;
	run->transfer = NULL;
	run->exchange = *exchange;
	request_done(&run->request); /* the key is not kept while it waits */
	judge(run);
	spend_settle(&run->claim, &run->exchange, &run->reply);
	run->waiting = may_retry(run, &delay_ns);
	if (run->waiting)
		loop_timer_set(
		    pipeline->loop, &run->retry_timer, mono_add_ns(loop_now(pipeline->loop), delay_ns), on_retry, run);
	else
		conclude(run);
}

/* ---- what the transport tells ---- */

static enum sink_wants
on_head(void *arg, int status, const char *bytes, size_t len)
{
	struct run *run = arg;
	struct head head;
	(void)status;
	if (!head_parse(str_span(bytes, len), &head))
		return SINK_STOP;
	reader_head(&run->reader, &head, loop_wall(run->pipeline->loop));
	const struct provider *provider = run->endpoint->provider;
	for (size_t i = 0; i < provider->response_id_header_count && !run->provider_request_id.given; i++) {
		struct str id = head_find(&head, provider->response_id_headers[i]);
		if (id.len > 0)
			reply_keep(&run->provider_request_id, id);
	}
	return SINK_MORE;
}

static enum sink_wants
on_body(void *arg, const char *bytes, size_t len)
{
	struct run *run = arg;
	enum sink_wants wants = reader_feed(&run->reader, bytes, len);
	bool content = wants == SINK_CONTENT || wants == SINK_CONTENT_LINGER;
	return content && run->asked.probe == PROBE_STREAM_ABORT ? SINK_STOP : wants;
}

static void
on_done(void *arg, const struct exchange *exchange)
{
	finish(arg, exchange);
}

static const struct sink sink = { on_head, on_body, on_done };

/* What never got to the transport. */
static void
on_local_end(void *arg)
{
	struct run *run = arg;
	struct mono now = loop_now(run->pipeline->loop);
	struct exchange exchange = { .end = END_LOCAL, .at = { .start = now, .end = now } };
	finish(run, &exchange);
}

/* The next attempt is sure to leave: the last one is forgotten. */
static void
begin_retry(struct run *run)
{
	struct pipeline *pipeline = run->pipeline;
	run->waiting = false;
	run->retries++;
	clear_attempt(run);
	arena_reset(&run->arena);
	reader_init(&run->reader, &run->asked, &run->reply, &run->arena);
	if (pipeline->hooks->retry)
		pipeline->hooks->retry(pipeline->arg, run->endpoint, run->asked.probe, run->verdict.outcome);
}

static void
send_attempt(struct run *run)
{
	struct pipeline *pipeline = run->pipeline;
	const struct endpoint *endpoint = run->endpoint;
	if (run->waiting)
		begin_retry(run);
	if (request_build(endpoint, &run->asked, str_of(run->run_id), &run->arena, &run->request) == 0)
		run->transfer = transport_start(pipeline->transport, &run->request, &sink, run);
	else
		loop_defer(pipeline->loop, &run->local_end, on_local_end, run);
}

/* A run that has had an attempt ends with that one. */
static void
on_denied(void *arg)
{
	struct run *run = arg;
	struct pipeline *pipeline = run->pipeline;
	if (run->waiting) {
		end_waiting(run);
		return;
	}
	pipeline->hooks->denied(pipeline->arg, run->endpoint, run->asked.probe, str_of(run->run_id));
	release_run(run);
}

static void
on_answer(void *arg, bool granted)
{
	if (granted)
		send_attempt(arg);
	else
		on_denied(arg);
}

static void
start_attempt(struct run *run)
{
	struct pipeline *pipeline = run->pipeline;
	enum spend_answer answer = SPEND_GRANTED;
	if (pipeline->spend)
		answer = spend_reserve(pipeline->spend, &run->claim, run->endpoint, on_answer, run);
	if (answer == SPEND_GRANTED)
		send_attempt(run);
	else if (answer == SPEND_DENIED)
		loop_defer(pipeline->loop, &run->local_end, on_denied, run);
}

const char *
pipeline_start(struct pipeline *pipeline, struct config *config, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct run *run = take_run(pipeline);
	run->config = config_hold(config);
	run->endpoint = endpoint;
	run_id_make(run->run_id, loop_wall(pipeline->loop), &pipeline->random);
	request_ask(endpoint, probe, &run->asked);
	reader_init(&run->reader, &run->asked, &run->reply, &run->arena);
	start_attempt(run);
	return run->run_id;
}

size_t
pipeline_in_flight(const struct pipeline *pipeline)
{
	return pipeline->active_count;
}

void
pipeline_stop_retries(struct pipeline *pipeline)
{
	pipeline->last_attempts = true;
	struct run *next;
	for (struct run *run = pipeline->active; run; run = next) {
		next = run->next;
		if (run->waiting)
			end_waiting(run);
	}
}

size_t
pipeline_cancel_all(
    struct pipeline *pipeline, void (*cancelled)(void *arg, const struct endpoint *endpoint, enum probe_kind probe))
{
	size_t count = pipeline->active_count;
	while (pipeline->active) {
		struct run *run = pipeline->active;
		if (run->transfer)
			transport_cancel(pipeline->transport, run->transfer);
		loop_defer_cancel(pipeline->loop, &run->local_end);
		if (cancelled)
			cancelled(pipeline->arg, run->endpoint, run->asked.probe);
		release_run(run);
	}
	return count;
}

void
pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	pipeline_cancel_all(pipeline, NULL);
	while (pipeline->spare) {
		struct run *run = pipeline->spare;
		pipeline->spare = run->next;
		free_run(run);
	}
	free(pipeline);
}
