/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dialect/table.h"

const struct dialect *const dialects[] = {
#define DIALECT_ROW(name) &dialect_##name,
	DIALECT_LIST(DIALECT_ROW)
#undef DIALECT_ROW
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
