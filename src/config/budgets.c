/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/budgets.h"

#include <inttypes.h>
#include <string.h>

#include "model/cost.h"
#include "model/dialect.h"

static const char *const window_names[] = {
	[BUDGET_HOUR] = "an hour",
	[BUDGET_DAY] = "a day",
	[BUDGET_MONTH] = "a month",
};

/* Where a setting is written: in the endpoint, else in `defaults`, else it is the endpoint that is told. */
static const struct node *
blamed(const struct loading *loading, const struct node *own, const char *path)
{
	const struct node *node = node_find(own, path);
	if (!node)
		node = node_find(loading->defaults, path);
	return node ? node : own;
}

static const struct price *
price_of(const struct config *config, const struct endpoint *endpoint)
{
	for (size_t i = 0; endpoint->model && i < config->price_count; i++)
		if (config->prices[i].model && strcmp(config->prices[i].model, endpoint->model) == 0)
			return &config->prices[i];
	return NULL;
}

static bool
costs_tokens(const struct endpoint *endpoint)
{
	return endpoint->dialect->caps & DIALECT_PROMPT;
}

/* The positive probes come first, and only they are repeated or sent elsewhere. */
static enum probe_kind
dearest_probe(const struct endpoint *endpoint)
{
	return endpoint->probe_count > 0 ? endpoint->probes[0] : PROBE_SYNC;
}

/* "prompt 108, answer 16", or of how many attempts a run consists. */
static void
tell_parts(struct buf *out, const struct endpoint *endpoint, const struct budget *budget)
{
	enum probe_kind probe = dearest_probe(endpoint);
	unsigned attempts = endpoint_draws_on(endpoint, budget) ? cost_attempts_max(endpoint, probe) : 0;
	int64_t targets = cost_targets_worst_case(endpoint, probe, budget).requests;
	if (attempts > 1 || (attempts == 1 && targets > 0))
		buf_printf(out, "%u attempt%s of ", attempts, attempts > 1 ? "s" : "");
	if (attempts > 0)
		buf_printf(out, "prompt %" PRId64 ", answer %" PRId64, cost_prompt_tokens_max(endpoint),
		    cost_output_tokens_max(endpoint));
	if (targets > 0)
		buf_printf(out, "%s%" PRId64 " fallback%s", attempts > 0 ? "; " : "", targets, targets > 1 ? "s" : "");
}

/* A whole run, with all its attempts, has to fit into the empty window. */
static void
check_room(
    struct loading *loading, const struct node *node, const struct endpoint *endpoint, const struct budget *budget)
{
	struct amount worst = cost_run_worst_case(endpoint, dearest_probe(endpoint), budget);
	const char *window = window_names[budget->window];
	auto_buf struct buf parts = BUF_INIT(256);
	tell_parts(&parts, endpoint, budget);
	if (budget->max_requests > 0 && worst.requests > budget->max_requests)
		loading_error(loading, node,
		    "one run of %s may send %" PRId64 " requests (%s), and %s has max_requests = %" PRId64
		    " %s: it would never have room",
		    endpoint->name, worst.requests, buf_cstr(&parts), budget->name, budget->max_requests, window);
	if (budget->max_tokens > 0 && worst.tokens > budget->max_tokens)
		loading_error(loading, node,
		    "one run of %s may take %" PRId64 " tokens (%s), and %s has max_tokens = %" PRId64
		    " %s: it would never have room",
		    endpoint->name, worst.tokens, buf_cstr(&parts), budget->name, budget->max_tokens, window);
	if (budget->max_usd_micro > 0 && worst.usd_micro > budget->max_usd_micro)
		loading_error(loading, node,
		    "one run of %s may cost %" PRId64 ".%06" PRId64 " US dollars (%s), and %s has max_usd = %" PRId64
		    ".%06" PRId64 " %s: it would never have room",
		    endpoint->name, worst.usd_micro / USD_MICRO, worst.usd_micro % USD_MICRO, buf_cstr(&parts),
		    budget->name, budget->max_usd_micro / USD_MICRO, budget->max_usd_micro % USD_MICRO, window);
}

static bool
has_sound_targets(const struct endpoint *endpoint)
{
	for (size_t i = 0; endpoint->fallback && i < endpoint->fallback->target_count; i++)
		if (!endpoint->fallback->targets[i]->dialect)
			return false;
	return true;
}

/* Budgets that only the targets draw on: what they are asked together has to fit. One alone is the target's own affair. */
static void
check_targets(struct loading *loading, const struct node *own, const struct endpoint *endpoint)
{
	const struct config *config = loading->config;
	for (size_t i = 0; i < config->budget_count; i++) {
		const struct budget *budget = &config->budgets[i];
		if (budget->name && endpoint->name && !endpoint_draws_on(endpoint, budget) &&
		    cost_targets_worst_case(endpoint, dearest_probe(endpoint), budget).requests > 1)
			check_room(loading, blamed(loading, own, "fallback"), endpoint, budget);
	}
}

