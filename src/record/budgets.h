/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The series of budgets: limits, what is spent, what was refused (record/named.h). Pure.
 */
#ifndef COMETCANARY_RECORD_BUDGETS_H
#define COMETCANARY_RECORD_BUDGETS_H

#include <stddef.h>

#include "record/families.h"
#include "record/metrics.h"

struct budget_series {
	struct named named;
	struct amount limit; /* 0 = none */
	struct budget_gauges gauges;
};

family_writer budgets_write_limit, budgets_write_spent, budgets_write_reset, budgets_write_denied;

#endif
