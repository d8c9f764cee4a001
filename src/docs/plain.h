/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One text in many spellings: curly quotes and straight ones, dashes, dots, spaces of any kind and number. Pure.
 */
#ifndef COMETCANARY_DOCS_PLAIN_H
#define COMETCANARY_DOCS_PLAIN_H

#include "base/buf.h"

/* Quotes, dashes and dots become ASCII, runs of white space one space, what has no width nothing. Nothing is left at the
 * ends of what is added. */
void plain_add(struct buf *out, struct str text);

#endif
