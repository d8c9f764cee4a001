/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "base/pattern.h"
#include "config/budgets.h"
#include "config/contracts.h"
#include "config/documents.h"
#include "config/extra.h"
#include "config/policies.h"
#include "model/dialect.h"

#define DAY_NS (86400 * NS_PER_SEC)

/* One endpoint and where its settings are written. */
struct view {
	struct loading *loading;
	struct endpoint *endpoint;
	const struct node *own, *inherited;
};

/* Where a setting is written: in the endpoint, else in `defaults`; NULL when it has its default. */
static const struct node *
written(const struct view *view, const char *path)
{
	const struct node *node = node_find(view->own, path);
	return node ? node : node_find(view->inherited, path);
}

/* Not known to be wrong already: a rule may build on its value. */
static bool
sound(const struct view *view, const char *path)
{
	const struct node *node = written(view, path);
	return !node || !node->bad;
}

/* Where to point when a setting is at fault. */
static const struct node *
blamed(const struct view *view, const char *path)
{
	const struct node *node = written(view, path);
	return node ? node : view->own;
}

static const char *
duration_text(struct buf *buf, int64_t ns)
{
	buf_reset(buf);
	format_duration(buf, ns);
	return buf_cstr(buf);
}

static const char *
name_of(const struct endpoint *endpoint)
{
	return endpoint->name ? endpoint->name : "the endpoint";
}

/* A stage that is not set is the smaller of its default and the total; one that is set fits into it. */
static void
check_deadlines(const struct view *view)
{
	struct deadlines *all = &view->endpoint->deadlines;
	const struct {
		const char *path;
		int64_t *ns;
	} stages[] = {
		{ "timeout.connect", &all->connect_ns },
		{ "timeout.first_byte", &all->first_byte_ns },
		{ "timeout.first_token", &all->first_token_ns },
		{ "timeout.idle", &all->idle_ns },
	};
	auto_buf struct buf stage = BUF_INIT(64), total = BUF_INIT(64);
	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		if (*stages[i].ns <= all->total_ns)
			continue;
		const struct node *node = written(view, stages[i].path);
		if (node && !node->bad && sound(view, "timeout.total"))
			loading_error(view->loading, node, "%s is longer than the total deadline of %s, %s",
			    duration_text(&stage, *stages[i].ns), name_of(view->endpoint),
			    duration_text(&total, all->total_ns));
		*stages[i].ns = all->total_ns;
	}
}

/* The low deadline is the total of its probe. */
static void
check_negative_timeout(const struct view *view)
{
	struct endpoint *endpoint = view->endpoint;
	const struct node *node = written(view, "negative_timeout");
	if (endpoint->negative_timeout_ns <= endpoint->deadlines.total_ns)
		return;
	auto_buf struct buf low = BUF_INIT(64), total = BUF_INIT(64);
	if (node && !node->bad && sound(view, "timeout.total"))
		loading_error(view->loading, node, "%s is longer than the total deadline of %s, %s",
		    duration_text(&low, endpoint->negative_timeout_ns), name_of(endpoint),
		    duration_text(&total, endpoint->deadlines.total_ns));
	endpoint->negative_timeout_ns = endpoint->deadlines.total_ns;
}

static void
check_interval(const struct view *view, const char *path, int64_t interval_ns)
{
	int64_t total_ns = view->endpoint->deadlines.total_ns;
	if (total_ns < interval_ns || !sound(view, path) || !sound(view, "timeout.total"))
		return;
	auto_buf struct buf total = BUF_INIT(64), interval = BUF_INIT(64);
	const struct node *node = node_find(view->own, path);
	if (!node)
		node = node_find(view->own, "timeout.total");
	if (!node)
		node = blamed(view, path);
	loading_error(view->loading, node,
	    "a run may take %s (timeout.total), the next is due after %s (%s): the total has to be less",
	    duration_text(&total, total_ns), duration_text(&interval, interval_ns), path);
}

static bool
has_kind(const struct endpoint *endpoint, bool negative)
{
	for (size_t i = 0; i < endpoint->probe_count; i++)
		if (probe_is_negative(endpoint->probes[i]) == negative)
			return true;
	return false;
}

static bool
has_probe(const struct endpoint *endpoint, enum probe_kind probe)
{
	for (size_t i = 0; i < endpoint->probe_count; i++)
		if (endpoint->probes[i] == probe)
			return true;
	return false;
}

