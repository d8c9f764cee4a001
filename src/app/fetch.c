/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/fetch.h"

#include "base/loop.h"
#include "transport/transport.h"

#define TIMEOUT_NS (5 * NS_PER_SEC)

enum { BODY_MAX = 64 * 1024 * 1024, HEAD_MAX = 64 * 1024 };

const struct provider fetch_anybody = { .name = "",
	.base_url = "",
	.proxy = "",
	.max_in_flight = 1,
	.tls = { .ca_file = "", .cert_file = "", .key_file = "" } };

struct fetch {
	struct loop *loop;
	struct fetched *fetched;
};

static enum sink_wants
on_head(void *arg, int status, const char *bytes, size_t len)
{
	struct fetch *fetch = arg;
	(void)bytes, (void)len;
	fetch->fetched->status = status;
	return SINK_MORE;
}

static enum sink_wants
on_body(void *arg, const char *bytes, size_t len)
{
	struct fetch *fetch = arg;
	return buf_add(&fetch->fetched->body, bytes, len) ? SINK_MORE : SINK_STOP;
}

static void
on_done(void *arg, const struct exchange *exchange)
{
	struct fetch *fetch = arg;
	if (exchange->end != END_COMPLETE)
		fetch->fetched->trouble = exchange_end_name(exchange->end);
	loop_stop(fetch->loop);
}

void
fetch_get(struct loop *loop, struct transport *transport, const char *url, struct fetched *ret_fetched)
{
	static const struct sink sink = { on_head, on_body, on_done };
	*ret_fetched = (struct fetched){ .body = BUF_INIT(BODY_MAX) };
	struct fetch fetch = { loop, ret_fetched };
	struct request request = { .method = HTTP_GET,
		.url = url,
		.body = STR_NONE,
		.fresh = true,
		.headers = { "User-Agent: " PACKAGE_NAME "/" PACKAGE_VERSION },
		.header_count = 1,
		.provider = &fetch_anybody,
		.deadlines = { TIMEOUT_NS, TIMEOUT_NS, TIMEOUT_NS, TIMEOUT_NS, TIMEOUT_NS },
		.caps = { .head_bytes = HEAD_MAX, .body_bytes = BODY_MAX } };
	transport_start(transport, &request, &sink, &fetch);
	loop_run(loop);
}

void
fetched_done(struct fetched *fetched)
{
	buf_done(&fetched->body);
}
