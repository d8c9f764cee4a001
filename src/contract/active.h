/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which findings are active for one endpoint and probe: a breaking one at first sight, others when seen in 2 of the last
 * 5 runs, until 3 runs went by without it. Only runs that could have seen a finding count: a refusal says nothing about
 * the fields of a success. Pure; one owner.
 */
#ifndef COMETCANARY_CONTRACT_ACTIVE_H
#define COMETCANARY_CONTRACT_ACTIVE_H

#include <stdint.h>

#include "base/clock.h"
#include "model/contract.h"

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

/* Every area: the run got what it was after. */
#define ACTIVE_LOOKED_AT_ALL ((1U << AREA_COUNT) - 1)

/* One run. looked: bit 1 << enum contract_area for each area that it looked at; findings of others neither age nor
 * clear. True when the set of active findings changed. */
bool active_update(struct active_set *set, const struct findings *findings, unsigned looked, struct wall now);
/* What is known to hold from now on, without hysteresis: exactly these. True when the set of active findings changed. */
bool active_replace(struct active_set *set, const struct findings *findings, struct wall now);
/* The contract's grades after a change of the configuration: what it disables goes. True when the set of active findings
 * changed. */
bool active_grade(struct active_set *set, const struct contract *contract);
/* The active ones. */
size_t active_count(const struct active_set *set);
void active_done(struct active_set *set);

#endif
