/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a configuration: a list that loading fills and commands print. Texts never hold the value of a
 * setting that could be a secret. One owner; not thread-safe.
 */
#ifndef COMETCANARY_CONFIG_DIAG_H
#define COMETCANARY_CONFIG_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum diag_kind { DIAG_ERROR, DIAG_WARNING };

struct diag {
	char *file; /* owned */
	unsigned line; /* 0 = the file as a whole */
	size_t file_rank; /* files in the order in which they were read */
	enum diag_kind kind;
	char *text; /* "key: what, and what would be right"; owned */
};

struct diags {
	struct diag *items;
	size_t count, room;
	size_t errors;
};

#define DIAGS_INIT ((struct diags){ 0 })

/* Where something stands. file is borrowed for the call. */
struct place {
	const char *file;
	unsigned line;
	size_t file_rank;
};

void diags_add(struct diags *diags, enum diag_kind kind, struct place at, const char *text);
/* By file and line; what stands in one line keeps its order. Loading has done it. */
void diags_sort(struct diags *diags);
/* One line each: "file:line: key: text", warnings "file:line: warning: key: text". */
void diags_render(const struct diags *diags, struct buf *out);
void diags_done(struct diags *diags);
#define auto_diags ATTR_CLEANUP(diags_done)

#endif
