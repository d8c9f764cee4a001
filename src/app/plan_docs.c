/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/plan_docs.h"

#include <stdio.h>

#include "app/doc_look.h"
#include "app/terminal.h"
#include "base/parse.h"
#include "request/build.h"

enum { REQUEST_MAX = 64 * 1024 };

static int64_t
looks_a_day(const struct doc *doc)
{
	return (86400 * NS_PER_SEC + doc->interval_ns - 1) / doc->interval_ns;
}

void
plan_docs_print_request(const struct doc *doc, struct buf *out)
{
	struct request request;
	doc_look_request(doc, doc->url, &request);
	request_print(out, &request);
}

void
plan_docs_write(struct jsonw *w, const struct config *config, bool show_requests)
{
	jsonw_open_array(w, "docs");
	for (size_t i = 0; i < config->doc_count; i++) {
		const struct doc *doc = &config->docs[i];
		jsonw_open_object(w, NULL);
		jsonw_text(w, "doc", doc->name);
		jsonw_text(w, "url", doc->url);
		jsonw_real(w, "interval_seconds", (double)doc->interval_ns / (double)NS_PER_SEC);
		jsonw_int(w, "requests_per_day", looks_a_day(doc));
		jsonw_int(w, "endpoints", (int64_t)doc->relying_count);
		if (show_requests) {
			auto_buf struct buf request = BUF_INIT(REQUEST_MAX);
			plan_docs_print_request(doc, &request);
			jsonw_str(w, "request", buf_view(&request));
		}
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

void
plan_docs_tell(const struct config *config, struct buf *out)
{
	if (config->doc_count == 0)
		return;
	buf_printf(out, "%s%-24s %-16s %9s %13s %13s%s\n", terminal_colour(stdout, COLOUR_BOLD), "DOCUMENT", "KIND",
	    "EVERY", "REQUESTS/DAY", "ENDPOINTS", terminal_colour(stdout, COLOUR_NONE));
	for (size_t i = 0; i < config->doc_count; i++) {
		const struct doc *doc = &config->docs[i];
		auto_buf struct buf every = BUF_INIT(64);
		format_duration(&every, doc->interval_ns);
		buf_printf(out, "%-24s %-16s %9s %13lld %13zu\n", doc->name, doc_kind_name(doc->kind), buf_cstr(&every),
		    (long long)looks_a_day(doc), doc->revalidate ? doc->relying_count : 0);
	}
	buf_text(out,
	    "A change is looked at again until it is confirmed, and then runs all probes of so many endpoints once more.\n\n");
}
