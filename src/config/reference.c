/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/value.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "model/dialect.h"

/* Whether the name of a secret's place may be shown: somebody may have put the key itself there. */
static bool
is_plain_reference(enum secret_source source, struct str name)
{
	if (source == SECRET_FILE)
		return true; /* it begins with / */
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool fine = source == SECRET_ENV ? (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9')
						 : (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
		if (!fine)
			return false;
	}
	return name.len <= 64;
}

static bool
read_secret_from(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	static const char *const places[] = {
		[SECRET_ENV] = "env", [SECRET_FILE] = "file", [SECRET_CREDENTIAL] = "credential"
	};
	const struct node *place = node->first;
	const struct schema_key *place_key = schema_find(key->sub, place->name);
	if (!value_text_is_fit(loading, place_key, place))
		return false;
	if (loading->rehearsal || loading->without_secrets)
		return true;
	enum secret_source source = SECRET_ENV;
	while (strcmp(places[source], place->name) != 0)
		source++;
	const char *why;
	struct secret *secret = secret_read(source, place->text, &why);
	if (!secret) {
		bool plain = is_plain_reference(source, str_of(place->text));
		loading_error(loading, place, "%s%s%s", plain ? place->text : "", plain ? ": " : "", why);
		return false;
	}
	*(struct secret **)value_target(key, base) = secret;
	return true;
}

bool
reference_read_secret(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	static const char *const right = "{ env = \"NAME\"; }, { file = \"/path\"; } or { credential = \"name\"; }";
	if (node->kind == NODE_TEXT) {
		loading_error(loading, node, "a secret is never written here, only where it is: %s", right);
		return false;
	}
	if (node->kind != NODE_GROUP)
		return value_wrong_kind(loading, node, right);
	bool known = true;
	for (const struct node *each = node->first; each; each = each->next) {
		if (schema_find(key->sub, each->name))
			continue;
		loading_error(loading, each, "unknown key; a secret is one of %s", right);
		known = false;
	}
	if (!known)
		return false;
	if (node->count != 1) {
		loading_error(loading, node, "exactly one of %s", right);
		return false;
	}
	return read_secret_from(loading, key, node, base);
}

/* Things with names that a value may refer to. */
struct directory {
	const char *what;
	size_t count;
	bool may_be_empty; /* that there is none at all has not been told */
	const char *(*name_at)(const struct config *config, size_t index); /* NULL: it has no sound name */
};

static const char *
provider_name_at(const struct config *config, size_t index)
{
	return config->providers[index].name;
}

static const char *
contract_name_at(const struct config *config, size_t index)
{
	return config->contracts[index].name;
}

static const char *
budget_name_at(const struct config *config, size_t index)
{
	return config->budgets[index].name;
}

static const char *
tenant_name_at(const struct config *config, size_t index)
{
	return config->tenants[index].name;
}

static const char *
endpoint_name_at(const struct config *config, size_t index)
{
	return config->endpoints[index].name;
}

static const char *
doc_name_at(const struct config *config, size_t index)
{
	return config->docs[index].name;
}

/* The index of what a text refers to, or -1. */
static ptrdiff_t
look_up(struct loading *loading, const struct node *node, const struct directory *directory)
{
	unsigned distance = SUGGEST_START;
	const char *near = NULL;
	bool sound = directory->count > 0 || directory->may_be_empty;
	for (size_t i = 0; i < directory->count; i++) {
		const char *name = directory->name_at(loading->config, i);
		sound &= name != NULL;
		if (name && strcmp(name, node->text) == 0)
			return (ptrdiff_t)i;
		if (name)
			suggest_try(str_of(node->text), name, &distance, &near);
	}
	if (!sound) /* it may be the one whose name is missing or wrong, and that has been told */
		return -1;
	auto_buf struct buf shown = BUF_INIT(1024);
	value_show(&shown, node->text);
	if (near)
		buf_printf(&shown, " (did you mean \"%s\"?)", near);
	loading_error(loading, node, "no %s has the name %s", directory->what, buf_cstr(&shown));
	return -1;
}

/* The index of what the node refers to, or -1 after an error. */
static ptrdiff_t
read_name(
    struct loading *loading, const struct schema_key *key, const struct node *node, const struct directory *directory)
{
	return value_text_is_fit(loading, key, node) ? look_up(loading, node, directory) : -1;
}

bool
reference_read_provider(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	const struct config *config = loading->config;
	const struct directory providers = { "provider", config->provider_count, false, provider_name_at };
	ptrdiff_t index = read_name(loading, key, node, &providers);
	if (index >= 0)
		*(const struct provider **)value_target(key, base) = &config->providers[index];
	return index >= 0;
}

bool
reference_read_contract(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	const struct config *config = loading->config;
	const struct directory contracts = { "contract", config->contract_count, true, contract_name_at };
	ptrdiff_t index = read_name(loading, key, node, &contracts);
	if (index >= 0)
		*(const struct contract **)value_target(key, base) = &config->contracts[index];
	return index >= 0;
}

bool
reference_read_budget(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	const struct config *config = loading->config;
	const struct directory budgets = { "budget", config->budget_count, true, budget_name_at };
	ptrdiff_t index = read_name(loading, key, node, &budgets);
	if (index >= 0)
		*(const struct budget **)value_target(key, base) = &config->budgets[index];
	return index >= 0;
}

bool
reference_read_tenant(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	const struct config *config = loading->config;
	const struct directory tenants = { "tenant", config->tenant_count, true, tenant_name_at };
	ptrdiff_t index = read_name(loading, key, node, &tenants);
	if (index >= 0)
		*(const struct tenant **)value_target(key, base) = &config->tenants[index];
	return index >= 0;
}

bool
reference_read_dialect(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	const struct dialect *dialect = dialect_find(str_of(node->text));
	if (!dialect && value_find_word(key->words, node->text) >= 0) {
		loading_error(loading, node, "\"%s\" is not implemented in this version", node->text);
		return false;
	}
	if (!dialect)
		return value_wrong_word(loading, node, key->words);
	*(const struct dialect **)value_target(key, base) = dialect;
	return true;
}

/* The probe that a text names. words: those of this key; a probe of the other kind is told apart. */
static bool
probe_of(struct loading *loading, const struct schema_key *key, const struct node *node, enum probe_kind *ret_probe)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	*ret_probe = probe_from_name(str_of(node->text));
	if (value_find_word(key->words, node->text) >= 0)
		return true;
	if (key->kind == VALUE_PROBE && *ret_probe != PROBE_COUNT && probe_is_negative(*ret_probe))
		loading_error(loading, node, "the probe \"%s\" judges our own handling: no refusal is expected of it",
		    node->text);
	else if (*ret_probe != PROBE_COUNT)
		loading_error(loading, node, "the probe \"%s\" belongs in the list `%s`", node->text,
		    probe_is_negative(*ret_probe) ? "negative" : "probes");
	else
		value_wrong_word(loading, node, key->words);
	return false;
}

