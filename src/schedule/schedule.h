/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says "probe X now": one slot for each endpoint and probe of the configuration in force, each with its own timetable
 * (plan), let in through its provider's door (admit), unless something speaks against it. Every point of every timetable
 * ends in exactly one start or one skip (but for what waits and is then removed by a reload). The caller runs the probes and tells their ends. On the loop's thread.
 */
#ifndef COMETCANARY_SCHEDULE_SCHEDULE_H
#define COMETCANARY_SCHEDULE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/loop.h"
#include "model/conf.h"

struct schedule;
struct ticket;

struct schedule_hooks {
	/* Start this run now; lag_ns is how late that is. Its end is told with schedule_finished(), never from in here. */
	void (*start)(void *arg, const struct endpoint *endpoint, enum probe_kind probe, int64_t lag_ns);
	/* So many runs were due and are not started. */
	void (*skip)(
	    void *arg, const struct endpoint *endpoint, enum probe_kind probe, enum skip_reason reason, uint64_t count);
	/* Once a second: the scheduler is alive. */
	void (*tick)(void *arg);
};

/* seed: of the jitter. Returns owned; loop, hooks and arg are borrowed. Nothing is scheduled yet. */
struct schedule *
schedule_new(struct loop *loop, uint64_t seed, const struct schedule_hooks *hooks, void *arg) ATTR_NODISCARD;
/* Puts a configuration into force; it is borrowed until a later call has returned, or the end. What has the same endpoint
 * name, probe and interval keeps its timetable; runs under way are not forgotten, whatever the new configuration says. */
void schedule_configure(struct schedule *schedule, const struct config *config);
/* A run that somebody starts by hand, now, beside the timetable: 0 and it counts as under way until schedule_finished();
 * -ENOENT when it is not scheduled, -EBUSY when one is under way or the provider's door is full, -ESHUTDOWN. */
int schedule_claim(struct schedule *schedule, const struct endpoint *endpoint, enum probe_kind probe);
/* A request beside the timetable to an endpoint that need not be scheduled: NULL, and it has a place at the provider's door
 * until schedule_leave(); else why not: the name of a skip reason (overlap: the door is full), or "removed" when no such
 * endpoint is configured. The ticket (schedule/admit.h) is idle before. */
const char *schedule_visit(struct schedule *schedule, const char *endpoint, struct ticket *ticket);
void schedule_leave(struct ticket *ticket);
/* What speaks against a run of the endpoint now, whoever starts it; SKIP_COUNT = nothing. */
enum skip_reason schedule_objection(const struct schedule *schedule, const struct endpoint *endpoint);
/* A run has ended. The endpoint may be of an older configuration. */
void schedule_finished(struct schedule *schedule, const struct endpoint *endpoint, enum probe_kind probe);
/* False: our own network does not work; what falls due is skipped. */
void schedule_set_online(struct schedule *schedule, bool online);
/* A provider wants to be left alone until then: what falls due is skipped. The later of two pauses counts. */
void schedule_pause(struct schedule *schedule, const struct provider *provider, struct mono until);
/* Starts nothing more; what waits is skipped. */
void schedule_stop(struct schedule *schedule);
/* The scheduler has not ticked for a while, or a run has overstayed all its deadlines: no result can be trusted. */
bool schedule_is_stuck(const struct schedule *schedule, struct mono now);
size_t schedule_slot_count(const struct schedule *schedule);
size_t schedule_waiting(const struct schedule *schedule);
void schedule_free(struct schedule *schedule);

#endif
