/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a page is to the web server: a function from a request to a reply, one file a page, one row a path (pages.c).
 * A long reply is a stream, asked for its next piece when the last one is on its way. Loop thread.
 */
#ifndef COMETCANARY_EXPORT_PAGE_H
#define COMETCANARY_EXPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "export/view.h"

enum page_method { PAGE_GET = 1, PAGE_HEAD = 2, PAGE_POST = 4, PAGE_OTHER = 8 };

struct page_request {
	const struct export_view *view;
	const struct web_config *web;
	struct wall now;
	enum page_method method;
	struct str rest; /* of the path, where the row is a prefix */
	struct str accept; /* absent = not sent */
	struct str accept_encoding;
	/* A value of the query, absent when it is not there. Borrowed until the reply is queued. */
	struct str (*query)(const struct page_request *request, const char *key);
	void *connection; /* for query */
};

enum page_more { PAGE_MORE, PAGE_END, PAGE_BROKEN /* what was sent is not the truth any more: cut the connection */ };

struct page_stream {
	/* Appends about slice_bytes. */
	enum page_more (*next)(void *state, struct buf *out, size_t slice_bytes);
	void (*free)(void *state);
	void *state;
};

struct page_reply {
	unsigned status;
	const char *content_type; /* a literal */
	const char *allow; /* a literal, for 405 */
	bool varies; /* by Accept */
	struct buf body;
	struct page_stream stream; /* instead of the body; next NULL = none */
};

typedef void page_fn(const struct page_request *request, struct page_reply *reply);

struct page {
	const char *path; /* NULL = the configured telemetry path */
	unsigned methods; /* enum page_method */
	page_fn *fn;
	bool prefix;
};

/* NULL when there is none; *ret_rest: what follows a prefix. */
const struct page *page_find(const struct web_config *web, struct str path, struct str *ret_rest);
/* Answers a request whatever its path and method: page, 404, 405. */
void page_answer(const struct page_request *request, struct str path, struct page_reply *reply);

/* A short reply in plain text, with a line end. */
void page_reply_text(struct page_reply *reply, unsigned status, const char *text);

page_fn page_metrics;
page_fn page_healthy;
page_fn page_ready;
page_fn page_status;
page_fn page_endpoint;
page_fn page_contracts;
page_fn page_docs;
page_fn page_root;
page_fn page_reload;
page_fn page_probe;
page_fn page_revalidate;
page_fn page_fallback;

#endif
