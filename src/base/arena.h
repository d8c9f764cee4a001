/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of one probe run: taken piece by piece, released at once, with a cap that hostile input cannot pass.
 * Not thread-safe; one owner.
 */
#ifndef COMETCANARY_BASE_ARENA_H
#define COMETCANARY_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

struct arena {
	struct arena_block *block;
	size_t taken_bytes;
	size_t cap_bytes;
	bool exhausted; /* a request did not fit: the run ends in local_error */
};

/* cap_bytes: the sum of all pieces that may be taken until the next reset. */
void arena_init(struct arena *arena, size_t cap_bytes);
/* Returns zeroed memory, aligned for any type, valid until reset or done; NULL (and exhausted) past the cap. */
void *arena_alloc(struct arena *arena, size_t size) ATTR_NODISCARD;
/* A NUL-terminated copy; NULL past the cap. */
char *arena_dup(struct arena *arena, struct str text) ATTR_NODISCARD;
/* The same as a view; absent past the cap and for an absent text. */
struct str arena_str(struct arena *arena, struct str text) ATTR_NODISCARD;
/* Forgets all pieces, keeps one block for the next run. */
void arena_reset(struct arena *arena);
void arena_done(struct arena *arena);

#endif
