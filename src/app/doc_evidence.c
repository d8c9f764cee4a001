/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/doc_evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "base/xalloc.h"
#include "docs/version.h"
#include "store/store.h"

enum { FORMAT = 1, SAVED_BYTES_MAX = 1024 * 1024, SAVED_DEPTH = 4 };

static void
forget(struct doc_evidence *evidence)
{
	for (size_t i = 0; i < evidence->count; i++)
		free(evidence->missing[i]);
	evidence->count = 0;
}

static void
add(struct doc_evidence *evidence, struct str phrase)
{
	evidence->missing = xrealloc(evidence->missing, (evidence->count + 1) * sizeof(*evidence->missing));
	evidence->missing[evidence->count++] = xstrndup(phrase.at, phrase.len);
}

static void
look_for_all(struct doc_evidence *evidence, const char *const *phrases, size_t count, struct str body)
{
	for (size_t i = 0; i < count; i++)
		if (!doc_mentions(body, phrases[i]))
			add(evidence, str_of(phrases[i]));
}

void
doc_evidence_look(
    struct doc_evidence *evidence, const struct config *config, const struct doc *doc, struct str body, struct wall now)
{
	forget(evidence);
	evidence->checked = now;
	look_for_all(evidence, doc->must_mention, doc->must_mention_count, body);
	for (size_t i = 0; i < config->contract_count; i++) {
		const struct contract *contract = &config->contracts[i];
		for (size_t j = 0; j < contract->evidence_count; j++) {
			const struct evidence *relied = &contract->evidence[j];
			if (relied->doc && strcmp(relied->doc, doc->name) == 0)
				look_for_all(evidence, relied->must_mention, relied->must_mention_count, body);
		}
	}
}

void
doc_evidence_done(struct doc_evidence *evidence)
{
	forget(evidence);
	free(evidence->missing);
	*evidence = (struct doc_evidence){ 0 };
}

void
doc_evidence_key(const struct doc *doc, char ret_key[DOC_EVIDENCE_KEY_BYTES])
{
	snprintf(ret_key, DOC_EVIDENCE_KEY_BYTES, "docs/%s", doc->name);
}

void
doc_evidence_put(struct store *store, const struct doc *doc, const struct doc_evidence *evidence)
{
	char key[DOC_EVIDENCE_KEY_BYTES];
	auto_buf struct buf text = BUF_INIT(SAVED_BYTES_MAX);
	struct jsonw w;
	jsonw_init(&w, &text);
	jsonw_open_object(&w, NULL);
	jsonw_int(&w, "format", FORMAT);
	jsonw_text(&w, "url", doc->url);
	jsonw_int(&w, "checked_us", evidence->checked.us);
	jsonw_open_array(&w, "missing");
	for (size_t i = 0; i < evidence->count; i++)
		jsonw_text(&w, NULL, evidence->missing[i]);
	jsonw_close_array(&w);
	jsonw_close_object(&w);
	doc_evidence_key(doc, key);
	const struct store_item item = { STORE_VERIFIED, str_of(key), evidence->checked, buf_view(&text) };
	store_put(store, &item, NULL, NULL);
}

bool
doc_evidence_restore(const struct doc *doc, struct str text, struct doc_evidence *ret_evidence)
{
	auto_json struct json root = JSON_NOTHING;
	*ret_evidence = (struct doc_evidence){ 0 };
	if (json_parse(text, SAVED_DEPTH, &root) != JSON_FINE || json_int(json_get(root, "format")) != FORMAT)
		return false;
	if (!str_eq(json_str(json_get(root, "url")), str_of(doc->url)))
		return false;
	struct json missing = json_get(root, "missing");
	ret_evidence->checked.us = json_int(json_get(root, "checked_us"));
	for (size_t i = 0; i < json_count(missing); i++)
		if (json_at(missing, i).kind == JSON_STRING)
			add(ret_evidence, json_str(json_at(missing, i)));
	return ret_evidence->checked.us > 0;
}
