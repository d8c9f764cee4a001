/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page that says something about each endpoint, as a stream: a beginning, one piece an endpoint, an end. If the
 * configuration changes in between, the page is cut off rather than be half of one and half of the other. Loop thread.
 */
#ifndef COMETCANARY_EXPORT_WALK_H
#define COMETCANARY_EXPORT_WALK_H

#include "export/page.h"

struct walk_rows {
	void (*begin)(const struct page_request *request, struct buf *out);
	void (*endpoint)(const struct export_view *view, const struct endpoint *endpoint, struct buf *out);
	const char *between; /* two endpoints */
	void (*end)(const struct export_view *view, struct buf *out);
};

/* rows: a constant. begin is called at once; the request is not kept. */
struct page_stream walk_stream(const struct page_request *request, const struct walk_rows *rows);

#endif
