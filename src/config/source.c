/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/parse.h"
#include "base/xalloc.h"

enum { TEXT_BYTES_MAX = 64 * 1024 * 1024, INCLUDE_DEPTH_MAX = 10, BRACKETS_MAX = 64, NAME_BYTES_MAX = 64 };

struct bracket {
	char open;
	struct place at;
	size_t first_key;
};

struct key {
	const char *name;
	struct place at;
};

/* The state of the walk over all files. */
struct scan {
	struct source *source;
	struct diags *diags;
	struct str rest; /* of the file at hand */
	struct place at;
	const char *folder; /* "" = the current one, NULL = may include nothing */
	unsigned depth;
	unsigned text_from; /* within a text in quotes: the line of the whole text in which it began */
	bool line_is_blank; /* nothing but blanks so far */
	char last; /* the last character that was no blank and no comment */
	char name[NAME_BYTES_MAX + 1]; /* the last name: what a number belongs to */
	bool name_is_cut;
	struct place name_at;
	/* The settings so far of the group at hand, before them those of the groups around it. */
	struct key *keys;
	size_t key_count, key_room;
	struct bracket brackets[BRACKETS_MAX];
	size_t bracket_count;
};

static bool scan_file(struct scan *scan, const char *path);

static void ATTR_PRINTF(3, 4) complain(struct scan *scan, struct place at, const char *format, ...)
{
	auto_buf struct buf text = BUF_INIT(4096);
	va_list args;
	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	diags_add(scan->diags, DIAG_ERROR, at, buf_cstr(&text));
}

static void
suspect(struct scan *scan, struct place at, const char *what)
{
	if (scan->source->trouble)
		return;
	scan->source->trouble = what;
	scan->source->trouble_at = at;
	scan->source->trouble_line = (unsigned)scan->source->line_count;
}

static void
note_line(struct scan *scan)
{
	struct source *source = scan->source;
	if (source->line_count == source->line_room) {
		source->line_room = source->line_room ? source->line_room * 2 : 256;
		source->lines = xrealloc(source->lines, source->line_room * sizeof(*source->lines));
	}
	source->lines[source->line_count++] = (struct source_line){ scan->at, scan->text_from };
}

/* Moves n bytes to the text, as they are. */
static void
take(struct scan *scan, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_char(&scan->source->text, scan->rest.at[i]);
		if (scan->rest.at[i] == '\n') {
			scan->at.line++;
			note_line(scan);
			scan->line_is_blank = true;
		}
	}
	scan->rest.at += n;
	scan->rest.len -= n;
}

/* Moves one byte, written as another. */
static void
take_as(struct scan *scan, char c)
{
	buf_char(&scan->source->text, c);
	scan->rest.at++;
	scan->rest.len--;
}

static bool
is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
scan_name(struct scan *scan)
{
	size_t n = 0;
	const char *at = scan->rest.at;
	while (n < scan->rest.len && (is_name_start(at[n]) || is_digit(at[n]) || at[n] == '_' || at[n] == '-'))
		n++;
	size_t kept = n < NAME_BYTES_MAX ? n : NAME_BYTES_MAX;
	memcpy(scan->name, at, kept);
	scan->name[kept] = '\0';
	scan->name_is_cut = kept < n;
	scan->name_at = scan->at;
	take(scan, n);
}

/* libconfig says of a setting that is there twice only its line. A name that was cut is left to it. */
static void
note_key(struct scan *scan)
{
	if (scan->name_is_cut || scan->bracket_count > BRACKETS_MAX)
		return;
	for (size_t i = scan->bracket_count ? scan->brackets[scan->bracket_count - 1].first_key : 0;
	     i < scan->key_count; i++) {
		const struct key *first = &scan->keys[i];
		if (strcmp(first->name, scan->name) != 0)
			continue;
		auto_buf struct buf text = BUF_INIT(8192);
		buf_printf(&text, "%s: it is here for the second time in its group; the first is in ", scan->name);
		if (first->at.file_rank != scan->name_at.file_rank)
			buf_printf(&text, "%s, ", first->at.file);
		buf_printf(&text, "line %u", first->at.line);
		suspect(scan, scan->name_at, arena_dup(scan->source->memory, buf_view(&text)));
		return;
	}
	if (scan->key_count == scan->key_room) {
		scan->key_room = scan->key_room ? scan->key_room * 2 : 64;
		scan->keys = xrealloc(scan->keys, scan->key_room * sizeof(*scan->keys));
	}
	const char *name = arena_dup(scan->source->memory, str_of(scan->name));
	scan->keys[scan->key_count++] = (struct key){ name, scan->name_at };
}

