/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the steps of loading share: the configuration that is being filled and the list of what is wrong with it. Private
 * to config/: load.c (text → tree), fill.c (tree → struct, by the schema), value.c (one value), rules.c (what belongs
 * together).
 */
#ifndef COMETCANARY_CONFIG_LOADING_H
#define COMETCANARY_CONFIG_LOADING_H

#include "base/arena.h"
#include "config/schema.h"
#include "config/tree.h"
#include "model/conf.h"

struct loading {
	struct config *config;
	struct arena *memory; /* the configuration's */
	struct arena *scratch; /* gone after loading */
	struct diags *diags;
	const struct node *defaults; /* what endpoints inherit; NULL = nothing */
	bool without_secrets;
	int64_t today_days; /* since 1970-01-01 */
	/* `defaults` itself is being judged: what it fills is thrown away. */
	bool rehearsal;
};

/* "path of node: …" at the node's place. */
void loading_error(struct loading *loading, const struct node *node, const char *format, ...) ATTR_PRINTF(3, 4);
void loading_warn(struct loading *loading, const struct node *node, const char *format, ...) ATTR_PRINTF(3, 4);
/* The same about a member that is not there: at the group's place. */
void loading_error_in(struct loading *loading, const struct node *group, const char *key, const char *format, ...)
    ATTR_PRINTF(4, 5);

/* fill.c: fills base (the struct that the group's rows point into) from what is written, inherited and preset. */
void fill_group(struct loading *loading, const struct schema_group *group, const struct node *own,
    const struct node *inherited, void *base);

/* value.c: reads one value into base. False when it cannot be: the error has been told. */
bool value_read(struct loading *loading, const struct schema_key *key, const struct node *node, void *base);

/* rules.c, after everything is filled: what no single key shows. */
void rules_check(struct loading *loading, const struct node *root);

/* suggest.c: the entry of a NULL-terminated list that is nearest to what was written; NULL when none is near. Pure. */
const char *suggest_word(struct str written, const char *const *words);
/* Takes candidates one by one: start with *ret_best = NULL and *distance = SUGGEST_START. */
enum { SUGGEST_START = 1000 };
void suggest_try(struct str written, const char *candidate, unsigned *distance, const char **ret_best);

#endif
