/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/parse.h"
#include "config/contracts.h"

/* How old the reading of a page may be. */
enum { EVIDENCE_DAYS_MAX = 90 };

/* One contract and where it is written. */
struct contract_view {
	struct loading *loading;
	struct contract *contract;
	const struct node *root, *own;
};

/* The member of a group, if it is there and its value could be read. */
static const struct node *
sound(const struct node *group, const char *name)
{
	const struct node *node = node_get(group, name);
	return node && !node->bad ? node : NULL;
}

static void
check_not_in_future(const struct contract_view *view, const struct node *date, int64_t days)
{
	if (date && days > view->loading->today_days)
		loading_warn(view->loading, date, "%s is in the future", date->text);
}

static void
check_documented(const struct contract_view *view, const struct node *own)
{
	static const char *const needed[] = { "title", "url", "accessed" };
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!node_get(own, needed[i]))
			loading_error_in(view->loading, own, needed[i],
			    "required where the status is \"documented\": which page says it, and when it was read");
}

static void
check_evidence(const struct contract_view *view)
{
	const struct node *own = node_first_of(view->own, "evidence");
	int64_t today = view->loading->today_days;
	for (; own; own = own->next) {
		const struct evidence *evidence = &view->contract->evidence[own->index];
		const struct node *accessed = sound(own, "accessed");
		if (sound(own, "status") && evidence->status == EVIDENCE_DOCUMENTED)
			check_documented(view, own);
		if (!accessed)
			continue;
		check_not_in_future(view, accessed, evidence->accessed_days);
		if (today - evidence->accessed_days > EVIDENCE_DAYS_MAX)
			loading_warn(view->loading, accessed,
			    "read %" PRId64 " days ago, the limit is %d: read the page again, then write today's date",
			    today - evidence->accessed_days, (int)EVIDENCE_DAYS_MAX);
	}
}

/* Required and optional at once. */
static void
check_fields(const struct contract_view *view)
{
	const struct field_list *required = &view->contract->required, *optional = &view->contract->optional;
	const struct node *node = sound(view->own, "required") ? node_first_of(view->own, "optional") : NULL;
	for (; node; node = node->next)
		for (size_t i = 0; i < required->count; i++)
			if (strcmp(required->items[i].path, optional->items[node->index].path) == 0)
				loading_error(
				    view->loading, node, "%s is in `required` already", required->items[i].path);
}

static void
check_enums(const struct contract_view *view)
{
	const struct enum_spec *enums = view->contract->enums;
	for (const struct node *node = node_first_of(view->own, "enums"); node; node = node->next) {
		const struct node *path = sound(node, "path");
		for (size_t i = 0; path && i < node->index; i++)
			if (enums[i].path && strcmp(enums[i].path, enums[node->index].path) == 0)
				loading_error(view->loading, path, "%s has an entry already", enums[i].path);
	}
}

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void
check_where(const struct contract_view *view, const struct node *where)
{
	ptrdiff_t index = reference_find_endpoint(view->loading, where);
	const struct endpoint *endpoint = index < 0 ? NULL : &view->loading->config->endpoints[index];
	if (endpoint && endpoint->contract != view->contract && view->loading->diags->errors == 0)
		loading_warn(view->loading, where, "\"%s\" has another contract or none: this acknowledges nothing",
		    endpoint->name);
}

static void
check_acknowledgements(const struct contract_view *view)
{
	const struct acknowledgement *all = view->contract->acknowledgements;
	for (const struct node *own = node_first_of(view->own, "acknowledge"); own; own = own->next) {
		const struct acknowledgement *mine = &all[own->index];
		const struct node *where = sound(own, "endpoint"), *until = sound(own, "until");
		if (where)
			check_where(view, where);
		if (until && mine->until_days < view->loading->today_days)
			loading_warn(view->loading, until, "expired: it acknowledges nothing after %s", until->text);
		for (size_t i = 0; sound(own, "rule") && i < own->index; i++)
			if (all[i].rule == mine->rule && same_text(all[i].endpoint, mine->endpoint) &&
			    same_text(all[i].path, mine->path))
				loading_error(view->loading, own, "it is in the list already, as [%zu]", i);
	}
}

static void
check_baseline(const struct contract_view *view)
{
	const struct node *own = node_get(view->own, "baseline");
	if (!own || own->bad || node_get(view->root, "store"))
		return;
	if (view->contract->baseline_mode == BASELINE_LEARN)
		loading_warn(view->loading, own, "without a `store` what is learned is forgotten at each restart");
	if (view->contract->baseline_mode == BASELINE_PINNED)
		loading_warn(
		    view->loading, own, "without a `store` nothing is kept: a restart loses the pinned baseline");
}

static bool
is_used(const struct config *config, const struct contract *contract)
{
	for (size_t i = 0; i < config->endpoint_count; i++)
		if (config->endpoints[i].contract == contract)
			return true;
	return false;
}

static void
check_contract(const struct contract_view *view)
{
	check_not_in_future(view, sound(view->own, "reviewed"), view->contract->reviewed_days);
	check_evidence(view);
	check_fields(view);
	check_enums(view);
	check_acknowledgements(view);
	check_baseline(view);
	if (view->loading->diags->errors == 0 && !is_used(view->loading->config, view->contract))
		loading_warn(view->loading, view->own, "no endpoint uses this contract");
}

void
contracts_rules_check(struct loading *loading, const struct node *root)
{
	struct contract *contracts = loading->config->contracts;
	for (const struct node *own = node_first_filled(root, "contracts", contracts); own; own = own->next) {
		const struct contract_view view = { loading, &contracts[own->index], root, own };
		if (!own->bad)
			check_contract(&view);
	}
}
