/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/plain.h"

#include "base/attr.h"

static const struct spelling {
	struct str is, plain;
} spellings[] = {
#define SPELLING(is, plain) \
	{ \
		{ is, sizeof(is) - 1 }, \
		{ \
			plain, sizeof(plain) - 1 \
		} \
	}
	SPELLING("\u2018", "'"),
	SPELLING("\u2019", "'"),
	SPELLING("\u201A", "'"),
	SPELLING("\u201B", "'"),
	SPELLING("\u2032", "'"),
	SPELLING("\u201C", "\""),
	SPELLING("\u201D", "\""),
	SPELLING("\u201E", "\""),
	SPELLING("\u2033", "\""),
	SPELLING("\u00AB", "\""),
	SPELLING("\u00BB", "\""),
	SPELLING("\u2010", "-"),
	SPELLING("\u2011", "-"),
	SPELLING("\u2012", "-"),
	SPELLING("\u2013", "-"),
	SPELLING("\u2014", "-"),
	SPELLING("\u2015", "-"),
	SPELLING("\u2212", "-"),
	SPELLING("\u2026", "..."),
	SPELLING("\u00A0", " "),
	SPELLING("\u2002", " "),
	SPELLING("\u2003", " "),
	SPELLING("\u2009", " "),
	SPELLING("\u202F", " "),
	SPELLING("\u200B", ""),
	SPELLING("\u200C", ""),
	SPELLING("\u200D", ""),
	SPELLING("\u2060", ""),
	SPELLING("\uFEFF", ""),
	SPELLING("\u00AD", ""),
#undef SPELLING
};

static const struct spelling *
find_spelling(struct str text)
{
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
		if (str_starts(text, spellings[i].is))
			return &spellings[i];
	return NULL;
}

static void
add_byte(struct buf *out, size_t start, char c)
{
	bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
	if (!space)
		buf_char(out, c);
	else if (out->len > start && out->at[out->len - 1] != ' ')
		buf_char(out, ' ');
}

void
plain_add(struct buf *out, struct str text)
{
	size_t start = out->len;
	for (size_t i = 0; i < text.len; i++) {
		const struct spelling *spelling =
		    (unsigned char)text.at[i] < 0x80 ? NULL : find_spelling(str_span(text.at + i, text.len - i));
		for (size_t j = 0; spelling && j < spelling->plain.len; j++)
			add_byte(out, start, spelling->plain.at[j]);
		if (spelling)
			i += spelling->is.len - 1;
		else
			add_byte(out, start, text.at[i]);
	}
	if (out->len > start && out->at[out->len - 1] == ' ')
		out->len--;
}
