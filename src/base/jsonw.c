/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/jsonw.h"

#include <assert.h>
#include <math.h>

#include "base/escape.h"
#include "base/format.h"

enum { TIME_BYTES_MAX = 64 };

void
jsonw_init(struct jsonw *w, struct buf *out)
{
	*w = (struct jsonw){ .out = out };
}

static void
begin(struct jsonw *w, const char *key)
{
	uint32_t bit = UINT32_C(1) << w->depth;
	if (w->has_members & bit)
		buf_char(w->out, ',');
	w->has_members |= bit;
	if (key) {
		escape_json(w->out, str_of(key));
		buf_char(w->out, ':');
	}
}

static void
open_level(struct jsonw *w, const char *key, char bracket)
{
	assert(w->depth < 31);
	begin(w, key);
	buf_char(w->out, bracket);
	w->depth++;
	w->has_members &= ~(UINT32_C(1) << w->depth);
}

static void
close_level(struct jsonw *w, char bracket)
{
	assert(w->depth > 0);
	w->depth--;
	buf_char(w->out, bracket);
}

void
jsonw_open_object(struct jsonw *w, const char *key)
{
	open_level(w, key, '{');
}

void
jsonw_close_object(struct jsonw *w)
{
	close_level(w, '}');
}

void
jsonw_open_array(struct jsonw *w, const char *key)
{
	open_level(w, key, '[');
}

void
jsonw_close_array(struct jsonw *w)
{
	close_level(w, ']');
}

void
jsonw_str(struct jsonw *w, const char *key, struct str text)
{
	if (!text.at)
		return;
	begin(w, key);
	escape_json(w->out, text);
}

void
jsonw_text(struct jsonw *w, const char *key, const char *text)
{
	jsonw_str(w, key, str_of(text));
}

void
jsonw_int(struct jsonw *w, const char *key, int64_t number)
{
	char text[FORMAT_BYTES];
	begin(w, key);
	buf_add(w->out, text, format_i64(text, number));
}

void
jsonw_real(struct jsonw *w, const char *key, double number)
{
	char text[FORMAT_BYTES];
	begin(w, key);
	if (isfinite(number))
		buf_add(w->out, text, format_real(text, number));
	else
		buf_text(w->out, "null"); /* JSON has no infinity */
}

void
jsonw_bool(struct jsonw *w, const char *key, bool value)
{
	begin(w, key);
	buf_text(w->out, value ? "true" : "false");
}

void
jsonw_null(struct jsonw *w, const char *key)
{
	begin(w, key);
	buf_text(w->out, "null");
}

void
jsonw_text_or_null(struct jsonw *w, const char *key, const char *text)
{
	if (text)
		jsonw_text(w, key, text);
	else
		jsonw_null(w, key);
}

void
jsonw_time(struct jsonw *w, const char *key, struct wall time)
{
	auto_buf struct buf text = BUF_INIT(TIME_BYTES_MAX);
	if (time.us == 0)
		return;
	wall_format_rfc3339(&text, time);
	jsonw_str(w, key, buf_view(&text));
}
