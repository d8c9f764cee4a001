/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/blocks.h"

void
blocks_init(struct blocks *blocks, struct str page)
{
	if (str_starts(page, STR("\xEF\xBB\xBF")))
		page = str_span(page.at + 3, page.len - 3);
	*blocks = (struct blocks){ .rest = page };
}

/* ---- lines ---- */

static size_t
count_start(struct str line, char c)
{
	size_t n = 0;
	while (n < line.len && line.at[n] == c)
		n++;
	return n;
}

static bool
consists_of(struct str line, const char *chars)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] == '\0' || !strchr(chars, line.at[i]))
			return false;
	return line.len > 0;
}

static bool
is_rule(struct str line)
{
	return line.len >= 3 &&
	    (consists_of(line, "* ") || consists_of(line, "- ") || consists_of(line, "_ ") || consists_of(line, "="));
}

static bool
is_separator(struct str line)
{
	return consists_of(line, "|-: \t") && memchr(line.at, '-', line.len) && memchr(line.at, '|', line.len);
}

static bool
is_fence(struct str line)
{
	return count_start(line, '`') >= 3 || count_start(line, '~') >= 3;
}

static unsigned
heading_level(struct str line)
{
	size_t level = count_start(line, '#');
	return level >= 1 && level <= 6 && level < line.len && line.at[level] == ' ' ? (unsigned)level : 0;
}

static bool
is_item(struct str line)
{
	size_t digits = 0;
	if (line.len > 1 && strchr("-*+", line.at[0]) && line.at[1] == ' ')
		return true;
	while (digits < line.len && digits < 4 && line.at[digits] >= '0' && line.at[digits] <= '9')
		digits++;
	return digits > 0 && digits + 1 < line.len && strchr(".)", line.at[digits]) && line.at[digits + 1] == ' ';
}

static bool
is_tag(struct str line)
{
	return line.len > 1 && line.at[0] == '<' &&
	    (line.at[1] == '/' || ((line.at[1] | 0x20) >= 'a' && (line.at[1] | 0x20) <= 'z'));
}

static struct str
peek_line(const struct blocks *blocks)
{
	struct str rest = blocks->rest;
	return rest.at ? str_trim(str_split(&rest, '\n')) : STR("");
}

/* Does the line end the paragraph before it? */
static bool
begins_block(const struct blocks *blocks, struct str line)
{
	return line.len == 0 || is_rule(line) || is_fence(line) || heading_level(line) || is_item(line) ||
	    is_tag(line) || line.at[0] == '|' || line.at[0] == '>' ||
	    (blocks->in_table && memchr(line.at, '|', line.len));
}

/* ---- blocks ---- */

/* Of the same sign, at least as many, and nothing behind them. */
static bool
closes_fence(struct str line, char sign, size_t count)
{
	return count_start(line, sign) == line.len && line.len >= count;
}

static void
take_fence(struct blocks *blocks, struct str line, struct block *ret_block)
{
	char sign = line.at[0];
	size_t count = count_start(line, sign);
	struct str info = str_trim(str_span(line.at + count, line.len - count));
	struct str inside = blocks->rest;
	size_t len = 0;
	while (blocks->rest.at) {
		struct str next = str_trim(str_split(&blocks->rest, '\n'));
		if (closes_fence(next, sign, count))
			break;
		len = blocks->rest.at ? (size_t)(blocks->rest.at - inside.at) : inside.len;
	}
	*ret_block =
	    (struct block){ .kind = BLOCK_FENCE, .text = str_span(inside.at ? inside.at : "", len), .info = info };
}

static bool
is_index_quote(struct str line)
{
	size_t skip = 0;
	while (skip < line.len && strchr("># ", line.at[skip]))
		skip++;
	return str_eq_nocase(str_span(line.at + skip, line.len - skip), STR("Documentation Index"));
}

static void
skip_quote(struct blocks *blocks)
{
	while (blocks->rest.at && str_starts(peek_line(blocks), STR(">")))
		str_split(&blocks->rest, '\n');
}

/* The line and those after it that begin nothing of their own. */
static void
take_paragraph(struct blocks *blocks, struct str line, struct block *ret_block)
{
	const char *end = line.at + line.len;
	for (;;) {
		struct str next = peek_line(blocks);
		if (!blocks->rest.at || begins_block(blocks, next))
			break;
		str_split(&blocks->rest, '\n');
		end = next.at + next.len;
	}
	*ret_block = (struct block){ .kind = BLOCK_PARAGRAPH, .text = str_span(line.at, (size_t)(end - line.at)) };
}

static bool
take_block(struct blocks *blocks, struct str line, struct block *ret_block)
{
	unsigned level = heading_level(line);
	if (is_fence(line)) {
		take_fence(blocks, line, ret_block);
		return true;
	}
	if (is_rule(line))
		return false;
	if (level) {
		struct str text = str_trim(str_span(line.at + level, line.len - level));
		*ret_block = (struct block){ .kind = BLOCK_HEADING, .text = text, .level = level };
		return true;
	}
	if (line.at[0] == '>') {
		if (is_index_quote(line)) {
			skip_quote(blocks);
			return false;
		}
		struct str text = str_trim(str_span(line.at + 1, line.len - 1));
		*ret_block = (struct block){ .kind = BLOCK_PARAGRAPH, .text = text };
		return text.len > 0;
	}
	take_paragraph(blocks, line, ret_block);
	return true;
}

bool
blocks_next(struct blocks *blocks, struct block *ret_block)
{
	while (blocks->rest.at) {
		struct str line = str_trim(str_split(&blocks->rest, '\n'));
		bool piped = line.len > 0 && memchr(line.at, '|', line.len);
		bool is_head = piped && is_separator(peek_line(blocks));
		if (!piped)
			blocks->in_table = false;
		if (piped && is_separator(line)) {
			blocks->in_table = true;
			continue;
		}
		if (piped && !is_fence(line) && (is_head || blocks->in_table || line.at[0] == '|')) {
			*ret_block = (struct block){ .kind = BLOCK_ROW, .text = line, .is_head = is_head };
			return true;
		}
		if (line.len > 0 && take_block(blocks, line, ret_block))
			return true;
	}
	return false;
}

bool
row_next_cell(struct str *row, struct str *ret_cell)
{
	if (row->at && row->len > 0 && row->at[0] == '|')
		*row = str_span(row->at + 1, row->len - 1);
	if (!row->at || row->len == 0)
		return false;
	size_t len = 0;
	for (; len < row->len && row->at[len] != '|'; len++) {
		if (row->at[len] == '\\' && len + 1 < row->len)
			len++;
	}
	*ret_cell = str_trim(str_span(row->at, len));
	*row = str_span(row->at + len, row->len - len);
	return true;
}
