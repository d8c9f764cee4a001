/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be spent, by whom, and at which prices: `budgets`, `prices` and `tenants` of the configuration, immutable as
 * the rest of it. Money is in millionths of a US dollar, in integers: nothing drifts. 0 = no such limit.
 */
#ifndef COMETCANARY_MODEL_BUDGET_H
#define COMETCANARY_MODEL_BUDGET_H

#include <stddef.h>
#include <stdint.h>

struct secret;

#define USD_MICRO INT64_C(1000000)

struct amount {
	int64_t requests, tokens, usd_micro;
};

enum budget_window { BUDGET_HOUR, BUDGET_DAY, BUDGET_MONTH };

struct budget {
	const char *name;
	enum budget_window window; /* of the calendar, UTC */
	int64_t max_requests, max_tokens, max_usd_micro;
};

struct price {
	const char *model;
	int64_t input_usd_micro, output_usd_micro; /* of a million tokens */
};

struct tenant {
	const char *name;
	struct secret *secret; /* goes in the place of the provider's; NULL where loaded without secrets */
	const struct budget *budget; /* NULL = none */
};

#endif