static void
scan_string(struct scan *scan)
{
	struct place start = scan->at;
	size_t n = 1;
	while (n < scan->rest.len && scan->rest.at[n] != '"')
		n += scan->rest.at[n] == '\\' ? 2 : 1;
	if (n >= scan->rest.len) {
		suspect(scan, start, "a text that begins here never ends: a \" is missing");
		n = scan->rest.len - 1;
	}
	scan->text_from = (unsigned)scan->source->line_count;
	take(scan, n + 1);
	scan->text_from = 0;
}

static void
scan_block_comment(struct scan *scan)
{
	struct place start = scan->at;
	size_t n = 2;
	while (n + 1 < scan->rest.len && !(scan->rest.at[n] == '*' && scan->rest.at[n + 1] == '/'))
		n++;
	if (n + 1 >= scan->rest.len) {
		complain(scan, start, "a comment that begins here never ends: */ is missing");
		n = scan->rest.len - 2;
	}
	take(scan, n + 2);
}

static void
scan_line_comment(struct scan *scan)
{
	const char *end = memchr(scan->rest.at, '\n', scan->rest.len);
	take(scan, end ? (size_t)(end - scan->rest.at) : scan->rest.len);
}

/* Whether libconfig would read another number than the one that is written. digits: without sign and suffix. */
static bool
is_beyond(struct str digits, bool is_long, bool minus)
{
	if (str_starts(digits, STR("0x")) || str_starts(digits, STR("0X"))) {
		size_t zeros = 2, room = is_long ? 16 : 8;
		while (zeros < digits.len && digits.at[zeros] == '0')
			zeros++;
		size_t width = digits.len - zeros;
		return width > room || (width == room && digits.at[zeros] > '7');
	}
	uint64_t number;
	uint64_t most = is_long ? INT64_MAX : INT32_MAX;
	return !parse_u64(digits, &number) || number > most + minus;
}

/* How far a number goes, and whether it is written as a whole one. */
static size_t
measure_number(struct str rest, bool *ret_whole)
{
	bool hex = str_starts(rest, STR("0x")) || str_starts(rest, STR("0X"));
	*ret_whole = true;
	size_t n = 1;
	for (; n < rest.len; n++) {
		char c = rest.at[n], before = rest.at[n - 1];
		bool exponent = !hex && (c == 'e' || c == 'E');
		bool sign = !hex && (c == '+' || c == '-') && (before == 'e' || before == 'E');
		if (exponent || sign || c == '.')
			*ret_whole = false;
		else if (!is_digit(c) && !is_name_start(c))
			break;
	}
	return n;
}

static void
scan_number(struct scan *scan)
{
	bool whole;
	struct str literal = str_span(scan->rest.at, measure_number(scan->rest, &whole));
	bool sign = literal.at[0] == '-' || literal.at[0] == '+';
	struct str digits = str_span(literal.at + sign, literal.len - sign);
	while (str_ends(digits, STR("L")))
		digits.len--;
	bool is_long = digits.len < literal.len - sign;
	take(scan, literal.len);
	if (!whole || digits.len == 0 || !is_digit(digits.at[0]))
		return;
	bool minus = literal.at[0] == '-';
	if (is_beyond(digits, true, minus)) {
		complain(scan, scan->at, "%s: %.*s is too large a number", scan->name, STR_ARG(literal));
	} else if (!is_long && is_beyond(digits, false, minus)) {
		complain(scan, scan->at,
		    "%s: %.*s does not fit 32 bits and would be read as another number: write %.*sL", scan->name,
		    STR_ARG(literal), STR_ARG(literal));
		buf_char(&scan->source->text, 'L');
	}
}

