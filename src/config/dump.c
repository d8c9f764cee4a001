/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/dump.h"

#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "base/parse.h"
#include "config/contracts.h"
#include "model/dialect.h"

enum { ENDPOINT_TEXT_MAX = 4 * 1024 * 1024 };

/* Writes one value; false, and nothing, where it is not set. */
typedef bool value_writer(struct buf *out, const struct schema_key *key, const void *base);

static const void *
at(const struct schema_key *key, const void *base)
{
	return (const char *)base + key->offset;
}

static size_t
count_at(const struct schema_key *key, const void *base)
{
	return *(const size_t *)(const void *)((const char *)base + key->count_offset);
}

static bool
put_text(struct buf *out, const char *text)
{
	static const char named[] = "\"\\\n\r\t\f", letters[] = "\"\\nrtf";
	if (!text)
		return false;
	buf_char(out, '"');
	for (; *text; text++) {
		const char *hit = strchr(named, *text);
		if (hit)
			buf_printf(out, "\\%c", letters[hit - named]);
		else if ((unsigned char)*text < ' ')
			buf_printf(out, "\\x%02x", (unsigned)(unsigned char)*text);
		else
			buf_char(out, *text);
	}
	buf_char(out, '"');
	return true;
}

/* Between the elements of a list that began at `start`. */
static void
put_comma(struct buf *out, size_t start)
{
	buf_text(out, out->len == start ? "( " : ", ");
}

static bool
put_end(struct buf *out, size_t start)
{
	buf_text(out, out->len == start ? "( )" : " )");
	return true;
}

static bool
write_text(struct buf *out, const struct schema_key *key, const void *base)
{
	return put_text(out, *(const char *const *)at(key, base));
}

static bool
write_texts(struct buf *out, const struct schema_key *key, const void *base)
{
	const char *const *texts = *(const char *const *const *)at(key, base);
	size_t start = out->len;
	for (size_t i = 0; i < count_at(key, base); i++) {
		put_comma(out, start);
		put_text(out, texts[i]);
	}
	return texts && put_end(out, start);
}

static bool
write_names(struct buf *out, const struct schema_key *key, const void *base)
{
	const char *const *names = *(const char *const *const *)at(key, base);
	size_t count = count_at(key, base);
	return count > 1 ? write_texts(out, key, base) : count > 0 && put_text(out, names[0]);
}

static bool
write_word(struct buf *out, const struct schema_key *key, const void *base)
{
	return put_text(out, key->words[*(const int *)at(key, base)]);
}

static bool
write_bool(struct buf *out, const struct schema_key *key, const void *base)
{
	return buf_text(out, *(const bool *)at(key, base) ? "true" : "false");
}

static bool
write_count(struct buf *out, const struct schema_key *key, const void *base)
{
	return buf_printf(out, "%u", *(const unsigned *)at(key, base));
}

static bool
write_int(struct buf *out, const struct schema_key *key, const void *base)
{
	int64_t number = *(const int64_t *)at(key, base);
	return number >= key->min && buf_printf(out, "%" PRId64 "%s", number, number > INT32_MAX ? "L" : "");
}

static bool
write_real(struct buf *out, const struct schema_key *key, const void *base)
{
	char text[FORMAT_BYTES];
	if (!*(const bool *)((const char *)base + key->count_offset))
		return false;
	return buf_add(out, text, format_real(text, *(const double *)at(key, base)));
}

static bool
write_duration(struct buf *out, const struct schema_key *key, const void *base)
{
	buf_char(out, '"');
	format_duration(out, *(const int64_t *)at(key, base));
	return buf_char(out, '"');
}

static bool
write_size(struct buf *out, const struct schema_key *key, const void *base)
{
	buf_char(out, '"');
	format_size(out, *(const size_t *)at(key, base));
	return buf_char(out, '"');
}

static bool
write_secret(struct buf *out, const struct schema_key *key, const void *base)
{
	return *(struct secret *const *)at(key, base) && put_text(out, "<secret>");
}

static bool
write_provider(struct buf *out, const struct schema_key *key, const void *base)
{
	return put_text(out, (*(const struct provider *const *)at(key, base))->name);
}

static bool
write_contract(struct buf *out, const struct schema_key *key, const void *base)
{
	const struct contract *contract = *(const struct contract *const *)at(key, base);
	return contract && put_text(out, contract->name);
}

static bool
write_budget(struct buf *out, const struct schema_key *key, const void *base)
{
	const struct budget *budget = *(const struct budget *const *)at(key, base);
	return budget && put_text(out, budget->name);
}

static bool
write_tenant(struct buf *out, const struct schema_key *key, const void *base)
{
	const struct tenant *tenant = *(const struct tenant *const *)at(key, base);
	return tenant && put_text(out, tenant->name);
}

static bool
write_usd(struct buf *out, const struct schema_key *key, const void *base)
{
	int64_t micro = *(const int64_t *)at(key, base);
	return micro >= key->min && buf_printf(out, "%" PRId64 ".%06" PRId64, micro / USD_MICRO, micro % USD_MICRO);
}

