/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/fallback.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/pipeline.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "config/load.h"
#include "model/request.h"
#include "policy/fallback.h"
#include "record/metrics.h"
#include "schedule/admit.h"
#include "schedule/schedule.h"

/* A failed run whose target is being asked. */
struct exercise {
	struct exercise *next;
	struct ticket ticket; /* at the target's provider */
	unsigned asked; /* targets so far */
	struct config *config; /* of the failed run, held */
	const struct endpoint *origin;
	struct fallback_decision decision;
	char origin_run_id[RUN_ID_BYTES], run_id[RUN_ID_BYTES];
};

struct fallback {
	struct fallback_parts parts;
	struct config *config;
	bool *enabled; /* by policy of the configuration */
	/* Until then an endpoint does not fall back again: FALLBACK_POLICIES_MAX for each, in the order of its policies. */
	struct mono *cool_from;
	struct pipeline *pipeline;
	struct exercise *exercises;
	size_t in_flight;
	bool stopping;
};

static void on_target_done(void *arg, const struct record *record);
static void on_target_answered(void *arg, const struct endpoint *target, const struct reply *reply);
static void on_target_denied(void *arg, const struct endpoint *target, enum probe_kind probe, struct str run_id);

struct fallback *
fallback_new(const struct fallback_parts *parts)
{
	static const struct pipeline_hooks hooks = {
		.answered = on_target_answered, .denied = on_target_denied, .done = on_target_done
	};
	struct fallback *fallback = xcalloc(1, sizeof(*fallback));
	fallback->parts = *parts;
	fallback->pipeline = pipeline_new(parts->loop, parts->transport, &hooks, fallback);
	pipeline_set_spend(fallback->pipeline, parts->spend);
	pipeline_stop_retries(fallback->pipeline); /* a target is asked once */
	return fallback;
}

static const struct fallback_policy *
find_policy(const struct config *config, struct str name)
{
	for (size_t i = 0; config && i < config->policy_count; i++)
		if (str_eq(str_of(config->policies[i].name), name))
			return &config->policies[i];
	return NULL;
}

/* Where it is kept when the endpoint last fell back by that policy; NULL when it is not configured any more. */
static struct mono *
cooldown_of(const struct fallback *fallback, const struct config *config, const char *endpoint, const char *policy)
{
	const struct endpoint *now = config ? config_find_endpoint(config, endpoint) : NULL;
	for (size_t i = 0; now && i < now->fallback_count; i++)
		if (strcmp(now->fallbacks[i]->name, policy) == 0)
			return &fallback->cool_from[now->index * FALLBACK_POLICIES_MAX + i];
	return NULL;
}

static struct mono *
inherit_cooldowns(const struct fallback *fallback, const struct config *config, const struct config *old)
{
	struct mono *cool_from = xcalloc(config->endpoint_count * FALLBACK_POLICIES_MAX + 1, sizeof(*cool_from));
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		for (size_t k = 0; k < endpoint->fallback_count; k++) {
			const struct mono *before =
			    cooldown_of(fallback, old, endpoint->name, endpoint->fallbacks[k]->name);
			if (before)
				cool_from[i * FALLBACK_POLICIES_MAX + k] = *before;
		}
	}
	return cool_from;
}

void
fallback_configure(struct fallback *fallback, struct config *config, const struct config *old)
{
	bool *enabled = xcalloc(config->policy_count + 1, sizeof(*enabled));
	for (size_t i = 0; i < config->policy_count; i++) {
		const struct fallback_policy *policy = &config->policies[i];
		const struct fallback_policy *before = find_policy(old, str_of(policy->name));
		bool kept = before && before->enabled == policy->enabled;
		enabled[i] = kept ? fallback->enabled[before->index] : policy->enabled;
		metrics_fallback_enabled(fallback->parts.metrics, policy->name, enabled[i]);
	}
	struct mono *cool_from = inherit_cooldowns(fallback, config, old);
	free(fallback->enabled);
	free(fallback->cool_from);
	fallback->enabled = enabled;
	fallback->cool_from = cool_from;
	fallback->config = config;
}

int
fallback_switch(struct fallback *fallback, struct str name, bool enabled)
{
	const struct fallback_policy *policy = find_policy(fallback->config, name);
	if (!policy)
		return -ENOENT;
	fallback->enabled[policy->index] = enabled;
	metrics_fallback_enabled(fallback->parts.metrics, policy->name, enabled);
	log_msg(LOG_WARN, enabled ? "fallback policy switched on" : "fallback policy switched off",
	    LOG_F_TEXT("policy", policy->name), LOG_F_BOOL("enabled", enabled));
	return 0;
}

