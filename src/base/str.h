/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A view of text that somebody else owns: where it is and how long. Never NUL-terminated by promise.
 * A view with at == NULL is "absent", which is not the same as empty. Pure.
 */
#ifndef COMETCANARY_BASE_STR_H
#define COMETCANARY_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *at;
	size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_NONE ((struct str){ NULL, 0 })
/* for printf's %.*s */
#define STR_ARG(s) (int)(s).len, (s).at ? (s).at : ""

static inline struct str
str_of(const char *text)
{
	return text ? (struct str){ text, strlen(text) } : STR_NONE;
}

static inline struct str
str_span(const char *at, size_t len)
{
	return (struct str){ at, len };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* ASCII only, whatever the locale. */
bool str_eq_nocase(struct str a, struct str b);
bool str_starts(struct str text, struct str prefix);
bool str_ends(struct str text, struct str suffix);
bool str_contains_nocase(struct str text, struct str part);
/* Without leading and trailing spaces, tabs, CR and LF. */
struct str str_trim(struct str text);
/* Cuts text at the first separator: the part before is returned, *text becomes the rest (absent when there is no separator). */
struct str str_split(struct str *text, char separator);
/* Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
bool str_is_utf8(struct str text);
/* Bytes of the code point at the start of a text that is not empty; 0 when it is not well formed. */
size_t str_utf8_step(struct str text);
/* Code points in well-formed UTF-8. */
size_t str_code_points(struct str text);
/* [A-Za-z0-9_.:/@-]{1,128}: what may be shown of a text that a server chose. */
bool str_is_identifier(struct str text);

#endif
