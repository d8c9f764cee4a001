/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/multi.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <curl/curl.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "transport/easy.h"
#include "transport/ending.h"
#include "transport/transfer.h"
#include "transport/transport.h"

enum {
	POOL_MAX = 128, /* idle handles kept for the next requests */
	POOLED_HEAD_BYTES = 16384, /* of the head buffer that a pooled transfer may keep */
	CONNECTIONS_MAX = 512, /* idle connections kept for reuse */
	CA_LOOK_S = 1, /* how often a CA file's time stamp is looked at */
};

/* One libcurl multi handle. A multi keeps one parsed CA store, so there is one for each CA file that is in use; two
 * that took turns on one multi would be parsed again at each handshake. */
struct engine {
	struct multi *multi;
	CURLM *curl;
	char *ca_file; /* "" = the system's */
	struct transfer *transfers;
	struct loop_timer timer; /* libcurl's, when it asks for time */
	struct loop_defer kick; /* and when it asks for none */
	struct loop_defer rebuild;
	struct mono ca_looked;
	long ca_timeout_s;
	struct engine *next;
};

struct multi {
	struct transport transport;
	struct loop *loop;
	struct engine *engines;
	struct transfer *pool;
	size_t pooled, in_flight;
};

static struct multi *
multi_of(struct transport *transport)
{
	return CONTAINER_OF(transport, struct multi, transport);
}

/* ---- transfers ---- */

static void
transfer_free(struct transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	buf_done(&transfer->head);
	free(transfer);
}

/* NULL when libcurl gives no handle. */
static struct transfer *
transfer_new(struct multi *multi)
{
	struct transfer *transfer = multi->pool;
	if (transfer) {
		multi->pool = transfer->next;
		multi->pooled--;
		return transfer;
	}
	transfer = xcalloc(1, sizeof(*transfer));
	transfer->multi = multi;
	easy_init(transfer);
	return transfer;
}

/* Out of the engine's list and back to the pool, without a word to anyone. */
static void
transfer_drop(struct transfer *transfer)
{
	struct multi *multi = transfer->multi;
	struct engine *engine = transfer->engine;
	deadline_stop(&transfer->deadline);
	loop_defer_cancel(multi->loop, &transfer->failed);
	*(transfer->prev ? &transfer->prev->next : &engine->transfers) = transfer->next;
	if (transfer->next)
		transfer->next->prev = transfer->prev;
	multi->in_flight--;
	if (!transfer->easy || transfer->spoilt || multi->pooled >= POOL_MAX) {
		transfer_free(transfer);
		return;
	}
	if (transfer->head.room > POOLED_HEAD_BYTES)
		buf_done(&transfer->head);
	transfer->next = multi->pool;
	multi->pool = transfer;
	multi->pooled++;
}

/* Not inside libcurl. The handle may be in the multi or not. */
static void
transfer_finish(struct transfer *transfer, CURLcode code)
{
	ending_fill(transfer, code);
	curl_multi_remove_handle(transfer->engine->curl, transfer->easy);
	struct exchange exchange = transfer->exchange;
	const struct sink *sink = transfer->sink;
	void *arg = transfer->arg;
	transfer_drop(transfer);
	sink->done(arg, &exchange);
}

static void
transfer_end(struct transfer *transfer, enum exchange_end end)
{
	transfer->decided = true;
	transfer->end = end;
	transfer_finish(transfer, CURLE_OK);
}

static void
on_expired(void *arg, enum exchange_end end)
{
	transfer_end(arg, end);
}

/* ---- libcurl's multi handle and the loop ---- */

static void
engine_collect(struct engine *engine)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(engine->curl, &left))) {
		struct transfer *transfer = NULL;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		transfer_finish(transfer, code);
	}
}

static void on_rebuild(void *arg);

static void
engine_run(struct engine *engine, curl_socket_t fd, int mask)
{
	int running;
	if (curl_multi_socket_action(engine->curl, fd, mask, &running) != CURLM_OK)
		loop_defer(engine->multi->loop, &engine->rebuild, on_rebuild, engine);
	engine_collect(engine);
}