bool
reference_read_probe(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	return probe_of(loading, key, node, value_target(key, base));
}

bool
reference_read_probes(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	struct endpoint *endpoint = base;
	enum probe_kind probes[PROBE_COUNT];
	size_t count = 0;
	bool fit = value_list_is_fit(loading, key, node);
	for (const struct node *each = fit ? node->first : NULL; each; each = each->next) {
		enum probe_kind probe;
		if (!probe_of(loading, key, each, &probe)) {
			fit = false;
			continue;
		}
		bool twice = false;
		for (size_t i = 0; i < count; i++)
			twice |= probes[i] == probe;
		if (twice)
			loading_error(loading, each, "\"%s\" is in the list twice", each->text);
		else
			probes[count++] = probe;
		fit &= !twice;
	}
	for (size_t i = 0; fit && i < count; i++)
		endpoint->probes[endpoint->probe_count++] = probes[i];
	return fit;
}

bool
reference_read_outcomes(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	static const char *const codes[] = {
#define OUTCOME(name, code, class, blame, retryable, reason, when) code,
#include "model/outcome.def"
#undef OUTCOME
		NULL
	};
	uint64_t outcomes = 0;
	bool fit = value_list_is_fit(loading, key, node);
	for (const struct node *each = fit ? node->first : NULL; each; each = each->next) {
		if (!value_text_is_fit(loading, key, each)) {
			fit = false;
			continue;
		}
		enum outcome outcome = outcome_from_code(str_of(each->text));
		if (outcome == OUTCOME_INVALID)
			fit = value_wrong_word(loading, each, codes);
		else
			outcomes |= UINT64_C(1) << outcome;
	}
	if (fit)
		*(uint64_t *)value_target(key, base) = outcomes;
	return fit;
}

