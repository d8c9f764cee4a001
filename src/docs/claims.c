/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What prose claims of a field's type: "Send `seconds` as a string", "**n** must be an integer", or a row of a table with
 * the field's name and type. A claim is only what cannot be read otherwise: the field is marked as code or bold, verb and
 * type word stand right beside it, and the sentence has no word that could turn it (not, never, if, unless, instead) and
 * names no other type.
 */
#include "config.h"

#include "docs/inline.h"
#include "docs/page.h"
#include "docs/value.h"

enum { SENTENCE_BYTES_MAX = 500, WORDS_MAX = 80, WORD_BYTES_MAX = 64, KEY_MAX = 256 };

struct word {
	struct str text; /* without marks and punctuation */
	bool marked; /* as code or bold */
};

struct sentence {
	struct word words[WORDS_MAX];
	size_t count;
};

static bool
is(struct str word, const char *const *words)
{
	for (; *words; words++)
		if (str_eq_nocase(word, str_of(*words)))
			return true;
	return false;
}

/* ---- sentences ---- */

static bool
ends_sentence(struct str text, size_t i)
{
	char next = i + 1 < text.len ? text.at[i + 1] : ' ';
	return strchr(".!?;:", text.at[i]) && strchr(" \t\r\n*\"", next);
}

static void
add_word(struct sentence *s, struct str raw)
{
	struct word word = { .text = raw };
	while (word.text.len > 0 && strchr("`*\"'(_,", word.text.at[0])) {
		word.marked = word.marked || word.text.at[0] == '`' || str_starts(word.text, STR("**"));
		word.text = str_span(word.text.at + 1, word.text.len - 1);
	}
	while (word.text.len > 0 && strchr("`*\"')_,.;:!?", word.text.at[word.text.len - 1]))
		word.text.len--;
	if (word.text.len > 0 && s->count < WORDS_MAX)
		s->words[s->count++] = word;
}

/* Cuts the next sentence off the text into words. A long one is no statement about a field. */
static bool
next_sentence(struct str *text, struct sentence *ret_sentence)
{
	size_t end = 0;
	*ret_sentence = (struct sentence){ 0 };
	if (text->len == 0)
		return false;
	while (end < text->len && !ends_sentence(*text, end))
		end++;
	struct str rest = str_span(text->at, end);
	*text = str_span(text->at + (end < text->len ? end + 1 : end), text->len - (end < text->len ? end + 1 : end));
	for (size_t i = 0, start = 0; rest.len <= SENTENCE_BYTES_MAX && i <= rest.len; i++) {
		if (i < rest.len && !strchr(" \t\r\n", rest.at[i]))
			continue;
		add_word(ret_sentence, str_span(rest.at + start, i - start));
		start = i + 1;
	}
	return true;
}

/* ---- claims ---- */

static struct str
word_at(const struct sentence *s, size_t i)
{
	return i < s->count ? s->words[i].text : STR("");
}

static size_t
skip(const struct sentence *s, size_t i, const char *const *words)
{
	while (is(word_at(s, i), words))
		i++;
	return i;
}

static const char *const articles[] = { "a", "an", "the", "your", NULL };
static const char *const type_words[] = { "string", "integer", "number", "boolean", "array", "object", NULL };

/* "…, not an integer" behind the type says the same once more. Returns the word after it. */
static size_t
skip_emphasis(const struct sentence *s, size_t i)
{
	static const char *const turns[] = { "not", "rather", "instead", NULL };
	static const char *const links[] = { "than", "of", "as", NULL };
	if (!is(word_at(s, i), turns))
		return i;
	size_t type = skip(s, skip(s, i + 1, links), articles);
	return is(word_at(s, type), type_words) ? type + 1 : i;
}

/* Is there a word that could turn what is said of the type at i, or another type? */
static bool
could_turn(const struct sentence *s, size_t type)
{
	static const char *const words[] = { "not", "never", "don't", "doesn't", "isn't", "cannot", "can't", "avoid",
		"without", "instead", "rather", "if", "when", "unless", "either", "except", "only", "although",
		"though", "previously", "older", "legacy", "deprecated", "sometimes", "multipart", "form", NULL };
	static const char *const alternatives[] = { "or", "and", NULL };
	size_t after = skip_emphasis(s, type + 1);
	if (is(word_at(s, after), alternatives) && type_from_word(word_at(s, skip(s, after + 1, articles))))
		return true;
	for (size_t i = 0; i < s->count; i++) {
		if (i >= type && i < after)
			continue;
		if (is(s->words[i].text, words) || is(s->words[i].text, type_words))
			return true;
	}
	return false;
}

