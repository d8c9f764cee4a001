/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
checked(void *ptr, size_t size)
{
	if (!ptr && size > 0) {
		fputs("cometcanary: out of memory\n", stderr);
		abort();
	}
	return ptr;
}

void *
xmalloc(size_t size)
{
	return checked(malloc(size), size);
}

void *
xcalloc(size_t count, size_t size)
{
	return checked(calloc(count, size), count && size);
}

void *
xrealloc(void *ptr, size_t size)
{
	return checked(realloc(ptr, size), size);
}

char *
xstrdup(const char *text)
{
	return checked(strdup(text), 1);
}

char *
xstrndup(const char *text, size_t len)
{
	return checked(strndup(text, len), 1);
}

void
xfree_ptr(void *ptr_to_ptr)
{
	free(*(void **)ptr_to_ptr);
}
