/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/site_draft.h"

#include <stdlib.h>

#include "base/xalloc.h"

enum { ARENA_BYTES = 256 * 1024 };

static void
copy_fields(struct site_fields *to, const struct site_field *from)
{
	for (; from && from->path && to->count < SITE_FIELDS_MAX; from++)
		to->list[to->count++] = *from;
}

struct site_draft *
site_draft_new(const struct site_page *page)
{
	struct site_draft *draft = xcalloc(1, sizeof(*draft));
	bool has_statuses = page->spec || page->is_error_guide;
	arena_init(&draft->arena, ARENA_BYTES);
	draft->page = page;
	copy_fields(&draft->parts[PART_REQUEST], page->request);
	copy_fields(&draft->parts[PART_RESPONSE], page->response);
	copy_fields(&draft->parts[PART_ERROR], has_statuses ? site_error_fields : NULL);
	for (const struct site_status *status = site_statuses; has_statuses && status->code; status++)
		if (page->spec || status->code != 200)
			draft->statuses[draft->status_count++] = *status;
	for (const char *const *block = page->prose; *block && draft->prose_count < SITE_BLOCKS_MAX; block++)
		draft->prose[draft->prose_count++] = *block;
	draft->method = page->method;
	draft->api_path = page->api_path;
	draft->auth = page->auth == AUTH_NONE ? 0 : 1U << page->auth | 1U << AUTH_BEARER;
	draft->place = page->path;
	draft->exists = !page->unlisted;
	draft->index_title = page->unlisted ? NULL : page->title;
	return draft;
}

void
site_draft_free(struct site_draft *draft)
{
	if (!draft)
		return;
	arena_done(&draft->arena);
	free(draft);
}

void
site_draft_free_ptr(struct site_draft **draft)
{
	site_draft_free(*draft);
}

size_t
site_index(const struct site_fields *fields, struct str path)
{
	size_t i = 0;
	while (i < fields->count && !str_eq(str_of(fields->list[i].path), path))
		i++;
	return i;
}

struct str
site_child(const char *path, struct str parent)
{
	struct str rest = str_of(path);
	if (!str_starts(rest, parent))
		return STR_NONE;
	rest = str_span(rest.at + parent.len, rest.len - parent.len);
	if (parent.len > 0) {
		if (!str_starts(rest, STR(".")))
			return STR_NONE;
		rest = str_span(rest.at + 1, rest.len - 1);
	}
	bool deeper = rest.len == 0 || memchr(rest.at, '.', rest.len) || memchr(rest.at, '[', rest.len);
	return deeper ? STR_NONE : rest;
}

bool
site_has(const struct site_fields *fields, struct str path)
{
	for (size_t i = 0; i < fields->count; i++) {
		struct str other = str_of(fields->list[i].path);
		if (str_starts(other, path) && (other.len == path.len || strchr(".[", other.at[path.len])))
			return true;
	}
	return false;
}

static const char *const types[] = { "string", "integer", "number", "boolean", "object", "array", "null" };

const char *
site_type_name(unsigned type)
{
	return types[__builtin_ctz(type)];
}

unsigned
site_type_find(struct str name)
{
	for (unsigned i = 0; i < ARRAY_LEN(types); i++)
		if (str_eq(name, str_of(types[i])))
			return 1U << i;
	return 0;
}
