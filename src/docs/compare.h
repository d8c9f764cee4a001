/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changed from one version of a document to the next, in facts; and where a document contradicts itself or what
 * the operator's contract relies on. Pure but for allocation.
 */
#ifndef COMETCANARY_DOCS_COMPARE_H
#define COMETCANARY_DOCS_COMPARE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "docs/version.h"
#include "model/conf.h"
#include "model/finding.h"

enum doc_difference_kind { DOC_ADDED, DOC_REMOVED, DOC_REPLACED };

/* All borrowed from the two versions. */
struct doc_difference {
	enum doc_difference_kind kind;
	enum doc_change change; /* what kind of change it belongs to */
	struct str key; /* of a fact; what has moved; absent for a line of prose */
	struct str before, after; /* the fact's value, or the line; absent where there is none */
};

struct doc_diff {
	unsigned changes; /* bits 1 << enum doc_change; 0 = nothing that counts */
	struct doc_difference *list; /* owned */
	size_t count;
};

/* *ret_diff borrows from both: doc_diff_done(). */
void doc_compare(const struct doc_version *before, const struct doc_version *after, struct doc_diff *ret_diff);
void doc_diff_done(struct doc_diff *diff);
#define auto_doc_diff ATTR_CLEANUP(doc_diff_done)
/* For people: a line a difference, + - ~, contract first; hostile bytes escaped. */
void doc_diff_print(const struct doc_diff *diff, struct buf *out);

/* Adds findings with source `docs`: where the document contradicts itself, and where its specification contradicts what
 * the contract of the endpoint relies on. `before` is the version before the last change, NULL = there is none: what a
 * specification never said is no contradiction, what it no longer says is. */
void doc_judge(const struct doc_version *before, const struct doc_version *now, const struct endpoint *endpoint,
    struct findings *findings);

#endif
