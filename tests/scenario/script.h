/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a scenario: one command a line, words apart by blanks, "quoted words", # comments, and texts over several
 * lines (<<EOF … EOF), in which `%repeat N` … `%end` writes its lines N times with %n counted up from 0.
 */
#ifndef COMETCANARY_TESTS_SCRIPT_H
#define COMETCANARY_TESTS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum { SCRIPT_WORDS_MAX = 24 };

struct command {
	unsigned line;
	const char *words[SCRIPT_WORDS_MAX]; /* the first one is the verb */
	size_t count;
	const char *text; /* of <<EOF; NULL = none */
};

struct script {
	const char *path;
	struct arena memory;
	struct command *commands;
	size_t count;
};

/* False with a message on stderr. */
bool script_read(struct script *script, const char *path);
/* The value of the word key=value; NULL when there is none. */
const char *script_value(const struct command *command, const char *key);
void script_done(struct script *script);

/* A whole file, NUL-terminated, in the arena; NULL when it cannot be read. */
char *script_slurp(struct arena *memory, const char *path);

#endif