static void
check_pair(
    struct loading *loading, const struct node *node, const struct endpoint *endpoint, const struct budget *budget)
{
	if (!endpoint->name || !budget->name)
		return;
	if (costs_tokens(endpoint) && budget->max_usd_micro > 0 && !endpoint->price && endpoint->model)
		loading_error(loading, node, "%s has max_usd, and the price of \"%s\" is not in `prices`", budget->name,
		    endpoint->model);
	check_room(loading, node, endpoint, budget);
	bool uncapped = costs_tokens(endpoint) && strcmp(endpoint->dialect->name, "openai-images") == 0;
	if (uncapped && (budget->max_tokens > 0 || budget->max_usd_micro > 0) && loading->diags->errors == 0)
		loading_warn(loading, node,
		    "a request for images has no cap on tokens: what one takes counts in %s only once it is reported",
		    budget->name);
}

static void
check_key_is_sent(struct loading *loading, const struct node *own, const struct endpoint *endpoint)
{
	const struct tenant *tenant = endpoint->tenant;
	if (tenant && tenant->name && endpoint->provider && endpoint->provider->name &&
	    !endpoint->provider->auth.header)
		loading_error(loading, blamed(loading, own, "tenant"),
		    "its provider \"%s\" has no auth: the key of %s would not be sent", endpoint->provider->name,
		    tenant->name);
}

static void
check_endpoint(struct loading *loading, const struct node *own, const struct endpoint *endpoint)
{
	const struct budget *shared = endpoint->tenant ? endpoint->tenant->budget : NULL;
	if (endpoint->budget)
		check_pair(loading, blamed(loading, own, "budget"), endpoint, endpoint->budget);
	if (shared && shared != endpoint->budget)
		check_pair(loading, blamed(loading, own, "tenant"), endpoint, shared);
	check_targets(loading, own, endpoint);
	check_key_is_sent(loading, own, endpoint);
	bool limited = endpoint->budget || shared || !endpoint->enabled || !costs_tokens(endpoint);
	if (!limited && loading->config->budget_count > 0 && loading->diags->errors == 0)
		loading_warn(loading, own, "it has no budget: nothing limits what it spends");
}

static bool
is_drawn_on(const struct config *config, const struct budget *budget)
{
	for (size_t i = 0; i < config->endpoint_count; i++)
		if (endpoint_draws_on(&config->endpoints[i], budget))
			return true;
	return false;
}

static void
check_budget(struct loading *loading, const struct node *root, const struct node *own, const struct budget *budget)
{
	bool limits = node_get(own, "max_requests") || node_get(own, "max_tokens") || node_get(own, "max_usd");
	if (!limits)
		loading_error(loading, own, "it limits nothing: write max_requests, max_tokens or max_usd");
	if (loading->diags->errors > 0)
		return;
	if (!is_drawn_on(loading->config, budget))
		loading_warn(loading, own, "no endpoint uses this budget");
	else if (!node_get(root, "store"))
		loading_warn(loading, own,
		    "without a `store` what was spent is forgotten at each restart, and the limits hold within one process");
}

static void
check_tenant(struct loading *loading, const struct node *own, const struct tenant *tenant)
{
	const struct config *config = loading->config;
	if (loading->diags->errors > 0)
		return;
	for (size_t i = 0; i < config->endpoint_count; i++)
		if (config->endpoints[i].tenant == tenant)
			return;
	loading_warn(loading, own, "no endpoint uses this tenant");
}

static void
check_nothing_limits(struct loading *loading, const struct node *root)
{
	const struct config *config = loading->config;
	size_t spending = 0;
	for (size_t i = 0; i < config->endpoint_count; i++)
		spending +=
		    config->endpoints[i].enabled && config->endpoints[i].dialect && costs_tokens(&config->endpoints[i]);
	if (config->budget_count == 0 && spending > 0 && loading->diags->errors == 0)
		loading_warn(loading, node_get(root, "endpoints"),
		    "no budget limits what they spend: write `budgets`, and `budget` in `defaults`");
}

void
budgets_rules_check(struct loading *loading, const struct node *root)
{
	struct config *config = loading->config;
	for (const struct node *own = node_first_filled(root, "endpoints", config->endpoints); own; own = own->next) {
		struct endpoint *endpoint = &config->endpoints[own->index];
		endpoint->price = price_of(config, endpoint);
	}
	for (const struct node *own = node_first_filled(root, "endpoints", config->endpoints); own; own = own->next)
		if (!own->bad && config->endpoints[own->index].dialect &&
		    has_sound_targets(&config->endpoints[own->index]))
			check_endpoint(loading, own, &config->endpoints[own->index]);
	for (const struct node *own = node_first_filled(root, "budgets", config->budgets); own; own = own->next)
		if (!own->bad)
			check_budget(loading, root, own, &config->budgets[own->index]);
	for (const struct node *own = node_first_filled(root, "tenants", config->tenants); own; own = own->next)
		if (!own->bad)
			check_tenant(loading, own, &config->tenants[own->index]);
	check_nothing_limits(loading, root);
}
