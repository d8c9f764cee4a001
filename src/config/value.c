/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/value.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/parse.h"
#include "base/pattern.h"
#include "config/contracts.h"
#include "config/policies.h"

enum { SHOWN_BYTES_MAX = 60 };

void *
value_target(const struct schema_key *key, void *base)
{
	return (char *)base + key->offset;
}

void
value_set_count(const struct schema_key *key, void *base, size_t count)
{
	*(size_t *)(void *)((char *)base + key->count_offset) = count;
}

/* What is written, for messages: cut, and never an API key. */
void
value_show(struct buf *out, const char *text)
{
	struct str shown = str_of(text);
	if (syntax_may_hold_secret(shown)) {
		buf_text(out, "<secret>");
		return;
	}
	if (shown.len <= SHOWN_BYTES_MAX) {
		buf_printf(out, "\"%s\"", text);
		return;
	}
	size_t cut = SHOWN_BYTES_MAX;
	while ((shown.at[cut] & 0xC0) == 0x80)
		cut--;
	buf_printf(out, "\"%.*s…\"", (int)cut, text);
}

bool
value_wrong_kind(struct loading *loading, const struct node *node, const char *expected)
{
	loading_error(loading, node, "this is %s, expected %s", node_kind_text(node->kind), expected);
	return false;
}

/* What is right instead: the word that is near, else all of them. */
bool
value_wrong_word(struct loading *loading, const struct node *node, const char *const *words)
{
	auto_buf struct buf text = BUF_INIT(4096);
	value_show(&text, node->text);
	buf_text(&text, " is unknown here");
	const char *near = suggest_word(str_of(node->text), words);
	if (near)
		buf_printf(&text, " (did you mean \"%s\"?)", near);
	else {
		buf_text(&text, "; it is one of");
		for (size_t i = 0; words[i]; i++)
			buf_printf(&text, "%s %s", i ? "," : "", words[i]);
	}
	loading_error(loading, node, "%s", buf_cstr(&text));
	return false;
}

int
value_find_word(const char *const *words, const char *text)
{
	for (int i = 0; words && words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return -1;
}

/* The rules that hold for every text, whatever it means. */
bool
value_text_is_fit(struct loading *loading, const struct schema_key *key, const struct node *node)
{
	if (node->kind != NODE_TEXT)
		return value_wrong_kind(loading, node, "a text in \" \"");
	struct str text = str_of(node->text);
	bool prose = key->flags & KEY_PROSE;
	if (syntax_looks_secret(text)) {
		loading_error(loading, node,
		    "this looks like an API key; a secret is never written here, only where it is: { env = \"NAME\"; }");
		return false;
	}
	if (prose ? syntax_is_bare_placeholder(text) : syntax_is_placeholder(text)) {
		loading_error(loading, node, "a placeholder is still here: write the real value");
		return false;
	}
	if (text.len == 0 && !(key->flags & KEY_EMPTY)) {
		loading_error(loading, node, "it is empty");
		return false;
	}
	for (size_t i = 0; i < text.len && !prose; i++) {
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f) {
			loading_error(loading, node, "a line break or control character is in it");
			return false;
		}
	}
	const char *why = key->check ? key->check(text) : NULL;
	if (!why)
		return true;
	auto_buf struct buf shown = BUF_INIT(1024);
	if (!(key->flags & KEY_HIDE)) {
		value_show(&shown, node->text);
		buf_text(&shown, ": ");
	}
	loading_error(loading, node, "%s%s", buf_cstr(&shown), why);
	return false;
}

bool
value_list_is_fit(struct loading *loading, const struct schema_key *key, const struct node *node)
{
	if (node->kind != NODE_LIST) {
		loading_error(loading, node, "this is %s, expected a %s in ( )", node_kind_text(node->kind),
		    schema_kind_text(key->kind));
		return false;
	}
	if (key->max > 0 && ((int64_t)node->count < key->min || (int64_t)node->count > key->max)) {
		loading_error(
		    loading, node, "%zu entries, expected %" PRId64 " to %" PRId64, node->count, key->min, key->max);
		return false;
	}
	return true;
}

const char *
value_keep(struct loading *loading, const char *text)
{
	return arena_dup(loading->memory, str_of(text));
}

static bool
read_text(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	*(const char **)value_target(key, base) = value_keep(loading, node->text);
	return true;
}

