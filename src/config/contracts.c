/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/contracts.h"

#include <string.h>

#include "base/json.h"
#include "base/parse.h"

enum { PATH_BYTES_MAX = FINDING_PATH_BYTES - 1 };

#define KIND(name) (1U << JSON_##name)

static const struct {
	const char *name;
	unsigned kinds;
} types[] = {
	{ "string", KIND(STRING) },
	{ "number", KIND(INT) | KIND(REAL) }, /* before "integer": when written, the first that fits is taken */
	{ "integer", KIND(INT) },
	{ "boolean", KIND(BOOL) },
	{ "array", KIND(ARRAY) },
	{ "object", KIND(OBJECT) },
	{ "null", KIND(NULL) },
};

void
contracts_write_field(struct buf *out, const struct field_spec *field)
{
	unsigned left = field->kinds;
	char mark = ':';
	buf_text(out, field->path);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if ((left & types[i].kinds) != types[i].kinds)
			continue;
		buf_char(out, mark);
		buf_text(out, types[i].name);
		left &= ~types[i].kinds;
		mark = '|';
	}
}

static bool
is_key_char(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && !strchr(".[]:|\"\\", c);
}

/* What is wrong with a complete path; NULL when nothing is. */
static const char *
judge_path(struct str path)
{
	size_t i = 1;
	while (i < path.len) {
		struct str rest = str_span(path.at + i, path.len - i);
		size_t key = 1;
		if (str_starts(rest, STR("[]"))) {
			i += 2;
			continue;
		}
		if (rest.at[0] == '[')
			return "write [] without an index: a path goes into every element of a list";
		while (key < rest.len && is_key_char(rest.at[key]))
			key++;
		if (rest.at[0] != '.' || key == 1)
			return "a path is keys with a dot between, and [] behind a list: \"choices[].message.content\"";
		i += key;
	}
	return NULL;
}

static const char *
wrong_path(struct loading *loading, const struct node *node, const char *why)
{
	auto_buf struct buf shown = BUF_INIT(1024);
	value_show(&shown, node->text);
	loading_error(loading, node, "%s: %s", buf_cstr(&shown), why);
	return NULL;
}

/* "id", "$.id" → "$.id". NULL after an error, which has been told. */
static const char *
read_path(struct loading *loading, const struct node *node, struct str written)
{
	auto_buf struct buf path = BUF_INIT(4096);
	bool complete = str_eq(written, STR("$")) || str_starts(written, STR("$.")) || str_starts(written, STR("$["));
	if (!complete)
		buf_text(&path, str_starts(written, STR("[")) ? "$" : "$.");
	buf_str(&path, written);
	const char *why = judge_path(buf_view(&path));
	if (why)
		return wrong_path(loading, node, why);
	if (path.overflow || path.len > PATH_BYTES_MAX) {
		loading_error(
		    loading, node, "the path is longer than %d bytes: findings could not name it", (int)PATH_BYTES_MAX);
		return NULL;
	}
	return value_keep(loading, buf_cstr(&path));
}

/* Names are compared in lower case, as findings have them. */
static const char *
read_header_path(struct loading *loading, const struct node *node, struct str name)
{
	char path[FINDING_PATH_BYTES] = "header:";
	size_t len = strlen(path);
	const char *why = syntax_header_name(name);
	if (!why && len + name.len > PATH_BYTES_MAX)
		why = "the name is too long";
	if (why)
		return wrong_path(loading, node, why);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		path[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return arena_dup(loading->memory, str_span(path, len));
}

bool
contracts_read_path(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	static const struct str header = { "header:", 7 };
	if (!value_text_is_fit(loading, key, node))
		return false;
	struct str written = str_of(node->text);
	const char *path;
	if ((key->flags & KEY_HEADERS) && str_starts(written, header))
		path = read_header_path(loading, node, str_span(written.at + header.len, written.len - header.len));
	else
		path = read_path(loading, node, written);
	if (path)
		*(const char **)value_target(key, base) = path;
	return path != NULL;
}

/* One type of those in a field's list. */
static bool
read_type(struct loading *loading, const struct node *node, struct str written, unsigned *kinds)
{
	const char *names[ARRAY_LEN(types) + 1] = { NULL };
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		names[i] = types[i].name;
		if (!str_eq(written, str_of(types[i].name)))
			continue;
		if (*kinds & types[i].kinds) {
			loading_error(loading, node, "\"%s\": %s says what another of its types says already",
			    node->text, types[i].name);
			return false;
		}
		*kinds |= types[i].kinds;
		return true;
	}
	struct node type = *node;
	type.text = arena_dup(loading->scratch, written);
	return value_wrong_word(loading, &type, names);
}

