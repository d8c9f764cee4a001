/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/baseline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/jsonw.h"
#include "base/xalloc.h"

enum { PREFIXES_MAX = 4, NOT_SEEN = -1, VARIES = -2 };

struct learnt {
	char *path; /* owned */
	unsigned count; /* samples that had it */
	uint8_t kinds;
};

struct baseline {
	struct learnt *paths; /* sorted */
	size_t count, room;
	unsigned samples;
	bool pinned;
	int64_t vector_length, input_tokens; /* NOT_SEEN, VARIES, or what all samples had */
	char *prefixes[PREFIXES_MAX]; /* owned */
	size_t prefix_count;
};

struct baseline *
baseline_new(void)
{
	struct baseline *baseline = xcalloc(1, sizeof(*baseline));
	baseline->vector_length = baseline->input_tokens = NOT_SEEN;
	return baseline;
}

void
baseline_free(struct baseline *baseline)
{
	if (!baseline)
		return;
	for (size_t i = 0; i < baseline->count; i++)
		free(baseline->paths[i].path);
	for (size_t i = 0; i < baseline->prefix_count; i++)
		free(baseline->prefixes[i]);
	free(baseline->paths);
	free(baseline);
}

/* ---- learning ---- */

/* Where the path is, or would be. */
static size_t
find_place(const struct baseline *baseline, struct str path, bool *ret_found)
{
	size_t low = 0, high = baseline->count;
	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct str known = str_of(baseline->paths[middle].path);
		size_t len = known.len < path.len ? known.len : path.len;
		int order = memcmp(known.at, path.at, len);
		if (order == 0 && known.len == path.len) {
			*ret_found = true;
			return middle;
		}
		if (order < 0 || (order == 0 && known.len < path.len))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct learnt *
take_path(struct baseline *baseline, struct str path)
{
	bool found;
	size_t place = find_place(baseline, path, &found);
	if (found)
		return &baseline->paths[place];
	if (baseline->count == SHAPE_PATHS_MAX)
		return NULL;
	if (baseline->count == baseline->room) {
		baseline->room = baseline->room ? baseline->room * 2 : 64;
		baseline->paths = xrealloc(baseline->paths, baseline->room * sizeof(*baseline->paths));
	}
	struct learnt *learnt = &baseline->paths[place];
	memmove(learnt + 1, learnt, (baseline->count - place) * sizeof(*learnt));
	*learnt = (struct learnt){ .path = xstrndup(path.at, path.len) };
	baseline->count++;
	return learnt;
}

static void
learn_number(int64_t *known, int64_t seen, bool first)
{
	if (first)
		*known = seen;
	else if (*known != seen)
		*known = VARIES;
}

static bool
has_prefix(const struct baseline *baseline, struct str prefix)
{
	for (size_t i = 0; i < baseline->prefix_count; i++)
		if (str_eq(prefix, str_of(baseline->prefixes[i])))
			return true;
	return false;
}

static void
learn_prefix(struct baseline *baseline, struct str prefix)
{
	if (prefix.at && !has_prefix(baseline, prefix) && baseline->prefix_count < PREFIXES_MAX)
		baseline->prefixes[baseline->prefix_count++] = xstrndup(prefix.at, prefix.len);
}

void
baseline_learn(struct baseline *baseline, const struct shape *shape)
{
	if (baseline->pinned || shape->incomplete)
		return;
	for (size_t i = 0; i < shape->count; i++) {
		struct learnt *learnt = take_path(baseline, shape->paths[i].path);
		if (!learnt)
			continue;
		learnt->count++;
		learnt->kinds |= shape->paths[i].kinds;
	}
	learn_number(&baseline->vector_length, shape->vector_length, baseline->samples == 0);
	learn_number(&baseline->input_tokens, shape->input_tokens, baseline->samples == 0);
	learn_prefix(baseline, shape->id_prefix);
	baseline->samples++;
}

void
baseline_pin(struct baseline *baseline)
{
	baseline->pinned = true;
	baseline->room = baseline->count; /* it stays for long: no spare room */
	if (baseline->count > 0)
		baseline->paths = xrealloc(baseline->paths, baseline->count * sizeof(*baseline->paths));
}

bool
baseline_is_pinned(const struct baseline *baseline)
{
	return baseline->pinned;
}

unsigned
baseline_samples(const struct baseline *baseline)
{
	return baseline->samples;
}

/* ---- comparing ---- */

struct comparison {
	const struct baseline *baseline;
	const struct shape *shape;
	const struct contract *contract;
	struct findings *findings;
};

/* The container of a path: $.a of $.a.b and of $.a[]; absent for $ and headers. */
static struct str
parent_of(struct str path)
{
	if (str_ends(path, STR("[]")))
		return str_span(path.at, path.len - 2);
	for (size_t i = path.len; i > 0; i--)
		if (path.at[i - 1] == '.')
			return str_span(path.at, i - 1);
	return STR_NONE;
}

/* What is inside usage is judged by the usage verdict; here it only tells backends apart. */
static bool
is_inside_usage(struct str path)
{
	return str_contains_nocase(path, STR(".usage.")) || str_contains_nocase(path, STR(".usageMetadata."));
}

static bool
is_usage(struct str path)
{
	return str_ends(path, STR(".usage")) || str_ends(path, STR(".usageMetadata")) || is_inside_usage(path);
}

static bool
is_optional(const struct contract *contract, struct str path)
{
	for (size_t i = 0; contract && i < contract->optional.count; i++)
		if (str_eq(path, str_of(contract->optional.items[i].path)))
			return true;
	return false;
}

/* Another source has said something about this very place. */
static bool
is_told(const struct findings *findings, struct str path)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].source != SOURCE_BASELINE && str_eq(path, str_of(findings->list[i].path)))
			return true;
	return false;
}

