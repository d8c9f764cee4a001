/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport that passes everything on to another one and shows what passes, for `cometcanary probe`. It changes
 * nothing: what the run sees is what it would have seen. Loop thread.
 */
#ifndef COMETCANARY_APP_TAP_H
#define COMETCANARY_APP_TAP_H

#include "base/attr.h"
#include "transport/transport.h"

struct tap_view {
	void (*request)(void *arg, const struct request *request);
	void (*head)(void *arg, struct str bytes);
	void (*body)(void *arg, struct str bytes);
	void (*done)(void *arg, const struct exchange *exchange);
};

/* Returns owned: transport_free() frees it, and not `inner`, which is borrowed like view and arg. */
struct transport *tap_new(struct transport *inner, const struct tap_view *view, void *arg) ATTR_NODISCARD;

#endif
