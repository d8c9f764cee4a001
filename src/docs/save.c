/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "docs/builder.h"

static const char format_name[] = "cometcanary-document";

enum { FORMAT_VERSION = 1 };

void
doc_version_save(const struct doc_version *version, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_text(&w, "format", format_name);
	jsonw_int(&w, "version", FORMAT_VERSION);
	jsonw_str(&w, "url", version->url);
	jsonw_str(&w, "title", version->title);
	jsonw_open_array(&w, "facts"); /* key, value, key, value, … */
	for (size_t i = 0; i < version->fact_count; i++) {
		jsonw_str(&w, NULL, version->facts[i].key);
		jsonw_str(&w, NULL, version->facts[i].value);
	}
	jsonw_close_array(&w);
	jsonw_open_array(&w, "lines");
	for (size_t i = 0; i < version->line_count; i++)
		jsonw_str(&w, NULL, version->lines[i]);
	jsonw_close_array(&w);
	jsonw_close_object(&w);
}

static bool
restore_facts(struct builder *builder, struct json facts)
{
	size_t count = json_count(facts);
	if (facts.kind != JSON_ARRAY || count % 2)
		return false;
	for (size_t i = 0; i < count; i += 2) {
		struct str key = json_str(json_at(facts, i)), value = json_str(json_at(facts, i + 1));
		struct str before = i ? json_str(json_at(facts, i - 2)) : STR("");
		if (!key.at || !value.at || (i > 0 && str_order(before, key) >= 0))
			return false;
		builder_fact(builder, key, value);
	}
	return true;
}

static bool
restore_lines(struct builder *builder, struct json lines)
{
	if (lines.kind != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < json_count(lines); i++) {
		struct str line = json_str(json_at(lines, i));
		if (!line.at)
			return false;
		builder_line(builder, line);
	}
	return true;
}

static int
restore(struct builder *builder, struct json root)
{
	struct str url = json_str(json_get(root, "url")), title = json_str(json_get(root, "title"));
	if (!str_eq(json_str(json_get(root, "format")), str_of(format_name)))
		return -EINVAL;
	if (json_int(json_get(root, "version")) > FORMAT_VERSION)
		return -ENOTSUP;
	if (json_int(json_get(root, "version")) != FORMAT_VERSION || !url.at || !title.at)
		return -EINVAL;
	builder->url = builder_copy(builder, url);
	builder->title = builder_copy(builder, title);
	bool whole = restore_facts(builder, json_get(root, "facts")) && restore_lines(builder, json_get(root, "lines"));
	return whole ? 0 : -EINVAL;
}

int
doc_version_restore(struct str text, struct doc_version *ret_version)
{
	*ret_version = (struct doc_version){ 0 };
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(text, JSON_DEPTH_MAX, &root) != JSON_FINE)
		return -EINVAL;
	struct builder builder;
	builder_init(&builder);
	int error = restore(&builder, root);
	if (error == 0 && !builder_finish(&builder, ret_version))
		error = -EINVAL;
	builder_done(&builder);
	return error;
}
