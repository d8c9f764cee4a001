/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/inline.h"

#include <stdint.h>

#include "base/attr.h"
#include "docs/plain.h"

enum { PLACEHOLDER_BYTES_MAX = 96, TRIES_MAX = 10000 };

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static struct str
from(struct str text, size_t at)
{
	return str_span(text.at + at, text.len - at);
}

static size_t
find(struct str text, struct str part)
{
	const char *at = text.len ? memmem(text.at, text.len, part.at, part.len) : NULL;
	return at ? (size_t)(at - text.at) : SIZE_MAX;
}

/* ---- tags ---- */

/* The length of < and the name; 0 when that is no tag. */
static size_t
tag_name_length(struct str text)
{
	size_t i = 1;
	if (text.len < 3 || text.at[0] != '<')
		return 0;
	i += text.at[1] == '/';
	if (!is_letter(text.at[i]) && text.at[i] != '>')
		return 0;
	while (i < text.len && is_word(text.at[i]))
		i++;
	return i == text.len || strchr(" \t\r\n/>", text.at[i]) ? i : 0;
}

/* Quotes hide a > only as the value of an attribute, braces always. */
size_t
inline_tag_length(struct str text)
{
	size_t i = tag_name_length(text), braces = 0;
	char quote = '\0';
	for (; i > 0 && i < text.len; i++) {
		char c = text.at[i];
		if (quote != '\0')
			quote = c == quote ? '\0' : quote;
		else if ((c == '"' || c == '\'') && (text.at[i - 1] == '=' || braces))
			quote = c;
		else if (c == '{')
			braces++;
		else if (c == '}' && braces)
			braces--;
		else if (c == '>' && !braces)
			return i + 1;
	}
	return i == 0 ? 0 : SIZE_MAX;
}

struct str
inline_attribute(struct str tag, struct str name)
{
	for (size_t i = 1; i + name.len < tag.len; i++) {
		char before = tag.at[i - 1];
		if ((before != ' ' && before != '\n' && before != '\t') || !str_starts(from(tag, i), name))
			continue;
		struct str rest = from(tag, i + name.len);
		if (rest.at[0] != '=')
			return strchr(" \t\r\n/>", rest.at[0]) ? STR("") : STR_NONE;
		size_t start = 1, end;
		while (start < rest.len && strchr("\"'{", rest.at[start]))
			start++;
		for (end = start; end < rest.len && !strchr("\"'}>", rest.at[end]);)
			end++;
		return str_trim(str_span(rest.at + start, end - start));
	}
	return STR_NONE;
}

/* ---- markup ---- */

struct strip {
	struct buf *out;
	struct str text;
	size_t at;
	size_t link_end; /* where the next ]( is, at or after `at`; SIZE_MAX = none */
	bool no_tag, no_target; /* one was not closed: none after it is */
	bool code; /* inside ticks */
};

/* < is followed by the name of a key, not of a component. */
static bool
is_placeholder_tag(struct str tag)
{
	bool lower = false;
	for (size_t i = 1; i + 1 < tag.len; i++) {
		if (!is_word(tag.at[i]))
			return false;
		lower = lower || (tag.at[i] >= 'a' && tag.at[i] <= 'z');
	}
	return !lower || str_contains_nocase(tag, STR("key")) || str_contains_nocase(tag, STR("token"));
}

static bool
strip_between(struct strip *s, struct str open, struct str close)
{
	if (!str_starts(from(s->text, s->at), open))
		return false;
	size_t end = find(from(s->text, s->at + open.len), close);
	s->at = end == SIZE_MAX ? s->text.len : s->at + open.len + end + close.len;
	return true;
}

static bool
strip_tag(struct strip *s)
{
	struct str rest = from(s->text, s->at);
	if (strip_between(s, STR("<!--"), STR("-->")) || strip_between(s, STR("{/*"), STR("*/}")))
		return true;
	if (rest.at[0] != '<' || s->no_tag)
		return false;
	size_t len = inline_tag_length(rest);
	s->no_tag = len == SIZE_MAX;
	if (len == 0 || s->no_tag)
		return false;
	if (is_placeholder_tag(str_span(rest.at, len)))
		return false;
	buf_char(s->out, ' ');
	s->at += len;
	return true;
}

