/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A version of a document while it is being read: facts and lines in any order, repetitions and all. Everything is copied
 * into the version's own memory, which has a cap: past it the version is `full` and comes to nothing.
 */
#ifndef COMETCANARY_DOCS_BUILDER_H
#define COMETCANARY_DOCS_BUILDER_H

#include "base/arena.h"
#include "docs/version.h"

/* Saved as JSON, where a byte takes two at most, a version fits a value of the store (16 MiB). */
enum { DOC_TEXT_MAX = 6 * 1024 * 1024 };

struct doc_memory {
	struct arena arena;
};

struct builder {
	struct doc_memory *memory; /* owned until builder_finish() */
	struct doc_fact *facts;
	size_t fact_count, fact_room;
	struct str *lines;
	size_t line_count, line_room;
	struct str url, title;
	size_t text_bytes;
	bool full;
};

void builder_init(struct builder *builder);
void builder_done(struct builder *builder);
/* Control characters become spaces. */
void builder_fact(struct builder *builder, struct str key, struct str value);
void builder_line(struct builder *builder, struct str line);
struct str builder_copy(struct builder *builder, struct str text);
/* Sorts the facts; of a key that was given several values each counts once, joined by " / ". False, and an empty
 * version, when it is full. */
bool builder_finish(struct builder *builder, struct doc_version *ret_version) ATTR_NODISCARD;

int str_order(struct str a, struct str b); /* as memcmp, a shorter one first */
void str_sort(struct str *texts, size_t count);
/* NULL when there is none. */
const struct doc_fact *doc_fact_find(const struct doc_version *version, struct str key);
/* The first fact whose key is not before `key`. */
size_t doc_fact_from(const struct doc_version *version, struct str key);

#endif