/* A policy that is gone from the configuration in force decides nothing more. */
static bool
is_enabled(const struct fallback *fallback, const struct fallback_policy *policy)
{
	const struct fallback_policy *now = find_policy(fallback->config, str_of(policy->name));
	return now && fallback->enabled[now->index];
}

/* first: about the run itself; else about one of the targets that were asked because of it. */
static void
tell(struct fallback *fallback, const struct endpoint *endpoint, const struct fallback_decision *decision,
    struct str run_id, bool first)
{
	metrics_fallback(fallback->parts.metrics, endpoint, decision, first);
	log_msg(LOG_INFO, "fallback decided", LOG_F_STR("run_id", run_id), LOG_F_TEXT("endpoint", endpoint->name),
	    LOG_F_TEXT("policy", decision->policy->name),
	    LOG_F_TEXT("fallback_decision", fallback_decision_name(decision)),
	    LOG_F_TEXT("fallback_reason", fallback_reason_name(decision->reason)),
	    LOG_F_TEXT("cause", fallback_denial_name(decision->denial)),
	    LOG_F_TEXT("fallback_target", decision->target ? decision->target->name : NULL));
}

/* What the policy says. With an exercise it has to be a target that may be asked now, and has a place at its provider's
 * door from here on; those that may not are passed over: that is no failure of theirs. */
static struct fallback_decision
decide(struct fallback *fallback, struct fallback_case *about, struct exercise *exercise)
{
	for (;;) {
		struct fallback_decision decision = fallback_decide(about);
		decision.exercised = exercise && decision.denial == DENIAL_NONE;
		if (!decision.exercised)
			return decision;
		const char *objection =
		    schedule_visit(fallback->parts.schedule, decision.target->name, &exercise->ticket);
		if (!objection)
			return decision;
		log_msg(LOG_INFO, "fallback target passed over", LOG_F_TEXT("run_id", exercise->origin_run_id),
		    LOG_F_TEXT("endpoint", exercise->origin->name), LOG_F_TEXT("policy", about->policy->name),
		    LOG_F_TEXT("fallback_target", decision.target->name), LOG_F_TEXT("reason", objection));
		about->passed_over++;
	}
}

/* The target of exercise->decision. */
static void
ask_target(struct fallback *fallback, struct exercise *exercise, enum probe_kind probe)
{
	const char *run_id = pipeline_start(fallback->pipeline, exercise->config, exercise->decision.target, probe);
	memcpy(exercise->run_id, run_id, RUN_ID_BYTES);
	exercise->next = fallback->exercises;
	fallback->exercises = exercise;
	exercise->asked++;
	fallback->in_flight++;
}

static struct exercise *
exercise_new(const struct record *record)
{
	struct exercise *exercise = xcalloc(1, sizeof(*exercise));
	exercise->config = config_hold(record->config);
	exercise->origin = record->endpoint;
	memcpy(exercise->origin_run_id, record->run_id.at, record->run_id.len);
	return exercise;
}

static void
end_exercise(struct exercise *exercise)
{
	config_release(exercise->config);
	free(exercise);
}

/* One policy's word on a failed run. exercise: NULL where it only says what it would do. */
static struct fallback_decision
put_before(struct fallback *fallback, const struct fallback_policy *policy, const struct record *record,
    struct exercise *exercise)
{
	struct mono now = loop_now(fallback->parts.loop);
	struct mono *cool_from = cooldown_of(fallback, fallback->config, record->endpoint->name, policy->name);
	struct fallback_case about = {
		.policy = policy,
		.enabled = is_enabled(fallback, policy),
		.reason = record->verdict.reason,
		.effect = record->effect,
		.cooling = cool_from && mono_before(now, *cool_from),
	};
	struct fallback_decision decision = decide(fallback, &about, exercise);
	if (decision.denial == DENIAL_NONE && cool_from)
		*cool_from = mono_add_ns(now, policy->cooldown_ns);
	tell(fallback, record->endpoint, &decision, record->run_id, true);
	return decision;
}

