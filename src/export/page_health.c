/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/page.h"

enum { TEXT_BYTES_MAX = 256 };

void
page_healthy(const struct page_request *request, struct page_reply *reply)
{
	const char *trouble = request->view->trouble(request->view->arg);
	auto_buf struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	buf_text(&text, trouble ? "unhealthy: " : "healthy");
	buf_text(&text, trouble ? trouble : "");
	page_reply_text(reply, trouble ? 503 : 200, buf_cstr(&text));
}

void
page_ready(const struct page_request *request, struct page_reply *reply)
{
	bool ready = request->view->ready(request->view->arg);
	page_reply_text(reply, ready ? 200 : 503, ready ? "ready" : "not ready");
}
