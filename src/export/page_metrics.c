/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/negotiate.h"
#include "export/page.h"
#include "record/exposition.h"

static enum page_more
next_slice(void *state, struct buf *out, size_t slice_bytes)
{
	if (exposition_render(state, out, slice_bytes))
		return out->overflow ? PAGE_BROKEN : PAGE_MORE;
	return PAGE_END;
}

static void
free_exposition(void *state)
{
	exposition_free(state);
}

void
page_metrics(const struct page_request *request, struct page_reply *reply)
{
	enum exposition_format format = negotiate_format(request->accept);
	reply->status = 200;
	reply->content_type = exposition_content_type(format);
	reply->varies = true;
	reply->stream = (struct page_stream){
		.next = next_slice,
		.free = free_exposition,
		.state = exposition_new(request->view->metrics, format),
	};
}
