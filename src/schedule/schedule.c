/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "schedule/schedule.h"

#include <errno.h>
#include <stdlib.h>

#include "base/random.h"
#include "base/xalloc.h"
#include "schedule/admit.h"
#include "schedule/maintenance.h"
#include "schedule/plan.h"
#include "schedule/slot.h"

#define TICK_NS NS_PER_SEC
#define TICK_LOST_NS (15 * NS_PER_SEC)
/* What a run may take beyond its total deadline: lingering on a stream, one late turn of the loop. */
#define OVERSTAY_NS (60 * NS_PER_SEC)

/* A provider: its door, and what the gap between two starts is computed from. */
struct lane {
	struct door door;
	char *name;
	double starts_per_second;
	struct mono paused_until;
	bool adopted;
	struct lane *next;
};

struct schedule {
	struct loop *loop;
	const struct schedule_hooks *hooks;
	void *arg;
	struct random jitter;
	const struct config *config;
	struct slot_table slots;
	struct slot *retired;
	struct lane *lanes;
	struct loop_timer tick_timer;
	struct mono last_tick;
	bool offline, stopping;
};

static void
on_tick(void *arg)
{
	struct schedule *schedule = arg;
	schedule->last_tick = loop_now(schedule->loop);
	loop_timer_set(
	    schedule->loop, &schedule->tick_timer, mono_add_ns(schedule->last_tick, TICK_NS), on_tick, schedule);
	schedule->hooks->tick(schedule->arg);
}

struct schedule *
schedule_new(struct loop *loop, uint64_t seed, const struct schedule_hooks *hooks, void *arg)
{
	struct schedule *schedule = xcalloc(1, sizeof(*schedule));
	*schedule = (struct schedule){ .loop = loop, .hooks = hooks, .arg = arg, .jitter = { seed } };
	slot_table_init(&schedule->slots, 0);
	schedule->last_tick = loop_now(loop);
	loop_timer_set(loop, &schedule->tick_timer, mono_add_ns(schedule->last_tick, TICK_NS), on_tick, schedule);
	return schedule;
}

static void
skip(struct slot *slot, enum skip_reason reason, uint64_t count)
{
	struct schedule *schedule = slot->schedule;
	if (count > 0)
		schedule->hooks->skip(schedule->arg, slot->endpoint, slot->probe, reason, count);
}

/* Every provider of the configuration has a lane. */
static struct lane *
lane_of(const struct schedule *schedule, const struct endpoint *endpoint)
{
	struct lane *lane = schedule->lanes;
	while (strcmp(lane->name, endpoint->provider->name) != 0)
		lane = lane->next;
	return lane;
}

enum skip_reason
schedule_objection(const struct schedule *schedule, const struct endpoint *endpoint)
{
	if (schedule->stopping)
		return SKIP_SHUTDOWN;
	if (maintenance_applies(schedule->config, endpoint, loop_wall(schedule->loop)))
		return SKIP_MAINTENANCE;
	if (schedule->offline)
		return SKIP_SELF_OFFLINE;
	if (mono_before(loop_now(schedule->loop), lane_of(schedule, endpoint)->paused_until))
		return SKIP_BACKOFF;
	return SKIP_COUNT;
}

static bool
on_enter(void *arg, struct ticket *ticket)
{
	struct schedule *schedule = arg;
	struct slot *slot = CONTAINER_OF(ticket, struct slot, ticket);
	enum skip_reason reason = schedule_objection(schedule, slot->endpoint);
	if (reason != SKIP_COUNT) {
		skip(slot, reason, 1);
		return false;
	}
	schedule->hooks->start(
	    schedule->arg, slot->endpoint, slot->probe, mono_diff_ns(ticket->entered, ticket->planned));
	return true;
}

/* A run that still waits when the next one falls due has waited for longer than the interval: it is given up, and the
 * next one has its place in the queue. */
static void
offer(struct slot *slot, struct door *door, struct mono planned)
{
	enum skip_reason reason = schedule_objection(slot->schedule, slot->endpoint);
	if (reason != SKIP_COUNT) {
		skip(slot, reason, 1);
		return;
	}
	switch (slot->ticket.state) {
	case TICKET_IDLE:
		admit_request(door, &slot->ticket, planned);
		break;
	case TICKET_WAITING:
		slot->ticket.planned = planned;
		skip(slot, SKIP_OVERLAP, 1);
		break;
	case TICKET_INSIDE:
		skip(slot, SKIP_OVERLAP, 1);
		break;
	}
}

static struct lane *
find_lane(const struct schedule *schedule, const char *name)
{
	struct lane *lane = schedule->lanes;
	while (lane && strcmp(lane->name, name) != 0)
		lane = lane->next;
	return lane;
}

