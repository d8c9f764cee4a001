/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files, for tests.
 */
#ifndef COMETCANARY_TESTS_FILE_H
#define COMETCANARY_TESTS_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"

/* Adds all of it, up to the buffer's cap. False when it cannot be opened. */
static inline bool
file_read(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	char piece[4096];
	size_t got;
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(out, piece, got);
	fclose(file);
	return true;
}

static inline bool
file_write(const char *path, struct str text)
{
	FILE *file = fopen(path, "we");
	if (!file)
		return false;
	bool whole = fwrite(text.at, 1, text.len, file) == text.len;
	return fclose(file) == 0 && whole;
}

#endif
