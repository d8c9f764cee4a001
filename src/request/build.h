/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoint + kind of probe → what is judged against, and the bytes to send. The only reader of secrets: the header line
 * with the key is made here, and wiped here. Pure but for that.
 */
#ifndef COMETCANARY_REQUEST_BUILD_H
#define COMETCANARY_REQUEST_BUILD_H

#include "model/dialect.h"
#include "model/request.h"

struct arena;

/* What a probe of that kind asks for. The endpoint is borrowed for as long as `asked` is used. */
void request_ask(const struct endpoint *endpoint, enum probe_kind probe, struct asked *ret_asked);

/* Fills *ret_request; its texts live in the arena, its secret header on the heap until request_done().
 * request_id: what goes into the provider's request id header, borrowed for the call.
 * 0; -ENOMEM when the arena is exhausted (the run ends in local_error). request_done() is due in any case. */
int request_build(const struct endpoint *endpoint, const struct asked *asked, struct str request_id,
    struct arena *arena, struct request *ret_request);
/* Wipes and releases the secret header. */
void request_done(struct request *request);

/* Every byte of the request as it would be sent by HTTP/1.1, the key shown as <secret>. */
void request_print(struct buf *out, const struct request *request);

#endif
