/* SPDX-License-Identifier: Apache-2.0 */
/* JSON for people: with line breaks, and as YAML. */
#include "config.h"

#include <stdio.h>

#include "base/attr.h"
#include "base/escape.h"
#include "base/format.h"
#include "base/json.h"
#include "sim/site_draft.h"

enum { MEMBERS_MAX = 128, YAML_COLUMNS = 80 };

struct printer {
	struct buf *out;
	bool reversed, flat;
};

struct member {
	struct str key;
	struct json value;
};

/* The members in the order in which they are to be printed. */
static size_t
take_members(const struct printer *printer, struct json object, struct member *ret_members)
{
	struct json_walk walk = { .entry = NULL };
	size_t count = 0;
	while (json_next(object, &walk) && count < MEMBERS_MAX)
		ret_members[count++] = (struct member){ str_of(walk.key), walk.value };
	for (size_t i = 0; printer->reversed && i < count / 2; i++) {
		struct member swap = ret_members[i];
		ret_members[i] = ret_members[count - 1 - i];
		ret_members[count - 1 - i] = swap;
	}
	return count;
}

static void
indent(const struct printer *printer, unsigned depth)
{
	buf_printf(printer->out, "\n%*s", (int)(2 * depth), "");
}

/* A value that is no container, as JSON has it. */
static void
print_scalar(struct buf *out, struct json value)
{
	char number[FORMAT_BYTES];
	switch (value.kind) {
	case JSON_STRING:
		escape_json(out, json_str(value));
		break;
	case JSON_INT:
		buf_add(out, number, format_i64(number, json_int(value)));
		break;
	case JSON_REAL:
		buf_add(out, number, format_real(number, json_real(value)));
		break;
	case JSON_BOOL:
		buf_text(out, json_truth(value) ? "true" : "false");
		break;
	case JSON_ABSENT:
	case JSON_NULL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		buf_text(out, "null");
		break;
	}
}

/* ---- JSON ---- */

static void
print_json(const struct printer *printer, struct json value, unsigned depth)
{
	bool is_array = value.kind == JSON_ARRAY;
	struct member members[MEMBERS_MAX];
	if (!is_array && value.kind != JSON_OBJECT) {
		print_scalar(printer->out, value);
		return;
	}
	size_t count = is_array ? json_count(value) : take_members(printer, value, members);
	buf_char(printer->out, is_array ? '[' : '{');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_char(printer->out, ',');
		indent(printer, depth + 1);
		if (!is_array) {
			escape_json(printer->out, members[i].key);
			buf_text(printer->out, ": ");
		}
		print_json(printer, is_array ? json_at(value, i) : members[i].value, depth + 1);
	}
	if (count > 0)
		indent(printer, depth);
	buf_char(printer->out, is_array ? ']' : '}');
}

void
site_print_json(struct str json, bool reversed, struct buf *out)
{
	const struct printer printer = { .out = out, .reversed = reversed };
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(json, JSON_DEPTH_MAX, &root) != JSON_FINE)
		return;
	print_json(&printer, root, 0);
	buf_char(out, '\n');
}

/* ---- YAML ---- */

/* Reads back as the same string without quotes. */
static bool
is_plain(struct str text)
{
	static const char *const words[] = { "true", "false", "null", "yes", "no", "on", "off", "y", "n" };
	bool letter = text.len > 0 && strchr("/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", text.at[0]);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq_nocase(text, str_of(words[i])))
			return false;
	for (size_t i = 0; i < text.len && letter; i++) {
		bool colon = text.at[i] == ':' && (i + 1 == text.len || text.at[i + 1] == ' ');
		letter = !colon && text.at[i] != '#' && (unsigned char)text.at[i] >= ' ';
	}
	return letter && text.at[text.len - 1] != ' ';
}

