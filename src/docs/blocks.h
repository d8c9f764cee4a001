/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of Markdown block by block: just so much of the grammar that what belongs together stays together. Blocks are
 * views of the page; a paragraph may have several lines. Indentation counts for nothing: in MDX everything is indented.
 * Rules (***), separators of tables and the boilerplate "Documentation Index" quote are no blocks. Pure.
 */
#ifndef COMETCANARY_DOCS_BLOCKS_H
#define COMETCANARY_DOCS_BLOCKS_H

#include <stdbool.h>

#include "base/str.h"

enum block_kind {
	BLOCK_HEADING, /* text without the #; level */
	BLOCK_PARAGRAPH, /* a list's item is one, its mark included */
	BLOCK_ROW, /* of a table, with its pipes; is_head */
	BLOCK_FENCE, /* text is what is inside, info what stands behind the ticks */
};

struct block {
	enum block_kind kind;
	struct str text, info;
	unsigned level;
	bool is_head;
};

struct blocks {
	struct str rest; /* of the page */
	bool in_table;
};

void blocks_init(struct blocks *blocks, struct str page);
/* False at the end. */
bool blocks_next(struct blocks *blocks, struct block *ret_block);

/* The next cell of a row, trimmed; \| is no end. False at the end. */
bool row_next_cell(struct str *row, struct str *ret_cell);

#endif
