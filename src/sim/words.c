/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/words.h"

#include "base/attr.h"
#include "sim/draw.h"

enum { TOKEN_LETTERS = 8 };

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

struct str
words_next_token(struct str *rest)
{
	size_t len = rest->len > 1 && rest->at[0] == ' ' ? 1 : 0;
	size_t letters = 0;
	while (len + letters < rest->len && letters < TOKEN_LETTERS && is_word_byte(rest->at[len + letters]))
		letters++;
	len += letters;
	if (letters == 0 && len < rest->len) {
		len++; /* one character that is no letter, whole even when it is several bytes */
		while (len < rest->len && ((unsigned char)rest->at[len] & 0xC0) == 0x80)
			len++;
	}
	struct str token = str_span(rest->at, len);
	*rest = str_span(rest->at + len, rest->len - len);
	return token;
}

size_t
words_count(struct str text)
{
	size_t count = 0;
	while (text.len > 0) {
		(void)words_next_token(&text);
		count++;
	}
	return count;
}

struct str
words_cut(struct str text, size_t tokens)
{
	struct str rest = text;
	while (rest.len > 0 && tokens-- > 0)
		(void)words_next_token(&rest);
	return str_span(text.at, text.len - rest.len);
}

void
words_write(struct buf *out, uint64_t hash)
{
	static const char *const words[] = { "a", "the", "service", "answers", "quickly", "and", "each", "request",
		"returns", "with", "its", "own", "number", "of", "tokens", "small", "models", "often", "follow",
		"short", "rules", "well", "when", "text", "is", "plain", "river", "stone", "morning", "light", "moves",
		"over", "quiet", "water", "while", "some", "birds", "cross", "sky", "before", "rain", "one",
		"caf\xC3\xA9", "window", "stays", "open" };
	unsigned sentences = 2 + draw_below(draw_mix(hash, 0), 2);
	for (unsigned s = 0, n = 1; s < sentences; s++) {
		unsigned length = 7 + draw_below(draw_mix(hash, n++), 8);
		for (unsigned i = 0; i < length; i++) {
			const char *word = words[draw_below(draw_mix(hash, n++), ARRAY_LEN(words))];
			if (out->len > 0)
				buf_char(out, ' ');
			if (i == 0)
				buf_char(out, (char)(word[0] - 'a' + 'A'));
			buf_text(out, i == 0 ? word + 1 : word);
		}
		buf_char(out, '.');
	}
}

struct str
words_asked_for(struct str prompt)
{
	static const struct str lead = { "the word ", 9 };
	for (size_t i = 0; i + lead.len < prompt.len; i++) {
		if (!str_eq_nocase(str_span(prompt.at + i, lead.len), lead))
			continue;
		size_t from = i + lead.len;
		if (prompt.at[from] == '"' || prompt.at[from] == '\'')
			from++;
		size_t to = from;
		while (to < prompt.len && is_word_byte(prompt.at[to]))
			to++;
		if (to > from)
			return str_span(prompt.at + from, to - from);
	}
	return STR_NONE;
}
