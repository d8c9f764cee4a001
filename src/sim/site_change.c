/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/site_change.h"

#include <stdlib.h>

#include "base/xalloc.h"

static const struct row {
	const char *name, *argument, *what;
	enum site_change_kind kind;
} rows[] = {
#define SITE_CHANGE(kind, id, name, argument, what) { name, argument, what, SITE_##kind },
#include "sim/site_change.def"
#undef SITE_CHANGE
};

const char *
site_change_name(enum site_change change)
{
	return rows[change].name;
}

enum site_change_kind
site_change_kind(enum site_change change)
{
	return rows[change].kind;
}

const char *
site_change_kind_name(enum site_change_kind kind)
{
	static const char *const names[] = {
		[SITE_CONTRACT] = "contract",
		[SITE_PROSE] = "prose",
		[SITE_PLACE] = "place",
		[SITE_LOOK] = "look",
		[SITE_TROUBLE] = "trouble",
	};
	return names[kind];
}

const char *
site_change_argument(enum site_change change)
{
	return rows[change].argument;
}

const char *
site_change_text(enum site_change change)
{
	return rows[change].what;
}

enum site_change
site_change_find(struct str name)
{
	enum site_change change = 0;
	while (change < SITE_CHANGE_COUNT && !str_eq(name, str_of(rows[change].name)))
		change++;
	return change;
}

bool
site_steps_add(struct site_steps *steps, enum site_change change, struct str argument)
{
	for (unsigned i = 0; i < steps->count; i++)
		if (steps->list[i].change == change && str_eq(str_of(steps->list[i].argument), argument))
			return true;
	if (steps->count == SITE_STEPS_MAX)
		return false;
	char *copy = argument.at ? xstrndup(argument.at, argument.len) : NULL;
	steps->list[steps->count++] = (struct site_step){ change, copy };
	return true;
}

void
site_steps_cut(struct site_steps *steps, unsigned from)
{
	while (steps->count > from)
		free(steps->list[--steps->count].argument);
}
