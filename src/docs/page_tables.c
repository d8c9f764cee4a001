/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of tables, and of lists that are tables without lines: statuses, fields, values.
 */
#include "config.h"

#include "base/escape.h"
#include "docs/inline.h"
#include "docs/page.h"
#include "docs/value.h"

enum { KEY_MAX = 512, VALUE_BYTES_MAX = 8192, LIST_MAX = 64, SENTENCE_MAX = 600, STATUSES_MAX = 32 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name_char(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '.' || c == '-' ||
	    c == '[' || c == ']' || c == '$' || c == ':';
}

/* What code calls something: letters, digits, a few signs. */
static bool
is_name(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_name_char(text.at[i]))
			return false;
	return text.len > 0 && text.len <= 64;
}

static bool
contains_any(struct str text, const char *const *words)
{
	for (; *words; words++)
		if (str_contains_nocase(text, str_of(*words)))
			return true;
	return false;
}

static bool
starts_any(struct str text, const char *const *words)
{
	for (; *words; words++) {
		struct str word = str_of(*words);
		if (text.len >= word.len && str_eq_nocase(str_span(text.at, word.len), word))
			return true;
	}
	return false;
}

/* ---- statuses ---- */

static size_t
find_statuses(struct str text, struct str statuses[STATUSES_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i + 3 <= text.len && count < STATUSES_MAX; i++) {
		bool alone =
		    (i == 0 || !is_name_char(text.at[i - 1])) && (i + 3 == text.len || !is_name_char(text.at[i + 3]));
		if (alone && text.at[i] >= '1' && text.at[i] <= '5' && is_digit(text.at[i + 1]) &&
		    is_digit(text.at[i + 2]))
			statuses[count++] = str_span(text.at + i, 3);
	}
	return count;
}

/* The error's name in a cell, the last of its code spans that is one: `invalid_request` of `code: "invalid_request"`. */
static struct str
find_identifier(struct str cell)
{
	struct str before, mark, found = STR("");
	while (inline_next_mark(&cell, &before, &mark)) {
		struct str word = mark;
		while (word.at) {
			mark = str_trim(str_split(&word, ' '));
			while (mark.len > 1 && strchr("\"'", mark.at[0]))
				mark = str_span(mark.at + 1, mark.len - 1);
			while (mark.len > 1 && strchr("\"',", mark.at[mark.len - 1]))
				mark.len--;
			if (is_name(mark) && memchr(mark.at, '_', mark.len) &&
			    !str_contains_nocase(mark, STR("error.")))
				found = mark;
		}
	}
	return found;
}

static const char *
retry_of(struct str cell)
{
	static const char *const nos[] = { "no", "do not", "don't", "never", "usually no", "not ", NULL };
	static const char *const yeses[] = { "yes", "retry", "usually yes", "usually", "safe", "after", NULL };
	if (!cell.at)
		return "listed";
	auto_buf struct buf plain = BUF_INIT(VALUE_BYTES_MAX);
	inline_add(&plain, cell);
	if (starts_any(buf_view(&plain), nos))
		return "no retry";
	return starts_any(buf_view(&plain), yeses) ? "retry" : "listed";
}

static void
add_statuses(struct page *page, struct str cell, struct str identifier, const char *said)
{
	struct str statuses[STATUSES_MAX];
	size_t count = find_statuses(cell, statuses);
	for (size_t i = 0; i < count; i++) {
		auto_buf struct buf key = BUF_INIT(KEY_MAX);
		buf_printf(&key, identifier.len ? "status %.*s %.*s" : "status %.*s", STR_ARG(statuses[i]),
		    STR_ARG(identifier));
		builder_fact(page->builder, buf_view(&key), str_of(said));
	}
}

/* A list's item that begins with a status: - **503**: … */
static void
read_status_item(struct page *page, struct str text)
{
	size_t i = 0;
	if (text.len < 5 || !strchr("-*+", text.at[0]) || text.at[1] != ' ')
		return;
	while (i < text.len && strchr("-*+ `", text.at[i]))
		i++;
	struct str start = str_span(text.at + i, text.len - i < 4 ? text.len - i : 4);
	if (start.len == 4 && (is_name_char(start.at[3]) || start.at[3] == ','))
		return;
	add_statuses(page, start, STR(""), "listed");
}

