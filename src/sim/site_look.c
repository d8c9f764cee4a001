/* SPDX-License-Identifier: Apache-2.0 */
/* Looks of Markdown that are a matter of its lines. What stands in code is left alone. */
#include "config.h"

#include "base/attr.h"
#include "sim/site_draft.h"

enum { CELLS_MAX = 8, ROWS_MAX = 64 };

static bool
looks(uint64_t look, enum site_change change)
{
	return look >> change & 1;
}

static void
write_heading(struct str line, struct buf *out)
{
	bool begins = true;
	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];
		buf_char(out, begins && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
		begins = c == ' ';
	}
}

/* Tags keep their quotes, code too. */
static void
write_curly(struct str line, struct buf *out)
{
	bool is_code = false, opened = false;
	if (str_starts(str_trim(line), STR("<"))) {
		buf_str(out, line);
		return;
	}
	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];
		is_code = is_code != (c == '`');
		if (c == '\'' && !is_code)
			buf_text(out, "\xE2\x80\x99");
		else if (c == '"' && !is_code)
			buf_text(out, (opened = !opened) ? "\xE2\x80\x9C" : "\xE2\x80\x9D");
		else
			buf_char(out, c);
	}
}

/* ---- tables ---- */

struct table {
	struct str rows[ROWS_MAX];
	size_t count, widths[CELLS_MAX];
};

static size_t
split_row(struct str row, struct str *ret_cells)
{
	size_t count = 0;
	(void)str_split(&row, '|');
	while (row.at && count < CELLS_MAX) {
		struct str cell = str_trim(str_split(&row, '|'));
		if (row.at)
			ret_cells[count++] = cell;
	}
	return count;
}

static bool
is_rule(struct str cell)
{
	return str_starts(cell, STR("---"));
}

static void
pad(struct buf *out, char with, size_t count)
{
	while (count-- > 0)
		buf_char(out, with);
}

static void
write_table(struct table *table, struct buf *out)
{
	struct str cells[CELLS_MAX];
	for (size_t r = 0; r < table->count; r++) {
		size_t count = split_row(table->rows[r], cells);
		for (size_t c = 0; c < count; c++)
			if (!is_rule(cells[c]) && str_code_points(cells[c]) > table->widths[c])
				table->widths[c] = str_code_points(cells[c]);
	}
	for (size_t r = 0; r < table->count; r++) {
		size_t count = split_row(table->rows[r], cells);
		buf_char(out, '|');
		for (size_t c = 0; c < count; c++) {
			bool rule = is_rule(cells[c]);
			size_t len = rule ? 0 : str_code_points(cells[c]);
			buf_char(out, ' ');
			buf_str(out, rule ? STR("") : cells[c]);
			pad(out, rule ? '-' : ' ', table->widths[c] - len);
			buf_text(out, " |");
		}
		buf_char(out, '\n');
	}
	*table = (struct table){ .count = 0 };
}

/* ---- lines ---- */

static void
write_line(uint64_t look, struct str line, struct buf *out)
{
	if (looks(look, SITE_heading_case) && str_starts(line, STR("#")))
		write_heading(line, out);
	else if (looks(look, SITE_smart_quotes))
		write_curly(line, out);
	else
		buf_str(out, line);
	if (looks(look, SITE_blank_runs))
		buf_text(out, line.len == 0 ? "\n" : " ");
	buf_char(out, '\n');
}

static void
write_lines(uint64_t look, struct str text, struct buf *out)
{
	struct table table = { .count = 0 };
	size_t fence = 0; /* its length; 0 = outside */
	while (text.len > 0) {
		struct str line = str_split(&text, '\n');
		size_t ticks = 0;
		while (ticks < line.len && line.at[ticks] == '`')
			ticks++;
		bool row = fence == 0 && looks(look, SITE_table_padding) && str_starts(line, STR("|"));
		if (row && table.count < ROWS_MAX) {
			table.rows[table.count++] = line;
			continue;
		}
		write_table(&table, out);
		if (fence > 0 || ticks >= 3) {
			buf_str(out, line);
			buf_char(out, '\n');
		} else {
			write_line(look, line, out);
		}
		if (ticks >= 3)
			fence = fence == 0 ? ticks : ticks >= fence ? 0 : fence;
	}
	write_table(&table, out);
}

void
site_apply_look(uint64_t look, struct str text, struct buf *out)
{
	auto_buf struct buf lines = BUF_INIT(SITE_PAGE_BYTES);
	write_lines(look, text, &lines);
	if (!looks(look, SITE_crlf)) {
		buf_str(out, buf_view(&lines));
		return;
	}
	for (struct str rest = buf_view(&lines); rest.len > 0;) {
		buf_str(out, str_split(&rest, '\n'));
		buf_text(out, "\r\n");
	}
}
