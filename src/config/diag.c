/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/diag.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/xalloc.h"

void
diags_add(struct diags *diags, enum diag_kind kind, struct place at, const char *text)
{
	if (diags->count == diags->room) {
		diags->room = diags->room ? diags->room * 2 : 16;
		diags->items = xrealloc(diags->items, diags->room * sizeof(*diags->items));
	}
	diags->items[diags->count++] = (struct diag){ .file = xstrdup(at.file),
		.line = at.line,
		.file_rank = at.file_rank,
		.kind = kind,
		.text = xstrdup(text) };
	diags->errors += kind == DIAG_ERROR;
}

/* Insertion keeps the order of equals, and the list is nearly sorted already. */
void
diags_sort(struct diags *diags)
{
	for (size_t i = 1; i < diags->count; i++) {
		struct diag moved = diags->items[i];
		size_t j = i;
		for (; j > 0; j--) {
			const struct diag *before = &diags->items[j - 1];
			if (before->file_rank < moved.file_rank ||
			    (before->file_rank == moved.file_rank && before->line <= moved.line))
				break;
			diags->items[j] = *before;
		}
		diags->items[j] = moved;
	}
}

void
diags_render(const struct diags *diags, struct buf *out)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];
		escape_terminal(out, str_of(diag->file));
		if (diag->line > 0)
			buf_printf(out, ":%u", diag->line);
		buf_text(out, diag->kind == DIAG_WARNING ? ": warning: " : ": ");
		escape_terminal(out, str_of(diag->text));
		buf_char(out, '\n');
	}
}

void
diags_done(struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		free(diags->items[i].file);
		free(diags->items[i].text);
	}
	free(diags->items);
	*diags = DIAGS_INIT;
}
