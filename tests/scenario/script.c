/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/parse.h"
#include "base/xalloc.h"

enum { TEXT_MAX = 8 * 1024 * 1024, COMMANDS_MAX = 400 };

char *
script_slurp(struct arena *memory, const char *path)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return NULL;
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	char piece[4096];
	for (size_t n; (n = fread(piece, 1, sizeof(piece), file)) > 0;)
		buf_add(&text, piece, n);
	fclose(file);
	return arena_dup(memory, buf_view(&text));
}

static void
add_counted(struct buf *out, struct str line, uint64_t n)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] == '%' && i + 1 < line.len && line.at[i + 1] == 'n') {
			buf_printf(out, "%llu", (unsigned long long)n);
			i++;
		} else {
			buf_char(out, line.at[i]);
		}
	}
	buf_char(out, '\n');
}

/* Lines up to %end, `times` times; *rest moves past them. */
static void
expand_repeat(struct buf *out, struct str *rest, uint64_t times, unsigned *line_number)
{
	struct str begin = *rest;
	for (uint64_t n = 0; n < times; n++) {
		struct str walk = begin;
		unsigned lines = 0;
		for (struct str line; walk.at; add_counted(out, line, n)) {
			line = str_split(&walk, '\n');
			lines++;
			if (str_eq(str_trim(line), STR("%end")))
				break;
		}
		*rest = walk;
		if (n == 0)
			*line_number += lines;
	}
}

static const char *
read_text(struct script *script, struct str *rest, struct str end_word, unsigned *line_number)
{
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	while (rest->at) {
		struct str line = str_split(rest, '\n');
		uint64_t times;
		++*line_number;
		if (str_eq(line, end_word))
			break;
		if (str_starts(line, STR("%repeat ")) && parse_u64(str_span(line.at + 8, line.len - 8), &times))
			expand_repeat(&text, rest, times, line_number);
		else
			add_counted(&text, line, 0);
	}
	return arena_dup(&script->memory, buf_view(&text));
}

/* Cuts one word off the line; absent at its end. Quotes may stand around all of it or around its value (a="b c"). */
static struct str
next_word(struct str *line)
{
	*line = str_trim(*line);
	if (line->len == 0 || line->at[0] == '#')
		return STR_NONE;
	bool quoted = false;
	size_t len = 0;
	for (; len < line->len && (quoted || line->at[len] != ' '); len++)
		if (line->at[len] == '"')
			quoted = !quoted;
	struct str word = str_span(line->at, len);
	*line = str_span(line->at + len, line->len - len);
	return word;
}

static const char *
unquote(struct script *script, struct str word)
{
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	/* a label set keeps its quotes */
	bool keep = word.len && memchr(word.at, '{', word.len);
	for (size_t i = 0; i < word.len; i++)
		if (keep || word.at[i] != '"')
			buf_char(&text, word.at[i]);
	return arena_dup(&script->memory, buf_view(&text));
}

static bool
read_command(struct script *script, struct str line, struct str *rest, unsigned *line_number)
{
	struct command *command = &script->commands[script->count];
	*command = (struct command){ .line = *line_number };
	for (struct str word; (word = next_word(&line)).at;) {
		if (str_starts(word, STR("<<"))) {
			command->text = read_text(script, rest, str_span(word.at + 2, word.len - 2), line_number);
			break;
		}
		if (command->count == SCRIPT_WORDS_MAX)
			return false;
		command->words[command->count++] = unquote(script, word);
	}
	script->count += command->count > 0;
	return true;
}

bool
script_read(struct script *script, const char *path)
{
	*script = (struct script){ .path = path, .commands = xcalloc(COMMANDS_MAX, sizeof(*script->commands)) };
	arena_init(&script->memory, 4 * TEXT_MAX);
	const char *text = script_slurp(&script->memory, path);
	if (!text) {
		perror(path);
		return false;
	}
	struct str rest = str_of(text);
	for (unsigned line_number = 1; rest.at; line_number++) {
		struct str line = str_split(&rest, '\n');
		if (script->count == COMMANDS_MAX || !read_command(script, line, &rest, &line_number)) {
			fprintf(stderr, "%s:%u: too many commands or words\n", path, line_number);
			return false;
		}
	}
	return true;
}

const char *
script_value(const struct command *command, const char *key)
{
	size_t len = strlen(key);
	for (size_t i = 1; i < command->count; i++)
		if (strncmp(command->words[i], key, len) == 0 && command->words[i][len] == '=')
			return command->words[i] + len + 1;
	return NULL;
}

void
script_done(struct script *script)
{
	arena_done(&script->memory);
	free(script->commands);
}
