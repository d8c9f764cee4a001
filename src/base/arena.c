/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { FIRST_BLOCK_BYTES = 4096 };

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

void
arena_init(struct arena *arena, size_t cap_bytes)
{
	*arena = (struct arena){ .cap_bytes = cap_bytes };
}

static struct arena_block *
block_new(struct arena_block *next, size_t need)
{
	size_t size = next ? next->size * 2 : FIRST_BLOCK_BYTES - sizeof(struct arena_block);
	while (size < need)
		size *= 2;
	struct arena_block *block = xmalloc(sizeof(*block) + size);
	*block = (struct arena_block){ .next = next, .size = size };
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t align = alignof(max_align_t);
	if (arena->exhausted || size > arena->cap_bytes - arena->taken_bytes) {
		arena->exhausted = true;
		return NULL;
	}
	arena->taken_bytes += size;
	size_t padded = (size + align - 1) & ~(align - 1);
	if (!arena->block || arena->block->size - arena->block->used < padded)
		arena->block = block_new(arena->block, padded);
	void *piece = arena->block->bytes + arena->block->used;
	arena->block->used += padded;
	return memset(piece, 0, size);
}

char *
arena_dup(struct arena *arena, struct str text)
{
	char *copy = arena_alloc(arena, text.len + 1);
	if (copy && text.len)
		memcpy(copy, text.at, text.len);
	return copy;
}

struct str
arena_str(struct arena *arena, struct str text)
{
	char *copy = text.at ? arena_dup(arena, text) : NULL;
	return copy ? str_span(copy, text.len) : STR_NONE;
}

static void
release(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
}

void
arena_reset(struct arena *arena)
{
	if (arena->block) {
		release(arena->block->next);
		arena->block->next = NULL;
		arena->block->used = 0;
	}
	arena->taken_bytes = 0;
	arena->exhausted = false;
}

void
arena_done(struct arena *arena)
{
	release(arena->block);
	arena->block = NULL;
	arena->taken_bytes = 0;
}
