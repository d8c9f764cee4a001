/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a difference between two looks at a document is a change of the document: once the same new version was seen a
 * few times in a row. A site that answers from several caches, or is just being published, shows old and new by turns.
 * Pure; one owner.
 */
#ifndef COMETCANARY_DOCS_CONFIRM_H
#define COMETCANARY_DOCS_CONFIRM_H

#include "docs/version.h"

struct doc_state {
	bool known; /* there is a current version */
	struct doc_version current;
	unsigned sightings; /* in a row, of the candidate; 0 = there is none */
	struct doc_version candidate;
};

enum doc_step {
	DOC_STEP_FIRST, /* the first version ever */
	DOC_STEP_SAME, /* nothing that counts is different */
	DOC_STEP_PENDING, /* something is, and has to be seen again */
	DOC_STEP_CONFIRMED, /* it has changed: current is the new version */
};

/* One look. Takes the version over. *ret_before is the version before a confirmed change, owned by the caller; else
 * empty. needed: identical sightings that make a change. */
enum doc_step
doc_state_see(struct doc_state *state, struct doc_version *version, unsigned needed, struct doc_version *ret_before);
void doc_state_done(struct doc_state *state);

#endif
