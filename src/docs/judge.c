/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>

#include "base/jsonw.h"
#include "docs/builder.h"
#include "docs/compare.h"
#include "docs/gate.h"
#include "docs/operation.h"
#include "docs/sample.h"
#include "docs/value.h"
#include "model/dialect.h"
#include "model/request.h"

enum { KEY_MAX = 4096, BODY_MAX = 64 * 1024 };

/* One endpoint's operation, before and now. */
struct judge {
	const struct doc_version *before, *now;
	const struct endpoint *endpoint;
	struct findings *findings;
	struct str name; /* "POST /v1/chat/completions", as the document writes it */
};

static void
add(const struct judge *judge, enum finding_rule rule, struct str path)
{
	findings_add(judge->findings, rule, SOURCE_DOCS, path);
}

/* ---- the document against itself ---- */

/* Every place where a body or a query has a field of that name: its types together, 0 = any, or none. */
static unsigned
types_of_name(const struct doc_version *version, struct str name)
{
	unsigned types = 0;
	for (size_t i = 0; i < version->fact_count; i++) {
		struct str key = version->facts[i].key;
		bool named = key.len > name.len && str_ends(key, name) && strchr(". ", key.at[key.len - name.len - 1]);
		struct str first = key;
		str_split(&first, ' ');
		if (!named || !str_starts(first, STR("/"))) /* METHOD PATH …: a fact of a specification */
			continue;
		unsigned type = type_of_value(version->facts[i].value);
		if (type == 0)
			return 0;
		types |= type;
	}
	return types;
}

static void
judge_claims(const struct doc_version *now, struct findings *findings)
{
	static const struct str mark = { "says ", 5 };
	unsigned left = 64; /* claims that are looked at: each looks through all facts */
	for (size_t i = doc_fact_from(now, mark); i < now->fact_count && left-- > 0; i++) {
		struct str key = now->facts[i].key;
		if (!str_starts(key, mark))
			break;
		struct str name = str_span(key.at + mark.len, key.len - mark.len);
		unsigned said = type_of_value(now->facts[i].value), specified = types_of_name(now, name);
		if (!said || !specified || said & specified)
			continue;
		auto_buf struct buf path = BUF_INIT(KEY_MAX);
		buf_printf(&path, "$.%.*s", STR_ARG(name));
		findings_add(findings, RULE_DOCS_CONTRADICTION, SOURCE_DOCS, buf_view(&path));
	}
}

/* ---- answers ---- */

/* What a specification says of a place in a body: its fact, or that it cannot be known there. */
static const struct doc_fact *
find_place(const struct doc_version *version, struct str prefix, struct str path)
{
	auto_buf struct buf key = BUF_INIT(KEY_MAX);
	buf_printf(&key, "%.*s %.*s", STR_ARG(prefix), STR_ARG(path));
	return key.overflow ? NULL : doc_fact_find(version, buf_view(&key));
}

/* A place that is not described is denied only where what is around it is: not where a reference leads elsewhere, or
 * anything may be. */
static bool
is_gone(const struct doc_version *version, struct str prefix, struct str path)
{
	if (find_place(version, prefix, path))
		return false;
	for (path = path_parent(path); path.len > 0; path = path_parent(path)) {
		const struct doc_fact *around = find_place(version, prefix, path);
		if (around)
			return type_of_value(around->value) != 0 &&
			    !str_contains_nocase(around->value, STR("same as "));
	}
	return false;
}

static bool
was_there_and_is_gone(const struct judge *judge, struct str prefix, struct str path)
{
	return find_place(judge->before, prefix, path) && is_gone(judge->now, prefix, path);
}

static void
judge_required(const struct judge *judge, struct str prefix)
{
	const struct field_list *fields = &judge->endpoint->contract->required;
	for (size_t i = 0; i < fields->count; i++) {
		struct str path = str_of(fields->items[i].path);
		const struct doc_fact *old = find_place(judge->before, prefix, path);
		const struct doc_fact *now = find_place(judge->now, prefix, path);
		if (was_there_and_is_gone(judge, prefix, path))
			add(judge, RULE_REQUIRED_FIELD_MISSING, path);
		if (!old || !now)
			continue;
		unsigned others = ~fields->items[i].kinds;
		bool fitted = !(type_of_value(old->value) & others);
		if (fitted && type_of_value(now->value) & others)
			add(judge, RULE_FIELD_TYPE_CHANGED, path);
	}
}

static bool
knows_value(const struct enum_spec *spec, struct str member)
{
	auto_json struct json value = JSON_NOTHING;
	if (json_parse(member, 1, &value) != JSON_FINE || value.kind != JSON_STRING)
		return true; /* contracts list strings */
	for (size_t i = 0; i < spec->count; i++)
		if (str_eq(json_str(value), str_of(spec->values[i])))
			return true;
	return false;
}

static bool
has_member(struct str members, struct str wanted)
{
	struct str member;
	while (value_enum_next(&members, &member))
		if (str_eq(member, wanted))
			return true;
	return false;
}

