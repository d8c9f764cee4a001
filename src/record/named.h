/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Series of what has a name in the configuration and is no endpoint: providers, policies, budgets, documents. A part of
 * the metrics, which own the lists and copy them into each snapshot. On the loop's thread.
 */
#ifndef COMETCANARY_RECORD_NAMED_H
#define COMETCANARY_RECORD_NAMED_H

#include <stddef.h>

#include "model/conf.h"

enum named_kind { NAMED_PROVIDER, NAMED_POLICY, NAMED_BUDGET, NAMED_DOC, NAMED_KINDS };

/* What each series of a kind begins with. */
struct named {
	char *name;
	char *labels; /* kind="name" */
};

/* All 0 is an empty one. */
struct named_list {
	enum named_kind kind;
	char *items; /* owned; struct provider_series and so on */
	size_t count;
};

/* Those of a configuration, in its order; what is known of those that stay goes on. */
void named_configure(struct named_list *list, enum named_kind kind, const struct config *config);
/* NULL when it is not configured. */
void *named_find(const struct named_list *list, const char *name);
/* NULL beyond the last one. */
void *named_at(const struct named_list *list, size_t i);
struct named_list named_copy(const struct named_list *list);
void named_done(struct named_list *list);

#endif