void
page_statuses(struct page *page, const struct block *block)
{
	static const char *const heads[] = { "status", "http", "error code", "code", NULL };
	static const char *const names[] = { "error.code", "error code", "error type", "code", "type", NULL };
	static const char *const retries[] = { "retry", "retri", NULL };
	if (block->kind == BLOCK_PARAGRAPH)
		read_status_item(page, block->text);
	size_t column = page_column(&page->table, heads);
	if (block->kind != BLOCK_ROW || block->is_head || column == SIZE_MAX)
		return;
	struct str cell = page_cell(block->text, column);
	if (!cell.at)
		return;
	struct str identifier = find_identifier(cell);
	size_t named = page_column(&page->table, names);
	if (identifier.len == 0 && named != SIZE_MAX && named != column)
		identifier = find_identifier(page_cell(block->text, named));
	size_t retry = page_column(&page->table, retries);
	add_statuses(page, cell, identifier, retry_of(retry == SIZE_MAX ? STR_NONE : page_cell(block->text, retry)));
}

/* ---- fields ---- */

/* "string", "string or null", "integer | null", "string[]"; what is no type we know is kept as it is written. */
static void
print_type(struct buf *out, struct str cell)
{
	unsigned types = 0;
	auto_buf struct buf plain = BUF_INIT(VALUE_BYTES_MAX);
	inline_add(&plain, cell);
	for (struct str rest = buf_view(&plain); rest.at && rest.len;) {
		struct str word = str_trim(str_split(&rest, ' '));
		while (word.len > 0 && strchr(",/|", word.at[word.len - 1]))
			word.len--;
		unsigned type = type_from_word(word);
		bool link = word.len == 0 || str_eq_nocase(word, STR("or"));
		if (!type && !link) {
			types = 0;
			break;
		}
		types |= type;
	}
	if (types)
		type_print(out, types);
	else if (plain.len > 0)
		buf_str(out, buf_view(&plain));
	else
		type_print(out, 0);
}

/* Two values at least, all of them names. */
static void
print_values(struct buf *out, struct str *names, size_t count)
{
	if (count < 2)
		return;
	str_sort(names, count);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && str_eq(names[i], names[i - 1]))
			continue;
		buf_text(out, i ? " " : "one of ");
		escape_json(out, names[i]);
	}
}

static size_t
find_values(struct str text, struct str names[LIST_MAX])
{
	size_t count = 0;
	struct str before, mark;
	while (count < LIST_MAX && inline_next_mark(&text, &before, &mark)) {
		bool quoted = mark.len > 1 && strchr("\"'", mark.at[0]);
		if (quoted)
			mark = str_span(mark.at + 1, mark.len - 2);
		if (is_name(mark))
			names[count++] = mark;
	}
	return count;
}

static void
add_values(struct buf *value, struct str cell)
{
	struct str names[LIST_MAX];
	auto_buf struct buf list = BUF_INIT(VALUE_BYTES_MAX);
	print_values(&list, names, find_values(cell, names));
	if (list.len > 0)
		buf_text(value, ", ");
	buf_str(value, buf_view(&list));
}

static struct str
field_name(struct str cell)
{
	struct str before, mark;
	if (inline_next_mark(&cell, &before, &mark))
		cell = mark;
	size_t len = 0;
	while (len < cell.len && is_name_char(cell.at[len]))
		len++;
	return str_span(cell.at, len <= 64 ? len : 0);
}

static void
add_field(struct page *page, const char *what, struct str name, struct str value)
{
	auto_buf struct buf key = BUF_INIT(KEY_MAX);
	buf_printf(&key, "%s %.*s", what, STR_ARG(name));
	builder_fact(page->builder, buf_view(&key), value);
}

