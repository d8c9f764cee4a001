/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/provider.h"

#include <stdio.h>

#include "base/attr.h"
#include "sim/draw.h"

static const struct provider *const providers[] = {
#define PROVIDER(row) &row,
#include "sim/provider.def"
#undef PROVIDER
};

static bool
path_matches(struct str pattern, struct str path)
{
	while (pattern.len > 0) {
		if (pattern.at[0] != '*') {
			if (path.len == 0 || path.at[0] != pattern.at[0])
				return false;
			path = str_span(path.at + 1, path.len - 1);
		} else {
			char stop = pattern.len > 1 ? pattern.at[1] : '/';
			while (path.len > 0 && path.at[0] != stop && path.at[0] != '/')
				path = str_span(path.at + 1, path.len - 1);
		}
		pattern = str_span(pattern.at + 1, pattern.len - 1);
	}
	return path.len == 0;
}

const struct provider *
provider_find(const struct http_request *request)
{
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (str_eq(request->method, str_of(providers[i]->method)) &&
		    path_matches(str_of(providers[i]->path), request->path))
			return providers[i];
	return NULL;
}

void
provider_collect_text(struct json content, struct buf *out)
{
	if (content.kind == JSON_STRING)
		buf_str(out, json_str(content));
	for (size_t i = 0; i < json_count(content) && content.kind == JSON_ARRAY; i++)
		buf_str(out, json_str(json_get(json_at(content, i), "text")));
}

void
provider_id(const struct ask *ask, const char *prefix, unsigned len, char *ret_text, size_t room)
{
	char name[65];
	draw_name(draw_mix(ask->seed, ask->sequence), name, len < sizeof(name) ? len : sizeof(name) - 1);
	snprintf(ret_text, room, "%s%s", prefix, name);
}

struct str
provider_model_name(const struct ask *ask)
{
	return ask->entry ? str_of(ask->entry->snapshot) : ask->model;
}