/* The type that the words from i on end with, 0 = none: [a] [JSON] string, and nothing that belongs to it behind. */
static unsigned
type_at(const struct sentence *s, size_t i)
{
	static const char *const plain[] = { "json", "quoted", "plain", NULL };
	static const char *const more[] = { "of", "array", "list", "object", "id", "url", NULL };
	i = skip(s, skip(s, i, articles), plain);
	if (!is(word_at(s, i), type_words) || is(word_at(s, i + 1), more) || could_turn(s, i))
		return 0;
	return type_from_word(word_at(s, i));
}

/* send [the] FIELD [field] as [a] TYPE */
static unsigned
type_after_verb(const struct sentence *s, size_t field)
{
	static const char *const nouns[] = { "field", "parameter", "value", NULL };
	static const char *const verbs[] = { "send", "pass", "provide", "supply", "set", "submit", "encode", "give",
		"write", "specify", NULL };
	size_t verb = field;
	while (verb > 0 && is(word_at(s, verb - 1), articles))
		verb--;
	if (verb == 0 || !is(word_at(s, verb - 1), verbs))
		return 0;
	size_t i = skip(s, field + 1, nouns);
	return str_eq_nocase(word_at(s, i), STR("as")) ? type_at(s, i + 1) : 0;
}

/* FIELD [field] must be [sent] [as] [a] TYPE */
static unsigned
type_after_must(const struct sentence *s, size_t field)
{
	static const char *const nouns[] = { "field", "parameter", "value", NULL };
	static const char *const musts[] = { "must", "should", "shall", NULL };
	static const char *const sent[] = { "sent", "passed", "provided", "given", "encoded", "as", NULL };
	size_t i = skip(s, field + 1, nouns);
	if (!is(word_at(s, i), musts) || !str_eq_nocase(word_at(s, i + 1), STR("be")))
		return 0;
	return type_at(s, skip(s, i + 2, sent));
}

static bool
is_field_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool good = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '.';
		if (!good)
			return false;
	}
	return name.len > 0 && name.len <= WORD_BYTES_MAX;
}

static void
add_claim(struct page *page, struct str name, unsigned types)
{
	auto_buf struct buf key = BUF_INIT(KEY_MAX);
	auto_buf struct buf value = BUF_INIT(KEY_MAX);
	if (!types || !is_field_name(name))
		return;
	buf_printf(&key, "says %.*s", STR_ARG(name));
	type_print(&value, types);
	builder_fact(page->builder, buf_view(&key), buf_view(&value));
}

static void
read_sentence(struct page *page, const struct sentence *s)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!s->words[i].marked)
			continue;
		unsigned types = type_after_verb(s, i);
		add_claim(page, s->words[i].text, types ? types : type_after_must(s, i));
	}
}

/* A table whose first column is of fields, and that has one of types: what such a cell says is all of it. */
static void
read_row(struct page *page, struct str row)
{
	static const char *const fields[] = { "field", "parameter", "property", NULL };
	static const char *const types[] = { "type", NULL };
	size_t column = page_column(&page->table, types);
	struct str name = page_cell(row, 0), before, mark;
	if (page_column(&page->table, fields) != 0 || column == SIZE_MAX || column == 0 || !name.at)
		return;
	struct str type = page_cell(row, column);
	struct str rest = name;
	bool marked = inline_next_mark(&rest, &before, &mark) && before.len == 0 && str_trim(rest).len == 0;
	auto_buf struct buf plain = BUF_INIT(KEY_MAX);
	if (type.at && type.len < KEY_MAX / 8)
		inline_add(&plain, type);
	if (marked)
		add_claim(page, mark, type_from_word(buf_view(&plain)));
}

void
page_claims(struct page *page, const struct block *block)
{
	struct str text = block->text;
	struct sentence sentence;
	if (block->kind == BLOCK_ROW && !block->is_head)
		read_row(page, text);
	while (block->kind == BLOCK_PARAGRAPH && next_sentence(&text, &sentence))
		read_sentence(page, &sentence);
}
