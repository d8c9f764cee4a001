/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a configuration before libconfig sees it: files read, @include lines replaced by what they name (relative
 * to the file that they stand in), and each line's origin kept. On the way it settles what libconfig 1.5 is silent about
 * or does not take: integers that would wrap, comments that never end, [ ] where values differ in kind.
 */
#ifndef COMETCANARY_CONFIG_SOURCE_H
#define COMETCANARY_CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "config/diag.h"

struct source_line {
	struct place at; /* where it was written */
	unsigned text_from; /* the line in which a text in quotes began that goes on into this one; 0 = none */
};

struct source {
	struct arena *memory; /* borrowed; file names live there */
	struct buf text;
	struct source_line *lines; /* by line of the text, from 0 */
	size_t line_count, line_room;
	size_t file_count;
	/* The first thing wrong with quotes, brackets or commas: says more than libconfig's "syntax error". NULL = none. */
	const char *trouble;
	struct place trouble_at;
	unsigned trouble_line; /* of the text */
};

/* False when a file could not be read: then the diagnostics say why. */
bool source_read_file(struct source *source, struct arena *memory, const char *path, struct diags *diags);
/* The same for a text in memory, known as `name`; it may include nothing. */
bool
source_read_text(struct source *source, struct arena *memory, const char *name, struct str text, struct diags *diags);
/* Where line `line` (from 1) of the text was written. */
struct place source_place(const struct source *source, unsigned line);
/* The line in which a text in quotes began that goes on into `line`, for a syntax error may come from there; 0 = none. */
unsigned source_text_from(const struct source *source, unsigned line);
void source_done(struct source *source);

#endif
