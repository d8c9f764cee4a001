/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dialect/family.h"

const struct dialect *const dialects[] = {
#define DIALECT(name) &dialect_##name,
#include "dialect/list.def"
#undef DIALECT
	NULL,
};

const struct dialect *
dialect_find(struct str name)
{
	for (size_t i = 0; dialects[i]; i++)
		if (str_eq(name, str_of(dialects[i]->name)))
			return dialects[i];
	return NULL;
}
