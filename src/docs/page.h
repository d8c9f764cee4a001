/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of Markdown while its blocks are read, shared by the readers of its kinds of facts. Pure.
 *
 * Where a page carries a specification, that is the authority: the prose beside it gives no facts but what it claims of
 * the specification's own fields ("says NAME"), and the errors that the specification leaves out. Where there is none,
 * the prose is all there is:
 *
 *   status 500 invalid_request     of a table or list of statuses; "retry", "no retry", "listed"
 *   error $.error.code             JSON samples of errors (sample.h)
 *   sample $.choices[].index       JSON samples of answers (sample.h); only what goes or is retyped counts (compare.c)
 *   endpoint POST /v1/balance      and "endpoint GET /user/quota query start_date"
 *   header x-request-id
 *   field remain_quota             of a table of fields: its type, "required", its values
 *   values finish_reason           a list of values in a sentence
 */
#ifndef COMETCANARY_DOCS_PAGE_H
#define COMETCANARY_DOCS_PAGE_H

#include "docs/blocks.h"
#include "docs/builder.h"
#include "docs/sample.h"

enum { TABLE_COLUMNS_MAX = 16, TABLE_HEAD_BYTES = 64 };

struct table {
	char heads[TABLE_COLUMNS_MAX][TABLE_HEAD_BYTES]; /* without markup; long ones are cut */
	size_t columns;
};

struct page {
	struct builder *builder;
	bool has_specification, errors_specified;
	struct str before; /* the block before this one: what a sample is a sample of */
	struct table table; /* that the rows belong to */
	struct samples answers, errors;
	unsigned curls; /* read so far */
};

/* For each block of prose: a paragraph, a heading, a row of a table. */
void page_statuses(struct page *page, const struct block *block);
void page_fields(struct page *page, const struct block *block);
void page_calls(struct page *page, struct str text); /* endpoints and headers; of code too */
void page_claims(struct page *page, const struct block *block);
void page_sample(struct page *page, const struct block *fence);

/* The cell of a row in the column; absent when the row is shorter. */
struct str page_cell(struct str row, size_t column);
/* The first column whose head has one of the words; SIZE_MAX = none. */
size_t page_column(const struct table *table, const char *const *words);

#endif