/* Why this endpoint cannot run a probe; NULL when it can. */
static const char *
why_not(const struct endpoint *endpoint, enum probe_kind probe)
{
	static const char *const lacks[PROBE_COUNT] = {
		[PROBE_STREAM] = "its dialect has no stream",
		[PROBE_STREAM_ABORT] = "its dialect has no stream",
		[PROBE_INVALID_MODEL] = "its dialect asks for no model",
		[PROBE_MISSING_FIELD] = "its dialect has no required field",
		[PROBE_MALFORMED_JSON] = "its dialect sends no body",
	};
	if (!dialect_supports(endpoint->dialect, probe))
		return lacks[probe] ? lacks[probe] : "its dialect has no such probe";
	bool keyless = endpoint->provider && !endpoint->provider->auth.header;
	return keyless && probe_is_keyless(probe) ? "its provider has no auth" : NULL;
}

static void
check_probes(const struct view *view)
{
	const struct endpoint *endpoint = view->endpoint;
	if (!sound(view, "probes") || !sound(view, "negative"))
		return;
	if (endpoint->probe_count == 0)
		loading_error(
		    view->loading, view->own, "it has neither `probes` nor `negative`: nothing would be asked");
	for (size_t i = 0; endpoint->dialect && i < endpoint->probe_count; i++) {
		enum probe_kind probe = endpoint->probes[i];
		const char *why = why_not(endpoint, probe);
		if (why)
			loading_error(view->loading, blamed(view, probe_is_negative(probe) ? "negative" : "probes"),
			    "%s cannot be probed with \"%s\": %s", name_of(endpoint), probe_name(probe), why);
	}
	if (has_kind(endpoint, false))
		check_interval(view, "interval", endpoint->interval_ns);
	if (has_kind(endpoint, true))
		check_interval(view, "negative_interval", endpoint->negative_interval_ns);
}

/* neutral: a word, or "false"; NULL = nothing is. */
static bool
says(const struct node *node, const char *neutral)
{
	if (!neutral)
		return false;
	return node->kind == NODE_BOOL ? !node->truth : node->text && strcmp(node->text, neutral) == 0;
}

/* Settings that have a meaning only where the dialect has what they are about. */
static void
check_idle_settings(const struct view *view)
{
	static const struct {
		const char *path;
		unsigned needs; /* one of enum dialect_caps; 0 = a cap on tokens */
		const char *why;
		const char *neutral; /* a value that says just this */
	} rows[] = {
		{ "model", DIALECT_MODEL, "asks for no model", NULL },
		{ "request.prompt", DIALECT_PROMPT, "sends no prompt", NULL },
		{ "request.max_tokens", 0, "sends no cap on tokens", NULL },
		{ "request.token_field", 0, "sends no cap on tokens", NULL },
		{ "request.temperature", DIALECT_TEXT, "has no temperature", NULL },
		{ "request.stream_usage", DIALECT_STREAM_USAGE, "does not ask for usage in streams", "false" },
		{ "request.extra", DIALECT_PROMPT, "sends no body", NULL },
		{ "expect.usage", DIALECT_USAGE, "reports no usage", "none" },
		{ "expect.prompt_tokens", DIALECT_USAGE, "reports no usage", NULL },
		{ "expect.model", DIALECT_MODEL, "names no model", "any" },
		{ "expect.output", DIALECT_TEXT, "has no text as output", NULL },
	};
	const struct dialect *dialect = view->endpoint->dialect;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct node *node = node_find(view->own, rows[i].path);
		bool has = rows[i].needs ? (dialect->caps & rows[i].needs) != 0 : dialect->token_fields != NULL;
		if (node && !node->bad && !has && !says(node, rows[i].neutral))
			loading_error(
			    view->loading, node, "the dialect %s %s: take it out", dialect->name, rows[i].why);
	}
}

static void
check_usage_is_asked(const struct view *view)
{
	const struct endpoint *endpoint = view->endpoint;
	bool silent = (endpoint->dialect->caps & DIALECT_STREAM_USAGE) && !endpoint->request.stream_usage;
	if (silent && endpoint->expect.usage == USAGE_DOCUMENTED && has_probe(endpoint, PROBE_STREAM))
		loading_warn(view->loading, blamed(view, "request.stream_usage"),
		    "usage is expected of %s, and its streams do not ask for it", name_of(endpoint));
}

