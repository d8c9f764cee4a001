/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/walk.h"

#include <stdlib.h>

#include "base/xalloc.h"

enum { BEGIN_BYTES_MAX = 16 * 1024 };

struct walk {
	const struct export_view *view;
	const struct walk_rows *rows;
	const struct config *config; /* compared, never looked into: it may be gone */
	struct buf begin;
	size_t index;
};

static enum page_more
next_slice(void *state, struct buf *out, size_t slice_bytes)
{
	struct walk *walk = state;
	const struct config *config = walk->view->config(walk->view->arg);
	size_t enough = out->len + slice_bytes;
	if (config != walk->config)
		return PAGE_BROKEN;
	buf_str(out, buf_view(&walk->begin));
	buf_reset(&walk->begin);
	for (; config && walk->index < config->endpoint_count; walk->index++) {
		if (out->len >= enough)
			return PAGE_MORE;
		if (walk->index > 0)
			buf_text(out, walk->rows->between);
		walk->rows->endpoint(walk->view, &config->endpoints[walk->index], out);
	}
	walk->rows->end(walk->view, out);
	return out->overflow ? PAGE_BROKEN : PAGE_END;
}

static void
free_walk(void *state)
{
	struct walk *walk = state;
	buf_done(&walk->begin);
	free(walk);
}

struct page_stream
walk_stream(const struct page_request *request, const struct walk_rows *rows)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));
	walk->view = request->view;
	walk->rows = rows;
	walk->config = request->view->config(request->view->arg);
	walk->begin = BUF_INIT(BEGIN_BYTES_MAX);
	rows->begin(request, &walk->begin);
	return (struct page_stream){ .next = next_slice, .free = free_walk, .state = walk };
}
