/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/policies.h"

#include <string.h>

#include "base/parse.h"
#include "model/dialect.h"

/* What no configuration can make a reason. */
static const struct {
	const char *word, *why;
} never[] = {
	{ "auth", "a refused key fails closed, and is never answered with another one" },
	{ "model", "a model that is not there is a mistake to repair: another endpoint would hide it" },
	{ "request", "a request that is wrong here is wrong everywhere" },
	{ "content", "a refusal by safety or policy is an answer, not a fault" },
	{ "contract", "what a parser or the contract refuses is drift: another endpoint would hide it" },
	{ "quota", "an exhausted quota stops spending; it is not routed around" },
};

static bool
read_reason(struct loading *loading, const struct schema_key *key, const struct node *node, unsigned *reasons)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		if (strcmp(never[i].word, node->text) != 0)
			continue;
		loading_error(loading, node, "\"%s\" can never be allowed: %s", node->text, never[i].why);
		return false;
	}
	for (unsigned i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		if (strcmp(fallback_reason_name((enum fallback_reason)i), node->text) != 0)
			continue;
		if (*reasons >> i & 1)
			loading_error(loading, node, "\"%s\" is in the list twice", node->text);
		bool fresh = !(*reasons >> i & 1);
		*reasons |= 1U << i;
		return fresh;
	}
	return value_wrong_word(loading, node, key->words);
}

bool
policies_read_reasons(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	unsigned reasons = 0;
	bool fit = value_list_is_fit(loading, key, node);
	for (const struct node *each = fit ? node->first : NULL; each; each = each->next)
		fit &= read_reason(loading, key, each, &reasons);
	if (fit)
		*(unsigned *)value_target(key, base) = reasons;
	return fit;
}

bool
policies_read_names(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	struct schema_key list = *key;
	list.kind = VALUE_TEXTS;
	if (node->kind == NODE_LIST)
		return value_read(loading, &list, node, base);
	if (node->kind != NODE_TEXT)
		return value_wrong_kind(loading, node, "a name in \" \", or several in ( )");
	if (!value_text_is_fit(loading, key, node))
		return false;
	const char **names = arena_alloc(loading->memory, sizeof(*names));
	names[0] = value_keep(loading, node->text);
	*(const char ***)value_target(key, base) = names;
	value_set_count(key, base, 1);
	return true;
}

/* Can the answer of one stand in for the other's? */
static bool
same_output(const struct dialect *a, const struct dialect *b)
{
	return a == b || (a->caps & b->caps & DIALECT_TEXT);
}

static bool
is_used(const struct config *config, const struct fallback_policy *policy)
{
	for (size_t i = 0; i < config->endpoint_count; i++)
		for (size_t k = 0; k < config->endpoints[i].fallback_count; k++)
			if (config->endpoints[i].fallbacks[k] == policy)
				return true;
	return false;
}

static void
check_retry(struct loading *loading, const struct retry_policy *retry, const struct node *own)
{
	auto_buf struct buf base = BUF_INIT(64), cap = BUF_INIT(64);
	if (own->bad || retry->base_ns <= retry->cap_ns)
		return;
	format_duration(&base, retry->base_ns);
	format_duration(&cap, retry->cap_ns);
	loading_error(loading, own, "the first delay of %s (base) is longer than the longest, %s (cap)",
	    buf_cstr(&base), buf_cstr(&cap));
}

static void
check_policy(struct loading *loading, const struct fallback_policy *policy, const struct node *own)
{
	const struct node *targets = node_get(own, "targets"), *allow = node_get(own, "allow");
	const struct node *retry = node_get(own, "retry");
	if (policy->allow && !targets)
		loading_error_in(loading, own, "targets", "required where reasons are allowed: whom to ask instead");
	if (policy->target_count > 0 && policy->allow == 0 && !(allow && allow->bad))
		loading_warn(loading, targets, "no reason is allowed: nothing ever falls back to them");
	for (const struct node *each = node_first_of(own, "targets"); each; each = each->next)
		for (size_t i = 0; i < each->index; i++)
			if (policy->targets[i] == policy->targets[each->index])
				loading_error(loading, each, "\"%s\" is in the list twice", each->text);
	if (retry)
		check_retry(loading, &policy->retry, retry);
	if (policy->name && loading->diags->errors == 0 && !is_used(loading->config, policy))
		loading_warn(loading, own, "no endpoint uses this policy");
}