/* Values that the document lists now, did not list before, and the contract does not know. */
static void
judge_enums(const struct judge *judge, struct str prefix)
{
	const struct contract *contract = judge->endpoint->contract;
	for (size_t i = 0; i < contract->enum_count; i++) {
		struct str path = str_of(contract->enums[i].path), member;
		const struct doc_fact *old = find_place(judge->before, prefix, path);
		const struct doc_fact *now = find_place(judge->now, prefix, path);
		if (!old || !now || str_eq(old->value, now->value))
			continue;
		struct str members = value_enum(now->value), known = value_enum(old->value);
		bool unknown = false;
		while (!unknown && value_enum_next(&members, &member))
			unknown = !knows_value(&contract->enums[i], member) && !has_member(known, member);
		if (unknown)
			add(judge, RULE_ENUM_VALUE_UNKNOWN, path);
	}
}

static void
judge_usage(const struct judge *judge, struct str prefix)
{
	const char *path = judge->endpoint->dialect ? judge->endpoint->dialect->usage_path : NULL;
	if (judge->endpoint->expect.usage != USAGE_DOCUMENTED)
		return;
	struct str usage = path ? str_of(path) : STR("$.usage");
	if (was_there_and_is_gone(judge, prefix, usage))
		add(judge, RULE_USAGE_MISSING, usage);
}

static void
judge_success(const struct judge *judge)
{
	struct str status = operation_success(judge->before, judge->name);
	if (!status.at)
		return;
	auto_buf struct buf prefix = BUF_INIT(KEY_MAX);
	buf_printf(&prefix, "%.*s %.*s", STR_ARG(judge->name), STR_ARG(status));
	if (!doc_fact_find(judge->now, buf_view(&prefix))) {
		add(judge, RULE_STATUS_CHANGED, STR("header:status"));
		return;
	}
	if (judge->endpoint->contract) {
		judge_required(judge, buf_view(&prefix));
		judge_enums(judge, buf_view(&prefix));
	}
	judge_usage(judge, buf_view(&prefix));
}

/* ---- errors ---- */

/* Is the place described for an error, of the operation or of all (prose)? `any`: is any place? */
static bool
describes_error(const struct doc_version *version, struct str name, struct str path, bool *ret_any)
{
	bool found = find_place(version, STR("error"), path) != NULL;
	*ret_any = found || find_place(version, STR("error"), STR("$"));
	for (size_t i = operation_first(version, name); operation_has(version, name, i); i++) {
		struct str rest = operation_rest(version, name, i), status = str_split(&rest, ' ');
		bool error =
		    str_starts(status, STR("4")) || str_starts(status, STR("5")) || str_eq(status, STR("default"));
		if (!error || !rest.at || !str_starts(rest, STR("$")))
			continue;
		*ret_any = true;
		found = found || str_eq(rest, path);
	}
	return found;
}

static void
judge_errors(const struct judge *judge)
{
	const struct contract *contract = judge->endpoint->contract;
	for (size_t i = 0; contract && i < contract->error_required.count; i++) {
		struct str path = str_of(contract->error_required.items[i].path);
		bool any;
		bool was = describes_error(judge->before, judge->name, path, &any);
		if (was && !describes_error(judge->now, judge->name, path, &any) && any)
			add(judge, RULE_ERROR_ENVELOPE_CHANGED, path);
	}
}

/* ---- what we send ---- */

/* The body of a plain probe, as places and types. False when the family sends none. */
static bool
read_own_body(const struct endpoint *endpoint, struct samples *sent)
{
	auto_buf struct buf body = BUF_INIT(BODY_MAX);
	auto_buf struct buf merged = BUF_INIT(BODY_MAX);
	auto_json struct json root = JSON_NOTHING;
	const struct request_config *request = &endpoint->request;
	const struct asked asked = { .dialect = endpoint->dialect,
		.probe = PROBE_SYNC,
		.model = str_of(endpoint->model),
		.max_tokens = request->token_field ? request->max_tokens : 0,
		.base64 = request->base64,
		.caps = endpoint->caps,
		.expect = &endpoint->expect };
	struct jsonw w;
	if (!endpoint->dialect || !endpoint->dialect->write_members)
		return false;
	jsonw_init(&w, &body);
	jsonw_open_object(&w, NULL);
	endpoint->dialect->write_members(&w, endpoint, &asked);
	jsonw_close_object(&w);
	if (!json_merge(buf_view(&body), request->extra ? str_of(request->extra) : STR("{}"), NULL, &merged) ||
	    json_parse(buf_view(&merged), JSON_DEPTH_MAX, &root) != JSON_FINE)
		return false;
	samples_add(sent, root, false);
	samples_sort(sent);
	return !sent->full;
}

