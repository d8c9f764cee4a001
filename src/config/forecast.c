/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/forecast.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "model/cost.h"
#include "model/dialect.h"

static bool
is_paid(const struct forecast_row *row)
{
	return row->probe != PROBE_MISSING_AUTH && row->probe != PROBE_INVALID_AUTH;
}

static struct forecast_row
row_of(const struct endpoint *endpoint, enum probe_kind probe)
{
	const int64_t day_ns = 86400 * NS_PER_SEC;
	int64_t interval_ns = endpoint_interval_ns(endpoint, probe);
	struct forecast_row row = { .endpoint = endpoint, .probe = probe };
	row.requests = (day_ns + interval_ns - 1) / interval_ns;
	if (is_paid(&row) && (endpoint->dialect->caps & DIALECT_PROMPT)) {
		row.input_tokens = cost_prompt_tokens_max(endpoint);
		row.output_tokens = cost_output_tokens_max(endpoint);
	}
	row.usd_micro = row.requests * cost_usd_micro(endpoint->price, row.input_tokens, row.output_tokens);
	row.tokens = row.requests * (row.input_tokens + row.output_tokens);
	return row;
}

static bool
draws_on(const struct endpoint *endpoint, const struct budget *budget)
{
	return endpoint->budget == budget || (endpoint->tenant && endpoint->tenant->budget == budget);
}

/* days: the least so far. */
static void
shorten(double *days, int64_t limit, int64_t a_day)
{
	if (limit > 0 && a_day > 0 && (double)limit / (double)a_day < *days)
		*days = (double)limit / (double)a_day;
}

static struct forecast_budget
budget_of(const struct forecast *forecast, const struct budget *budget)
{
	static const double window_days[] = { [BUDGET_HOUR] = 1.0 / 24, [BUDGET_DAY] = 1, [BUDGET_MONTH] = 31 };
	struct forecast_budget found = { .budget = budget, .days = window_days[budget->window] };
	for (size_t i = 0; i < forecast->count; i++) {
		const struct forecast_row *row = &forecast->rows[i];
		if (!draws_on(row->endpoint, budget))
			continue;
		found.day.requests += row->requests;
		found.day.tokens += row->tokens;
		found.day.usd_micro += row->usd_micro;
	}
	double whole = found.days;
	shorten(&found.days, budget->max_requests, found.day.requests);
	shorten(&found.days, budget->max_tokens, found.day.tokens);
	shorten(&found.days, budget->max_usd_micro, found.day.usd_micro);
	found.lasts = found.days >= whole;
	return found;
}

struct forecast
forecast_make(const struct config *config)
{
	struct forecast forecast = { 0 };
	size_t room = 0;
	for (size_t i = 0; i < config->endpoint_count; i++)
		room += config->endpoints[i].probe_count;
	forecast.rows = xcalloc(room + 1, sizeof(*forecast.rows));
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		for (size_t k = 0; endpoint->enabled && k < endpoint->probe_count; k++) {
			struct forecast_row row = row_of(endpoint, endpoint->probes[k]);
			forecast.requests += row.requests;
			forecast.tokens += row.tokens;
			forecast.usd_micro += row.usd_micro;
			forecast.rows[forecast.count++] = row;
		}
	}
	forecast.budgets = xcalloc(config->budget_count + 1, sizeof(*forecast.budgets));
	for (size_t i = 0; i < config->budget_count; i++)
		forecast.budgets[forecast.budget_count++] = budget_of(&forecast, &config->budgets[i]);
	return forecast;
}

void
forecast_done(struct forecast *forecast)
{
	free(forecast->rows);
	free(forecast->budgets);
	*forecast = (struct forecast){ 0 };
}