static void
on_slot_due(void *arg)
{
	struct slot *slot = arg;
	struct schedule *schedule = slot->schedule;
	struct plan_due found = plan_take(&slot->plan, loop_now(schedule->loop), &schedule->jitter);
	loop_timer_set(schedule->loop, &slot->timer, slot->plan.due, on_slot_due, slot);
	skip(slot, SKIP_MISSED, found.missed);
	if (found.run)
		offer(slot, &lane_of(schedule, slot->endpoint)->door, found.planned);
}

static void
adopt_lanes(struct schedule *schedule)
{
	for (struct lane *lane = schedule->lanes; lane; lane = lane->next) {
		lane->adopted = false;
		lane->starts_per_second = 0;
	}
	for (size_t i = 0; i < schedule->config->provider_count; i++) {
		const struct provider *provider = &schedule->config->providers[i];
		struct lane *lane = find_lane(schedule, provider->name);
		if (!lane) {
			lane = xcalloc(1, sizeof(*lane));
			lane->name = xstrdup(provider->name);
			lane->next = schedule->lanes;
			schedule->lanes = lane;
			admit_init(&lane->door, schedule->loop, on_enter, schedule);
		}
		lane->adopted = true;
		lane->door.max_in_flight = provider->max_in_flight;
	}
}

static struct slot *
adopt_slot(struct schedule *schedule, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct slot *slot = slot_table_find(&schedule->slots, endpoint->name, probe);
	if (!slot)
		slot = slot_unretire(&schedule->retired, endpoint->name, probe);
	if (!slot) {
		slot = xcalloc(1, sizeof(*slot));
		slot->schedule = schedule;
		slot->probe = probe;
	}
	slot->adopted = true;
	return slot;
}

static void
bind_slot(struct slot *slot, const struct endpoint *endpoint)
{
	struct schedule *schedule = slot->schedule;
	int64_t interval_ns = endpoint_interval_ns(endpoint, slot->probe);
	slot->endpoint = endpoint;
	if (slot->plan.interval_ns != interval_ns) {
		plan_init(&slot->plan, str_of(endpoint->name), slot->probe, interval_ns, loop_now(schedule->loop));
		loop_timer_set(schedule->loop, &slot->timer, slot->plan.due, on_slot_due, slot);
	}
	struct lane *lane = lane_of(schedule, endpoint);
	lane->starts_per_second += (double)NS_PER_SEC / (double)interval_ns;
	if (slot->ticket.state == TICKET_WAITING && slot->ticket.door != &lane->door) {
		admit_withdraw(&slot->ticket);
		admit_request(&lane->door, &slot->ticket, slot->ticket.planned);
	}
}

static void
drop_slot(struct slot *slot)
{
	struct schedule *schedule = slot->schedule;
	loop_timer_cancel(schedule->loop, &slot->timer);
	slot->plan.interval_ns = 0; /* a later configuration starts a new timetable */
	if (slot->ticket.state == TICKET_WAITING)
		admit_withdraw(&slot->ticket);
	if (slot->ticket.state == TICKET_INSIDE)
		slot_retire(&schedule->retired, slot);
	else
		slot_free(slot);
}

static void
adopt_slots(struct schedule *schedule)
{
	size_t expected = 0;
	for (size_t i = 0; i < schedule->config->endpoint_count; i++)
		expected += schedule->config->endpoints[i].probe_count;
	struct slot_table old = schedule->slots, fresh;
	slot_table_init(&fresh, expected);
	for (size_t i = 0; i < schedule->config->endpoint_count; i++) {
		const struct endpoint *endpoint = &schedule->config->endpoints[i];
		for (size_t p = 0; endpoint->enabled && p < endpoint->probe_count; p++) {
			struct slot *slot = adopt_slot(schedule, endpoint, endpoint->probes[p]);
			bind_slot(slot, endpoint);
			slot_table_add(&fresh, slot);
		}
	}
	struct slot *slot;
	for (size_t at = 0; (slot = slot_table_next(&old, &at));)
		if (!slot->adopted)
			drop_slot(slot);
	slot_table_done(&old);
	schedule->slots = fresh;
	for (size_t at = 0; (slot = slot_table_next(&fresh, &at));)
		slot->adopted = false;
}

static void
free_lane(struct lane *lane)
{
	admit_done(&lane->door);
	free(lane->name);
	free(lane);
}

/* A lane that is gone from the configuration stays until its last run has left. */
static void
drop_lanes(struct schedule *schedule)
{
	for (struct lane **at = &schedule->lanes; *at;) {
		struct lane *lane = *at;
		if (lane->adopted || lane->door.in_flight > 0) {
			at = &lane->next;
		} else {
			*at = lane->next;
			free_lane(lane);
		}
	}
}

