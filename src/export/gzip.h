/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compresses a page piece by piece: each piece that goes in comes out at once, so that none is rendered in vain.
 * Level 1: the page is repetitive, and the loop's time is dearer than a few bytes. The only user of zlib. One owner.
 */
#ifndef COMETCANARY_EXPORT_GZIP_H
#define COMETCANARY_EXPORT_GZIP_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"

struct gzip;

/* Returns owned. */
struct gzip *gzip_new(void) ATTR_NODISCARD;
/* Appends to out all that the piece became; end: the last one. False when out is full. */
bool gzip_add(struct gzip *gzip, struct str piece, bool end, struct buf *out);
void gzip_free(struct gzip *gzip);

#endif
