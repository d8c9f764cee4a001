/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Just enough gzip to send it: real members that any decoder accepts, without a compression library, which would not
 * let us write the broken and the huge ones. Pure.
 */
#ifndef COMETCANARY_SIM_GZIP_H
#define COMETCANARY_SIM_GZIP_H

#include "base/buf.h"

/* A gzip member that holds `plain` (stored, not made smaller). */
void gzip_wrap(struct buf *out, struct str plain);
/* A gzip member of about plain_bytes/159 bytes that unpacks to `start` and then spaces, plain_bytes in all. */
void gzip_bomb(struct buf *out, struct str start, uint64_t plain_bytes);

#endif
