/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies that a page shows, as facts: which places they have and of which types. Of all samples of a page together, so
 * that it does not matter which one shows a field. Values are somebody's ids, dates and totals, but for code, type and
 * status in an error.
 *
 *   sample $.usage.total_tokens    integer
 *   error $.error.code             string, one of "invalid_request"
 *
 * The same walk says what we ask with (judge.c). Pure but for allocation.
 */
#ifndef COMETCANARY_DOCS_SAMPLE_H
#define COMETCANARY_DOCS_SAMPLE_H

#include "base/json.h"
#include "docs/builder.h"

struct sample_field {
	struct str path;
	unsigned types;
	struct str value; /* JSON; absent = none that counts */
};

struct samples {
	struct arena arena;
	struct sample_field *fields;
	size_t count, room;
	bool full;
};

void samples_init(struct samples *samples);
void samples_done(struct samples *samples);
/* Every place of the document; `values` with those of code, type and status. */
void samples_add(struct samples *samples, struct json root, bool values);
/* Sorts them by path; a path may have several fields. */
void samples_sort(struct samples *samples);
/* The types at a path; 0 = it is in no sample. Sorted samples. */
unsigned samples_types(const struct samples *samples, struct str path);
/* One fact a path, its key after `prefix`. Sorts. */
void samples_write(struct samples *samples, struct builder *builder, const char *prefix);

/* Does a body say that something went wrong? */
bool sample_is_error(struct json root);

#endif
