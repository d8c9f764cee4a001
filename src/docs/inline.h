/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a block without what only shows it: emphasis, code ticks, links (their text stays), images, MDX and HTML
 * tags with their attributes, comments, escapes. Placeholders of keys all become KEY; spellings are plain.h's. Pure.
 */
#ifndef COMETCANARY_DOCS_INLINE_H
#define COMETCANARY_DOCS_INLINE_H

#include "base/buf.h"

void inline_add(struct buf *out, struct str text);

/* The next `code` span, or **bold** one, without its marks, trimmed; what stands before it is told too. False when there
 * is none left. */
bool inline_next_mark(struct str *text, struct str *ret_before, struct str *ret_mark);

/* The tag at the start of a text: its length with all attributes and the >; 0 when there is none, SIZE_MAX
 * when it does not end. */
size_t inline_tag_length(struct str text);
/* An attribute of a tag without its quotes or braces; absent when it has none. "" where it stands alone. */
struct str inline_attribute(struct str tag, struct str name);

#endif