static void
find(const struct comparison *c, enum finding_rule rule, struct str path)
{
	if (!is_told(c->findings, path))
		findings_add(c->findings, rule, SOURCE_BASELINE, path);
}

static const struct str image_url = { "$.data[].url", 12 }, image_bytes = { "$.data[].b64_json", 17 };

/* Is the image where it always was, in the other form? Then that is told, not what came and what went. */
static bool
is_other_image_form(const struct comparison *c, struct str path)
{
	bool knows_url, knows_bytes;
	if (!str_eq(path, image_url) && !str_eq(path, image_bytes))
		return false;
	find_place(c->baseline, image_url, &knows_url);
	find_place(c->baseline, image_bytes, &knows_bytes);
	bool has_url = shape_find(c->shape, image_url), has_bytes = shape_find(c->shape, image_bytes);
	return knows_url != knows_bytes && has_url != has_bytes && knows_url != has_url;
}

/* A path that all samples had and this answer has not. Only the topmost is told, and an empty list is another rule. */
static void
compare_missing(const struct comparison *c, const struct learnt *learnt)
{
	struct str path = str_of(learnt->path);
	struct str parent = parent_of(path);
	if (learnt->count < c->baseline->samples || is_optional(c->contract, path))
		return;
	if (learnt->kinds & SHAPE_HEADER) {
		find(c, RULE_HEADER_REMOVED, path);
		return;
	}
	const struct shape_path *container = parent.at ? shape_find(c->shape, parent) : NULL;
	if (!container || !(container->kinds & SHAPE_OBJECT) || str_ends(path, STR("[]")))
		return;
	if (is_other_image_form(c, path))
		find(c, RULE_IMAGE_FORM_CHANGED, STR("$.data[]"));
	else if (is_inside_usage(path))
		find(c, RULE_BACKEND_CHANGED, path);
	else if (!is_usage(path))
		find(c, RULE_FIELD_REMOVED, path);
}

static void
compare_kinds(const struct comparison *c, const struct learnt *learnt, const struct shape_path *now)
{
	unsigned fresh = now->kinds & ~(unsigned)learnt->kinds;
	if (fresh == 0 || is_usage(now->path) || is_optional(c->contract, now->path))
		return;
	/* who can do without a field can do with an empty one */
	bool always = learnt->count == c->baseline->samples;
	if (always && fresh & SHAPE_EMPTY_ARRAY && learnt->kinds & SHAPE_ARRAY)
		find(c, RULE_ARRAY_BECAME_EMPTY, now->path);
	/* what was always null says nothing of its type */
	bool only_null = (learnt->kinds & ~(unsigned)SHAPE_NULL) == 0;
	if (always && fresh & SHAPE_NULL)
		find(c, RULE_FIELD_BECAME_NULL, now->path);
	else if (fresh & ~(unsigned)(SHAPE_EMPTY_ARRAY | SHAPE_NULL) && !only_null)
		find(c, RULE_FIELD_TYPE_CHANGED, now->path);
}

