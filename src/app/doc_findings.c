/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/doc_findings.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "docs/compare.h"

static void
merge(struct findings *into, const struct findings *more)
{
	for (size_t i = 0; i < more->count; i++)
		findings_add(into, more->list[i].rule, more->list[i].source, str_of(more->list[i].path));
}

void
doc_findings_begin(struct doc_findings *found, const struct doc *doc)
{
	doc_findings_done(found);
	found->doc = doc;
	found->of = xcalloc(doc->relying_count + 1, sizeof(struct findings *));
}

void
doc_findings_add(struct doc_findings *found, const struct doc_version *older, const struct doc_version *now)
{
	for (size_t i = 0; i < found->doc->relying_count; i++) {
		struct findings seen = { 0 };
		doc_judge(older, now, found->doc->relying[i], &seen);
		if (seen.count == 0)
			continue;
		if (!found->of[i])
			found->of[i] = xcalloc(1, sizeof(struct findings));
		merge(found->of[i], &seen);
	}
}

void
doc_findings_collect(const struct doc_findings *found, const struct endpoint *endpoint, struct findings *all)
{
	for (size_t i = 0; found->doc && i < found->doc->relying_count; i++)
		if (found->doc->relying[i] == endpoint && found->of[i])
			merge(all, found->of[i]);
}

void
doc_findings_done(struct doc_findings *found)
{
	for (size_t i = 0; found->doc && i < found->doc->relying_count; i++)
		free(found->of[i]);
	free(found->of);
	*found = (struct doc_findings){ 0 };
}
