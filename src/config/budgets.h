/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What belongs together in `budgets`, `prices` and `tenants`: a budget has room for a run of each endpoint that draws on
 * it, knows the prices that it needs, and is kept somewhere; a tenant's key goes where keys go. Gives each endpoint the
 * price of its model. Private to config/.
 */
#ifndef COMETCANARY_CONFIG_BUDGETS_H
#define COMETCANARY_CONFIG_BUDGETS_H

#include "config/loading.h"

/* After everything is filled and each endpoint is checked. */
void budgets_rules_check(struct loading *loading, const struct node *root);

#endif