static void
compare_new(const struct comparison *c, const struct shape_path *now)
{
	bool found;
	struct str parent = parent_of(now->path);
	if (now->kinds & SHAPE_HEADER || is_optional(c->contract, now->path) || str_ends(now->path, STR("[]")))
		return;
	size_t place = parent.at ? find_place(c->baseline, parent, &found) : 0;
	if (!parent.at || !found || !(c->baseline->paths[place].kinds & SHAPE_OBJECT))
		return;
	if (is_other_image_form(c, now->path))
		find(c, RULE_IMAGE_FORM_CHANGED, STR("$.data[]"));
	else
		find(c, is_inside_usage(now->path) ? RULE_BACKEND_CHANGED : RULE_FIELD_ADDED, now->path);
}

static void
compare_extras(const struct comparison *c)
{
	const struct baseline *baseline = c->baseline;
	const struct shape *shape = c->shape;
	if (baseline->vector_length >= 0 && shape->vector_length != baseline->vector_length)
		find(c, RULE_EMBEDDING_DIMENSION_CHANGED, STR("$.data[].embedding"));
	if (baseline->input_tokens >= 0 && shape->input_tokens >= 0 && shape->input_tokens != baseline->input_tokens)
		find(c, RULE_PROMPT_TOKENS_CHANGED, STR("$.usage"));
	if (baseline->prefix_count > 0 && shape->id_prefix.at && !has_prefix(baseline, shape->id_prefix))
		find(c, RULE_BACKEND_CHANGED, STR("$.id"));
}

void
baseline_compare(const struct baseline *baseline, const struct shape *shape, const struct contract *contract,
    struct findings *findings)
{
	struct comparison c = { baseline, shape, contract, findings };
	if (!baseline->pinned || shape->incomplete || baseline->samples == 0)
		return;
	for (size_t i = 0; i < baseline->count; i++) {
		const struct shape_path *now = shape_find(shape, str_of(baseline->paths[i].path));
		if (now)
			compare_kinds(&c, &baseline->paths[i], now);
		else
			compare_missing(&c, &baseline->paths[i]);
	}
	for (size_t i = 0; i < shape->count; i++) {
		bool found;
		find_place(baseline, shape->paths[i].path, &found);
		if (!found)
			compare_new(&c, &shape->paths[i]);
	}
	compare_extras(&c);
}

/* ---- saving: one line of JSON, and one with its hash ---- */

static const char format_name[] = "cometcanary-baseline";
enum { FORMAT_VERSION = 1 };

bool
baseline_save(const struct baseline *baseline, struct buf *out)
{
	size_t start = out->len;
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_text(&w, "format", format_name);
	jsonw_int(&w, "version", FORMAT_VERSION);
	jsonw_int(&w, "samples", baseline->samples);
	jsonw_bool(&w, "pinned", baseline->pinned);
	jsonw_int(&w, "vector_length", baseline->vector_length);
	jsonw_int(&w, "input_tokens", baseline->input_tokens);
	jsonw_open_array(&w, "prefixes");
	for (size_t i = 0; i < baseline->prefix_count; i++)
		jsonw_text(&w, NULL, baseline->prefixes[i]);
	jsonw_close_array(&w);
	jsonw_open_array(&w, "paths");
	for (size_t i = 0; i < baseline->count; i++) {
		jsonw_open_array(&w, NULL);
		jsonw_text(&w, NULL, baseline->paths[i].path);
		jsonw_int(&w, NULL, baseline->paths[i].count);
		jsonw_int(&w, NULL, baseline->paths[i].kinds);
		jsonw_close_array(&w);
	}
	jsonw_close_array(&w);
	jsonw_close_object(&w);
	uint64_t hash = out->overflow ? 0 : hash_str(0, str_span(out->at + start, out->len - start));
	return buf_printf(out, "\n%016" PRIx64 "\n", hash);
}

static bool
load_paths(struct baseline *baseline, struct json paths)
{
	for (size_t i = 0; i < json_count(paths); i++) {
		struct json row = json_at(paths, i);
		struct str path = json_str(json_at(row, 0));
		int64_t count = json_int(json_at(row, 1)), kinds = json_int(json_at(row, 2));
		struct learnt *learnt = path.len > 0 ? take_path(baseline, path) : NULL;
		if (!learnt || count < 1 || count > baseline->samples || kinds < 1 || kinds > UINT8_MAX)
			return false;
		learnt->count = (unsigned)count;
		learnt->kinds = (uint8_t)kinds;
	}
	return true;
}

