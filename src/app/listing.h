/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is each configured model still in its provider's list? Asks every provider that has a models_path, at its own
 * interval. A list that cannot be read, or is said to go on elsewhere, is inconclusive and changes nothing. Loop thread.
 */
#ifndef COMETCANARY_APP_LISTING_H
#define COMETCANARY_APP_LISTING_H

#include "base/attr.h"
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
/* What a list says about a model: {"data": [{"id"}]}, or {"models": [{"name": "models/…"}]}. */
enum list_verdict listing_look(struct json root, const char *model);

#endif
