/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is each configured model still in its provider's list? Asks every provider that has a models_path, at its own
 * interval, page after page where the list goes on. A list that cannot be read to its end is inconclusive for what was not
 * found in it, and changes nothing. Loop thread.
 */
#ifndef COMETCANARY_APP_LISTING_H
#define COMETCANARY_APP_LISTING_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "model/conf.h"

struct listing;
struct loop;
struct transport;

/* A good list had the endpoint's model, or had not. */
typedef void listing_fn(void *arg, const struct endpoint *endpoint, bool listed);

/* All borrowed. Returns owned. */
struct listing *listing_new(struct loop *loop, struct transport *transport, listing_fn *fn, void *arg) ATTR_NODISCARD;
/* Puts a configuration into force and holds it. What is under way is cancelled; a provider that stays keeps its phase. */
void listing_configure(struct listing *listing, struct config *config);
/* Cancels what is under way. NULL is fine. */
void listing_free(struct listing *listing);

/* The request for a provider's list, as an endpoint that request_ask() takes with PROBE_SYNC. Borrows the provider. */
struct endpoint listing_endpoint(const struct provider *provider);

enum list_verdict { LIST_HAS, LIST_LACKS, LIST_UNCLEAR };
/* What one page says about a model: {"data": [{"id"}]}, or {"models": [{"name": "models/…"}]}. An empty page lacks it. */
enum list_verdict listing_look(struct json page, const char *model);

enum list_rest {
	LIST_ENDS,
	LIST_GOES_ON,
	LIST_IS_LOST, /* goes on, and does not say where in a way that we know */
};
/* Where a page that could be read is continued. LIST_GOES_ON appends the member of the query that asks for the next one:
 * "after_id=…" where there is has_more, "pageToken=…" where there is nextPageToken. */
enum list_rest listing_rest(struct json page, struct buf *ret_query);

#endif