static void
scan_open(struct scan *scan)
{
	char c = *scan->rest.at;
	if (scan->bracket_count == BRACKETS_MAX)
		suspect(scan, scan->at, "groups and lists are nested too deeply");
	if (scan->bracket_count < BRACKETS_MAX)
		scan->brackets[scan->bracket_count] = (struct bracket){ c, scan->at, scan->key_count };
	scan->bracket_count++;
	take_as(scan, c == '[' ? '(' : c);
}

static void
scan_close(struct scan *scan)
{
	char c = *scan->rest.at;
	char open = c == ')' ? '(' : c == ']' ? '[' : '{';
	if (scan->bracket_count == 0)
		suspect(scan, scan->at, "a bracket is closed here that was never opened");
	else if (--scan->bracket_count < BRACKETS_MAX) {
		const struct bracket *opened = &scan->brackets[scan->bracket_count];
		if (opened->open != open)
			suspect(scan, scan->at, "the bracket that is closed here is not the one that was opened last");
		scan->key_count = opened->first_key;
	}
	if (c != '}' && scan->last == ',')
		suspect(scan, scan->at, "a comma stands before the end of the list: remove it");
	/* A list of one kind and a list of any kind are the same to us; libconfig wants ( ) for the latter. */
	take_as(scan, c == ']' ? ')' : c);
}

/* The folder of a file, with its slash; "" for the current one. */
static const char *
folder_of(struct arena *memory, const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? arena_dup(memory, str_span(path, (size_t)(slash - path) + 1)) : "";
}

static bool
include(struct scan *scan, struct str target)
{
	if (!scan->folder) {
		complain(scan, scan->at, "@include: a text in memory includes no file");
		return false;
	}
	if (target.len == 0 || target.at[0] == '/') {
		complain(scan, scan->at,
		    "@include: write the path relative to the folder of this file, without a leading /");
		return false;
	}
	if (scan->depth == INCLUDE_DEPTH_MAX) {
		complain(scan, scan->at, "@include: more than %d files deep; does a file include itself?",
		    INCLUDE_DEPTH_MAX);
		return false;
	}
	auto_buf struct buf path = BUF_INIT(4096);
	if (!buf_printf(&path, "%s%.*s", scan->folder, STR_ARG(target))) {
		complain(scan, scan->at, "@include: the path is too long");
		return false;
	}
	struct scan outer = *scan;
	if (!scan_file(scan, buf_cstr(&path)))
		return false;
	scan->rest = outer.rest;
	scan->at = outer.at;
	scan->folder = outer.folder;
	scan->depth = outer.depth;
	buf_char(&scan->source->text, '\n');
	note_line(scan);
	scan->line_is_blank = true;
	return true;
}

static bool
scan_include(struct scan *scan)
{
	struct str line = scan->rest;
	const char *end = memchr(line.at, '\n', line.len);
	if (end)
		line.len = (size_t)(end - line.at);
	struct str rest = str_trim(str_span(line.at + strlen("@include"), line.len - strlen("@include")));
	const char *close = rest.len > 1 && rest.at[0] == '"' ? memchr(rest.at + 1, '"', rest.len - 1) : NULL;
	if (!close) {
		complain(scan, scan->at, "@include: write @include \"FILE\" in a line of its own");
		return false;
	}
	scan->rest.len -= (size_t)(close + 1 - scan->rest.at);
	scan->rest.at = close + 1;
	return include(scan, str_span(rest.at + 1, (size_t)(close - rest.at) - 1));
}

/* White space and comments. False when there is none here. */
static bool
scan_blank(struct scan *scan)
{
	char c = *scan->rest.at;
	if (c == '#' || str_starts(scan->rest, STR("//")))
		scan_line_comment(scan);
	else if (str_starts(scan->rest, STR("/*")))
		scan_block_comment(scan);
	else if (c == '\r')
		take_as(scan, ' ');
	else if (c == ' ' || c == '\t' || c == '\n')
		take(scan, 1);
	else
		return false;
	return true;
}

