/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/provider.h"

#include <stdio.h>

#include "base/attr.h"
#include "sim/draw.h"
#include "sim/edit.h"

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
provider_begin_stream(struct answer *answer)
{
	answer->is_stream = true;
	answer->type = "text/event-stream";
	answer_header(answer, "Cache-Control", STR("no-cache"));
	answer_header(answer, "X-Accel-Buffering", STR("no"));
}

void
provider_id(const struct ask *ask, const char *prefix, unsigned len, char *ret_text, size_t room)
{
	char name[65];
	draw_name(draw_mix(ask->seed, ask->sequence), name, len < sizeof(name) ? len : sizeof(name) - 1);
	snprintf(ret_text, room, "%s%s", prefix, name);
}

void
provider_number_events(const struct provider *provider, struct answer *answer)
{
	auto_buf struct buf changed = BUF_INIT(ANSWER_BYTES_MAX);
	for (size_t i = 0; i < answer->event_count && provider->stream.number; i++) {
		char number[24];
		snprintf(number, sizeof(number), "%zu", i);
		buf_reset(&changed);
		if (edit_json(&changed, answer_event_data(answer, i), EDIT_REPLACE, str_of(provider->stream.number),
			str_of(number)))
			answer_replace_event(answer, i, buf_view(&changed));
	}
}

struct str
provider_model_name(const struct ask *ask)
{
	return ask->entry && !ask->shape.by_alias ? str_of(ask->entry->snapshot) : ask->model;
}
