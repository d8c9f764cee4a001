/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one watched document says against the contracts of the endpoints that rely on it: a list of findings each. Loop
 * thread.
 */
#ifndef COMETCANARY_APP_DOC_FINDINGS_H
#define COMETCANARY_APP_DOC_FINDINGS_H

#include "docs/version.h"
#include "model/conf.h"

struct doc_findings {
	const struct doc *doc; /* NULL = not judged yet */
	struct findings **of; /* one for each of doc->relying; NULL = none; owned */
};

/* Empty, for a document of the configuration in force, which is borrowed. */
void doc_findings_begin(struct doc_findings *found, const struct doc *doc);
/* Adds what the document says now, against an older version (NULL = against itself). */
void doc_findings_add(struct doc_findings *found, const struct doc_version *older, const struct doc_version *now);
/* Adds those of one endpoint to a list. */
void doc_findings_collect(const struct doc_findings *found, const struct endpoint *endpoint, struct findings *all);
void doc_findings_done(struct doc_findings *found);

#endif