/* Required now, not before, beside something that we send, and not sent. */
static void
judge_new_required(const struct judge *judge, const struct samples *sent, struct str prefix)
{
	for (size_t i = operation_first(judge->now, judge->name); operation_has(judge->now, judge->name, i); i++) {
		struct doc_fact fact = judge->now->facts[i];
		if (fact.key.len <= prefix.len || !str_starts(fact.key, prefix) || fact.key.at[prefix.len] != ' ')
			continue;
		struct str path = str_span(fact.key.at + prefix.len + 1, fact.key.len - prefix.len - 1);
		if (!str_starts(path, STR("$.")) || !value_has(fact.value, STR("required")))
			continue;
		const struct doc_fact *old = doc_fact_find(judge->before, fact.key);
		bool was = old && value_has(old->value, STR("required"));
		if (!was && samples_types(sent, path_parent(path)) && !samples_types(sent, path))
			add(judge, RULE_PARAMETER_REFUSED, path);
	}
}

static void
judge_sent(const struct judge *judge, const struct samples *sent, struct str prefix)
{
	for (size_t i = 0; i < sent->count; i++) {
		struct str path = sent->fields[i].path;
		const struct doc_fact *old = find_place(judge->before, prefix, path);
		const struct doc_fact *now = find_place(judge->now, prefix, path);
		if (was_there_and_is_gone(judge, prefix, path))
			add(judge, RULE_PARAMETER_REFUSED, path);
		if (!old || !now)
			continue;
		unsigned was = type_of_value(old->value), is = type_of_value(now->value);
		unsigned ours = sent->fields[i].types;
		if ((was == 0 || was & ours) && is != 0 && !(is & ours))
			add(judge, RULE_PARAMETER_REFUSED, path);
	}
}

static bool
same_name(const char *header, struct str name)
{
	struct str rest = str_of(header), own = str_trim(str_split(&rest, ':'));
	return str_eq_nocase(own, name);
}

static bool
sends_header(const struct endpoint *endpoint, struct str name)
{
	const struct provider *provider = endpoint->provider;
	const char *const *family = endpoint->dialect ? endpoint->dialect->headers : NULL;
	static const struct str always[] = { { "content-type", 12 }, { "accept", 6 }, { "user-agent", 10 } };
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (str_eq_nocase(name, always[i]))
			return true;
	for (; family && *family; family++)
		if (same_name(*family, name))
			return true;
	for (size_t i = 0; provider && i < provider->header_count; i++)
		if (str_eq_nocase(str_of(provider->headers[i].name), name))
			return true;
	return provider &&
	    ((provider->auth.header && same_name(provider->auth.header, name)) ||
		(provider->request_id_header && same_name(provider->request_id_header, name)));
}

static bool
sends_query(const struct endpoint *endpoint, struct str name)
{
	struct str rest = str_of(endpoint->path);
	str_split(&rest, '?');
	while (rest.at) {
		struct str pair = str_split(&rest, '&');
		if (str_eq(str_split(&pair, '='), name))
			return true;
	}
	return false;
}

/* Headers and query parameters that became required, and that we do not send. */
static void
judge_parameters(const struct judge *judge)
{
	for (size_t i = operation_first(judge->now, judge->name); operation_has(judge->now, judge->name, i); i++) {
		struct doc_fact fact = judge->now->facts[i];
		struct str name = operation_rest(judge->now, judge->name, i), in = str_split(&name, ' ');
		bool header = str_eq(in, STR("header")), query = str_eq(in, STR("query"));
		const struct doc_fact *old = doc_fact_find(judge->before, fact.key);
		bool became =
		    value_has(fact.value, STR("required")) && !(old && value_has(old->value, STR("required")));
		if (!became || !name.at || (!header && !query))
			continue;
		if (header ? sends_header(judge->endpoint, name) : sends_query(judge->endpoint, name))
			continue;
		auto_buf struct buf path = BUF_INIT(KEY_MAX);
		buf_printf(&path, "%.*s:%.*s", STR_ARG(in), STR_ARG(name));
		add(judge, RULE_PARAMETER_REFUSED, buf_view(&path));
	}
}

static void
judge_request(const struct judge *judge)
{
	struct samples sent;
	auto_buf struct buf prefix = BUF_INIT(KEY_MAX);
	buf_printf(&prefix, "%.*s request", STR_ARG(judge->name));
	samples_init(&sent);
	if (read_own_body(judge->endpoint, &sent)) {
		judge_new_required(judge, &sent, buf_view(&prefix));
		judge_sent(judge, &sent, buf_view(&prefix));
	}
	samples_done(&sent);
	judge_parameters(judge);
}

/* ---- all of it ---- */

static void
judge_operation(const struct doc_version *before, const struct doc_version *now, const struct endpoint *endpoint,
    struct findings *findings)
{
	struct judge judge = { before, now, endpoint, findings, operation_of(before, endpoint) };
	if (!judge.name.at)
		return;
	if (!operation_any(
		now)) /* all of it is gone: the page was cut, or is another one. That says nothing of an endpoint. */
		return;
	if (!doc_fact_find(now, judge.name)) {
		add(&judge, RULE_STATUS_CHANGED, STR("header:status"));
		return;
	}
	judge_success(&judge);
	judge_errors(&judge);
	judge_request(&judge);
}

void
doc_judge(const struct doc_version *before, const struct doc_version *now, const struct endpoint *endpoint,
    struct findings *findings)
{
	judge_claims(now, findings);
	if (before)
		judge_operation(before, now, endpoint, findings);
	contract_grade(endpoint->contract, findings);
}
