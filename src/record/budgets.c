/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/budgets.h"

/* Only the units that have a limit. */
static void
write_amount(struct sample_writer *w, const struct budget_series *series, const struct amount *amount)
{
	struct sample sample = { .labels = str_of(series->named.labels), .key = "unit" };
	if (series->limit.requests > 0) {
		sample.value = "requests";
		sample_u64(w, &sample, (uint64_t)amount->requests);
	}
	if (series->limit.tokens > 0) {
		sample.value = "tokens";
		sample_u64(w, &sample, (uint64_t)amount->tokens);
	}
	if (series->limit.usd_micro > 0) {
		sample.value = "usd";
		sample_real(w, &sample, (double)amount->usd_micro / (double)USD_MICRO);
	}
}

void
budgets_write_limit(struct sample_writer *w, const struct family_item *item)
{
	write_amount(w, item->budget, &item->budget->limit);
}

void
budgets_write_spent(struct sample_writer *w, const struct family_item *item)
{
	write_amount(w, item->budget, &item->budget->gauges.spent);
}

void
budgets_write_reset(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = { .labels = str_of(item->budget->named.labels) };
	if (item->budget->gauges.reset_s > 0)
		sample_u64(w, &sample, (uint64_t)item->budget->gauges.reset_s);
}

void
budgets_write_denied(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = { .labels = str_of(item->budget->named.labels) };
	sample_u64(w, &sample, item->budget->gauges.denied);
}