static void
on_timeout(void *arg)
{
	engine_run(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl wants to be called after that time; never from in here. Each call replaces the one before. */
static int
on_curl_timer(CURLM *curl, long timeout_ms, void *arg)
{
	struct engine *engine = arg;
	struct loop *loop = engine->multi->loop;
	(void)curl;
	if (timeout_ms != 0)
		loop_defer_cancel(loop, &engine->kick);
	if (timeout_ms <= 0)
		loop_timer_cancel(loop, &engine->timer);
	if (timeout_ms == 0)
		loop_defer(loop, &engine->kick, on_timeout, engine);
	else if (timeout_ms > 0)
		loop_timer_set(
		    loop, &engine->timer, mono_add_ns(loop_now(loop), timeout_ms * NS_PER_MS), on_timeout, engine);
	return 0;
}

static void
on_ready_fd(void *arg, int fd, unsigned events)
{
	int mask = (events & LOOP_READ ? CURL_CSELECT_IN : 0) | (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0) |
	    (events & LOOP_ERROR ? CURL_CSELECT_ERR : 0);
	engine_run(arg, fd, mask);
}

/* Also with descriptors of libcurl's own making, so `easy` is not ours to look at. A failure here would break the whole
 * multi at once, in the middle of libcurl: it is put off instead. */
static int
on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watched)
{
	struct engine *engine = arg;
	struct loop_watch *watch = watched;
	(void)easy;
	unsigned events = (what & CURL_POLL_IN ? LOOP_READ : 0U) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0U);
	if (what == CURL_POLL_REMOVE || what == CURL_POLL_NONE) {
		loop_watch_free(watch);
		curl_multi_assign(engine->curl, fd, NULL);
		return 0;
	}
	bool ok = true;
	if (watch) {
		ok = loop_watch_change(watch, events) == 0;
	} else {
		watch = loop_watch_new(engine->multi->loop, fd, events, on_ready_fd, engine);
		ok = watch && curl_multi_assign(engine->curl, fd, watch) == CURLM_OK;
	}
	if (!ok)
		loop_defer(engine->multi->loop, &engine->rebuild, on_rebuild, engine);
	return 0;
}

/* False when libcurl refuses: then engine->curl is NULL, and the next request tries again. */
static bool
engine_open(struct engine *engine)
{
	CURLM *curl = curl_multi_init();
	if (curl && curl_multi_setopt(curl, CURLMOPT_SOCKETFUNCTION, on_curl_socket) == CURLM_OK &&
	    curl_multi_setopt(curl, CURLMOPT_SOCKETDATA, engine) == CURLM_OK &&
	    curl_multi_setopt(curl, CURLMOPT_TIMERFUNCTION, on_curl_timer) == CURLM_OK &&
	    curl_multi_setopt(curl, CURLMOPT_TIMERDATA, engine) == CURLM_OK &&
	    /* Two probes on one connection would not be independent samples. */
	    curl_multi_setopt(curl, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) == CURLM_OK &&
	    curl_multi_setopt(curl, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX) == CURLM_OK) {
		engine->curl = curl;
		return true;
	}
	curl_multi_cleanup(curl);
	return false;
}

static void
engine_free(struct engine *engine)
{
	struct loop *loop = engine->multi->loop;
	curl_multi_cleanup(engine->curl); /* calls on_curl_socket() for what is still watched */
	loop_timer_cancel(loop, &engine->timer);
	loop_defer_cancel(loop, &engine->kick);
	loop_defer_cancel(loop, &engine->rebuild);
	free(engine->ca_file);
	free(engine);
}

/* libcurl's state cannot be trusted any more: what is in flight ends, and the next request makes a new engine. */
static void
on_rebuild(void *arg)
{
	struct engine *engine = arg;
	struct engine **link = &engine->multi->engines;
	while (*link != engine)
		link = &(*link)->next;
	*link = engine->next;
	while (engine->transfers)
		transfer_end(engine->transfers, END_LOCAL);
	engine_free(engine);
}

/* A parsed store that is older than the last change of its file is not used again. */
static long
ca_timeout(struct engine *engine)
{
	struct mono now = loop_now(engine->multi->loop);
	if (engine->ca_looked.ns && mono_diff_ns(now, engine->ca_looked) < CA_LOOK_S * NS_PER_SEC)
		return engine->ca_timeout_s;
	engine->ca_looked = now;
	const char *file = engine->ca_file[0] ? engine->ca_file : curl_version_info(CURLVERSION_NOW)->cainfo;
	struct stat stat_of;
	engine->ca_timeout_s = 0;
	if (file && stat(file, &stat_of) == 0) {
		long age_s = (long)(clock_wall().us / US_PER_SEC) - (long)stat_of.st_ctim.tv_sec;
		engine->ca_timeout_s = age_s > 0 ? age_s : 0;
	}
	return engine->ca_timeout_s;
}

