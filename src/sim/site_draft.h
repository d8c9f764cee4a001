/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page as it is to be written now: a copy of its row, changed by what is switched on. The writers of its forms know
 * nothing of changes but how it should look. Pure but for allocation; lives for one request.
 */
#ifndef COMETCANARY_SIM_SITE_DRAFT_H
#define COMETCANARY_SIM_SITE_DRAFT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "sim/site_change.h"
#include "sim/site_page.h"

enum { SITE_FIELDS_MAX = 96, SITE_STATUSES_MAX = 40, SITE_BLOCKS_MAX = 48, SITE_PAGE_BYTES = 1024 * 1024 };

struct site_fields {
	struct site_field list[SITE_FIELDS_MAX];
	size_t count;
};

struct site_draft {
	const struct site_page *page;
	struct arena arena; /* texts that changes made */
	struct site_fields parts[PART_COUNT];
	struct site_status statuses[SITE_STATUSES_MAX];
	size_t status_count;
	const char *prose[SITE_BLOCKS_MAX];
	size_t prose_count;
	const char *method, *api_path;
	unsigned auth; /* bits of enum site_auth; 0 = no key is needed */
	const char *place; /* where the page is, below /docs/ */
	const char *index_title; /* NULL = not in the index */
	bool moved, moved_relative, exists;
	uint64_t look; /* bits of the changes that are SITE_LOOK */
	uint64_t seed; /* of samples, under another look */
};

/* Owned: site_draft_free(). */
struct site_draft *site_draft_new(const struct site_page *page);
void site_draft_free(struct site_draft *draft);
void site_draft_free_ptr(struct site_draft **draft);
#define auto_draft ATTR_CLEANUP(site_draft_free_ptr)

/* Applies one change; TROUBLE does nothing here. False with the reason in *ret_error when the page has no such thing. */
bool site_draft_apply(struct site_draft *draft, const struct site_step *step, struct buf *ret_error);

static inline bool
site_looks(const struct site_draft *draft, enum site_change look)
{
	return draft->look >> look & 1;
}

/* ---- fields ---- */

/* count when there is none. */
size_t site_index(const struct site_fields *fields, struct str path);
/* The name of the field when its path is right below `parent` ("" = the top, "data[]" = an item); absent when not. */
struct str site_child(const char *path, struct str parent);
/* Is anything at or below that path? */
bool site_has(const struct site_fields *fields, struct str path);
/* "string" for one bit of enum site_type. */
const char *site_type_name(unsigned type);
/* 0 when there is no such type. */
unsigned site_type_find(struct str name);

/* ---- writers: they append ---- */

/* The OpenAPI document as JSON without white space. */
void site_write_spec(struct site_draft *draft, struct buf *out);
/* The specification as it is served: JSON with line breaks. */
void site_write_json(struct site_draft *draft, struct buf *out);
void site_write_markdown(struct site_draft *draft, struct buf *out);
/* An example of that part, JSON without white space. */
void site_write_example(struct site_draft *draft, enum site_part part, struct buf *out);
/* The command that sends the example */
void site_write_curl(struct site_draft *draft, struct buf *out);
/* Markdown as a simple page of HTML. */
void site_write_html(struct str title, struct str markdown, struct buf *out);

/* JSON with line breaks and indents; reversed: members in the opposite order. */
void site_print_json(struct str json, bool reversed, struct buf *out);
/* The same value as YAML; flat: strings in quotes, none folded. */
struct site_yaml {
	bool reversed, flat;
};
void site_print_yaml(struct str json, struct site_yaml style, struct buf *out);

/* A text of Markdown in the looks that are a matter of lines: quotes, tables, headings, blanks, line ends. */
void site_apply_look(uint64_t look, struct str text, struct buf *out);

#endif