bool
reference_read_statuses(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	static const struct schema_key status = { .name = "status", .min = 100, .max = 599 };
	if (!value_list_is_fit(loading, key, node))
		return false;
	bool fit = true;
	int *statuses = arena_alloc(loading->memory, (node->count + 1) * sizeof(*statuses));
	for (const struct node *each = node->first; each; each = each->next) {
		int64_t number = 0;
		fit &= value_whole_number(loading, &status, each, &number);
		statuses[each->index] = (int)number;
	}
	if (!fit)
		return false;
	*(const int **)value_target(key, base) = statuses;
	value_set_count(key, base, node->count);
	return true;
}

bool
reference_read_days(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	unsigned days = 0;
	bool fit = value_list_is_fit(loading, key, node);
	for (const struct node *each = fit ? node->first : NULL; each; each = each->next) {
		if (!value_text_is_fit(loading, key, each)) {
			fit = false;
			continue;
		}
		int day = value_find_word(key->words, each->text);
		if (day < 0)
			fit = value_wrong_word(loading, each, key->words);
		else
			days |= 1U << day;
	}
	if (fit && days == 0) {
		loading_error(loading, node, "no day: take it out for all of them");
		return false;
	}
	*(unsigned *)value_target(key, base) = days;
	return fit;
}

ptrdiff_t
reference_find_endpoint(struct loading *loading, const struct node *node)
{
	const struct config *config = loading->config;
	const struct directory endpoints = { "endpoint", config->endpoint_count, false, endpoint_name_at };
	return look_up(loading, node, &endpoints);
}

ptrdiff_t
reference_find_doc(struct loading *loading, const struct node *node)
{
	const struct config *config = loading->config;
	const struct directory docs = { "watched document", config->doc_count, true, doc_name_at };
	return look_up(loading, node, &docs);
}

bool
reference_read_endpoints(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_list_is_fit(loading, key, node))
		return false;
	const struct config *config = loading->config;
	const struct endpoint **endpoints = arena_alloc(loading->memory, (node->count + 1) * sizeof(const void *));
	bool fit = true;
	for (const struct node *each = node->first; each; each = each->next) {
		ptrdiff_t index = value_text_is_fit(loading, key, each) ? reference_find_endpoint(loading, each) : -1;
		fit &= index >= 0;
		if (index >= 0)
			endpoints[each->index] = &config->endpoints[index];
	}
	if (!fit)
		return false;
	*(const struct endpoint ***)value_target(key, base) = endpoints;
	value_set_count(key, base, node->count);
	return true;
}

/* Where the state of this program belongs: as the service manager says, else as the XDG folders are. */
static bool
state_folder(struct buf *path)
{
	const char *state = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state && *state == '/') {
		struct str rest = str_of(state);
		return buf_str(path, str_split(&rest, ':'));
	}
	if (xdg && *xdg == '/')
		return buf_printf(path, "%s/cometcanary", xdg);
	return home && *home == '/' && buf_printf(path, "%s/.local/state/cometcanary", home);
}

/* Where there is no such folder the path stays relative: a rule says so. */
bool
reference_read_state_file(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	auto_buf struct buf path = BUF_INIT(PATH_MAX);
	if (node->text[0] != '/' && state_folder(&path))
		buf_char(&path, '/');
	buf_text(&path, node->text);
	if (path.overflow) {
		loading_error(loading, node, "the path is too long");
		return false;
	}
	*(const char **)value_target(key, base) = value_keep(loading, buf_cstr(&path));
	return true;
}
