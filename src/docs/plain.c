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
	unsigned char first = (unsigned char)text.at[0];
	if (first != 0xC2 && first != 0xE2 && first != 0xEF) /* what all of them begin with */
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
		if (str_starts(text, spellings[i].is))
			return &spellings[i];
	return NULL;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes that stay as they are. */
static size_t
plain_run(struct str text)
{
	size_t len = 0;
	while (len < text.len && (unsigned char)text.at[len] < 0x80 && !is_space(text.at[len]))
		len++;
	return len;
}

static void
add_byte(struct buf *out, size_t start, char c)
{
	if (!is_space(c))
		buf_char(out, c);
	else if (out->len > start && out->at[out->len - 1] != ' ')
		buf_char(out, ' ');
}

void
plain_add(struct buf *out, struct str text)
{
	size_t start = out->len;
	while (text.len > 0) {
		size_t run = plain_run(text);
		const struct spelling *spelling = run == 0 ? find_spelling(text) : NULL;
		for (size_t j = 0; spelling && j < spelling->plain.len; j++)
			add_byte(out, start, spelling->plain.at[j]);
		if (run > 0)
			buf_add(out, text.at, run);
		else if (!spelling)
			add_byte(out, start, text.at[0]);
		size_t taken = run ? run : spelling ? spelling->is.len : 1;
		text = str_span(text.at + taken, text.len - taken);
	}
	if (out->len > start && out->at[out->len - 1] == ' ')
		out->len--;
}
