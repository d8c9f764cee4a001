/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocation that does not fail: out of memory ends the process with a message (the service manager restarts it).
 * Memory whose size a server decides never comes from here: arenas and buffers have caps instead.
 */
#ifndef COMETCANARY_BASE_XALLOC_H
#define COMETCANARY_BASE_XALLOC_H

#include <stddef.h>

#include "base/attr.h"

/* All return owned memory, to be released with free(); xcalloc's is zeroed. */
void *xmalloc(size_t size) ATTR_NODISCARD;
void *xcalloc(size_t count, size_t size) ATTR_NODISCARD;
void *xrealloc(void *ptr, size_t size) ATTR_NODISCARD;
char *xstrdup(const char *text) ATTR_NODISCARD;
char *xstrndup(const char *text, size_t len) ATTR_NODISCARD;

void xfree_ptr(void *ptr_to_ptr);
#define auto_free ATTR_CLEANUP(xfree_ptr)

#endif
