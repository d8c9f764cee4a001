/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is particular to `fallback_policies`: the reasons that may be allowed, and those that never can be; and which
 * targets an endpoint can fall back to. fill.c's readers and rules.c call it while loading. Private to config/.
 */
#ifndef COMETCANARY_CONFIG_POLICIES_H
#define COMETCANARY_CONFIG_POLICIES_H

#include "config/value.h"

value_reader policies_read_reasons, policies_read_names;

/* After everything is filled: finds the endpoints' policies by name. */
void policies_rules_check(struct loading *loading, const struct node *root);

#endif
