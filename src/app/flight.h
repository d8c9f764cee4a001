/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flight recorder: the last runs and events, kept in memory whatever the log's level, written to the log when somebody
 * asks (SIGUSR1). Names and codes only. Loop thread.
 */
#ifndef COMETCANARY_APP_FLIGHT_H
#define COMETCANARY_APP_FLIGHT_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/record.h"

enum { FLIGHT_EVENTS = 256, FLIGHT_TEXT = 104 };

struct flight {
	struct flight_event {
		struct wall at;
		int64_t value; /* latency of a run in ms; a number that belongs to a note */
		char text[FLIGHT_TEXT];
	} events[FLIGHT_EVENTS];
	uint64_t written; /* events so far; the ring holds the last ones */
};

void flight_run(struct flight *flight, const struct record *record);
void flight_skip(struct flight *flight, struct wall at, const struct endpoint *endpoint, enum probe_kind probe,
    enum skip_reason reason);
/* what: a constant text. */
void flight_note(struct flight *flight, struct wall at, const char *what, int64_t value);
/* Oldest first, one line each, at level info. */
void flight_dump(const struct flight *flight);

#endif