static struct engine *
engine_for(struct multi *multi, const struct provider *provider)
{
	const char *ca_file = provider->tls.ca_file ? provider->tls.ca_file : "";
	struct engine *engine = multi->engines;
	while (engine && strcmp(engine->ca_file, ca_file) != 0)
		engine = engine->next;
	if (!engine) {
		engine = xcalloc(1, sizeof(*engine));
		engine->multi = multi;
		engine->ca_file = xstrdup(ca_file);
		engine->next = multi->engines;
		multi->engines = engine;
	}
	if (!engine->curl)
		engine_open(engine);
	return engine;
}

/* ---- the transport ---- */

static void
on_failed(void *arg)
{
	transfer_end(arg, END_LOCAL);
}

static struct transfer *
multi_start(struct transport *transport, const struct request *request, const struct sink *sink, void *arg)
{
	struct multi *multi = multi_of(transport);
	struct transfer *transfer = transfer_new(multi);
	struct engine *engine = engine_for(multi, request->provider);
	size_t keep = offsetof(struct transfer, engine);
	memset((char *)transfer + keep, 0, sizeof(*transfer) - keep);
	transfer->engine = engine;
	transfer->request = request;
	transfer->sink = sink;
	transfer->arg = arg;
	transfer->tls = strncasecmp(request->url, "https:", 6) == 0;
	buf_reset(&transfer->head);
	transfer->head.cap = request->caps.head_bytes + 1;
	transfer->exchange.at.start = clock_mono();
	transfer->deadline.loop = multi->loop;
	transfer->deadline.limits = &request->deadlines;
	transfer->deadline.stream = request->stream;
	transfer->deadline.expired = on_expired;
	transfer->deadline.arg = transfer;
	transfer->deadline.at = &transfer->exchange.at;
	transfer->prev = NULL;
	transfer->next = engine->transfers;
	if (engine->transfers)
		engine->transfers->prev = transfer;
	engine->transfers = transfer;
	multi->in_flight++;
	deadline_update(&transfer->deadline);
	if (!engine->curl || !transfer->easy || !easy_prepare(transfer, transfer->tls ? ca_timeout(engine) : 0) ||
	    curl_multi_add_handle(engine->curl, transfer->easy) != CURLM_OK)
		loop_defer(multi->loop, &transfer->failed, on_failed, transfer);
	return transfer;
}

static void
multi_cancel(struct transfer *transfer)
{
	curl_multi_remove_handle(transfer->engine->curl, transfer->easy);
	transfer_drop(transfer);
}

static void
multi_free(struct transport *transport)
{
	struct multi *multi = multi_of(transport);
	while (multi->engines) {
		struct engine *engine = multi->engines;
		multi->engines = engine->next;
		while (engine->transfers)
			multi_cancel(engine->transfers);
		engine_free(engine);
	}
	while (multi->pool) {
		struct transfer *transfer = multi->pool;
		multi->pool = transfer->next;
		transfer_free(transfer);
	}
	free(multi);
	curl_global_cleanup();
}

static const struct transport_ops multi_ops = { .start = multi_start, .cancel = multi_cancel, .free = multi_free };

struct transport *
transport_multi_new(struct loop *loop, const char **ret_why)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		*ret_why = "libcurl does not start";
		return NULL;
	}
	if (!(curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS)) {
		*ret_why =
		    "libcurl was built without an asynchronous resolver: a slow name server would stop everything";
		curl_global_cleanup();
		return NULL;
	}
	/* libcurl leaves it alone with CURLOPT_NOSIGNAL, and TLS libraries can raise it. */
	signal(SIGPIPE, SIG_IGN);
	struct multi *multi = xcalloc(1, sizeof(*multi));
	multi->transport.ops = &multi_ops;
	multi->loop = loop;
	return &multi->transport;
}

void
multi_break(struct transport *transport)
{
	struct multi *multi = multi_of(transport);
	for (struct engine *engine = multi->engines; engine; engine = engine->next)
		loop_defer(multi->loop, &engine->rebuild, on_rebuild, engine);
}

size_t
multi_in_flight(const struct transport *transport)
{
	return ((const struct multi *)transport)->in_flight;
}
