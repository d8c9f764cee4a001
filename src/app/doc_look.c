/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/doc_look.h"

#include <stdlib.h>
#include <string.h>

#include "app/fetch.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "decode/head.h"
#include "transport/transport.h"
#include "transport/url.h"

#define TOTAL_NS (30 * NS_PER_SEC)

enum {
	HEAD_MAX = 64 * 1024,
	URL_MAX_BYTES = 8 * 1024,
	VALIDATOR_MAX = 1024,
	HEADER_MAX = VALIDATOR_MAX + 64,
	HOPS_MAX = 5,
	NOT_MODIFIED = 304,
	PLAIN_HEADERS = 2, /* of a look without conditions */
};

struct doc_look {
	struct doc_look_parts parts;
	doc_look_fn *fn;
	void *arg;
	struct transfer *transfer; /* NULL = between two hops */
	struct loop_defer hop;
	struct request request;
	struct buf url; /* that is asked now */
	struct buf if_none_match, if_modified_since; /* whole header lines */
	struct buf head, body;
	int status;
	unsigned hops;
};

void
doc_validators_init(struct doc_validators *validators)
{
	*validators =
	    (struct doc_validators){ BUF_INIT(URL_MAX_BYTES), BUF_INIT(VALIDATOR_MAX), BUF_INIT(VALIDATOR_MAX) };
}

void
doc_validators_reset(struct doc_validators *validators)
{
	buf_reset(&validators->url);
	buf_reset(&validators->etag);
	buf_reset(&validators->last_modified);
}

void
doc_validators_done(struct doc_validators *validators)
{
	buf_done(&validators->url);
	buf_done(&validators->etag);
	buf_done(&validators->last_modified);
}

static void
look_free(struct doc_look *look)
{
	buf_done(&look->url);
	buf_done(&look->if_none_match);
	buf_done(&look->if_modified_since);
	buf_done(&look->head);
	buf_done(&look->body);
	free(look);
}

static void
tell(struct doc_look *look, struct doc_sighting *sighting)
{
	look->fn(look->arg, sighting);
	look_free(look);
}

/* ---- what is sent ---- */

static void
add_header(struct doc_look *look, const char *line)
{
	look->request.headers[look->request.header_count++] = line;
}

/* Headers of ours only, but for the two validators, which went through keep_validator(). */
static void
ask_for_what_is_new(struct doc_look *look)
{
	struct doc_validators *validators = look->parts.validators;
	if (!str_eq(buf_view(&validators->url), buf_view(&look->url)))
		return;
	if (validators->etag.len > 0) {
		buf_printf(&look->if_none_match, "If-None-Match: %s", buf_cstr(&validators->etag));
		add_header(look, buf_cstr(&look->if_none_match));
	}
	if (validators->last_modified.len > 0) {
		buf_printf(&look->if_modified_since, "If-Modified-Since: %s", buf_cstr(&validators->last_modified));
		add_header(look, buf_cstr(&look->if_modified_since));
	}
}

static enum sink_wants
on_head(void *arg, int status, const char *bytes, size_t len)
{
	struct doc_look *look = arg;
	look->status = status;
	return buf_add(&look->head, bytes, len) ? SINK_MORE : SINK_STOP;
}

static enum sink_wants
on_body(void *arg, const char *bytes, size_t len)
{
	struct doc_look *look = arg;
	return buf_add(&look->body, bytes, len) ? SINK_MORE : SINK_STOP;
}

static void on_done(void *arg, const struct exchange *exchange);

void
doc_look_request(const struct doc *doc, const char *url, struct request *ret_request)
{
	static const char *const accepts[DOC_KIND_COUNT] = {
		[DOC_MARKDOWN] = "Accept: text/markdown, text/plain;q=0.8",
		[DOC_OPENAPI] = "Accept: application/json",
		[DOC_INDEX] = "Accept: text/plain, text/markdown;q=0.8",
		[DOC_TEXT] = "Accept: text/*",
	};
	*ret_request = (struct request){ .method = HTTP_GET,
		.url = url,
		.body = STR_NONE,
		.fresh = true,
		.headers = { "User-Agent: " PACKAGE_NAME "/" PACKAGE_VERSION, accepts[doc->kind] },
		.header_count = PLAIN_HEADERS,
		.provider = &fetch_anybody,
		.deadlines = { TOTAL_NS, TOTAL_NS, TOTAL_NS, TOTAL_NS, TOTAL_NS },
		.caps = { .head_bytes = HEAD_MAX, .body_bytes = DOC_BODY_MAX } };
}

