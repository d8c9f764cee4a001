/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a body is by its first bytes, whatever its media type says. Pure.
 */
#ifndef COMETCANARY_DECODE_SNIFF_H
#define COMETCANARY_DECODE_SNIFF_H

#include <stdbool.h>

#include "base/str.h"

enum sniffed {
	SNIFF_MORE, /* cannot say yet: more bytes, please */
	SNIFF_BLANK, /* the body is over, and was nothing but white space (or empty) */
	SNIFF_COMPRESSED, /* gzip, zlib or zstd bytes */
	SNIFF_MARKUP, /* the first byte that is no white space is < */
	SNIFF_JSON, /* ... is { or [ */
	SNIFF_EVENTS, /* the first line is one of an event stream: a comment, or data, event, id, retry */
	SNIFF_TEXT, /* anything else */
};

enum { SNIFF_BYTES = 64 }; /* more than this is never needed, but for leading white space */

/* bytes: the body from its beginning, as much as there is; over: nothing will follow. */
enum sniffed sniff_body(struct str bytes, bool over);

#endif
