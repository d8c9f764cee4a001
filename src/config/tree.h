/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as it was written: a neutral tree of groups, lists and values, each with its place. load.c makes it
 * from libconfig's, fill.c reads it against the schema. It lives in an arena that is gone after loading. Pure.
 */
#ifndef COMETCANARY_CONFIG_TREE_H
#define COMETCANARY_CONFIG_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "config/diag.h"

enum node_kind { NODE_GROUP, NODE_LIST, NODE_TEXT, NODE_INT, NODE_REAL, NODE_BOOL };

struct node {
	enum node_kind kind;
	const char *name; /* NULL in a list */
	size_t index; /* in a list */
	const struct node *parent; /* NULL at the root */
	struct node *first, *next;
	size_t count; /* of children */
	struct place at;
	const char *text;
	int64_t number;
	double real;
	bool truth;
	bool bad; /* an error has been told: no rule builds on it */
};

/* The member of a group; NULL when there is none, and for no group at all. */
struct node *node_get(const struct node *group, const char *name);
/* The first element of a member that is a list, unless it is known to be wrong. */
const struct node *node_first_of(const struct node *group, const char *name);
/* The same for a list whose elements were filled into an array; NULL when there is none. */
const struct node *node_first_filled(const struct node *group, const char *name, const void *filled);
/* "a.b.c" likewise, group by group. */
struct node *node_find(const struct node *group, const char *path);
/* "endpoints.chat.timeout.total": list elements by their name where they have a plain one, else "[0]". */
void node_path(const struct node *node, struct buf *out);
/* "a group", "a text": for messages. */
const char *node_kind_text(enum node_kind kind);

#endif