/* What is inherited and has no meaning for this dialect is not set. */
static void
drop_idle_settings(struct endpoint *endpoint)
{
	unsigned caps = endpoint->dialect->caps;
	if (!(caps & DIALECT_STREAM_USAGE))
		endpoint->request.stream_usage = false;
	if (!(caps & DIALECT_PROMPT)) {
		endpoint->request.prompt = NULL;
		endpoint->request.extra = NULL;
	}
	if (!(caps & DIALECT_USAGE)) {
		endpoint->expect.usage = USAGE_NONE;
		endpoint->expect.prompt_tokens_min = endpoint->expect.prompt_tokens_max = -1;
	}
	if (!(caps & DIALECT_MODEL))
		endpoint->expect.model = MODEL_MATCH_ANY;
	if (!(caps & DIALECT_TEXT)) {
		endpoint->request.has_temperature = false;
		pattern_free(endpoint->expect.output);
		endpoint->expect.output = NULL;
		endpoint->expect.output_text = NULL;
	}
	if (!endpoint->dialect->token_fields)
		endpoint->request.max_tokens = 0;
}

static void
check_token_field(const struct view *view)
{
	struct request_config *request = &view->endpoint->request;
	const struct dialect *dialect = view->endpoint->dialect;
	if (!dialect->token_fields) {
		request->token_field = NULL;
		return;
	}
	if (!request->token_field) {
		request->token_field = dialect->token_fields[0];
		return;
	}
	auto_buf struct buf known = BUF_INIT(1024);
	for (size_t i = 0; dialect->token_fields[i]; i++) {
		if (strcmp(dialect->token_fields[i], request->token_field) == 0)
			return;
		buf_printf(&known, "%s %s", i ? "," : "", dialect->token_fields[i]);
	}
	const char *near = suggest_word(str_of(request->token_field), dialect->token_fields);
	const struct node *node = blamed(view, "request.token_field");
	if (near)
		loading_error(view->loading, node, "the dialect %s has no field \"%s\" (did you mean \"%s\"?)",
		    dialect->name, request->token_field, near);
	else
		loading_error(view->loading, node, "the dialect %s has no field \"%s\"; it is one of%s", dialect->name,
		    request->token_field, buf_cstr(&known));
}

/* A family whose streams have a path of their own finds it by the end of the other one. */
static void
check_stream_path(const struct view *view)
{
	const struct endpoint *endpoint = view->endpoint;
	const char *const *ends = endpoint->dialect->stream_path;
	bool streams = has_probe(endpoint, PROBE_STREAM) || has_probe(endpoint, PROBE_STREAM_ABORT);
	if (!ends[0] || !endpoint->path || !streams || str_ends(str_of(endpoint->path), str_of(ends[0])))
		return;
	loading_error(view->loading, blamed(view, "path"),
	    "it does not end in %s, and the probe \"stream\" needs that: it makes %s of it", ends[0], ends[1]);
}

static void
check_dialect(const struct view *view)
{
	struct endpoint *endpoint = view->endpoint;
	if (!endpoint->dialect)
		return;
	bool asks_model = endpoint->dialect->caps & DIALECT_MODEL;
	if (asks_model && !endpoint->model && sound(view, "model"))
		loading_error_in(view->loading, view->own, "model", "required: the dialect %s asks for one",
		    endpoint->dialect->name);
	if (!asks_model && endpoint->path && strstr(endpoint->path, "{model}"))
		loading_error(view->loading, blamed(view, "path"),
		    "{model} stands here, and the dialect %s asks for no model", endpoint->dialect->name);
	check_stream_path(view);
	check_idle_settings(view);
	if (sound(view, "request.token_field"))
		check_token_field(view);
	drop_idle_settings(endpoint);
	extra_follow(view->loading, endpoint, blamed(view, "request.extra"));
	check_usage_is_asked(view);
}

