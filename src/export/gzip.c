/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/gzip.h"

#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/xalloc.h"

enum { GZIP_WRAPPER = 16, OUT_STEP_BYTES = 8192 };

struct gzip {
	z_stream z;
};

/* Memory that zlib does not get ends the process, like any other of ours: there is no third way to answer. */
static void *
allocate(void *opaque, uInt count, uInt size)
{
	(void)opaque;
	return xcalloc(count, size);
}

static void
release(void *opaque, void *memory)
{
	(void)opaque;
	free(memory);
}

struct gzip *
gzip_new(void)
{
	struct gzip *gzip = xcalloc(1, sizeof(*gzip));
	gzip->z.zalloc = allocate;
	gzip->z.zfree = release;
	if (deflateInit2(&gzip->z, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + GZIP_WRAPPER, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* only constants went in */
	return gzip;
}

bool
gzip_add(struct gzip *gzip, struct str piece, bool end, struct buf *out)
{
	z_stream *z = &gzip->z;
	z->next_in = (const Bytef *)piece.at;
	z->avail_in = (uInt)piece.len;
	do {
		char *to = buf_reserve(out, OUT_STEP_BYTES);
		if (!to)
			return false;
		z->next_out = (Bytef *)to;
		z->avail_out = OUT_STEP_BYTES;
		deflate(z, end ? Z_FINISH : Z_SYNC_FLUSH);
		out->len += OUT_STEP_BYTES - z->avail_out;
	} while (z->avail_out == 0);
	return true;
}

void
gzip_free(struct gzip *gzip)
{
	if (!gzip)
		return;
	deflateEnd(&gzip->z);
	free(gzip);
}
