/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/tap.h"

#include <stdlib.h>

#include "base/xalloc.h"

struct tap {
	struct transport base;
	struct transport *inner;
	const struct tap_view *view;
	void *arg;
};

struct transfer {
	struct tap *tap;
	struct transfer *inner;
	const struct sink *sink;
	void *arg;
};

static enum sink_wants
on_head(void *arg, int status, const char *bytes, size_t len)
{
	struct transfer *transfer = arg;
	transfer->tap->view->head(transfer->tap->arg, str_span(bytes, len));
	return transfer->sink->head(transfer->arg, status, bytes, len);
}

static enum sink_wants
on_body(void *arg, const char *bytes, size_t len)
{
	struct transfer *transfer = arg;
	transfer->tap->view->body(transfer->tap->arg, str_span(bytes, len));
	return transfer->sink->body(transfer->arg, bytes, len);
}

static void
on_done(void *arg, const struct exchange *exchange)
{
	struct transfer *transfer = arg;
	transfer->tap->view->done(transfer->tap->arg, exchange);
	transfer->sink->done(transfer->arg, exchange);
	free(transfer);
}

static struct transfer *
start(struct transport *transport, const struct request *request, const struct sink *sink, void *arg)
{
	static const struct sink own = { on_head, on_body, on_done };
	struct tap *tap = CONTAINER_OF(transport, struct tap, base);
	struct transfer *transfer = xcalloc(1, sizeof(*transfer));
	*transfer = (struct transfer){ .tap = tap, .sink = sink, .arg = arg };
	tap->view->request(tap->arg, request);
	transfer->inner = transport_start(tap->inner, request, &own, transfer);
	return transfer;
}

static void
cancel(struct transfer *transfer)
{
	transport_cancel(transfer->tap->inner, transfer->inner);
	free(transfer);
}

static void
tap_free(struct transport *transport)
{
	free(CONTAINER_OF(transport, struct tap, base));
}

struct transport *
tap_new(struct transport *inner, const struct tap_view *view, void *arg)
{
	static const struct transport_ops ops = { start, cancel, tap_free };
	struct tap *tap = xcalloc(1, sizeof(*tap));
	*tap = (struct tap){ .base = { &ops }, .inner = inner, .view = view, .arg = arg };
	return &tap->base;
}
