/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/page.h"

void
page_healthy(const struct page_request *request, struct page_reply *reply)
{
	bool healthy = request->view->healthy(request->view->arg);
	page_reply_text(reply, healthy ? 200 : 503, healthy ? "healthy" : "unhealthy: the scheduler is stuck");
}

void
page_ready(const struct page_request *request, struct page_reply *reply)
{
	bool ready = request->view->ready(request->view->arg);
	page_reply_text(reply, ready ? 200 : 503, ready ? "ready" : "not ready");
}
