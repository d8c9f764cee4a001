/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer with a cap that is given when it is made. An append that would pass the cap changes nothing,
 * sets `overflow`, and fails; later appends fail too until the buffer is reset. Not thread-safe; one owner.
 */
#ifndef COMETCANARY_BASE_BUF_H
#define COMETCANARY_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct buf {
	char *at; /* NULL until the first append; not NUL-terminated */
	size_t len, room, cap;
	bool overflow;
};

#define BUF_INIT(cap_bytes) ((struct buf){ .cap = (cap_bytes) })

/* Room for `extra` more bytes at buf->at + buf->len, or NULL past the cap; the caller then adds to len. */
char *buf_reserve(struct buf *buf, size_t extra);
bool buf_add(struct buf *buf, const void *bytes, size_t len);
bool buf_str(struct buf *buf, struct str text);
bool buf_text(struct buf *buf, const char *text);
bool buf_char(struct buf *buf, char c);
bool buf_printf(struct buf *buf, const char *format, ...) ATTR_PRINTF(2, 3);
bool buf_vprintf(struct buf *buf, const char *format, va_list args) ATTR_PRINTF(2, 0);
/* NUL-terminates (the NUL is not counted in len) and returns the text; "" for an empty buffer. Borrows. */
const char *buf_cstr(struct buf *buf);
struct str buf_view(const struct buf *buf);
void buf_reset(struct buf *buf);
void buf_done(struct buf *buf);
#define auto_buf ATTR_CLEANUP(buf_done)

#endif
