/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/documents.h"

#include <string.h>

#include "base/parse.h"
#include "config/syntax.h"
#include "config/tree.h"
#include "config/value.h"

#define POLITE_NS (60 * NS_PER_SEC)

static void
check_evidence(struct loading *loading, const struct node *own)
{
	const struct node *doc = node_get(own, "doc"), *mention = node_get(own, "must_mention");
	if (doc && !doc->bad)
		reference_find_doc(loading, doc);
	if (mention && !doc)
		loading_error(loading, mention, "nobody looks for it: name the watched document with `doc`");
}

static bool
is_evidence(const struct contract *contract, const struct doc *doc)
{
	for (size_t i = 0; contract && i < contract->evidence_count; i++)
		if (contract->evidence[i].doc && strcmp(contract->evidence[i].doc, doc->name) == 0)
			return true;
	return false;
}

static bool
is_listed(const struct doc *doc, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < doc->endpoint_count; i++)
		if (doc->endpoints[i] == endpoint)
			return true;
	return false;
}

static void
find_relying(struct loading *loading, struct doc *doc)
{
	struct config *config = loading->config;
	doc->relying = arena_alloc(loading->memory, (config->endpoint_count + 1) * sizeof(const void *));
	for (size_t i = 0; i < config->endpoint_count; i++) {
		struct endpoint *endpoint = &config->endpoints[i];
		if (!is_listed(doc, endpoint) && !is_evidence(endpoint->contract, doc))
			continue;
		doc->relying[doc->relying_count++] = endpoint;
		endpoint->documented = endpoint->documented || doc->revalidate;
	}
}

static void
check_doc(struct loading *loading, const struct doc *doc, const struct node *own)
{
	const struct node *interval = node_get(own, "interval"), *url = node_get(own, "url");
	for (const struct node *each = node_first_of(own, "endpoints"); each; each = each->next)
		for (size_t i = 0; i < each->index; i++)
			if (doc->endpoints[i] == doc->endpoints[each->index])
				loading_error(loading, each, "\"%s\" is in the list twice", each->text);
	bool sound = interval && !interval->bad && url && !url->bad;
	if (sound && doc->interval_ns < POLITE_NS && !syntax_url_is_loopback(str_of(doc->url)))
		loading_warn(loading, interval, "less than a minute is more often than a public site should be asked");
}

void
documents_rules_check(struct loading *loading, const struct node *root)
{
	struct config *config = loading->config;
	for (const struct node *each = node_first_filled(root, "contracts", config->contracts); each; each = each->next)
		for (const struct node *own = node_first_of(each, "evidence"); own; own = own->next)
			check_evidence(loading, own);
	for (const struct node *own = node_first_filled(root, "docs", config->docs); own; own = own->next) {
		struct doc *doc = &config->docs[own->index];
		doc->index = own->index;
		if (own->bad || !doc->name)
			continue;
		find_relying(loading, doc);
		check_doc(loading, doc, own);
	}
}