static bool
names_usage(const char *path)
{
	return strstr(path, ".usage") != NULL;
}

static bool
read_field(struct loading *loading, const struct schema_key *key, const struct node *node, struct field_spec *ret_field)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	struct str rest = str_of(node->text);
	struct str written = str_split(&rest, ':');
	ret_field->path = read_path(loading, node, written);
	if (!ret_field->path)
		return false;
	if ((key->flags & KEY_NO_USAGE) && names_usage(ret_field->path))
		return wrong_path(loading, node,
		    "usage is judged apart, by the endpoint's expect.usage = \"documented\": take it out here");
	if (!rest.at)
		return wrong_path(
		    loading, node, "its type is missing: \"id:string\", \"choices[].index:integer|null\"");
	while (rest.at)
		if (!read_type(loading, node, str_split(&rest, '|'), &ret_field->kinds))
			return false;
	return true;
}

bool
contracts_read_fields(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_list_is_fit(loading, key, node))
		return false;
	bool fit = true;
	struct field_spec *fields = arena_alloc(loading->memory, (node->count + 1) * sizeof(*fields));
	for (const struct node *each = node->first; each; each = each->next) {
		struct field_spec *field = &fields[each->index];
		if (!read_field(loading, key, each, field)) {
			field->path = NULL;
			fit = false;
		}
		for (size_t i = 0; field->path && i < each->index; i++) {
			if (!fields[i].path || strcmp(fields[i].path, field->path) != 0)
				continue;
			loading_error(loading, each, "%s is in the list twice", field->path);
			fit = false;
			break;
		}
	}
	if (fit)
		*(struct field_list *)value_target(key, base) = (struct field_list){ fields, node->count };
	return fit;
}

bool
contracts_read_date(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	if (parse_date(str_of(node->text), value_target(key, base)))
		return true;
	auto_buf struct buf shown = BUF_INIT(1024);
	value_show(&shown, node->text);
	loading_error(loading, node, "%s is no date: write \"YYYY-MM-DD\", a day that exists", buf_cstr(&shown));
	return false;
}

bool
contracts_read_rule(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	static const char *const ids[] = {
#define FINDING(name, id, severity, area, text) id,
#include "model/finding.def"
#undef FINDING
		NULL
	};
	if (!value_text_is_fit(loading, key, node))
		return false;
	enum finding_rule rule = finding_rule_from_id(str_of(node->text));
	if (rule == RULE_COUNT)
		return value_wrong_word(loading, node, ids);
	*(enum finding_rule *)value_target(key, base) = rule;
	return true;
}

bool
contracts_read_grade(struct loading *loading, const struct schema_key *key, const struct node *node, void *base)
{
	if (!value_text_is_fit(loading, key, node))
		return false;
	if (value_find_word(key->words, node->text) < 0)
		return value_wrong_word(loading, node, key->words);
	bool *off = (bool *)((char *)base + key->count_offset);
	*off = true;
	for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
		if (strcmp(severity_name((enum severity)i), node->text) != 0)
			continue;
		*(enum severity *)value_target(key, base) = (enum severity)i;
		*off = false;
	}
	return true;
}
