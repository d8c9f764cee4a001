/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules as JSON: reading them with all that can be wrong about them, and their parameters. Used by fault.c alone.
 */
#ifndef COMETCANARY_SIM_FAULT_RULE_H
#define COMETCANARY_SIM_FAULT_RULE_H

#include "base/jsonw.h"
#include "sim/fault.h"

void fault_rule_free(struct fault_rule *rule);
/* Writes the step's parameters as members of the open object. */
void fault_rule_write_args(struct jsonw *w, const struct fault_step *step);

#endif
