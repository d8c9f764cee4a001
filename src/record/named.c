/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/named.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "record/budgets.h"
#include "record/docs.h"
#include "record/series.h"

/* The i-th of a kind: its name, NULL beyond the last one; and what the configuration says of its series. */
struct kind {
	const char *label;
	size_t bytes; /* of a series */
	const char *(*name)(const struct config *config, size_t i);
	void (*configure)(void *series, const struct config *config, size_t i, bool is_new); /* NULL = nothing */
};

static const char *
provider_name(const struct config *config, size_t i)
{
	return i < config->provider_count ? config->providers[i].name : NULL;
}

static void
configure_provider(void *item, const struct config *config, size_t i, bool is_new)
{
	struct provider_series *series = item;
	(void)config, (void)i;
	if (is_new)
		series->retry_after_ns = HINT_ABSENT;
}

static const char *
policy_name(const struct config *config, size_t i)
{
	return i < config->policy_count ? config->policies[i].name : NULL;
}

static void
configure_policy(void *item, const struct config *config, size_t i, bool is_new)
{
	struct policy_series *series = item;
	if (is_new)
		series->enabled = config->policies[i].enabled;
}

static const char *
budget_name(const struct config *config, size_t i)
{
	return i < config->budget_count ? config->budgets[i].name : NULL;
}

static void
configure_budget(void *item, const struct config *config, size_t i, bool is_new)
{
	struct budget_series *series = item;
	const struct budget *budget = &config->budgets[i];
	(void)is_new;
	series->limit = (struct amount){ budget->max_requests, budget->max_tokens, budget->max_usd_micro };
}

static const char *
doc_name(const struct config *config, size_t i)
{
	return i < config->doc_count ? config->docs[i].name : NULL;
}

static const struct kind kinds[NAMED_KINDS] = {
	[NAMED_PROVIDER] = { "provider", sizeof(struct provider_series), provider_name, configure_provider },
	[NAMED_POLICY] = { "policy", sizeof(struct policy_series), policy_name, configure_policy },
	[NAMED_BUDGET] = { "budget", sizeof(struct budget_series), budget_name, configure_budget },
	[NAMED_DOC] = { "doc", sizeof(struct doc_series), doc_name, NULL },
};

static struct named_list
list_new(enum named_kind kind, size_t count)
{
	return (struct named_list){ kind, xcalloc(count + 1, kinds[kind].bytes), count };
}

void *
named_at(const struct named_list *list, size_t i)
{
	return i < list->count ? list->items + i * kinds[list->kind].bytes : NULL;
}

void *
named_find(const struct named_list *list, const char *name)
{
	struct named *named;
	for (size_t i = 0; (named = named_at(list, i)); i++)
		if (strcmp(named->name, name) == 0)
			return named;
	return NULL;
}

void
named_configure(struct named_list *list, enum named_kind kind, const struct config *config)
{
	const struct kind *about = &kinds[kind];
	size_t count = 0;
	while (about->name(config, count))
		count++;
	struct named_list fresh = list_new(kind, count);
	struct named *series;
	for (size_t i = 0; (series = named_at(&fresh, i)); i++) {
		const char *name = about->name(config, i);
		const struct named *before = named_find(list, name);
		if (before)
			memcpy(series, before, about->bytes);
		*series = (struct named){ xstrdup(name), series_label(about->label, name) };
		if (about->configure)
			about->configure(series, config, i, !before);
	}
	named_done(list);
	*list = fresh;
}

struct named_list
named_copy(const struct named_list *list)
{
	struct named_list copy = list_new(list->kind, list->count);
	struct named *series;
	if (list->count > 0)
		memcpy(copy.items, list->items, list->count * kinds[list->kind].bytes);
	for (size_t i = 0; (series = named_at(&copy, i)); i++)
		*series = (struct named){ xstrdup(series->name), xstrdup(series->labels) };
	return copy;
}

void
named_done(struct named_list *list)
{
	struct named *series;
	for (size_t i = 0; (series = named_at(list, i)); i++) {
		free(series->name);
		free(series->labels);
	}
	free(list->items);
	*list = (struct named_list){ 0 };
}