/* Words, and lines of at most 80 columns where the words allow it. */
static void
print_folded(const struct printer *printer, struct str text, unsigned depth)
{
	size_t column = YAML_COLUMNS;
	buf_text(printer->out, ">-");
	while (text.at) {
		struct str word = str_split(&text, ' ');
		if (column + 1 + word.len > YAML_COLUMNS) {
			indent(printer, depth);
			column = 2 * depth;
		} else {
			buf_char(printer->out, ' ');
			column++;
		}
		buf_str(printer->out, word);
		column += word.len;
	}
}

static void
print_literal(const struct printer *printer, struct str text, unsigned depth)
{
	buf_text(printer->out, "|-");
	while (text.at) {
		indent(printer, depth);
		buf_str(printer->out, str_split(&text, '\n'));
	}
}

/* Can it stand in a block: nothing that a block would drop at its edges. */
static bool
fits_block(struct str text)
{
	static const char edges[] = " \n";
	return text.len > 0 && !strchr(edges, text.at[0]) && !strchr(edges, text.at[text.len - 1]);
}

static void
print_text(const struct printer *printer, struct str text, unsigned depth)
{
	bool lines = memchr(text.at, '\n', text.len), blanks = text.len > 0 && memmem(text.at, text.len, "  ", 2);
	bool is_long = 2 * depth + text.len > YAML_COLUMNS;
	if (printer->flat)
		escape_json(printer->out, text);
	else if (lines && fits_block(text))
		print_literal(printer, text, depth);
	else if (!lines && !blanks && is_long && fits_block(text))
		print_folded(printer, text, depth);
	else if (is_plain(text))
		buf_str(printer->out, text);
	else
		escape_json(printer->out, text);
}

static void print_yaml(const struct printer *printer, struct json value, unsigned depth, bool in_list);

static void
print_yaml_list(const struct printer *printer, struct json list, unsigned depth)
{
	for (size_t i = 0; i < json_count(list); i++) {
		indent(printer, depth);
		buf_text(printer->out, "- ");
		print_yaml(printer, json_at(list, i), depth + 1, true);
	}
}

/* in_list: the first member stands behind the dash. */
static void
print_yaml_object(const struct printer *printer, struct json object, unsigned depth, bool in_list)
{
	struct member members[MEMBERS_MAX];
	size_t count = take_members(printer, object, members);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 || !in_list)
			indent(printer, depth);
		if (is_plain(members[i].key) && !printer->flat)
			buf_str(printer->out, members[i].key);
		else
			escape_json(printer->out, members[i].key);
		buf_char(printer->out, ':');
		if (members[i].value.kind != JSON_OBJECT && members[i].value.kind != JSON_ARRAY)
			buf_char(printer->out, ' ');
		print_yaml(printer, members[i].value, depth + 1, false);
	}
}

static void
print_yaml(const struct printer *printer, struct json value, unsigned depth, bool in_list)
{
	if (value.kind == JSON_STRING)
		print_text(printer, json_str(value), depth);
	else if (value.kind != JSON_OBJECT && value.kind != JSON_ARRAY)
		print_scalar(printer->out, value);
	else if (json_count(value) == 0)
		buf_printf(printer->out, "%s%s", in_list ? "" : " ", value.kind == JSON_ARRAY ? "[]" : "{}");
	else if (value.kind == JSON_ARRAY)
		print_yaml_list(printer, value, depth);
	else
		print_yaml_object(printer, value, depth, in_list);
}

void
site_print_yaml(struct str json, struct site_yaml style, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(SITE_PAGE_BYTES);
	const struct printer printer = { .out = &text, .reversed = style.reversed, .flat = style.flat };
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(json, JSON_DEPTH_MAX, &root) != JSON_FINE)
		return;
	print_yaml(&printer, root, 0, false);
	struct str all = buf_view(&text);
	if (str_starts(all, STR("\n")))
		all = str_span(all.at + 1, all.len - 1);
	buf_str(out, all);
	buf_char(out, '\n');
}