void
schedule_configure(struct schedule *schedule, const struct config *config)
{
	schedule->config = config;
	adopt_lanes(schedule);
	adopt_slots(schedule);
	drop_lanes(schedule);
	for (struct lane *lane = schedule->lanes; lane; lane = lane->next) {
		lane->door.gap_ns = admit_gap_ns(lane->starts_per_second);
		admit_serve(&lane->door);
	}
}

int
schedule_claim(struct schedule *schedule, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct slot *slot = slot_table_find(&schedule->slots, endpoint->name, probe);
	if (schedule->stopping)
		return -ESHUTDOWN;
	if (!slot)
		return -ENOENT;
	/* A run that waits is given up for this one. */
	bool waited = slot->ticket.state == TICKET_WAITING;
	struct lane *lane = find_lane(schedule, endpoint->provider->name);
	if (!admit_claim(&lane->door, &slot->ticket))
		return -EBUSY;
	skip(slot, SKIP_OVERLAP, waited);
	return 0;
}

const char *
schedule_visit(struct schedule *schedule, const char *name, struct ticket *ticket)
{
	const struct endpoint *endpoint = config_find_endpoint(schedule->config, name);
	if (!endpoint)
		return "removed";
	enum skip_reason reason = schedule_objection(schedule, endpoint);
	if (reason == SKIP_COUNT && !admit_claim(&lane_of(schedule, endpoint)->door, ticket))
		reason = SKIP_OVERLAP;
	return reason == SKIP_COUNT ? NULL : skip_name(reason);
}

void
schedule_leave(struct ticket *ticket)
{
	admit_leave(ticket);
}

void
schedule_finished(struct schedule *schedule, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct slot *slot = slot_table_find(&schedule->slots, endpoint->name, probe);
	if (slot) {
		if (slot->ticket.state == TICKET_INSIDE)
			admit_leave(&slot->ticket);
		return;
	}
	slot = slot_unretire(&schedule->retired, endpoint->name, probe);
	if (slot) {
		admit_leave(&slot->ticket);
		slot_free(slot);
	}
}

void
schedule_set_online(struct schedule *schedule, bool online)
{
	schedule->offline = !online;
}

void
schedule_pause(struct schedule *schedule, const struct provider *provider, struct mono until)
{
	struct lane *lane = find_lane(schedule, provider->name);
	if (lane && mono_before(lane->paused_until, until))
		lane->paused_until = until;
}

void
schedule_stop(struct schedule *schedule)
{
	schedule->stopping = true;
	loop_timer_cancel(schedule->loop, &schedule->tick_timer);
	struct slot *slot;
	for (size_t at = 0; (slot = slot_table_next(&schedule->slots, &at));) {
		loop_timer_cancel(schedule->loop, &slot->timer);
		if (slot->ticket.state == TICKET_WAITING) {
			admit_withdraw(&slot->ticket);
			skip(slot, SKIP_SHUTDOWN, 1);
		}
	}
}

bool
schedule_is_stuck(const struct schedule *schedule, struct mono now)
{
	if (!schedule->stopping && mono_diff_ns(now, schedule->last_tick) > TICK_LOST_NS)
		return true;
	const struct slot *slot;
	for (size_t at = 0; (slot = slot_table_next(&schedule->slots, &at));)
		if (slot->ticket.state == TICKET_INSIDE &&
		    mono_diff_ns(now, slot->ticket.entered) > endpoint_run_max_ns(slot->endpoint) + OVERSTAY_NS)
			return true;
	return false;
}

size_t
schedule_slot_count(const struct schedule *schedule)
{
	return schedule->slots.count;
}

size_t
schedule_waiting(const struct schedule *schedule)
{
	const struct slot *slot;
	size_t waiting = 0;
	for (size_t at = 0; (slot = slot_table_next(&schedule->slots, &at));)
		waiting += slot->ticket.state == TICKET_WAITING;
	return waiting;
}

void
schedule_free(struct schedule *schedule)
{
	if (!schedule)
		return;
	struct slot *slot;
	for (size_t at = 0; (slot = slot_table_next(&schedule->slots, &at));) {
		loop_timer_cancel(schedule->loop, &slot->timer);
		slot_free(slot);
	}
	slot_table_done(&schedule->slots);
	while ((slot = schedule->retired)) {
		schedule->retired = slot->next_retired;
		slot_free(slot);
	}
	for (struct lane *lane; (lane = schedule->lanes);) {
		schedule->lanes = lane->next;
		free_lane(lane);
	}
	loop_timer_cancel(schedule->loop, &schedule->tick_timer);
	free(schedule);
}