static bool
read_texts(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_list_is_fit(loading, key, node))
		return false;
	bool fit = true;
	const char **texts = arena_alloc(loading->memory, (node->count + 1) * sizeof(*texts));
	for (const struct node *each = node->first; each; each = each->next) {
		fit &= value_text_is_fit(loading, key, each);
		if (!fit)
			continue;
		texts[each->index] = value_keep(loading, each->text);
		for (size_t i = 0; i < each->index; i++) {
			bool same = key->flags & KEY_EXACT ? strcmp(texts[i], each->text) == 0
							   : str_eq_nocase(str_of(texts[i]), str_of(each->text));
			if (same) {
				loading_error(loading, each, "\"%s\" is in the list twice", each->text);
				fit = false;
			}
		}
	}
	if (!fit)
		return false;
	*(const char ***)value_target(key, base) = texts;
	value_set_count(key, base, node->count);
	return true;
}

static bool
read_word(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	int word = value_find_word(key->words, node->text);
	if (word < 0)
		return value_wrong_word(loading, node, key->words);
	*(int *)value_target(key, base) = word;
	return true;
}

static bool
read_bool(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (node->kind != NODE_BOOL)
		return value_wrong_kind(loading, node, "true or false");
	*(bool *)value_target(key, base) = node->truth;
	return true;
}

static bool
in_bounds(struct loading *loading, const struct schema_key *key, const struct node *node, double number)
{
	if (key->max == 0 || (number >= (double)key->min && number <= (double)key->max))
		return true;
	if (key->min == key->max)
		loading_error(loading, node, "this program reads %s %" PRId64, key->name, key->min);
	else
		loading_error(
		    loading, node, "%.15g is out of bounds: %" PRId64 " to %" PRId64, number, key->min, key->max);
	return false;
}

bool
value_whole_number(struct loading *loading, const struct schema_key *key, const struct node *node, int64_t *ret_number)
{
	bool whole_real = node->kind == NODE_REAL && fabs(node->real) < 1e15 && node->real == trunc(node->real);
	if (node->kind != NODE_INT && !whole_real)
		return value_wrong_kind(loading, node, node->kind == NODE_REAL ? "a whole number" : "a number");
	*ret_number = whole_real ? (int64_t)node->real : node->number;
	return in_bounds(loading, key, node, (double)*ret_number);
}

static bool
read_int(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	return value_whole_number(loading, key, node, value_target(key, base));
}

static bool
read_count(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	int64_t number;
	if (!value_whole_number(loading, key, node, &number))
		return false;
	*(unsigned *)value_target(key, base) = (unsigned)number;
	return true;
}

static bool
read_real(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (node->kind != NODE_INT && node->kind != NODE_REAL)
		return value_wrong_kind(loading, node, "a number");
	double number = node->kind == NODE_REAL ? node->real : (double)node->number;
	if (!in_bounds(loading, key, node, number))
		return false;
	*(double *)value_target(key, base) = number;
	*(bool *)((char *)base + key->count_offset) = true;
	return true;
}

/* Dollars as they are written, millionths as they are kept: the one place where money is no integer. */
static bool
read_usd(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (node->kind != NODE_INT && node->kind != NODE_REAL)
		return value_wrong_kind(loading, node, "a number of US dollars");
	double usd = node->kind == NODE_REAL ? node->real : (double)node->number;
	double least = (double)key->min / (double)USD_MICRO, most = (double)key->max / (double)USD_MICRO;
	if (!(usd >= least && usd <= most)) {
		loading_error(loading, node, "%.15g is out of bounds: %.15g to %.15g US dollars", usd, least, most);
		return false;
	}
	int64_t micro = (int64_t)llround(usd * (double)USD_MICRO);
	if (fabs(usd * (double)USD_MICRO - (double)micro) > 1e-3) {
		loading_error(loading, node, "%.15g: write it to the millionth of a dollar", usd);
		return false;
	}
	*(int64_t *)value_target(key, base) = micro;
	return true;
}

static bool
read_duration(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	static const char *const right = "a duration: digits and ms, s, m, h or d, as in \"30s\"";
	auto_buf struct buf text = BUF_INIT(1024);
	int64_t ns;
	if (node->kind != NODE_TEXT)
		return value_wrong_kind(loading, node, right);
	if (!parse_duration(str_of(node->text), &ns)) {
		value_show(&text, node->text);
		loading_error(loading, node, "%s is not %s", buf_cstr(&text), right);
		return false;
	}
	if (key->max > 0 && (ns < key->min || ns > key->max)) {
		format_duration(&text, key->min);
		buf_text(&text, " to ");
		format_duration(&text, key->max);
		loading_error(loading, node, "%s is out of bounds: %s", node->text, buf_cstr(&text));
		return false;
	}
	*(int64_t *)value_target(key, base) = ns;
	return true;
}

