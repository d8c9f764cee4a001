/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/index.h"

#include "docs/gate.h"
#include "docs/plain.h"

enum { URL_MAX = 4096, TITLE_MAX = 4096 };

/* What a line says in brackets when its page is there and what it documents is not. */
static bool
says_unavailable(struct str line)
{
	static const struct str words[] = { { "unavailable", 11 }, { "deprecated", 10 }, { "discontinued", 12 },
		{ "retired", 7 }, { "removed", 7 }, { "offline", 7 }, { "suspended", 9 }, { "disabled", 8 },
		{ "no longer available", 19 }, { "sunset", 6 } };
	while (line.len > 0) {
		if (line.at[0] != '(' && line.at[0] != '[') {
			line = str_span(line.at + 1, line.len - 1);
			continue;
		}
		char close = line.at[0] == '(' ? ')' : ']';
		line = str_span(line.at + 1, line.len - 1);
		const char *end = line.len ? memchr(line.at, close, line.len < 64 ? line.len : 64) : NULL;
		struct str inside = str_span(line.at, end ? (size_t)(end - line.at) : 0);
		bool address = inside.len && (memchr(inside.at, '/', inside.len) || str_starts(inside, STR("http")));
		for (size_t i = 0; !address && i < ARRAY_LEN(words); i++)
			if (str_contains_nocase(inside, words[i]))
				return true;
	}
	return false;
}

/* The title without its remark, so that a page is still the same page. */
static struct str
without_remark(struct str title)
{
	if (str_ends(title, STR(")")) && says_unavailable(title))
		while (title.len > 0 && title.at[title.len - 1] != '(')
			title.len--;
	if (title.len > 0 && title.at[title.len - 1] == '(')
		title.len--;
	return str_trim(title);
}

/* Completes an address with what the index itself came from. False when it leads to no page. */
static bool
print_url(struct buf *out, struct str base, struct str url)
{
	size_t len = 0;
	while (len < url.len && url.at[len] != '#' && url.at[len] != ' ')
		len++;
	url.len = len;
	if (str_starts(url, STR("/"))) {
		struct str host = url_host(base);
		buf_add(out, base.at, (size_t)(host.at + host.len - base.at));
	} else if (!str_starts(url, STR("https://")) && !str_starts(url, STR("http://"))) {
		return false;
	}
	buf_str(out, url);
	return len > 0 && !out->overflow;
}

static bool
is_specification(struct str url)
{
	struct str path = url_path(url);
	return str_ends(path, STR(".json")) || str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml"));
}

static bool
add_entry(struct builder *builder, struct str title, struct str url, bool unavailable)
{
	auto_buf struct buf whole = BUF_INIT(URL_MAX);
	auto_buf struct buf key = BUF_INIT(URL_MAX);
	auto_buf struct buf value = BUF_INIT(TITLE_MAX);
	if (!print_url(&whole, builder->url, url))
		return false;
	buf_printf(&key, "%s %.*s", is_specification(buf_view(&whole)) ? "spec" : "page", STR_ARG(buf_view(&whole)));
	plain_add(&value, without_remark(title));
	if (unavailable)
		buf_text(&value, value.len ? " (unavailable)" : "(unavailable)");
	if (key.overflow || value.overflow)
		return false;
	builder_fact(builder, buf_view(&key), buf_view(&value));
	return true;
}

/* Every [title](address) of the line, and every address that stands for itself. */
static size_t
read_line(struct builder *builder, struct str line)
{
	bool unavailable = says_unavailable(line);
	size_t entries = 0, open = SIZE_MAX;
	for (size_t i = 0; i < line.len; i++) {
		struct str rest = str_span(line.at + i, line.len - i);
		struct str title = STR("");
		if (rest.at[0] == '[')
			open = i + 1;
		bool link = str_starts(rest, STR("](")) && open <= i;
		if (!link && !str_starts(rest, STR("https://")) && !str_starts(rest, STR("http://")))
			continue;
		if (link) {
			title = str_span(line.at + open, i - open);
			rest = str_span(rest.at + 2, rest.len - 2);
		}
		size_t len = 0;
		while (len < rest.len && !strchr(") \t\r<>\"'`", rest.at[len]))
			len++;
		entries += add_entry(builder, title, str_span(rest.at, len), unavailable);
		i = (size_t)(rest.at - line.at) + (len ? len - 1 : 0);
		open = SIZE_MAX;
	}
	return entries;
}

const char *
index_read(struct builder *builder, struct str body)
{
	size_t entries = 0;
	while (body.at && !builder->full) {
		struct str line = str_trim(str_split(&body, '\n'));
		if (builder->title.len == 0 && str_starts(line, STR("# "))) {
			auto_buf struct buf title = BUF_INIT(TITLE_MAX);
			plain_add(&title, str_span(line.at + 2, line.len - 2));
			builder->title = builder_copy(builder, buf_view(&title));
		}
		entries += read_line(builder, line);
	}
	const char *why = gate_title(builder->title);
	return why || entries ? why : "no link in it";
}
