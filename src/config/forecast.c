/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/forecast.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "model/cost.h"
#include "model/dialect.h"

static const int64_t day_ns = 86400 * NS_PER_SEC;

static struct forecast_row
row_of(const struct endpoint *endpoint, enum probe_kind probe)
{
	int64_t interval_ns = endpoint_interval_ns(endpoint, probe);
	struct forecast_row row = { .endpoint = endpoint, .probe = probe };
	row.runs = (day_ns + interval_ns - 1) / interval_ns;
	if (!probe_is_keyless(probe) && (endpoint->dialect->caps & DIALECT_PROMPT)) {
		row.input_tokens = cost_prompt_tokens_max(endpoint);
		row.output_tokens = cost_output_tokens_max(endpoint);
	}
	const struct amount run = { 1, row.input_tokens + row.output_tokens,
		cost_usd_micro(endpoint->price, row.input_tokens, row.output_tokens) };
	row.attempts = cost_attempts_max(endpoint, probe);
	row.targets = cost_targets_max(endpoint, probe);
	cost_add(&row.day, &run, row.runs);
	cost_add(&row.worst, &run, row.runs * row.attempts);
	return row;
}

/* How often an endpoint can fall back in a day: its cooldown is shared by all of its probes. */
static int64_t
fallbacks_of(const struct endpoint *endpoint)
{
	int64_t cooldown_ns = endpoint->fallback ? endpoint->fallback->cooldown_ns : 0;
	return cooldown_ns > 0 ? day_ns / cooldown_ns + 1 : INT64_MAX;
}

/* days: the least so far. */
static void
shorten(double *days, int64_t limit, int64_t a_day)
{
	if (limit > 0 && a_day > 0 && (double)limit / (double)a_day < *days)
		*days = (double)limit / (double)a_day;
}

static struct forecast_lasting
lasting_of(const struct budget *budget, const struct amount *day)
{
	static const double window_days[] = { [BUDGET_HOUR] = 1.0 / 24, [BUDGET_DAY] = 1, [BUDGET_MONTH] = 31 };
	double whole = window_days[budget->window];
	struct forecast_lasting lasting = { .days = whole };
	shorten(&lasting.days, budget->max_requests, day->requests);
	shorten(&lasting.days, budget->max_tokens, day->tokens);
	shorten(&lasting.days, budget->max_usd_micro, day->usd_micro);
	lasting.whole = lasting.days >= whole;
	return lasting;
}

static struct forecast_budget
budget_of(const struct forecast *forecast, const struct budget *budget)
{
	struct forecast_budget found = { .budget = budget };
	for (size_t i = 0; i < forecast->count; i++) {
		const struct forecast_row *row = &forecast->rows[i];
		struct amount targets = cost_targets_worst_case(row->endpoint, row->probe, budget);
		cost_add(&found.worst, &targets, row->fallbacks);
		if (!endpoint_draws_on(row->endpoint, budget))
			continue;
		cost_add(&found.day, &row->day, 1);
		cost_add(&found.worst, &row->worst, 1);
	}
	found.lasts = lasting_of(budget, &found.day);
	found.worst_lasts = lasting_of(budget, &found.worst);
	return found;
}

static void
add_endpoint(struct forecast *forecast, const struct endpoint *endpoint)
{
	int64_t fallbacks = fallbacks_of(endpoint);
	for (size_t i = 0; i < endpoint->probe_count; i++) {
		struct forecast_row row = row_of(endpoint, endpoint->probes[i]);
		if (row.targets > 0)
			row.fallbacks = row.runs < fallbacks ? row.runs : fallbacks;
		fallbacks -= row.fallbacks;
		forecast->rows[forecast->count++] = row;
	}
}

struct forecast
forecast_make(const struct config *config)
{
	struct forecast forecast = { 0 };
	size_t room = 0;
	for (size_t i = 0; i < config->endpoint_count; i++)
		room += config->endpoints[i].probe_count;
	forecast.rows = xcalloc(room + 1, sizeof(*forecast.rows));
	for (size_t i = 0; i < config->endpoint_count; i++)
		if (config->endpoints[i].enabled)
			add_endpoint(&forecast, &config->endpoints[i]);
	forecast.budgets = xcalloc(config->budget_count + 1, sizeof(*forecast.budgets));
	for (size_t i = 0; i < config->budget_count; i++)
		forecast.budgets[forecast.budget_count++] = budget_of(&forecast, &config->budgets[i]);
	for (size_t i = 0; i < forecast.count; i++) { /* from here on with what the targets take */
		struct forecast_row *row = &forecast.rows[i];
		struct amount targets = cost_targets_worst_case(row->endpoint, row->probe, NULL);
		cost_add(&row->worst, &targets, row->fallbacks);
		cost_add(&forecast.day, &row->day, 1);
		cost_add(&forecast.worst, &row->worst, 1);
	}
	return forecast;
}

void
forecast_done(struct forecast *forecast)
{
	free(forecast->rows);
	free(forecast->budgets);
	*forecast = (struct forecast){ 0 };
}