static bool
read_size(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	static const char *const right = "a size: digits and B, KiB, MiB or GiB, as in \"64KiB\"";
	auto_buf struct buf text = BUF_INIT(1024);
	size_t bytes;
	if (node->kind != NODE_TEXT)
		return value_wrong_kind(loading, node, right);
	if (!parse_size(str_of(node->text), &bytes)) {
		value_show(&text, node->text);
		loading_error(loading, node, "%s is not %s", buf_cstr(&text), right);
		return false;
	}
	if (key->max > 0 && (bytes < (size_t)key->min || bytes > (size_t)key->max)) {
		format_size(&text, (size_t)key->min);
		buf_text(&text, " to ");
		format_size(&text, (size_t)key->max);
		loading_error(loading, node, "%s is out of bounds: %s", node->text, buf_cstr(&text));
		return false;
	}
	*(size_t *)value_target(key, base) = bytes;
	return true;
}

static bool
read_pattern(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	char error[256] = "";
	size_t offset = 0;
	if (!value_text_is_fit(loading, key, node))
		return false;
	struct pattern *pattern = pattern_new(node->text, error, sizeof(error), &offset);
	if (!pattern) {
		loading_error(loading, node, "no valid pattern: at byte %zu, %s", offset, error);
		return false;
	}
	if (loading->rehearsal) {
		pattern_free(pattern);
		return true;
	}
	*(struct pattern **)value_target(key, base) = pattern;
	*(const char **)(void *)((char *)base + key->count_offset) = value_keep(loading, node->text);
	return true;
}

static bool
read_range(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	int64_t *range = value_target(key, base);
	int64_t low, high;
	if (node->kind != NODE_LIST || node->count != 2) {
		loading_error(loading, node, "expected two numbers, least and most: [ 8, 40 ]");
		return false;
	}
	if (!value_whole_number(loading, key, node->first, &low) ||
	    !value_whole_number(loading, key, node->first->next, &high))
		return false;
	if (low > high) {
		loading_error(loading, node, "the least, %" PRId64 ", is more than the most, %" PRId64, low, high);
		return false;
	}
	range[0] = low;
	range[1] = high;
	return true;
}

static bool
read_json(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(str_of(node->text), JSON_DEPTH_MAX, &root) != JSON_FINE) {
		loading_error(loading, node, "this is no JSON; write an object, as in \"{ \\\"seed\\\": 1 }\"");
		return false;
	}
	if (root.kind != JSON_OBJECT) {
		loading_error(loading, node, "this is a JSON %s, expected an object", json_kind_name(root.kind));
		return false;
	}
	*(const char **)value_target(key, base) = value_keep(loading, node->text);
	return true;
}

static bool
read_time_of_day(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	if (parse_time_of_day(str_of(node->text), value_target(key, base)))
		return true;
	auto_buf struct buf shown = BUF_INIT(1024);
	value_show(&shown, node->text);
	loading_error(loading, node, "%s is no time of day: write \"HH:MM\", 00:00 to 23:59", buf_cstr(&shown));
	return false;
}

static value_reader *const readers[VALUE_KINDS] = {
	[VALUE_TEXT] = read_text,
	[VALUE_TEXTS] = read_texts,
	[VALUE_NAMES] = policies_read_names,
	[VALUE_WORD] = read_word,
	[VALUE_BOOL] = read_bool,
	[VALUE_COUNT] = read_count,
	[VALUE_INT] = read_int,
	[VALUE_USD] = read_usd,
	[VALUE_REAL] = read_real,
	[VALUE_DURATION] = read_duration,
	[VALUE_SIZE] = read_size,
	[VALUE_SECRET] = reference_read_secret,
	[VALUE_PROVIDER] = reference_read_provider,
	[VALUE_CONTRACT] = reference_read_contract,
	[VALUE_BUDGET] = reference_read_budget,
	[VALUE_TENANT] = reference_read_tenant,
	[VALUE_DIALECT] = reference_read_dialect,
	[VALUE_PROBES] = reference_read_probes,
	[VALUE_PATTERN] = read_pattern,
	[VALUE_RANGE] = read_range,
	[VALUE_JSON] = read_json,
	[VALUE_PROBE] = reference_read_probe,
	[VALUE_OUTCOMES] = reference_read_outcomes,
	[VALUE_STATUSES] = reference_read_statuses,
	[VALUE_TIME_OF_DAY] = read_time_of_day,
	[VALUE_DAYS] = reference_read_days,
	[VALUE_ENDPOINTS] = reference_read_endpoints,
	[VALUE_STATE_FILE] = reference_read_state_file,
	[VALUE_FIELDS] = contracts_read_fields,
	[VALUE_PATH] = contracts_read_path,
	[VALUE_DATE] = contracts_read_date,
	[VALUE_RULE] = contracts_read_rule,
	[VALUE_GRADE] = contracts_read_grade,
	[VALUE_REASONS] = policies_read_reasons,
};

bool
value_read(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	return readers[key->kind](loading, key, node, base);
}
