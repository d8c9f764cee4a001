/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/budgets.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct budget_series *
budgets_find(const struct budget_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

void
budgets_configure(struct budget_list *list, const struct config *config)
{
	struct budget_list fresh = { xcalloc(config->budget_count + 1, sizeof(struct budget_series)),
		config->budget_count };
	for (size_t i = 0; i < config->budget_count; i++) {
		const struct budget *budget = &config->budgets[i];
		const struct budget_series *old = budgets_find(list, budget->name);
		struct budget_series *series = &fresh.items[i];
		series->name = xstrdup(budget->name);
		series->labels = series_label("budget", budget->name);
		series->limit = (struct amount){ budget->max_requests, budget->max_tokens, budget->max_usd_micro };
		if (old)
			series->gauges = old->gauges;
	}
	budgets_done(list);
	*list = fresh;
}

struct budget_list
budgets_copy(const struct budget_list *list)
{
	struct budget_list copy = { xcalloc(list->count + 1, sizeof(struct budget_series)), list->count };
	for (size_t i = 0; i < list->count; i++) {
		copy.items[i] = list->items[i];
		copy.items[i].name = xstrdup(list->items[i].name);
		copy.items[i].labels = xstrdup(list->items[i].labels);
	}
	return copy;
}

void
budgets_done(struct budget_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].labels);
	}
	free(list->items);
	*list = (struct budget_list){ 0 };
}

/* Only the units that have a limit. */
static void
write_amount(struct sample_writer *w, const struct budget_series *series, const struct amount *amount)
{
	struct sample sample = { .labels = str_of(series->labels), .key = "unit" };
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
	struct sample sample = { .labels = str_of(item->budget->labels) };
	if (item->budget->gauges.reset_s > 0)
		sample_u64(w, &sample, (uint64_t)item->budget->gauges.reset_s);
}

void
budgets_write_denied(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = { .labels = str_of(item->budget->labels) };
	sample_u64(w, &sample, item->budget->gauges.denied);
}
