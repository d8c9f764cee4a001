/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is particular to `docs`: which endpoints rely on a watched document, and the contracts' evidence that names one.
 * rules.c calls it while loading. Private to config/.
 */
#ifndef COMETCANARY_CONFIG_DOCUMENTS_H
#define COMETCANARY_CONFIG_DOCUMENTS_H

#include "config/loading.h"

/* After everything is filled: finds the evidence's documents by name. */
void documents_rules_check(struct loading *loading, const struct node *root);

#endif
