/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second seam: the only way to the network. Two implementations: multi.c (libcurl's multi_socket on the loop) and
 * fake.c (scripted answers on the simulated clock). All calls and callbacks on the loop's thread.
 *
 * Own deadlines, own caps on the head; the body's caps are the sink's business (it returns SINK_STOP).
 */
#ifndef COMETCANARY_TRANSPORT_TRANSPORT_H
#define COMETCANARY_TRANSPORT_TRANSPORT_H

#include <stddef.h>

#include "model/exchange.h"
#include "model/request.h"

struct loop;
struct transport;
struct transfer; /* one request under way */

struct sink {
	/* The final response's head as received, status line to blank line; interim (1xx) heads are not shown. Once. */
	enum sink_wants (*head)(void *arg, int status, const char *bytes, size_t len);
	/* Body bytes, content-encoding undone. */
	enum sink_wants (*body)(void *arg, const char *bytes, size_t len);
	/* The end, exactly once, never from inside transport_start(); the transfer is gone afterwards. */
	void (*done)(void *arg, const struct exchange *exchange);
};

struct transport_ops {
	struct transfer *(*start)(
	    struct transport *transport, const struct request *request, const struct sink *sink, void *arg);
	void (*cancel)(struct transfer *transfer);
	void (*free)(struct transport *transport);
};

struct transport {
	const struct transport_ops *ops;
};

/* Starts a request. Never fails: what goes wrong, at once or later, is told through sink->done.
 * request, sink and arg are borrowed until done or cancel. */
static inline struct transfer *
transport_start(struct transport *transport, const struct request *request, const struct sink *sink, void *arg)
{
	return transport->ops->start(transport, request, sink, arg);
}

/* Ends a transfer without a call of sink->done. Not from inside a sink's callback. */
static inline void
transport_cancel(struct transport *transport, struct transfer *transfer)
{
	transport->ops->cancel(transfer);
}

static inline void
transport_free(struct transport *transport)
{
	if (transport)
		transport->ops->free(transport);
}

/* Ignores SIGPIPE for the whole process: TLS can raise it. Returns owned. NULL when libcurl cannot be used (no asynchronous resolver); the reason is in *ret_why (borrowed). */
struct transport *transport_multi_new(struct loop *loop, const char **ret_why);

#endif
