/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

char *
buf_reserve(struct buf *buf, size_t extra)
{
	if (buf->overflow || extra > buf->cap - buf->len) {
		buf->overflow = true;
		return NULL;
	}
	if (!buf->at || buf->room - buf->len < extra + 1) { /* one more for buf_cstr's NUL */
		size_t room = buf->room ? buf->room : 128;
		while (room - buf->len < extra + 1)
			room *= 2;
		buf->at = xrealloc(buf->at, room);
		buf->room = room;
	}
	return buf->at + buf->len;
}

bool
buf_add(struct buf *buf, const void *bytes, size_t len)
{
	char *to = buf_reserve(buf, len);
	if (!to)
		return false;
	if (len)
		memcpy(to, bytes, len);
	buf->len += len;
	return true;
}

bool
buf_str(struct buf *buf, struct str text)
{
	return buf_add(buf, text.at, text.len);
}

bool
buf_text(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

bool
buf_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

bool
buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	char *to = len < 0 ? NULL : buf_reserve(buf, (size_t)len);
	if (!to)
		return false;
	vsnprintf(to, (size_t)len + 1, format, args);
	buf->len += (size_t)len;
	return true;
}

bool
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	bool ok = buf_vprintf(buf, format, args);
	va_end(args);
	return ok;
}

const char *
buf_cstr(struct buf *buf)
{
	if (!buf->at)
		return "";
	buf->at[buf->len] = '\0';
	return buf->at;
}

struct str
buf_view(const struct buf *buf)
{
	return str_span(buf->at ? buf->at : "", buf->len);
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
}

void
buf_done(struct buf *buf)
{
	free(buf->at);
	*buf = BUF_INIT(buf->cap);
}