struct fallback_decision
fallback_take(struct fallback *fallback, const struct record *record)
{
	const struct endpoint *endpoint = record->endpoint;
	const struct fallback_policy *policy = endpoint->fallback;
	if (!policy || record->verdict.outcome == OUTCOME_OK || probe_is_negative(record->probe))
		return (struct fallback_decision){ .denial = DENIAL_NONE };
	bool asks = policy->mode == FALLBACK_EXERCISE && !fallback->stopping;
	struct exercise *exercise = asks ? exercise_new(record) : NULL;
	struct fallback_decision decision = put_before(fallback, policy, record, exercise);
	for (size_t i = 1; i < endpoint->fallback_count; i++)
		put_before(fallback, endpoint->fallbacks[i], record, NULL);
	if (decision.exercised) {
		exercise->decision = decision;
		ask_target(fallback, exercise, record->probe);
	} else if (exercise) {
		end_exercise(exercise);
	}
	return decision;
}

static void
on_target_answered(void *arg, const struct endpoint *target, const struct reply *reply)
{
	struct fallback *fallback = arg;
	if (fallback->parts.answered)
		fallback->parts.answered(fallback->parts.arg, target, reply);
}

/* Each target that is being asked has its exercise. */
static struct exercise *
take_exercise(struct fallback *fallback, struct str run_id)
{
	struct exercise **link = &fallback->exercises;
	while (!str_eq(str_of((*link)->run_id), run_id))
		link = &(*link)->next;
	struct exercise *exercise = *link;
	*link = exercise->next;
	return exercise;
}

/* The target failed too: that failure is put before the same policy. True when another one is asked. */
static bool
go_on(struct fallback *fallback, struct exercise *exercise, const struct record *record)
{
	const struct fallback_policy *policy = exercise->decision.policy;
	struct fallback_case about = {
		.policy = policy,
		.enabled = is_enabled(fallback, policy),
		.reason = record->verdict.reason,
		.effect = record->effect,
		.attempts = exercise->asked,
		.passed_over = (unsigned)exercise->decision.target_index + 1 - exercise->asked,
	};
	exercise->decision = decide(fallback, &about, fallback->stopping ? NULL : exercise);
	tell(fallback, exercise->origin, &exercise->decision, str_of(exercise->origin_run_id), false);
	if (exercise->decision.exercised)
		ask_target(fallback, exercise, record->probe);
	return exercise->decision.exercised;
}

static void
on_target_done(void *arg, const struct record *record)
{
	struct fallback *fallback = arg;
	struct exercise *exercise = take_exercise(fallback, record->run_id);
	bool ok = record->verdict.outcome == OUTCOME_OK;
	fallback->in_flight--;
	schedule_leave(&exercise->ticket);
	metrics_fallback_attempt(fallback->parts.metrics, exercise->origin, &exercise->decision, ok);
	log_msg(ok ? LOG_INFO : LOG_WARN, "fallback finished", LOG_F_TEXT("run_id", exercise->origin_run_id),
	    LOG_F_TEXT("fallback_run_id", exercise->run_id), LOG_F_TEXT("endpoint", exercise->origin->name),
	    LOG_F_TEXT("policy", exercise->decision.policy->name),
	    LOG_F_TEXT("fallback_target", record->endpoint->name),
	    LOG_F_TEXT("fallback_reason", fallback_reason_name(exercise->decision.reason)),
	    LOG_F_TEXT("outcome", outcome_code(record->verdict.outcome)));
	if (ok || !go_on(fallback, exercise, record))
		end_exercise(exercise);
	if (fallback->in_flight == 0 && fallback->parts.idle)
		fallback->parts.idle(fallback->parts.arg);
}

/* The target's budget has no room: the fallback that was decided does not take place. */
static void
on_target_denied(void *arg, const struct endpoint *target, enum probe_kind probe, struct str run_id)
{
	struct fallback *fallback = arg;
	struct exercise *exercise = take_exercise(fallback, run_id);
	(void)target;
	(void)probe;
	fallback->in_flight--;
	schedule_leave(&exercise->ticket);
	exercise->decision.denial = DENIAL_BUDGET;
	exercise->decision.exercised = false;
	tell(fallback, exercise->origin, &exercise->decision, str_of(exercise->origin_run_id), false);
	end_exercise(exercise);
	if (fallback->in_flight == 0 && fallback->parts.idle)
		fallback->parts.idle(fallback->parts.arg);
}

void
fallback_stop(struct fallback *fallback)
{
	fallback->stopping = true;
}

size_t
fallback_in_flight(const struct fallback *fallback)
{
	return fallback->in_flight;
}

void
fallback_free(struct fallback *fallback)
{
	if (!fallback)
		return;
	pipeline_free(fallback->pipeline);
	for (struct exercise *exercise; (exercise = fallback->exercises);) {
		fallback->exercises = exercise->next;
		end_exercise(exercise);
	}
	free(fallback->enabled);
	free(fallback->cool_from);
	free(fallback);
}
