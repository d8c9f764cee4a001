/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/attr.h"
#include "export/page.h"

static const struct page pages[] = {
	{ NULL, PAGE_GET | PAGE_HEAD, page_metrics, false },
	{ "/", PAGE_GET | PAGE_HEAD, page_root, false },
	{ "/-/healthy", PAGE_GET | PAGE_HEAD, page_healthy, false },
	{ "/-/ready", PAGE_GET | PAGE_HEAD, page_ready, false },
	{ "/-/reload", PAGE_POST, page_reload, false },
	{ "/-/fallback", PAGE_POST, page_fallback, false },
	{ "/-/probe", PAGE_POST, page_probe, false },
	{ "/-/revalidate", PAGE_POST, page_revalidate, false },
	{ "/api/v1/contracts", PAGE_GET | PAGE_HEAD, page_contracts, false },
	{ "/api/v1/docs", PAGE_GET | PAGE_HEAD, page_docs, false },
	{ "/api/v1/status", PAGE_GET | PAGE_HEAD, page_status, false },
	{ "/api/v1/endpoints/", PAGE_GET | PAGE_HEAD, page_endpoint, true },
};

const struct page *
page_find(const struct web_config *web, struct str path, struct str *ret_rest)
{
	*ret_rest = STR_NONE;
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct str wanted = str_of(pages[i].path ? pages[i].path : web->telemetry_path);
		if (str_eq(path, wanted))
			return pages[i].prefix ? NULL : &pages[i];
		if (pages[i].prefix && str_starts(path, wanted)) {
			*ret_rest = str_span(path.at + wanted.len, path.len - wanted.len);
			return &pages[i];
		}
	}
	return NULL;
}

void
page_reply_text(struct page_reply *reply, unsigned status, const char *text)
{
	reply->status = status;
	reply->content_type = "text/plain; charset=utf-8";
	buf_text(&reply->body, text);
	buf_char(&reply->body, '\n');
}

void
page_answer(const struct page_request *request, struct str path, struct page_reply *reply)
{
	struct page_request filled = *request;
	const struct page *page = page_find(request->web, path, &filled.rest);
	if (!page) {
		page_reply_text(reply, 404, "not found");
		return;
	}
	if (!(page->methods & request->method)) {
		reply->allow = page->methods & PAGE_POST ? "POST" : "GET, HEAD";
		page_reply_text(reply, 405, "method not allowed");
		return;
	}
	page->fn(&filled, reply);
}