static void
begin_hop(void *arg)
{
	static const struct sink sink = { on_head, on_body, on_done };
	struct doc_look *look = arg;
	buf_reset(&look->head);
	buf_reset(&look->body);
	buf_reset(&look->if_none_match);
	buf_reset(&look->if_modified_since);
	look->status = 0;
	doc_look_request(look->parts.doc, buf_cstr(&look->url), &look->request);
	ask_for_what_is_new(look);
	look->transfer = transport_start(look->parts.transport, &look->request, &sink, look);
}

/* ---- what came ---- */

/* A validator goes back as a header line: nothing in it may end that line. */
static void
keep_validator(struct buf *kept, struct str value)
{
	buf_reset(kept);
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7F)
			return;
	if (!buf_str(kept, value))
		buf_reset(kept);
}

static void
keep_validators(struct doc_look *look, const struct head *head)
{
	struct doc_validators *validators = look->parts.validators;
	buf_reset(&validators->url);
	buf_str(&validators->url, buf_view(&look->url));
	keep_validator(&validators->etag, head_find(head, "etag"));
	keep_validator(&validators->last_modified, head_find(head, "last-modified"));
}

/* NULL = the next hop is under way; else why it is not. */
static const char *
follow(struct doc_look *look, const struct head *head)
{
	struct str location = head_find(head, "location");
	auto_buf struct buf next = BUF_INIT(URL_MAX_BYTES);
	if (!location.at)
		return "a redirect that leads nowhere";
	if (++look->hops > HOPS_MAX)
		return "too many redirects";
	if (!url_resolve(buf_cstr(&look->url), location, &next))
		return "a redirect to what is no page";
	if (!url_same_origin(buf_cstr(&look->url), buf_cstr(&next)))
		return "redirected to another host";
	buf_reset(&look->url);
	buf_str(&look->url, buf_view(&next));
	loop_defer(look->parts.loop, &look->hop, begin_hop, look);
	return NULL;
}

static void
answer(struct doc_look *look, const struct head *head)
{
	struct doc_sighting sighting = { .not_modified = look->status == NOT_MODIFIED };
	if (sighting.not_modified && look->request.header_count == PLAIN_HEADERS)
		sighting.trouble = "304 to a question without a condition";
	head_retry_after(head, head_date(head_find(head, "date")), &sighting.retry_after_ns);
	sighting.answer = (struct doc_answer){ .kind = look->parts.doc->kind,
		.status = look->status,
		.url = str_of(look->parts.doc->url),
		.effective_url = buf_view(&look->url),
		.media_type = head_media_type(head),
		.body = buf_view(&look->body) };
	if (look->status == 200)
		keep_validators(look, head);
	else if (!sighting.not_modified || sighting.trouble)
		doc_validators_reset(look->parts.validators);
	tell(look, &sighting);
}

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static void
on_done(void *arg, const struct exchange *exchange)
{
	struct doc_look *look = arg;
	struct doc_sighting failed = { 0 };
	struct head head;
	look->transfer = NULL;
	if (look->body.overflow)
		failed.trouble = DOC_TOO_LARGE;
	else if (exchange->end != END_COMPLETE)
		failed.trouble = exchange_end_name(exchange->end);
	else if (!head_parse(buf_view(&look->head), &head))
		failed.trouble = "no HTTP answer";
	else if (is_redirect(look->status))
		failed.trouble = follow(look, &head);
	else
		answer(look, &head);
	if (failed.trouble) {
		doc_validators_reset(look->parts.validators);
		tell(look, &failed);
	}
}

struct doc_look *
doc_look_start(const struct doc_look_parts *parts, doc_look_fn *fn, void *arg)
{
	struct doc_look *look = xcalloc(1, sizeof(*look));
	*look = (struct doc_look){ .parts = *parts,
		.fn = fn,
		.arg = arg,
		.url = BUF_INIT(URL_MAX_BYTES),
		.if_none_match = BUF_INIT(HEADER_MAX),
		.if_modified_since = BUF_INIT(HEADER_MAX),
		.head = BUF_INIT(HEAD_MAX),
		.body = BUF_INIT(DOC_BODY_MAX) };
	buf_text(&look->url, parts->doc->url);
	begin_hop(look);
	return look;
}

void
doc_look_cancel(struct doc_look *look)
{
	if (!look)
		return;
	loop_defer_cancel(look->parts.loop, &look->hop);
	if (look->transfer)
		transport_cancel(look->parts.transport, look->transfer);
	look_free(look);
}