static void
check_refusals(const struct view *view)
{
	const struct expectation *expect = &view->endpoint->expect;
	const struct node *list = written(view, "expect.negative");
	const struct node *node = list && !list->bad ? list->first : NULL;
	for (size_t i = 0; node && i < expect->refusal_count; i++, node = node->next) {
		const struct refusal *refusal = &expect->refusals[i];
		const struct node *probe = node_get(node, "case");
		if (!probe || probe->bad)
			continue;
		if (node->count == 1)
			loading_error(view->loading, node, "neither `outcome` nor `status`: it overrides nothing");
		for (size_t k = 0; k < i; k++)
			if (expect->refusals[k].probe == refusal->probe)
				loading_error(view->loading, probe, "\"%s\" has an entry already", probe->text);
		bool own = node_find(view->own, "expect.negative") != NULL;
		if (own && sound(view, "negative") && !has_probe(view->endpoint, refusal->probe))
			loading_error(
			    view->loading, probe, "\"%s\" is not in the endpoint's list `negative`", probe->text);
	}
}

/* Overrides that are inherited and belong to a probe that this endpoint does not run. */
static void
drop_idle_refusals(struct endpoint *endpoint)
{
	struct expectation *expect = &endpoint->expect;
	size_t kept = 0;
	for (size_t i = 0; i < expect->refusal_count; i++)
		if (has_probe(endpoint, expect->refusals[i].probe))
			expect->refusals[kept++] = expect->refusals[i];
	expect->refusal_count = kept;
}

/* The last part of the base and the first of the path are the same: the path was pasted behind a base that has it. */
static void
check_url(const struct view *view)
{
	const struct endpoint *endpoint = view->endpoint;
	if (!endpoint->path || !endpoint->provider || !endpoint->provider->base_url)
		return;
	struct str rest = str_of(strstr(endpoint->provider->base_url, "://") + 3);
	(void)str_split(&rest, '/');
	struct str last = STR_NONE;
	while (rest.at)
		last = str_split(&rest, '/');
	struct str path = str_of(endpoint->path + 1);
	if (last.len > 0 && str_eq(last, str_split(&path, '/')))
		loading_error(view->loading, blamed(view, "path"),
		    "the URL would be …/%.*s%s: base_url ends in /%.*s already", STR_ARG(last), endpoint->path,
		    STR_ARG(last));
}

static size_t
at_most(size_t bytes, size_t limit)
{
	return bytes < limit ? bytes : limit;
}

static void
check_endpoint(const struct view *view)
{
	struct endpoint *endpoint = view->endpoint;
	if (!written(view, "expect.prompt_tokens") || !sound(view, "expect.prompt_tokens"))
		endpoint->expect.prompt_tokens_min = endpoint->expect.prompt_tokens_max = -1;
	if (!written(view, "max_body") && endpoint->dialect && endpoint->dialect->max_body_bytes > 0)
		endpoint->caps.body_bytes = endpoint->dialect->max_body_bytes;
	if (!written(view, "max_event"))
		endpoint->caps.event_bytes = at_most(endpoint->caps.event_bytes, endpoint->caps.body_bytes);
	if (!written(view, "max_line"))
		endpoint->caps.line_bytes = at_most(endpoint->caps.line_bytes, endpoint->caps.body_bytes);
	check_deadlines(view);
	check_negative_timeout(view);
	check_probes(view);
	check_dialect(view);
	check_refusals(view);
	drop_idle_refusals(endpoint);
	check_url(view);
}

static void
check_header(struct loading *loading, const struct provider *provider, const struct node *node)
{
	const struct header_pair *header = &provider->headers[node->index];
	const struct node *name = node_get(node, "name");
	if (!header->name || !name)
		return;
	struct str text = str_of(header->name);
	if (syntax_is_auth_header(text) ||
	    (provider->auth.header && str_eq_nocase(text, str_of(provider->auth.header))))
		loading_error(loading, name,
		    "%s carries a key: it is sent by `auth`, with a secret that is only referred to", header->name);
	else if (syntax_is_own_header(text))
		loading_error(loading, name, "%s is set by the canary itself", header->name);
	else if (provider->request_id_header && str_eq_nocase(text, str_of(provider->request_id_header)))
		loading_error(loading, name, "%s is the request_id_header already", header->name);
	for (size_t i = 0; i < node->index; i++)
		if (provider->headers[i].name && str_eq_nocase(text, str_of(provider->headers[i].name)))
			loading_error(loading, name, "%s is in the list twice", header->name);
}

static bool
is_used(const struct config *config, const struct provider *provider)
{
	for (size_t i = 0; i < config->endpoint_count; i++)
		if (config->endpoints[i].provider == provider)
			return true;
	return false;
}

