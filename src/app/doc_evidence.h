/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which phrases a watched document lacks of those that its row and the contracts' evidence want, and when that was
 * found out: kept in the store under "docs/NAME", for the daemon's next start and for the commands. Loop thread.
 */
#ifndef COMETCANARY_APP_DOC_EVIDENCE_H
#define COMETCANARY_APP_DOC_EVIDENCE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "model/conf.h"

struct store;

/* Looks for all phrases in the document as it was received. */
void doc_evidence_look(struct doc_evidence *evidence, const struct config *config, const struct doc *doc,
    struct str body, struct wall now);
void doc_evidence_done(struct doc_evidence *evidence);

enum { DOC_EVIDENCE_KEY_BYTES = 80 };
/* Of a document, among the store's verified items. */
void doc_evidence_key(const struct doc *doc, char ret_key[DOC_EVIDENCE_KEY_BYTES]);
void doc_evidence_put(struct store *store, const struct doc *doc, const struct doc_evidence *evidence);
/* False, and zero, when the text is damaged or of a document at another address. */
bool doc_evidence_restore(const struct doc *doc, struct str text, struct doc_evidence *ret_evidence);

#endif
