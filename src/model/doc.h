/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A watched document as configured (`docs`), and the closed sets that its checks and changes are told in. Owned by the
 * configuration, immutable.
 */
#ifndef COMETCANARY_MODEL_DOC_H
#define COMETCANARY_MODEL_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"

struct endpoint;

enum doc_kind {
	DOC_MARKDOWN, /* a page of prose, which may carry an OpenAPI document in a fence */
	DOC_OPENAPI, /* an OpenAPI document as JSON */
	DOC_INDEX, /* llms.txt: which pages and specifications there are */
	DOC_TEXT, /* any other text */
	DOC_KIND_COUNT
};

/* What a look at a document came to. */
enum doc_result { DOC_UNCHANGED, DOC_CHANGED, DOC_INCONCLUSIVE, DOC_RESULT_COUNT };

/* What kind of change; a document may change in several ways at once (bits 1 << enum doc_change). */
enum doc_change { DOC_CHANGE_CONTRACT, DOC_CHANGE_PROSE, DOC_CHANGE_INDEX, DOC_CHANGE_MOVED, DOC_CHANGE_COUNT };

struct doc {
	const char *name, *url;
	enum doc_kind kind;
	int64_t interval_ns;
	unsigned confirm; /* identical sightings that make a change */
	const char **must_mention;
	size_t must_mention_count;
	const struct endpoint **endpoints; /* what it documents, as written */
	size_t endpoint_count;
	const struct endpoint **relying; /* those, and the ones whose contract has it as evidence */
	size_t relying_count;
	bool revalidate; /* probe them at once after a change */
	size_t index; /* its place in config->docs */
};

/* What is known of a watched document over all looks. */
struct doc_counts {
	uint64_t checks[DOC_RESULT_COUNT];
	uint64_t changes[DOC_CHANGE_COUNT]; /* confirmed ones */
	struct wall last_check, last_change; /* us 0 = never; a check only when it was conclusive */
	size_t evidence_missing; /* phrases; known once there was a check */
};

/* Which phrases a document lacks of those that its row and the contracts' evidence want. Zero = nothing is known. */
struct doc_evidence {
	struct wall checked; /* the last conclusive look; us 0 = never */
	char **missing; /* owned, and the texts */
	size_t count;
};
bool doc_lacks(const struct doc_evidence *evidence, const char *phrase);

/* Where a ledger finds what is known of a document by its name: NULL = nothing. */
struct doc_book {
	const struct doc_evidence *(*find)(void *arg, const char *doc);
	void *arg;
};

/* For pages; everything is borrowed until the loop turns. */
struct doc_status {
	struct doc_counts counts;
	struct wall last_look; /* us 0 = none yet */
	enum doc_result last_result;
	const char *trouble; /* static: why the last look came to nothing; NULL = it did not */
	struct str url; /* where the current version came from; absent = there is none */
	unsigned sightings; /* of a change that is not confirmed yet */
	unsigned last_changes; /* bits 1 << enum doc_change, of the last confirmed change of this process */
	const struct doc_evidence *evidence;
};

enum { DOC_VERSIONS_KEY_BYTES = 80 };
/* Under which its versions are kept: by name and kind, because what was read as another kind cannot be compared. */
void doc_versions_key(const struct doc *doc, char ret_key[DOC_VERSIONS_KEY_BYTES]);

const char *doc_kind_name(enum doc_kind kind);
const char *doc_result_name(enum doc_result result);
const char *doc_change_name(enum doc_change change);
/* DOC_KIND_COUNT when there is none. */
enum doc_kind doc_kind_from_name(struct str name);

#endif