static void
check_base_url(struct loading *loading, struct provider *provider, const struct node *own)
{
	struct str url = str_of(provider->base_url);
	if (!url.at)
		return;
	if (node_get(own, "auth") && syntax_url_is_plaintext(url) && !syntax_url_is_loopback(url) &&
	    !provider->allow_plaintext)
		loading_error(loading, node_get(own, "base_url"),
		    "the key would be sent in the clear: write https://, or allow_plaintext = true if that is meant");
	if (str_ends(url, STR("/")))
		provider->base_url = arena_dup(loading->memory, str_span(url.at, url.len - 1));
}

static void
check_headers(struct loading *loading, const struct provider *provider, const struct node *own)
{
	const char *id_header = provider->request_id_header;
	if (id_header && syntax_is_own_header(str_of(id_header)))
		loading_error(loading, node_get(own, "request_id_header"), "%s is set by the canary itself", id_header);
	const struct node *headers = node_get(own, "headers");
	for (const struct node *each = headers && provider->headers ? headers->first : NULL; each; each = each->next)
		check_header(loading, provider, each);
}

/* The only rule that looks at the system. Who sends nothing needs none of them. */
static void
check_files(struct loading *loading, const struct node *own)
{
	static const char *const keys[] = { "ca_file", "cert_file", "key_file" };
	const struct node *tls = node_get(own, "tls");
	for (size_t i = 0; !loading->without_secrets && i < ARRAY_LEN(keys); i++) {
		const struct node *file = node_get(tls, keys[i]);
		if (file && !file->bad && *file->text && access(file->text, R_OK) != 0)
			loading_error(loading, file, "\"%s\": no such file, or this user may not read it", file->text);
	}
}

static void
check_provider(struct loading *loading, struct provider *provider, const struct node *own)
{
	const char *cert = provider->tls.cert_file, *key = provider->tls.key_file;
	check_base_url(loading, provider, own);
	check_headers(loading, provider, own);
	check_files(loading, own);
	if (cert && key && (*cert != '\0') != (*key != '\0'))
		loading_error(loading, node_get(own, "tls"), "cert_file and key_file go together");
	if (provider->name && loading->diags->errors == 0 && !is_used(loading->config, provider))
		loading_warn(loading, own, "no endpoint uses this provider");
}

static void
check_window(struct loading *loading, const struct maintenance_window *window, const struct node *own)
{
	enum { ALL_DAYS = 0x7f };
	if (window->days == ALL_DAYS && window->duration_ns >= DAY_NS)
		loading_error(loading, node_get(own, "duration"),
		    "every day for a day or longer: what it covers would never be probed; use enabled = false for that");
}

static void
check_store(struct loading *loading, const struct node *root)
{
	const char *path = loading->config->store.path;
	const struct node *store = node_get(root, "store");
	if (store && *path && *path != '/')
		loading_error_in(loading, store, "path",
		    "write an absolute path: none of $STATE_DIRECTORY, $XDG_STATE_HOME and $HOME says what it is relative to");
}

static bool
is_enabled(const struct config *config)
{
	for (size_t i = 0; i < config->endpoint_count; i++)
		if (config->endpoints[i].enabled)
			return true;
	return false;
}

void
rules_check(struct loading *loading, const struct node *root)
{
	struct config *config = loading->config;
	for (const struct node *each = node_first_filled(root, "endpoints", config->endpoints); each;
	     each = each->next) {
		struct view view = { loading, &config->endpoints[each->index], each, loading->defaults };
		view.endpoint->index = each->index;
		if (!each->bad)
			check_endpoint(&view);
	}
	for (const struct node *each = node_first_filled(root, "providers", config->providers); each;
	     each = each->next) {
		config->providers[each->index].index = each->index;
		if (!each->bad)
			check_provider(loading, &config->providers[each->index], each);
	}
	for (const struct node *each = node_first_filled(root, "maintenance", config->maintenance); each;
	     each = each->next)
		if (!each->bad)
			check_window(loading, &config->maintenance[each->index], each);
	check_store(loading, root);
	contracts_rules_check(loading, root);
	documents_rules_check(loading, root);
	policies_rules_check(loading, root);
	budgets_rules_check(loading, root);
	if (loading->diags->errors == 0 && !is_enabled(config))
		loading_warn(loading, node_get(root, "endpoints"), "no endpoint is enabled: nothing will be probed");
}
