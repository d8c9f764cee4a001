/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the faults of one request do, stage by stage, each in the order of the rules. Called by respond.c. Pure.
 */
#ifndef COMETCANARY_SIM_FAULT_APPLY_H
#define COMETCANARY_SIM_FAULT_APPLY_H

#include "sim/fault.h"

struct answer;
struct ask;
struct provider;
struct shape;
struct wire;

void fault_apply_shape(const struct fault_picks *picks, struct shape *shape);
/* provider NULL: the path is none of the API's. */
void fault_apply_answer(
    const struct fault_picks *picks, const struct ask *ask, const struct provider *provider, struct answer *answer);
void fault_apply_events(
    const struct fault_picks *picks, const struct ask *ask, const struct provider *provider, struct answer *answer);
void fault_apply_wire(const struct fault_picks *picks, struct wire *wire);

#endif
