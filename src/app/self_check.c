/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/self_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/loopback.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "transport/transport.h"

/* An anchor that needs longer than this is as good as none; less when the rounds are closer together. */
#define ANCHOR_TIMEOUT_NS (5 * NS_PER_SEC)

enum { URL_MAX = 2048, HEAD_MAX = 64 * 1024 };

struct anchor {
	struct self_check *check;
	char *url;
	enum { ANCHOR_HTTPS, ANCHOR_TCP /* asked as http://, judged by the connection alone */, ANCHOR_LOOPBACK } kind;
	struct request request;
	struct transfer *transfer; /* NULL = not under way */
};

struct self_check {
	struct loop *loop;
	struct transport *transport;
	self_check_fn *fn;
	void *arg;
	struct provider provider; /* no key, no proxy, the system's certificates */
	struct anchor *anchors;
	size_t anchor_count, pending;
	struct loopback *loopback; /* NULL = not asked */
	size_t outside_count; /* of the anchors: all but the loopback */
	bool outside_answered, loopback_answered; /* in this round */
	int64_t interval_ns;
	struct loop_timer timer;
};

static enum sink_wants
on_head(void *arg, int status, const char *bytes, size_t len)
{
	(void)arg, (void)status, (void)bytes, (void)len;
	return SINK_STOP;
}

static enum sink_wants
on_body(void *arg, const char *bytes, size_t len)
{
	(void)arg, (void)bytes, (void)len;
	return SINK_STOP;
}

static void
on_done(void *arg, const struct exchange *exchange)
{
	struct anchor *anchor = arg;
	struct self_check *check = anchor->check;
	anchor->transfer = NULL;
	bool answered = exchange->head_whole || (anchor->kind == ANCHOR_TCP && exchange->at.connect.ns != 0);
	if (answered && anchor->kind == ANCHOR_LOOPBACK)
		check->loopback_answered = true;
	else if (answered)
		check->outside_answered = true;
	if (--check->pending == 0)
		check->fn(check->arg, check->outside_answered && check->loopback_answered);
}

static void
begin_round(void *arg)
{
	static const struct sink sink = { on_head, on_body, on_done };
	struct self_check *check = arg;
	loop_timer_set(
	    check->loop, &check->timer, mono_add_ns(loop_now(check->loop), check->interval_ns), begin_round, check);
	if (check->pending > 0)
		return;
	check->outside_answered = check->outside_count == 0;
	check->loopback_answered = !check->loopback;
	check->pending = check->anchor_count;
	for (size_t i = 0; i < check->anchor_count; i++) {
		struct anchor *anchor = &check->anchors[i];
		anchor->transfer = transport_start(check->transport, &anchor->request, &sink, anchor);
	}
}

struct self_check *
self_check_new(struct loop *loop, struct transport *transport, self_check_fn *fn, void *arg)
{
	struct self_check *check = xcalloc(1, sizeof(*check));
	*check = (struct self_check){ .loop = loop, .transport = transport, .fn = fn, .arg = arg };
	check->provider = (struct provider){ .name = "self_check",
		.base_url = "",
		.proxy = "",
		.max_in_flight = 1,
		.tls = { .ca_file = "", .cert_file = "", .key_file = "" } };
	return check;
}

static void
drop_anchors(struct self_check *check)
{
	loop_timer_cancel(check->loop, &check->timer);
	for (size_t i = 0; i < check->anchor_count; i++) {
		if (check->anchors[i].transfer)
			transport_cancel(check->transport, check->anchors[i].transfer);
		free(check->anchors[i].url);
	}
	free(check->anchors);
	check->anchors = NULL;
	check->anchor_count = check->pending = 0;
	loopback_free(check->loopback);
	check->loopback = NULL;
}

static void
set_anchor(struct self_check *check, struct anchor *anchor, const char *address)
{
	struct str text = str_of(address);
	auto_buf struct buf url = BUF_INIT(URL_MAX);
	anchor->check = check;
	anchor->kind = str_starts(text, STR("tcp://")) ? ANCHOR_TCP : ANCHOR_HTTPS;
	if (anchor->kind == ANCHOR_TCP)
		buf_printf(&url, "http://%s/", address + strlen("tcp://"));
	else
		buf_str(&url, text);
	anchor->url = xstrdup(buf_cstr(&url));
	int64_t total_ns = check->interval_ns < ANCHOR_TIMEOUT_NS ? check->interval_ns : ANCHOR_TIMEOUT_NS;
	anchor->request = (struct request){ .method = HTTP_GET,
		.url = anchor->url,
		.body = STR_NONE,
		.fresh = true,
		.headers = { "User-Agent: cometcanary self-check" },
		.header_count = 1,
		.provider = &check->provider,
		.deadlines = { total_ns, total_ns, total_ns, total_ns, total_ns },
		.caps = { .head_bytes = HEAD_MAX } };
}

bool
self_check_configure(struct self_check *check, const struct self_check_config *config)
{
	drop_anchors(check);
	check->loopback = config->loopback ? loopback_new(check->loop) : NULL;
	if (config->loopback && !check->loopback)
		log_msg(LOG_WARN, "the self check goes without its loopback", LOG_F_TEXT("error", strerror(errno)));
	check->interval_ns = config->interval_ns;
	check->outside_count = config->anchor_count;
	check->anchor_count = config->anchor_count + (check->loopback != NULL);
	if (check->anchor_count == 0)
		return false;
	check->anchors = xcalloc(check->anchor_count, sizeof(*check->anchors));
	for (size_t i = 0; i < config->anchor_count; i++)
		set_anchor(check, &check->anchors[i], config->anchors[i]);
	if (check->loopback) {
		struct anchor *last = &check->anchors[config->anchor_count];
		set_anchor(check, last, loopback_url(check->loopback));
		last->kind = ANCHOR_LOOPBACK;
	}
	loop_timer_set(check->loop, &check->timer, loop_now(check->loop), begin_round, check);
	return true;
}

void
self_check_free(struct self_check *check)
{
	if (!check)
		return;
	drop_anchors(check);
	free(check);
}
