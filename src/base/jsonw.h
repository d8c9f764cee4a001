/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON into a buffer, commas and escapes included; no tree in between. Pure. Nesting up to 31.
 */
#ifndef COMETCANARY_BASE_JSONW_H
#define COMETCANARY_BASE_JSONW_H

#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

struct jsonw {
	struct buf *out; /* borrowed */
	unsigned depth;
	uint32_t has_members; /* bit d: something was written at depth d */
};

void jsonw_init(struct jsonw *w, struct buf *out);
/* key NULL inside arrays and at the top. */
void jsonw_open_object(struct jsonw *w, const char *key);
void jsonw_close_object(struct jsonw *w);
void jsonw_open_array(struct jsonw *w, const char *key);
void jsonw_close_array(struct jsonw *w);
void jsonw_str(struct jsonw *w, const char *key, struct str text); /* absent text: nothing is written */
void jsonw_text(struct jsonw *w, const char *key, const char *text); /* NULL: nothing is written */
void jsonw_text_or_null(struct jsonw *w, const char *key, const char *text);
void jsonw_int(struct jsonw *w, const char *key, int64_t number);
void jsonw_real(struct jsonw *w, const char *key, double number); /* shortest text that reads back the same */
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);
void jsonw_time(struct jsonw *w, const char *key, struct wall time); /* RFC 3339; us 0 = never: nothing is written */

#endif
