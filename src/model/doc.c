/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/doc.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[DOC_KIND_COUNT] = {
	[DOC_MARKDOWN] = "markdown",
	[DOC_OPENAPI] = "openapi",
	[DOC_INDEX] = "index",
	[DOC_TEXT] = "text",
};

static const char *const results[DOC_RESULT_COUNT] = {
	[DOC_UNCHANGED] = "unchanged",
	[DOC_CHANGED] = "changed",
	[DOC_INCONCLUSIVE] = "inconclusive",
};

static const char *const changes[DOC_CHANGE_COUNT] = {
	[DOC_CHANGE_CONTRACT] = "contract",
	[DOC_CHANGE_PROSE] = "prose",
	[DOC_CHANGE_INDEX] = "index",
	[DOC_CHANGE_MOVED] = "moved",
};

void
doc_versions_key(const struct doc *doc, char ret_key[DOC_VERSIONS_KEY_BYTES])
{
	snprintf(ret_key, DOC_VERSIONS_KEY_BYTES, "%s/%s", doc->name, kinds[doc->kind]);
}

const char *
doc_kind_name(enum doc_kind kind)
{
	return kinds[kind];
}

const char *
doc_result_name(enum doc_result result)
{
	return results[result];
}

const char *
doc_change_name(enum doc_change change)
{
	return changes[change];
}

enum doc_kind
doc_kind_from_name(struct str name)
{
	enum doc_kind kind = 0;
	while (kind < DOC_KIND_COUNT && !str_eq(name, str_of(kinds[kind])))
		kind++;
	return kind;
}

bool
doc_lacks(const struct doc_evidence *evidence, const char *phrase)
{
	for (size_t i = 0; i < evidence->count; i++)
		if (strcmp(evidence->missing[i], phrase) == 0)
			return true;
	return false;
}