/* ](target) at `at`: the target goes. */
static bool
strip_target(struct strip *s)
{
	struct str rest = from(s->text, s->at);
	size_t depth = 0, i = 1;
	if (s->no_target || !str_starts(rest, STR("](")))
		return false;
	for (; i < rest.len; i++) {
		if (rest.at[i] == '(')
			depth++;
		else if (rest.at[i] == ')' && --depth == 0)
			break;
	}
	s->no_target = i == rest.len;
	if (s->no_target)
		return false;
	s->at += i + 1;
	return true;
}

static bool
strip_link(struct strip *s)
{
	struct str rest = from(s->text, s->at);
	bool image = str_starts(rest, STR("!["));
	if (s->link_end != SIZE_MAX && s->link_end < s->at) {
		size_t next = find(rest, STR("]("));
		s->link_end = next == SIZE_MAX ? next : s->at + next;
	}
	if (strip_target(s))
		return true;
	if (s->link_end == SIZE_MAX || (!image && rest.at[0] != '['))
		return false;
	if (image) { /* its words are for those who do not see it */
		s->at = s->link_end;
		if (!strip_target(s))
			s->at += 2;
		return true;
	}
	s->at++;
	return true;
}

static bool
strip_entity(struct strip *s)
{
	static const struct {
		struct str name;
		char is;
	} entities[] = { { { "&lt;", 4 }, '<' }, { { "&gt;", 4 }, '>' }, { { "&amp;", 5 }, '&' },
		{ { "&quot;", 6 }, '"' }, { { "&#39;", 5 }, '\'' }, { { "&apos;", 6 }, '\'' },
		{ { "&nbsp;", 6 }, ' ' } };
	struct str rest = from(s->text, s->at);
	for (size_t i = 0; rest.at[0] == '&' && i < ARRAY_LEN(entities); i++)
		if (str_starts(rest, entities[i].name)) {
			buf_char(s->out, entities[i].is);
			s->at += entities[i].name.len;
			return true;
		}
	return false;
}

/* Underscores belong to names, but for those around words. */
static bool
is_emphasis(const struct strip *s)
{
	char c = s->text.at[s->at];
	char before = s->at ? s->text.at[s->at - 1] : ' ';
	char after = s->at + 1 < s->text.len ? s->text.at[s->at + 1] : ' ';
	return c == '*' || (c == '_' && (!is_word(before) || !is_word(after)));
}

/* Letters that mean nothing but themselves. */
static size_t
bare_run(struct str text)
{
	size_t len = 0;
	while (len < text.len && (is_letter(text.at[len]) || text.at[len] == ' '))
		len++;
	return len;
}

static void
strip_one(struct strip *s)
{
	size_t run = bare_run(from(s->text, s->at));
	if (run > 0) {
		buf_add(s->out, s->text.at + s->at, run);
		s->at += run;
		return;
	}
	char c = s->text.at[s->at];
	if (c == '`') {
		s->code = !s->code;
		s->at++;
		return;
	}
	if (!s->code && (strip_tag(s) || strip_link(s) || strip_entity(s)))
		return;
	bool escape = c == '\\' && s->at + 1 < s->text.len && strchr("\\`*_{}[]<>()#+-.!|~$\"'", s->text.at[s->at + 1]);
	if (escape && !s->code)
		c = s->text.at[++s->at];
	else if (!s->code && is_emphasis(s))
		c = '\0';
	if (c != '\0')
		buf_char(s->out, c);
	s->at++;
}

/* ---- placeholders of keys ---- */

static size_t
length_to(struct str text, size_t start, char end)
{
	for (size_t i = start; i < text.len && i < PLACEHOLDER_BYTES_MAX; i++)
		if (text.at[i] == end)
			return i + 1;
	return 0;
}

