/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The changes of the documentation by name, and which are switched on for one page. Loop thread; no I/O.
 */
#ifndef COMETCANARY_SIM_SITE_CHANGE_H
#define COMETCANARY_SIM_SITE_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum site_change {
#define SITE_CHANGE(kind, id, name, argument, what) SITE_##id,
#include "sim/site_change.def"
#undef SITE_CHANGE
	SITE_CHANGE_COUNT
};

enum site_change_kind { SITE_CONTRACT, SITE_PROSE, SITE_PLACE, SITE_LOOK, SITE_TROUBLE };

/* The columns of site_change.def. */
const char *site_change_name(enum site_change change);
enum site_change_kind site_change_kind(enum site_change change);
const char *site_change_kind_name(enum site_change_kind kind);
const char *site_change_argument(enum site_change change); /* "" = takes none */
const char *site_change_text(enum site_change change);
/* SITE_CHANGE_COUNT when there is none of that name. */
enum site_change site_change_find(struct str name);

enum { SITE_STEPS_MAX = 32, SITE_ARGUMENT_MAX = 512 };

struct site_step {
	enum site_change change;
	char *argument; /* owned; NULL = the usual */
};

struct site_steps {
	struct site_step list[SITE_STEPS_MAX];
	unsigned count;
};

/* Adds it, unless it is there already. False when there is no room. An absent argument is the usual one. */
bool site_steps_add(struct site_steps *steps, enum site_change change, struct str argument);
/* Forgets those from index `from` on. */
void site_steps_cut(struct site_steps *steps, unsigned from);

#endif