static bool
scan_step(struct scan *scan)
{
	char c = *scan->rest.at;
	if (scan_blank(scan))
		return true;
	if (scan->line_is_blank && str_starts(scan->rest, STR("@include")))
		return scan_include(scan);
	scan->line_is_blank = false;
	if (c == '"')
		scan_string(scan);
	else if (is_name_start(c))
		scan_name(scan);
	else if (is_digit(c) || strchr("-+.", c))
		scan_number(scan);
	else if (strchr("([{", c))
		scan_open(scan);
	else if (strchr(")]}", c))
		scan_close(scan);
	else {
		if ((c == '=' || c == ':') && is_name_start(scan->last))
			note_key(scan);
		take(scan, 1);
	}
	scan->last = c;
	return true;
}

/* Whether this is text at all. */
static bool
check_bytes(struct scan *scan, struct str text)
{
	struct place at = scan->at;
	for (struct str rest = text; rest.at; at.line++) {
		struct str line = str_split(&rest, '\n');
		bool nul = line.len && memchr(line.at, '\0', line.len);
		if (nul || !str_is_utf8(line)) {
			complain(scan, at, nul ? "a NUL byte: this is no text" : "this is not UTF-8");
			return false;
		}
	}
	return true;
}

static bool
scan_text(struct scan *scan, const char *name, struct str text)
{
	scan->at = (struct place){ arena_dup(scan->source->memory, str_of(name)), 1, scan->source->file_count++ };
	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_span(text.at + 3, text.len - 3);
	if (!check_bytes(scan, text))
		return false;
	if (scan->source->line_count > 0) /* an included file begins in the middle of a line */
		scan->source->lines[scan->source->line_count - 1].at = scan->at;
	else
		note_line(scan);
	scan->rest = text;
	scan->line_is_blank = true;
	while (scan->rest.len > 0)
		if (!scan_step(scan))
			return false;
	return true;
}

/* Reads a whole file. 0 or -errno; -EFBIG past the cap. */
static int
slurp(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	int result = 0;
	for (;;) {
		enum { STEP = 65536 };
		char *room = buf_reserve(out, STEP);
		if (!room) {
			result = -EFBIG;
			break;
		}
		ssize_t got = read(fd, room, STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			result = got < 0 ? -errno : 0;
			break;
		}
		out->len += (size_t)got;
	}
	close(fd);
	return result;
}

static bool
scan_file(struct scan *scan, const char *path)
{
	auto_buf struct buf bytes = BUF_INIT(TEXT_BYTES_MAX / 2);
	int result = slurp(path, &bytes);
	if (result < 0) {
		const char *why = strerror(-result);
		if (scan->depth == 0)
			complain(scan, (struct place){ path, 0, 0 }, "cannot be read: %s", why);
		else
			complain(scan, scan->at, "@include: %s cannot be read: %s", path, why);
		return false;
	}
	scan->depth++;
	scan->folder = folder_of(scan->source->memory, path);
	return scan_text(scan, path, buf_view(&bytes));
}

static bool
finish(struct scan *scan, bool fine)
{
	free(scan->keys);
	if (fine && scan->bracket_count > 0 && scan->bracket_count <= BRACKETS_MAX)
		suspect(
		    scan, scan->brackets[scan->bracket_count - 1].at, "a bracket that is opened here is never closed");
	if (fine && scan->source->text.overflow) {
		complain(scan, scan->at, "the configuration is larger than 64 MiB");
		return false;
	}
	return fine;
}

bool
source_read_file(struct source *source, struct arena *memory, const char *path, struct diags *diags)
{
	*source = (struct source){ .memory = memory, .text = BUF_INIT(TEXT_BYTES_MAX) };
	struct scan scan = { .source = source, .diags = diags };
	return finish(&scan, scan_file(&scan, path));
}

bool
source_read_text(struct source *source, struct arena *memory, const char *name, struct str text, struct diags *diags)
{
	*source = (struct source){ .memory = memory, .text = BUF_INIT(TEXT_BYTES_MAX) };
	struct scan scan = { .source = source, .diags = diags };
	return finish(&scan, scan_text(&scan, name, text));
}

struct place
source_place(const struct source *source, unsigned line)
{
	size_t index = line > 0 ? line - 1 : 0;
	return source->lines[index < source->line_count ? index : source->line_count - 1].at;
}

unsigned
source_text_from(const struct source *source, unsigned line)
{
	return line > 0 && line <= source->line_count ? source->lines[line - 1].text_from : 0;
}

void
source_done(struct source *source)
{
	free(source->lines);
	buf_done(&source->text);
}