static bool
write_dialect(struct buf *out, const struct schema_key *key, const void *base)
{
	return put_text(out, (*(const struct dialect *const *)at(key, base))->name);
}

static bool
has_word(const char *const *words, const char *text)
{
	for (; *words; words++)
		if (strcmp(*words, text) == 0)
			return true;
	return false;
}

static bool
write_probes(struct buf *out, const struct schema_key *key, const void *base)
{
	const struct endpoint *endpoint = base;
	size_t start = out->len;
	for (size_t i = 0; i < endpoint->probe_count; i++) {
		const char *name = probe_name(endpoint->probes[i]);
		if (!has_word(key->words, name))
			continue;
		put_comma(out, start);
		put_text(out, name);
	}
	return put_end(out, start);
}

static bool
write_pattern(struct buf *out, const struct schema_key *key, const void *base)
{
	return put_text(out, *(const char *const *)(const void *)((const char *)base + key->count_offset));
}

static bool
write_range(struct buf *out, const struct schema_key *key, const void *base)
{
	const int64_t *range = at(key, base);
	return range[0] >= 0 && buf_printf(out, "( %" PRId64 ", %" PRId64 " )", range[0], range[1]);
}

static bool
write_probe(struct buf *out, const struct schema_key *key, const void *base)
{
	return put_text(out, probe_name(*(const enum probe_kind *)at(key, base)));
}

static bool
write_outcomes(struct buf *out, const struct schema_key *key, const void *base)
{
	uint64_t outcomes = *(const uint64_t *)at(key, base);
	size_t start = out->len;
	for (enum outcome outcome = 0; outcomes && outcome < OUTCOME_COUNT; outcome++) {
		if (!(outcomes >> outcome & 1))
			continue;
		put_comma(out, start);
		put_text(out, outcome_code(outcome));
	}
	return outcomes && put_end(out, start);
}

static bool
write_statuses(struct buf *out, const struct schema_key *key, const void *base)
{
	const int *statuses = *(const int *const *)at(key, base);
	size_t start = out->len, count = count_at(key, base);
	for (size_t i = 0; i < count; i++) {
		put_comma(out, start);
		buf_printf(out, "%d", statuses[i]);
	}
	return count && put_end(out, start);
}

static bool
write_time_of_day(struct buf *out, const struct schema_key *key, const void *base)
{
	int minute = *(const int *)at(key, base);
	return buf_printf(out, "\"%02d:%02d\"", minute / 60, minute % 60);
}

static bool
write_days(struct buf *out, const struct schema_key *key, const void *base)
{
	unsigned days = *(const unsigned *)at(key, base);
	size_t start = out->len;
	for (unsigned day = 0; key->words[day]; day++) {
		if (!(days >> day & 1))
			continue;
		put_comma(out, start);
		put_text(out, key->words[day]);
	}
	return put_end(out, start);
}

static bool
write_endpoints(struct buf *out, const struct schema_key *key, const void *base)
{
	const struct endpoint *const *endpoints = *(const struct endpoint *const *const *)at(key, base);
	size_t start = out->len, count = count_at(key, base);
	for (size_t i = 0; i < count; i++) {
		put_comma(out, start);
		put_text(out, endpoints[i]->name);
	}
	return count && put_end(out, start);
}

static bool
write_fields(struct buf *out, const struct schema_key *key, const void *base)
{
	const struct field_list *fields = at(key, base);
	size_t start = out->len;
	for (size_t i = 0; i < fields->count; i++) {
		auto_buf struct buf field = BUF_INIT(1024);
		put_comma(out, start);
		contracts_write_field(&field, &fields->items[i]);
		put_text(out, buf_cstr(&field));
	}
	return fields->count && put_end(out, start);
}

static bool
write_date(struct buf *out, const struct schema_key *key, const void *base)
{
	int64_t days = *(const int64_t *)at(key, base);
	if (days == DATE_NOT_SET)
		return false;
	buf_char(out, '"');
	format_date(out, days);
	return buf_char(out, '"');
}

static bool
write_rule(struct buf *out, const struct schema_key *key, const void *base)
{
	return put_text(out, finding_rule_id(*(const enum finding_rule *)at(key, base)));
}

static bool
write_grade(struct buf *out, const struct schema_key *key, const void *base)
{
	bool off = *(const bool *)((const char *)base + key->count_offset);
	return put_text(out, off ? "none" : severity_name(*(const enum severity *)at(key, base)));
}

static bool
write_reasons(struct buf *out, const struct schema_key *key, const void *base)
{
	unsigned reasons = *(const unsigned *)at(key, base);
	size_t start = out->len;
	for (unsigned i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		if (!(reasons >> i & 1))
			continue;
		put_comma(out, start);
		put_text(out, fallback_reason_name((enum fallback_reason)i));
	}
	return reasons && put_end(out, start);
}