/* An entry of an endpoint's `fallback`, and where it is written. */
struct entry {
	const struct node *node;
	bool inherited;
};

static struct entry
entry_of(const struct loading *loading, const struct node *own, size_t index)
{
	const struct node *node = node_get(own, "fallback");
	bool inherited = !node;
	if (inherited)
		node = node_get(loading->defaults, "fallback");
	const struct node *each = node && node->kind == NODE_LIST ? node->first : node;
	while (each && each->index < index && node->kind == NODE_LIST)
		each = each->next;
	return (struct entry){ each ? each : own, inherited };
}

/* Nobody is his own substitute, and an image is none for a text. False where that is inherited: who is the substitute
 * has none. */
static bool
check_targets(
    struct loading *loading, const struct node *own, const struct fallback_policy *policy, const struct entry *entry)
{
	const struct endpoint *endpoint = &loading->config->endpoints[own->index];
	for (size_t i = 0; i < policy->target_count; i++) {
		const struct endpoint *target = policy->targets[i];
		if (target == endpoint) {
			if (!entry->inherited)
				loading_error(loading, entry->node,
				    "%s is a target of \"%s\": it cannot fall back to itself", endpoint->name,
				    policy->name);
			return false;
		}
		if (endpoint->dialect && target->dialect && !same_output(endpoint->dialect, target->dialect))
			loading_error(loading, entry->inherited ? own : entry->node,
			    "the target %s of \"%s\" has the dialect %s: its answer is no substitute for one of %s",
			    target->name, policy->name, target->dialect->name, endpoint->dialect->name);
	}
	return true;
}

/* NULL after an error. */
static const struct fallback_policy *
find_policy(struct loading *loading, const char *wanted, const struct node *node)
{
	const struct config *config = loading->config;
	unsigned distance = SUGGEST_START;
	const char *near = NULL;
	bool nameless = false;
	for (size_t i = 0; i < config->policy_count; i++) {
		const char *name = config->policies[i].name;
		if (name && strcmp(name, wanted) == 0)
			return &config->policies[i];
		if (name)
			suggest_try(str_of(wanted), name, &distance, &near);
		nameless |= name == NULL;
	}
	if (nameless) /* it may be the one whose name is wrong, and that has been told */
		return NULL;
	auto_buf struct buf shown = BUF_INIT(1024);
	value_show(&shown, wanted);
	if (near)
		buf_printf(&shown, " (did you mean \"%s\"?)", near);
	loading_error(loading, node, "no fallback policy has the name %s", buf_cstr(&shown));
	return NULL;
}

/* Where the one in force cannot be, none of the others takes its place. */
static void
resolve(struct loading *loading, struct endpoint *endpoint, const struct node *own)
{
	size_t count = endpoint->fallback_count, kept = 0;
	bool in_force = true;
	const char **names = arena_alloc(loading->memory, (count + 1) * sizeof(*names));
	endpoint->fallbacks = arena_alloc(loading->memory, (count + 1) * sizeof(*endpoint->fallbacks));
	for (size_t i = 0; i < count; i++) {
		struct entry entry = entry_of(loading, own, i);
		const char *name = endpoint->fallback_names[i];
		const struct fallback_policy *policy = find_policy(loading, name, entry.node);
		bool fit = policy && check_targets(loading, own, policy, &entry);
		in_force = in_force && (fit || i > 0);
		if (!fit)
			continue;
		names[kept] = name;
		endpoint->fallbacks[kept++] = policy;
	}
	kept = in_force ? kept : 0;
	endpoint->fallback_names = names; /* the list may be the one of `defaults` */
	endpoint->fallback_count = kept;
	endpoint->fallback = kept > 0 ? endpoint->fallbacks[0] : NULL;
}

void
policies_rules_check(struct loading *loading, const struct node *root)
{
	struct config *config = loading->config;
	const struct node *own = node_first_filled(root, "endpoints", config->endpoints);
	for (; own; own = own->next)
		if (!own->bad && config->endpoints[own->index].fallback_count > 0)
			resolve(loading, &config->endpoints[own->index], own);
	own = node_first_filled(root, "fallback_policies", config->policies);
	for (; own; own = own->next) {
		config->policies[own->index].index = own->index;
		if (!own->bad)
			check_policy(loading, &config->policies[own->index], own);
	}
}
