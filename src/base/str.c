/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/str.h"

#include <stdint.h>

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

bool
str_starts(struct str text, struct str prefix)
{
	return text.len >= prefix.len && str_eq(str_span(text.at, prefix.len), prefix);
}

bool
str_ends(struct str text, struct str suffix)
{
	return text.len >= suffix.len && str_eq(str_span(text.at + text.len - suffix.len, suffix.len), suffix);
}

bool
str_contains_nocase(struct str text, struct str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++)
		if (str_eq_nocase(str_span(text.at + i, part.len), part))
			return true;
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str text)
{
	while (text.len > 0 && is_blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

struct str
str_split(struct str *text, char separator)
{
	const char *cut = text->len ? memchr(text->at, separator, text->len) : NULL;
	struct str part = *text;
	if (!cut) {
		*text = STR_NONE;
		return part;
	}
	part.len = (size_t)(cut - part.at);
	text->at = cut + 1;
	text->len -= part.len + 1;
	return part;
}

size_t
str_utf8_step(struct str text)
{
	const unsigned char *p = (const unsigned char *)text.at;
	size_t left = text.len;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	size_t len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (left < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
	bool surrogate = p[0] == 0xED && p[1] >= 0xA0;
	bool beyond = p[0] == 0xF4 && p[1] >= 0x90;
	return overlong || surrogate || beyond ? 0 : len;
}

bool
str_is_utf8(struct str text)
{
	const unsigned char *p = (const unsigned char *)text.at;
	size_t i = 0;
	while (i < text.len) {
		uint64_t word;
		if (text.len - i >= sizeof(word)) { /* most text is ASCII: eight bytes a step */
			memcpy(&word, p + i, sizeof(word));
			if (!(word & UINT64_C(0x8080808080808080))) {
				i += sizeof(word);
				continue;
			}
		}
		size_t step = str_utf8_step(str_span(text.at + i, text.len - i));
		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

size_t
str_code_points(struct str text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.at[i] & 0xC0) != 0x80;
	return count;
}

bool
str_is_identifier(struct str text)
{
	if (text.len == 0 || text.len > 128)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!alnum && (c == '\0' || !strchr("_.:/@-", c)))
			return false;
	}
	return true;
}