static bool
load_fields(struct baseline *baseline, struct json root)
{
	int64_t samples = json_int(json_get(root, "samples"));
	struct json prefixes = json_get(root, "prefixes");
	if (samples < 0 || samples > UINT32_MAX || json_count(prefixes) > PREFIXES_MAX)
		return false;
	baseline->samples = (unsigned)samples;
	baseline->pinned = json_truth(json_get(root, "pinned"));
	baseline->vector_length = json_int(json_get(root, "vector_length"));
	baseline->input_tokens = json_int(json_get(root, "input_tokens"));
	for (size_t i = 0; i < json_count(prefixes); i++)
		learn_prefix(baseline, json_str(json_at(prefixes, i)));
	return load_paths(baseline, json_get(root, "paths"));
}

static bool
is_intact(struct str line, struct str rest)
{
	char hash[17];
	snprintf(hash, sizeof(hash), "%016" PRIx64, hash_str(0, line));
	return str_eq(str_trim(rest), str_of(hash));
}

struct baseline *
baseline_load(struct str text, const char **ret_why)
{
	struct str rest = text;
	struct str line = str_split(&rest, '\n');
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(line, JSON_DEPTH_MAX, &root) != JSON_FINE ||
	    !str_eq(json_str(json_get(root, "format")), str_of(format_name))) {
		*ret_why = "is no baseline";
		return NULL;
	}
	int64_t version = json_int(json_get(root, "version"));
	if (version != FORMAT_VERSION) {
		*ret_why =
		    version > FORMAT_VERSION ? "was written by a newer version" : "has a format that is no longer read";
		return NULL;
	}
	struct baseline *baseline = baseline_new();
	if (rest.at && is_intact(line, rest) && load_fields(baseline, root))
		return baseline;
	baseline_free(baseline);
	*ret_why = "is corrupt";
	return NULL;
}

/* ---- for people ---- */

static const struct {
	unsigned bit;
	const char *name;
} kind_names[] = {
	{ SHAPE_NULL, "null" },
	{ SHAPE_BOOL, "boolean" },
	{ SHAPE_NUMBER, "number" },
	{ SHAPE_STRING, "string" },
	{ SHAPE_ARRAY, "array" },
	{ SHAPE_OBJECT, "object" },
	{ SHAPE_EMPTY_ARRAY, "empty" },
	{ SHAPE_HEADER, "header" },
};

static void
print_kinds(struct buf *out, unsigned kinds)
{
	const char *separator = "";
	for (size_t i = 0; i < ARRAY_LEN(kind_names); i++) {
		if (!(kinds & kind_names[i].bit))
			continue;
		bool at_times = kind_names[i].bit == SHAPE_EMPTY_ARRAY;
		buf_printf(out, at_times ? "%s(%s at times)" : "%s%s", separator, kind_names[i].name);
		separator = "|";
	}
}

void
baseline_write(const struct baseline *baseline, struct jsonw *w, const char *key)
{
	jsonw_open_array(w, key);
	for (size_t i = 0; i < baseline->count; i++) {
		const struct learnt *learnt = &baseline->paths[i];
		jsonw_open_object(w, NULL);
		jsonw_text(w, "path", learnt->path);
		jsonw_int(w, "seen", learnt->count);
		jsonw_open_array(w, "types");
		for (size_t j = 0; j < ARRAY_LEN(kind_names); j++)
			if (learnt->kinds & kind_names[j].bit)
				jsonw_text(w, NULL, kind_names[j].name);
		jsonw_close_array(w);
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

void
baseline_print(const struct baseline *baseline, struct buf *out)
{
	buf_printf(out, "%u samples, %s\n", baseline->samples, baseline->pinned ? "pinned" : "learning");
	for (size_t i = 0; i < baseline->count; i++) {
		const struct learnt *learnt = &baseline->paths[i];
		if (learnt->count == baseline->samples)
			buf_text(out, "  always    ");
		else
			buf_printf(out, "  %3u of %-3u", learnt->count, baseline->samples);
		buf_char(out, ' ');
		escape_terminal(out, str_of(learnt->path));
		buf_text(out, ": ");
		print_kinds(out, learnt->kinds);
		buf_char(out, '\n');
	}
}
