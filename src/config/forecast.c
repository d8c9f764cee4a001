/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/forecast.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "model/dialect.h"
#include "model/tokens.h"

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
		row.input_tokens = tokens_estimate(str_of(endpoint->request.prompt));
		row.output_tokens = endpoint->request.max_tokens;
	}
	row.tokens = row.requests * (row.input_tokens + row.output_tokens);
	return row;
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
			forecast.rows[forecast.count++] = row;
		}
	}
	return forecast;
}

void
forecast_done(struct forecast *forecast)
{
	free(forecast->rows);
	*forecast = (struct forecast){ 0 };
}
