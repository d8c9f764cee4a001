/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/escape.h"

#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* What one output grammar does with the bytes that mean something to it. */
struct grammar {
	const char *const *map; /* of ASCII characters; NULL = itself, or a control character */
	bool hex_controls; /* \u001b, else U+FFFD */
	bool drop_bidi; /* characters that turn the direction of a line */
};

static const char *const json_map[0x80] = {
	['"'] = "\\\"",
	['\\'] = "\\\\",
	['\n'] = "\\n",
	['\r'] = "\\r",
	['\t'] = "\\t",
	['\b'] = "\\b",
	['\f'] = "\\f",
};
static const char *const label_map[0x80] = { ['"'] = "\\\"", ['\\'] = "\\\\", ['\n'] = "\\n" };
static const char *const help_map[0x80] = { ['\\'] = "\\\\", ['\n'] = "\\n" };
static const char *const html_map[0x80] = {
	['&'] = "&amp;",
	['<'] = "&lt;",
	['>'] = "&gt;",
	['"'] = "&quot;",
	['\''] = "&#39;",
	['\n'] = "\n",
	['\t'] = "\t",
};
static const char *const terminal_map[0x80] = { ['\n'] = " ", ['\t'] = " " };

static bool
is_control(uint32_t code_point)
{
	return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

static bool
is_bidi(uint32_t code_point)
{
	return (code_point >= 0x202a && code_point <= 0x202e) || (code_point >= 0x2066 && code_point <= 0x2069) ||
	    code_point == 0x200e || code_point == 0x200f || code_point == 0x61c;
}

/* Of a well-formed sequence. */
static uint32_t
decode(const unsigned char *p, size_t len)
{
	static const unsigned char lead[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code_point = p[0] & lead[len];
	for (size_t i = 1; i < len; i++)
		code_point = code_point << 6 | (p[i] & 0x3f);
	return code_point;
}

static bool
is_plain(const struct grammar *grammar, unsigned char c)
{
	return c >= 0x20 && c < 0x7f && !grammar->map[c];
}

static bool
add_control(struct buf *out, const struct grammar *grammar, uint32_t code_point)
{
	static const char hex[] = "0123456789abcdef";
	if (!grammar->hex_controls)
		return buf_text(out, REPLACEMENT);
	char text[] = { '\\', 'u', '0', '0', hex[code_point >> 4], hex[code_point & 15] };
	return buf_add(out, text, sizeof(text));
}

/* One code point that is not plain; *ret_len: how many bytes it took. */
static bool
add_special(struct buf *out, const struct grammar *grammar, struct str rest, size_t *ret_len)
{
	const unsigned char *p = (const unsigned char *)rest.at;
	*ret_len = 1;
	if (p[0] < 0x80 && grammar->map[p[0]])
		return buf_text(out, grammar->map[p[0]]);
	size_t len = str_utf8_step(rest);
	if (len == 0)
		return buf_text(out, REPLACEMENT);
	*ret_len = len;
	uint32_t code_point = decode(p, len);
	if (is_control(code_point))
		return add_control(out, grammar, code_point);
	if (grammar->drop_bidi && is_bidi(code_point))
		return buf_text(out, REPLACEMENT);
	return buf_add(out, p, len);
}

static bool
escape(struct buf *out, const struct grammar *grammar, struct str text)
{
	size_t i = 0;
	bool ok = true;
	while (ok && i < text.len) {
		size_t run = i;
		while (run < text.len && is_plain(grammar, (unsigned char)text.at[run]))
			run++;
		ok = buf_add(out, text.at + i, run - i);
		i = run;
		if (ok && i < text.len) {
			size_t len;
			ok = add_special(out, grammar, str_span(text.at + i, text.len - i), &len);
			i += len;
		}
	}
	return ok;
}

bool
escape_json(struct buf *out, struct str text)
{
	static const struct grammar grammar = { .map = json_map, .hex_controls = true };
	return buf_char(out, '"') && escape(out, &grammar, text) && buf_char(out, '"');
}

bool
escape_logfmt(struct buf *out, struct str text)
{
	bool bare = text.len > 0;
	for (size_t i = 0; bare && i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		bare = c > ' ' && c < 0x7f && c != '=' && c != '"' && c != '\\';
	}
	return bare ? buf_str(out, text) : escape_json(out, text);
}

bool
escape_label(struct buf *out, struct str text)
{
	static const struct grammar grammar = { .map = label_map };
	return escape(out, &grammar, text);
}

bool
escape_help_text(struct buf *out, struct str text)
{
	static const struct grammar grammar = { .map = help_map };
	return escape(out, &grammar, text);
}

bool
escape_help_openmetrics(struct buf *out, struct str text)
{
	return escape_label(out, text);
}

bool
escape_html(struct buf *out, struct str text)
{
	static const struct grammar grammar = { .map = html_map, .drop_bidi = true };
	return escape(out, &grammar, text);
}

bool
escape_terminal(struct buf *out, struct str text)
{
	static const struct grammar grammar = { .map = terminal_map, .drop_bidi = true };
	return escape(out, &grammar, text);
}

bool
escape_url(struct buf *out, struct str text)
{
	static const char hex[] = "0123456789ABCDEF";
	bool ok = true;
	for (size_t i = 0; ok && i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    (c != '\0' && strchr("-._~", c));
		ok = plain ? buf_char(out, (char)c) : buf_add(out, (char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
	return ok;
}
