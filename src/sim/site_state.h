/* SPDX-License-Identifier: Apache-2.0 */
/* What the site consists of; for the files site*.c that run it. */
#ifndef COMETCANARY_SIM_SITE_STATE_H
#define COMETCANARY_SIM_SITE_STATE_H

#include "base/clock.h"
#include "sim/site.h"
#include "sim/site_change.h"
#include "sim/site_draft.h"

enum site_form { FORM_MARKDOWN, FORM_HTML, FORM_SPEC, FORM_COUNT };

struct site_entry {
	const struct site_page *page; /* NULL = the index */
	struct site_steps steps;
	struct wall changed;
	uint64_t served[FORM_COUNT];
};

struct site_text {
	char *path, *type, *bytes; /* owned; path below /docs/ */
	size_t len;
	struct wall changed;
};

struct site {
	uint64_t seed;
	struct wall changed; /* at last; later with each change, though the clock may stand still */
	struct site_entry *entries; /* the pages, and the index as the last one */
	size_t entry_count;
	struct site_text texts[SITE_TEXTS_MAX];
	size_t text_count;
};

/* The page with what is switched on for it; untouched: without what counts. Owned: site_draft_free(). */
struct site_draft *site_entry_draft(const struct site *site, const struct site_entry *entry, bool untouched);
/* "chat"; "index". */
const char *site_entry_name(const struct site_entry *entry);

/* Makes of a good answer what the troubles that are on for the page make of it. html: the page's HTML form. */
void site_apply_troubles(const struct site_entry *entry, struct str html, struct answer *answer, int64_t *ret_delay_ns);
bool site_trouble_argument_fits(enum site_change change, struct str argument, struct buf *ret_error);

#endif
