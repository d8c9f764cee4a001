/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/markdown.h"

#include <stdio.h>

#include "base/json.h"
#include "docs/gate.h"
#include "docs/inline.h"
#include "docs/openapi.h"
#include "docs/page.h"
#include "docs/yaml.h"

enum { SPECIFICATION_BYTES_MAX = 1024 * 1024, JSON_BYTES_MAX = 4 * 1024 * 1024, WORDS_MAX = 4 };

/* ---- the specification ---- */

/* What stands behind the ticks of its fence: yaml SPEC-PATH METHOD /path. */
struct fence_info {
	struct str words[WORDS_MAX];
	size_t count;
};

static void
split_words(struct str text, struct fence_info *ret_info)
{
	*ret_info = (struct fence_info){ 0 };
	while (text.at && ret_info->count < WORDS_MAX) {
		struct str word = str_trim(str_split(&text, ' '));
		if (word.len > 0)
			ret_info->words[ret_info->count++] = word;
	}
}

static bool
is_method(struct str word)
{
	static const struct str methods[] = { { "GET", 3 }, { "POST", 4 }, { "PUT", 3 }, { "DELETE", 6 },
		{ "PATCH", 5 }, { "HEAD", 4 }, { "OPTIONS", 7 } };
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (str_eq_nocase(word, methods[i]))
			return true;
	return false;
}

/* A block that begins as a specification does, whatever its fence says of it. */
static bool
is_specification(const struct block *block, const struct fence_info *info)
{
	struct str start = str_trim(block->text);
	bool yaml = info->count > 0 &&
	    (str_eq_nocase(info->words[0], STR("yaml")) || str_eq_nocase(info->words[0], STR("yml")));
	if (!yaml)
		return false;
	bool named = info->count == WORDS_MAX && is_method(info->words[2]) && str_starts(info->words[3], STR("/"));
	return named || str_starts(start, STR("openapi:")) || str_starts(start, STR("swagger:"));
}

static void
add_place(struct page *page, const struct fence_info *info)
{
	auto_buf struct buf operation = BUF_INIT(4096);
	if (info->count < WORDS_MAX)
		return;
	buf_printf(&operation, "%.*s %.*s", STR_ARG(info->words[2]), STR_ARG(info->words[3]));
	builder_fact(page->builder, STR("fence specification"), info->words[1]);
	builder_fact(page->builder, STR("fence operation"), buf_view(&operation));
}

static const char *
read_specification(struct page *page, const struct block *block, const struct fence_info *info)
{
	auto_buf struct buf text = BUF_INIT(JSON_BYTES_MAX);
	auto_json struct json root = JSON_NOTHING;
	page->has_specification = true;
	if (block->text.len > SPECIFICATION_BYTES_MAX)
		return "an OpenAPI block of more than 1 MiB";
	if (!yaml_to_json(block->text, &text) || json_parse(buf_view(&text), JSON_DEPTH_MAX, &root) != JSON_FINE)
		return "an OpenAPI block that is no YAML";
	if (!openapi_is(root))
		return "an OpenAPI block that is no OpenAPI document";
	add_place(page, info);
	openapi_read(page->builder, root);
	return NULL;
}

/* Does a fact describe the body of an error: METHOD PATH 4xx|5xx|default $…? */
static bool
describes_error(struct str key)
{
	struct str status = STR("");
	for (unsigned i = 0; i < 3 && key.at; i++)
		status = str_split(&key, ' ');
	return str_starts(key, STR("$")) &&
	    (str_starts(status, STR("4")) || str_starts(status, STR("5")) || str_eq(status, STR("default")));
}

/* The specification stands at the end of a page, and decides how the prose is read. */
static const char *
find_specifications(struct page *page, struct str body)
{
	struct blocks blocks;
	struct block block;
	const char *why = NULL;
	blocks_init(&blocks, body);
	while (!why && blocks_next(&blocks, &block)) {
		struct fence_info info;
		split_words(block.info, &info);
		if (block.kind == BLOCK_FENCE && is_specification(&block, &info))
			why = read_specification(page, &block, &info);
	}
	for (size_t i = 0; i < page->builder->fact_count && !page->errors_specified; i++)
		page->errors_specified = describes_error(page->builder->facts[i].key);
	return why;
}

/* ---- tables ---- */

static void
begin_table(struct table *table, struct str row)
{
	struct str cell;
	table->columns = 0;
	while (table->columns < TABLE_COLUMNS_MAX && row_next_cell(&row, &cell)) {
		auto_buf struct buf plain = BUF_INIT(TABLE_HEAD_BYTES * 4);
		inline_add(&plain, str_span(cell.at, cell.len < TABLE_HEAD_BYTES ? cell.len : TABLE_HEAD_BYTES));
		snprintf(table->heads[table->columns++], TABLE_HEAD_BYTES, "%s", buf_cstr(&plain));
	}
}

