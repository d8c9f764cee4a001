/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/flight.h"

#include <stdio.h>

#include "base/log.h"

static struct flight_event *
next_event(struct flight *flight, struct wall at, int64_t value)
{
	struct flight_event *event = &flight->events[flight->written++ % FLIGHT_EVENTS];
	event->at = at;
	event->value = value;
	return event;
}

void
flight_run(struct flight *flight, const struct record *record)
{
	const struct timeline *times = &record->exchange->at;
	int64_t latency_ms = mono_diff_ns(times->end, times->start) / NS_PER_MS;
	struct flight_event *event = next_event(flight, record->finished, latency_ms);
	snprintf(event->text, sizeof(event->text), "run %s %s %s", record->endpoint->name, probe_name(record->probe),
	    outcome_code(record->verdict.outcome));
}

void
flight_skip(struct flight *flight, struct wall at, const struct endpoint *endpoint, enum probe_kind probe,
    enum skip_reason reason)
{
	struct flight_event *event = next_event(flight, at, 1);
	snprintf(
	    event->text, sizeof(event->text), "skip %s %s %s", endpoint->name, probe_name(probe), skip_name(reason));
}

void
flight_note(struct flight *flight, struct wall at, const char *what, int64_t value)
{
	struct flight_event *event = next_event(flight, at, value);
	snprintf(event->text, sizeof(event->text), "%s", what);
}

void
flight_dump(const struct flight *flight)
{
	uint64_t first = flight->written > FLIGHT_EVENTS ? flight->written - FLIGHT_EVENTS : 0;
	for (uint64_t i = first; i < flight->written; i++) {
		const struct flight_event *event = &flight->events[i % FLIGHT_EVENTS];
		auto_buf struct buf at = BUF_INIT(64);
		wall_format_rfc3339(&at, event->at);
		log_msg(LOG_INFO, "flight recorder", LOG_F_INT("number", (int64_t)i), LOG_F_STR("at", buf_view(&at)),
		    LOG_F_TEXT("event", event->text), LOG_F_INT("value", event->value));
	}
}
