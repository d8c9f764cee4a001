/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One version of a watched document: what is left of an answer of the documentation site once everything is gone that
 * may differ without meaning anything. Facts are what a client's code could depend on, each a key and a value, such as
 *
 *   POST /v1/chat/completions request $.max_tokens    integer, minimum 1
 *   POST /v1/chat/completions 200 $.choices[].finish_reason    string, one of "length" "stop", required
 *
 * so that two versions are compared key by key, and people can read the difference; openapi.h, page.h and index.h have the
 * keys. Lines are the normalised prose; an index has none. Pure but for allocation; one owner.
 */
#ifndef COMETCANARY_DOCS_VERSION_H
#define COMETCANARY_DOCS_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"
#include "model/doc.h"

/* The largest page that is looked at. */
enum { DOC_BODY_MAX = 8 * 1024 * 1024 };
#define DOC_TOO_LARGE "larger than 8 MiB"

/* An answer of the documentation site, whole. All borrowed. */
struct doc_answer {
	enum doc_kind kind; /* what it should be */
	int status;
	struct str url; /* where it was asked for */
	struct str effective_url; /* where it came from, after redirects */
	struct str media_type; /* as the server wrote it; absent = no such header */
	struct str body;
};

struct doc_fact {
	struct str key, value;
};

struct doc_version {
	struct str url; /* effective */
	struct str title; /* "" = it has none */
	struct doc_fact *facts; /* sorted by key, each key once */
	size_t fact_count;
	struct str *lines;
	size_t line_count;
	struct doc_memory *memory; /* owned: everything above lives there */
};

/* NULL and an owned *ret_version (doc_version_done()); else why nothing can be concluded from this answer: static, for
 * people and logs ("HTTP status 503", "HTML instead of Markdown", ...), and *ret_version is empty. */
const char *doc_read(const struct doc_answer *answer, struct doc_version *ret_version) ATTR_NODISCARD;
void doc_version_done(struct doc_version *version);
#define auto_doc_version ATTR_CLEANUP(doc_version_done)

/* Same place, same facts, same lines. */
bool doc_version_same(const struct doc_version *a, const struct doc_version *b);

/* As JSON with a format number, for the store; and back. 0; -EINVAL when it is damaged, -ENOTSUP when a newer program
 * wrote it. */
void doc_version_save(const struct doc_version *version, struct buf *out);
int doc_version_restore(struct str text, struct doc_version *ret_version) ATTR_NODISCARD;

/* Does the document as received have the phrase? Case, quotes and white space in whatever form they are. */
bool doc_mentions(struct str body, const char *phrase);

#endif