struct str
page_cell(struct str row, size_t column)
{
	struct str cell = STR_NONE;
	for (size_t i = 0; i <= column; i++)
		if (!row_next_cell(&row, &cell))
			return STR_NONE;
	return cell;
}

size_t
page_column(const struct table *table, const char *const *words)
{
	for (; *words; words++)
		for (size_t i = 0; i < table->columns; i++)
			if (str_contains_nocase(str_of(table->heads[i]), str_of(*words)))
				return i;
	return SIZE_MAX;
}

/* ---- prose ---- */

static void
add_line(struct builder *builder, struct str text)
{
	auto_buf struct buf line = BUF_INIT(DOC_BODY_MAX * 2);
	inline_add(&line, text);
	if (line.len > 0)
		builder_line(builder, buf_view(&line));
}

/* Cells one by one: how wide the columns are drawn is nobody's business. */
static void
add_row(struct builder *builder, struct str row)
{
	auto_buf struct buf line = BUF_INIT(DOC_BODY_MAX * 2);
	struct str cell;
	bool any = false;
	for (size_t i = 0; row_next_cell(&row, &cell); i++) {
		buf_text(&line, i ? " | " : "");
		size_t start = line.len;
		inline_add(&line, cell);
		any = any || line.len > start;
	}
	if (any)
		builder_line(builder, str_trim(buf_view(&line)));
}

/* A list's mark, whichever it is and whatever its number: "- ". */
static struct str
without_mark(struct str text)
{
	size_t i = 0;
	while (i < text.len && text.at[i] >= '0' && text.at[i] <= '9')
		i++;
	bool number = i > 0 && i + 1 < text.len && strchr(".)", text.at[i]) && text.at[i + 1] == ' ';
	bool sign = i == 0 && text.len > 1 && strchr("-*+", text.at[0]) && text.at[1] == ' ';
	size_t skip = number ? i + 2 : sign ? 2 : 0;
	return str_span(text.at + skip, text.len - skip);
}

/* What is left out of a page's text: when it was written, and what MDX imports. */
static bool
is_boilerplate(struct str text)
{
	static const struct str starts[] = { { "Modified at ", 12 }, { "Last updated", 12 }, { "Last modified", 13 },
		{ "Updated on ", 11 } };
	for (size_t i = 0; text.len < 80 && i < ARRAY_LEN(starts); i++)
		if (text.len > starts[i].len && str_eq_nocase(str_span(text.at, starts[i].len), starts[i]))
			return true;
	return str_starts(text, STR("import ")) && str_contains_nocase(text, STR(" from \""));
}

static void
read_title(struct builder *builder, struct str text)
{
	auto_buf struct buf title = BUF_INIT(16 * 1024);
	inline_add(&title, text);
	if (!title.overflow)
		builder->title = builder_copy(builder, buf_view(&title));
}

/* A heading names what follows it: it is no prose, so that another name for the same is no change. */
static void
read_block(struct page *page, const struct block *block)
{
	if (block->kind == BLOCK_HEADING && block->level == 1 && page->builder->title.len == 0)
		read_title(page->builder, block->text);
	if (block->kind == BLOCK_ROW) {
		if (block->is_head)
			begin_table(&page->table, block->text);
		add_row(page->builder, block->text);
	}
	if (block->kind == BLOCK_PARAGRAPH && !is_boilerplate(block->text))
		add_line(page->builder, without_mark(block->text));
	if (!page->errors_specified)
		page_statuses(page, block);
	if (page->has_specification) {
		page_claims(page, block);
		return;
	}
	page_fields(page, block);
	page_calls(page, block->text);
}

static void
read_fence(struct page *page, const struct block *block)
{
	struct fence_info info;
	split_words(block->info, &info);
	if (is_specification(block, &info))
		return;
	page_sample(page, block);
	if (!page->has_specification)
		page_calls(page, block->text);
}

static const char *
read_blocks(struct page *page, struct str body)
{
	struct blocks blocks;
	struct block block;
	blocks_init(&blocks, body);
	while (!page->builder->full && blocks_next(&blocks, &block)) {
		if (block.kind == BLOCK_FENCE)
			read_fence(page, &block);
		else
			read_block(page, &block);
		page->before = block.kind == BLOCK_FENCE ? page->before : block.text;
	}
	if (!page->has_specification)
		samples_write(&page->answers, page->builder, "sample");
	if (!page->errors_specified)
		samples_write(&page->errors, page->builder, "error");
	if (page->builder->title.len == 0)
		return "a page without a title";
	return gate_title(page->builder->title);
}

const char *
markdown_read(struct builder *builder, struct str body)
{
	struct page page = { .builder = builder, .before = STR("") };
	samples_init(&page.answers);
	samples_init(&page.errors);
	const char *why = find_specifications(&page, body);
	if (!why)
		why = read_blocks(&page, body);
	samples_done(&page.answers);
	samples_done(&page.errors);
	return why;
}