static void
read_field_row(struct page *page, struct str row)
{
	static const char *const types[] = { "type", NULL };
	static const char *const required[] = { "required", "mandatory", NULL };
	static const char *const values[] = { "value", "allowed", "enum", "options", NULL };
	static const char *const yeses[] = { "yes", "true", "required", "\u2713", "\u2705", NULL };
	struct str first = page_cell(row, 0), name = first.at ? field_name(first) : STR("");
	size_t type = page_column(&page->table, types), need = page_column(&page->table, required);
	size_t list = page_column(&page->table, values);
	auto_buf struct buf value = BUF_INIT(VALUE_BYTES_MAX * 4);
	if (name.len == 0)
		return;
	struct str cell = type == SIZE_MAX ? STR("") : page_cell(row, type);
	print_type(&value, cell.at ? cell : STR(""));
	if (list != SIZE_MAX)
		add_values(&value, page_cell(row, list));
	cell = need == SIZE_MAX ? STR_NONE : page_cell(row, need);
	if (cell.at && starts_any(cell, yeses))
		buf_text(&value, ", required");
	add_field(page, "field", name, buf_view(&value));
}

/* Mintlify's own: <ParamField body="model" type="string" required>, <ResponseField name="id" type="string">. */
static void
read_field_tag(struct page *page, struct str text)
{
	static const char *const places[] = { "body", "query", "path", "header", "name" };
	if (!str_starts(text, STR("<ParamField")) && !str_starts(text, STR("<ResponseField")))
		return;
	size_t len = inline_tag_length(text);
	struct str tag = str_span(text.at, len == SIZE_MAX ? 0 : len), name = STR_NONE;
	for (size_t i = 0; !name.at && i < ARRAY_LEN(places); i++)
		name = inline_attribute(tag, str_of(places[i]));
	if (!name.at || !is_name(name))
		return;
	auto_buf struct buf value = BUF_INIT(VALUE_BYTES_MAX * 2);
	struct str type = inline_attribute(tag, STR("type")), need = inline_attribute(tag, STR("required"));
	print_type(&value, type.at ? type : STR(""));
	if (need.at && !str_eq(need, STR("false")))
		buf_text(&value, ", required");
	add_field(page, "field", name, buf_view(&value));
}

/* A sentence that names something and then its values: `finish_reason` is one of `stop`, `length`. Names of models come
 * and go: what `model` may be is no fact. */
static void
read_sentence(struct page *page, struct str text)
{
	static const char *const cues[] = { "one of", "either", "allowed values", "possible values", "valid values",
		"accepted values", "supported values", "can be", "may be", "must be", "values:", NULL };
	struct str names[LIST_MAX], rest = text, before, subject;
	if (text.len > SENTENCE_MAX || !inline_next_mark(&rest, &before, &subject) || !is_name(subject))
		return;
	if (str_ends(subject, STR("model")) || !contains_any(rest, cues))
		return;
	auto_buf struct buf list = BUF_INIT(VALUE_BYTES_MAX);
	print_values(&list, names, find_values(rest, names));
	if (list.len > 0)
		add_field(page, "values", subject, buf_view(&list));
}

void
page_fields(struct page *page, const struct block *block)
{
	static const char *const fields[] = { "field", "param", "argument", "property", NULL };
	static const char *const names[] = { "name", "key", "attribute", NULL };
	static const char *const others[] = { "type", "required", "value", "allowed", "enum", "default", NULL };
	if (block->kind == BLOCK_PARAGRAPH) {
		read_field_tag(page, block->text);
		read_sentence(page, block->text);
	}
	if (block->kind != BLOCK_ROW || block->is_head || page->table.columns == 0)
		return;
	struct str head =
	    str_of(page->table.heads[0]); /* a "name" may be anybody's: a column has to say that it is a field's */
	bool named = starts_any(head, names) && page_column(&page->table, others) != SIZE_MAX;
	if (named || (starts_any(head, fields) && page->table.columns > 1))
		read_field_row(page, block->text);
}
