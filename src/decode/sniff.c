/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/sniff.h"

#include "base/attr.h"

static const struct str bom = { "\xEF\xBB\xBF", 3 };

/* What begins with bytes that may only come first: compressed, or SNIFF_MORE while they may still become such. */
static enum sniffed
sniff_magic(struct str bytes)
{
	static const struct str magics[] = {
		{ "\x1f\x8b", 2 }, /* gzip, RFC 1952 */
		{ "\x78\x01", 2 }, { "\x78\x9c", 2 }, { "\x78\xda", 2 }, /* zlib, RFC 1950 */
		{ "\x28\xb5\x2f\xfd", 4 }, /* zstd, RFC 8878 */
	};
	enum sniffed found = str_starts(bom, bytes) ? SNIFF_MORE : SNIFF_TEXT;
	for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
		if (str_starts(bytes, magics[i]))
			return SNIFF_COMPRESSED;
		if (str_starts(magics[i], bytes))
			found = SNIFF_MORE;
	}
	return found;
}

/* A line that begins with `name` and then ends or has a colon. */
static enum sniffed
match_field(struct str line, struct str name, bool over)
{
	if (line.len <= name.len && str_starts(name, line))
		return over ? SNIFF_EVENTS : SNIFF_MORE;
	if (line.len > name.len && str_starts(line, name) && memchr(":\r\n", line.at[name.len], 3))
		return SNIFF_EVENTS;
	return SNIFF_TEXT;
}

static enum sniffed
sniff_line(struct str line, bool over)
{
	static const struct str names[] = { { "data", 4 }, { "event", 5 }, { "id", 2 }, { "retry", 5 } };
	if (line.at[0] == ':')
		return SNIFF_EVENTS;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		enum sniffed match = match_field(line, names[i], over);
		if (match != SNIFF_TEXT)
			return match;
	}
	return SNIFF_TEXT;
}

enum sniffed
sniff_body(struct str bytes, bool over)
{
	enum sniffed magic = sniff_magic(bytes);
	if (magic == SNIFF_COMPRESSED || (magic == SNIFF_MORE && !over))
		return magic;
	if (str_starts(bytes, bom))
		bytes = str_span(bytes.at + bom.len, bytes.len - bom.len);
	while (bytes.len > 0 && memchr(" \t\r\n", bytes.at[0], 4)) {
		bytes.at++;
		bytes.len--;
	}
	if (bytes.len == 0)
		return over ? SNIFF_BLANK : SNIFF_MORE;
	if (bytes.at[0] == '<')
		return SNIFF_MARKUP;
	if (bytes.at[0] == '{' || bytes.at[0] == '[')
		return SNIFF_JSON;
	return sniff_line(bytes, over);
}
