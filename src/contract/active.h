/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which findings are active for one endpoint and probe: a breaking one at first sight, others when seen in 2 of the last
 * 5 runs, until 3 runs went by without it. Only runs that looked at a body count. Pure; one owner.
 */
#ifndef COMETCANARY_CONTRACT_ACTIVE_H
#define COMETCANARY_CONTRACT_ACTIVE_H

#include <stdint.h>

#include "base/clock.h"
#include "model/finding.h"

enum { ACTIVE_MAX = 64 };

struct active_finding {
	struct finding finding;
	uint8_t history; /* bit 0 = the last run; newest first */
	bool active;
	struct wall since, last_seen;
};

struct active_set {
	struct active_finding *items; /* owned */
	size_t count, room;
};

/* One run that looked. True when the set of active findings changed. */
bool active_update(struct active_set *set, const struct findings *findings, struct wall now);
void active_done(struct active_set *set);

#endif