static value_writer *const writers[VALUE_KINDS] = {
	[VALUE_TEXT] = write_text,
	[VALUE_TEXTS] = write_texts,
	[VALUE_NAMES] = write_names,
	[VALUE_WORD] = write_word,
	[VALUE_BOOL] = write_bool,
	[VALUE_COUNT] = write_count,
	[VALUE_INT] = write_int,
	[VALUE_REAL] = write_real,
	[VALUE_DURATION] = write_duration,
	[VALUE_SIZE] = write_size,
	[VALUE_SECRET] = write_secret,
	[VALUE_PROVIDER] = write_provider,
	[VALUE_CONTRACT] = write_contract,
	[VALUE_BUDGET] = write_budget,
	[VALUE_TENANT] = write_tenant,
	[VALUE_USD] = write_usd,
	[VALUE_DIALECT] = write_dialect,
	[VALUE_PROBES] = write_probes,
	[VALUE_PATTERN] = write_pattern,
	[VALUE_RANGE] = write_range,
	[VALUE_JSON] = write_text,
	[VALUE_PROBE] = write_probe,
	[VALUE_OUTCOMES] = write_outcomes,
	[VALUE_STATUSES] = write_statuses,
	[VALUE_TIME_OF_DAY] = write_time_of_day,
	[VALUE_DAYS] = write_days,
	[VALUE_ENDPOINTS] = write_endpoints,
	[VALUE_STATE_FILE] = write_text,
	[VALUE_FIELDS] = write_fields,
	[VALUE_PATH] = write_text,
	[VALUE_DATE] = write_date,
	[VALUE_RULE] = write_rule,
	[VALUE_GRADE] = write_grade,
	[VALUE_REASONS] = write_reasons,
};

static void dump_group(struct buf *out, const struct schema_group *group, const void *base, int indent);

/* A group that is off has left all of its fields empty. */
static bool
is_there(const struct schema_group *group, const void *base)
{
	for (const struct schema_key *key = group->keys; key->name; key++) {
		if (key->kind == VALUE_TEXT && *(const char *const *)at(key, base))
			return true;
		if (key->kind == VALUE_COUNT && *(const unsigned *)at(key, base) > 0)
			return true;
		if (key->kind == VALUE_DURATION && *(const int64_t *)at(key, base) > 0)
			return true;
	}
	return false;
}

static void
dump_list(struct buf *out, const struct schema_key *key, const void *base, int indent)
{
	const char *elements = *(const char *const *)at(key, base);
	size_t count = count_at(key, base);
	if (count == 0)
		return;
	buf_printf(out, "%*s%s = (\n", indent, "", key->name);
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%*s{\n", indent + 2, "");
		dump_group(out, key->sub, elements + i * key->sub->element_bytes, indent + 4);
		buf_printf(out, "%*s}%s\n", indent + 2, "", i + 1 < count ? "," : "");
	}
	buf_printf(out, "%*s);\n", indent, "");
}

static void
dump_value(struct buf *out, const struct schema_key *key, const void *base, int indent)
{
	size_t start = out->len;
	buf_printf(out, "%*s%s = ", indent, "", key->name);
	if (writers[key->kind](out, key, base))
		buf_text(out, ";\n");
	else
		out->len = start;
}

static void
dump_key(struct buf *out, const struct schema_key *key, const void *base, int indent)
{
	bool merged = key->kind == VALUE_GROUP && key->sub == &schema_endpoint;
	bool off = key->kind == VALUE_GROUP && (key->flags & KEY_IF_THERE) && !merged && !is_there(key->sub, base);
	if ((key->flags & KEY_LATER) || merged || off)
		return;
	if (key->kind == VALUE_LIST) {
		dump_list(out, key, base, indent);
	} else if (key->kind == VALUE_GROUP) {
		buf_printf(out, "%*s%s = {\n", indent, "", key->name);
		dump_group(out, key->sub, base, indent + 2);
		buf_printf(out, "%*s};\n", indent, "");
	} else {
		dump_value(out, key, base, indent);
	}
}

static void
dump_group(struct buf *out, const struct schema_group *group, const void *base, int indent)
{
	for (const struct schema_key *key = group->keys; key->name; key++)
		dump_key(out, key, base, indent);
}

bool
config_dump(const struct config *config, struct buf *out)
{
	dump_group(out, &schema_top, config, 0);
	return !out->overflow;
}

static void
dump_keys(struct buf *out, const struct schema_group *group, const char *const *names, const void *base)
{
	for (; *names; names++)
		dump_key(out, schema_find(group, *names), base, 0);
}

/* What is asked of whom, and what is expected. */
static void
dump_meaning(struct buf *out, const struct endpoint *endpoint)
{
	static const char *const asked[] = { "dialect", "path", "model", "probes", "negative", "request", "expect",
		NULL };
	static const char *const of_whom[] = { "base_url", "auth", "headers", NULL };
	dump_keys(out, &schema_endpoint, asked, endpoint);
	dump_keys(out, schema_find(&schema_top, "providers")->sub, of_whom, endpoint->provider);
	if (endpoint->contract)
		dump_group(out, schema_find(&schema_top, "contracts")->sub, endpoint->contract, 0);
}

bool
config_same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	auto_buf struct buf left = BUF_INIT(ENDPOINT_TEXT_MAX), right = BUF_INIT(ENDPOINT_TEXT_MAX);
	dump_meaning(&left, a);
	dump_meaning(&right, b);
	return str_eq(buf_view(&left), buf_view(&right));
}
