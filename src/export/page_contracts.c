/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/jsonw.h"
#include "contract/ledger_print.h"
#include "export/page.h"
#include "export/page_docs.h"
#include "export/walk.h"

enum { API_VERSION = 1 };

static void
begin(const struct page_request *request, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_int(&w, "version", API_VERSION);
	jsonw_time(&w, "now", request->now);
	jsonw_open_array(&w, "contracts");
}

static void
add_endpoint(const struct export_view *view, const struct endpoint *endpoint, struct buf *out)
{
	static const struct ledger nothing_known;
	struct jsonw w;
	jsonw_init(&w, out);
	const struct ledger *ledger = view->ledger(view->arg, endpoint);
	const struct doc_book docs = { page_docs_find, (void *)(uintptr_t)view };
	const struct ledger_view shown = { endpoint, ledger ? ledger : &nothing_known, view->today_days(view->arg),
		&docs };
	ledger_write(&w, NULL, &shown);
}

static void
end(const struct export_view *view, struct buf *out)
{
	(void)view;
	buf_text(out, "]}\n");
}

void
page_contracts(const struct page_request *request, struct page_reply *reply)
{
	static const struct walk_rows rows = { .begin = begin, .endpoint = add_endpoint, .between = ",", .end = end };
	reply->status = 200;
	reply->content_type = "application/json";
	reply->stream = walk_stream(request, &rows);
}
