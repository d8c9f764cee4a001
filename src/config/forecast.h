/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration will do in a day, for the command `plan`: requests, and at most how many tokens at which cost, on a
 * day without failures and on the worst one. Figures are upper bounds: every enabled probe on time, no maintenance, nothing
 * skipped, every answer as long as its cap. How many series the configuration makes is not counted here: record/metrics
 * knows its own. Pure.
 */
#ifndef COMETCANARY_CONFIG_FORECAST_H
#define COMETCANARY_CONFIG_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/conf.h"

/* One probe of one enabled endpoint. */
struct forecast_row {
	const struct endpoint *endpoint; /* borrowed */
	enum probe_kind probe;
	int64_t runs; /* a day, rounded up */
	/* A run's prompt and its answer, both by their upper bounds (model/cost.h). Both 0 for a request that no account pays: no key, or a
	 * key that is made up. A negative probe that carries the real key is counted as if it were accepted. */
	int64_t input_tokens, output_tokens;
	unsigned attempts, targets; /* of one run at most */
	int64_t fallbacks; /* a day at most: of runs that end with asking targets */
	struct amount day; /* without failures; usd_micro is 0 also where the price is not known */
	struct amount worst; /* every attempt fails and is repeated, every target is asked: what they take is in it */
};

struct forecast_lasting {
	double days; /* that the limits of one window last */
	bool whole; /* to the window's end */
};

/* What all that draw on one budget take from it. */
struct forecast_budget {
	const struct budget *budget; /* borrowed */
	struct amount day, worst; /* a day, as in the rows; a target's share only where the target draws on it */
	struct forecast_lasting lasts, worst_lasts;
};

struct forecast {
	struct forecast_row *rows; /* owned; by endpoint, then as the endpoint lists its probes */
	size_t count;
	struct amount day, worst; /* of all */
	struct forecast_budget *budgets; /* owned; in the order of the configuration */
	size_t budget_count;
};

/* Returns owned: forecast_done(). */
struct forecast forecast_make(const struct config *config);
void forecast_done(struct forecast *forecast);

#endif
