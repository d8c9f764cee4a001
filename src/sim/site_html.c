/* SPDX-License-Identifier: Apache-2.0 */
/* A page of Markdown as HTML: nobody reads it, but it has to be told from Markdown. */
#include "config.h"

#include "base/escape.h"
#include "sim/site_draft.h"

static void
write_line(struct str line, struct buf *out)
{
	unsigned level = 0;
	while (level < line.len && line.at[level] == '#')
		level++;
	if (level > 0 && level < 7) {
		buf_printf(out, "<h%u>", level);
		escape_html(out, str_trim(str_span(line.at + level, line.len - level)));
		buf_printf(out, "</h%u>\n", level);
	} else if (line.len > 0) {
		buf_text(out, "<p>");
		escape_html(out, line);
		buf_text(out, "</p>\n");
	}
}

void
site_write_html(struct str title, struct str markdown, struct buf *out)
{
	bool is_code = false;
	buf_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>");
	escape_html(out, title);
	buf_text(out, "</title></head>\n<body>\n<nav><a href=\"/docs/llms.txt\">Index</a></nav>\n<main>\n");
	while (markdown.len > 0) {
		struct str line = str_split(&markdown, '\n');
		if (str_starts(line, STR("```"))) {
			is_code = !is_code;
			buf_text(out, is_code ? "<pre>" : "</pre>\n");
		} else if (is_code) {
			escape_html(out, line);
			buf_char(out, '\n');
		} else {
			write_line(line, out);
		}
	}
	buf_text(out, "</main>\n</body>\n</html>\n");
}