static size_t
length_of_word(struct str text, size_t start)
{
	size_t i = start;
	while (i < text.len && i < PLACEHOLDER_BYTES_MAX && is_word(text.at[i]) && text.at[i] != '.')
		i++;
	return i > start ? i : 0;
}

/* The ways in which samples say "your key here": a prefix, and the sign that ends it ('\0': where the word ends). */
static size_t
placeholder_length(struct str text)
{
	static const struct form {
		struct str start;
		char end;
		bool sure; /* it needs no word that says what it is */
	} forms[] = {
#define FORM(start, end, sure) { { start, sizeof(start) - 1 }, end, sure }
		FORM("os.environ[", ']', false),
		FORM("os.environ.get(", ')', false),
		FORM("os.getenv(", ')', false),
		FORM("process.env.", '\0', false),
		FORM("${", '}', false),
		FORM("$", '\0', false),
		FORM("{{", '}', false),
		FORM("<", '>', false),
		FORM("YOUR_", '\0', false),
		FORM("YOUR-", '\0', false),
		FORM("your_", '\0', false),
		FORM("your-", '\0', false),
		FORM("sk-", '\0', true),
#undef FORM
	};
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		const struct form *form = &forms[i];
		if (!str_starts(text, form->start))
			continue;
		size_t len = form->end == '\0' ? length_of_word(text, form->start.len)
					       : length_to(text, form->start.len, form->end);
		struct str whole = str_span(text.at, len);
		if (len == 0 ||
		    !(form->sure || str_contains_nocase(whole, STR("key")) || str_contains_nocase(whole, STR("token"))))
			continue;
		return len < text.len && form->end == '}' && text.at[len] == '}' ? len + 1 : len;
	}
	return 0;
}

static void
add_with_keys(struct buf *out, struct str text)
{
	unsigned left = TRIES_MAX;
	size_t added = 0;
	for (size_t i = 0; i < text.len; i++) {
		bool start = (i == 0 || !is_word(text.at[i - 1])) && strchr("op$<{Yys", text.at[i]) && left > 0;
		size_t len = start ? placeholder_length(from(text, i)) : 0;
		left -= start;
		if (len == 0)
			continue;
		buf_add(out, text.at + added, i - added);
		buf_text(out, "KEY");
		added = i + len;
		i = added - 1;
	}
	buf_add(out, text.at + added, text.len - added);
}

void
inline_add(struct buf *out, struct str text)
{
	auto_buf struct buf bare = BUF_INIT(text.len * 2 + 64);
	auto_buf struct buf plain = BUF_INIT(text.len * 4 + 64);
	struct strip s = { .out = &bare, .text = text };
	size_t link = find(text, STR("]("));
	s.link_end = link;
	while (s.at < text.len)
		strip_one(&s);
	plain_add(&plain, buf_view(&bare));
	add_with_keys(out, buf_view(&plain));
}

/* ---- marks ---- */

bool
inline_next_mark(struct str *text, struct str *ret_before, struct str *ret_mark)
{
	for (size_t i = 0; i < text->len; i++) {
		bool bold = str_starts(from(*text, i), STR("**"));
		if (!bold && text->at[i] != '`')
			continue;
		struct str mark = bold ? STR("**") : STR("`");
		struct str inside = from(*text, i + mark.len);
		size_t len = find(inside, mark);
		if (len == SIZE_MAX)
			break;
		*ret_before = str_span(text->at, i);
		*ret_mark = str_trim(str_span(inside.at, len));
		while (ret_mark->len > 1 && strchr("`*\"'", ret_mark->at[0]) &&
		    strchr("`*\"'", ret_mark->at[ret_mark->len - 1]))
			*ret_mark = str_span(ret_mark->at + 1, ret_mark->len - 2);
		*text = from(inside, len + mark.len);
		return true;
	}
	return false;
}
