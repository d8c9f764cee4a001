/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Is it me?": asks the configured anchors, places that have nothing to do with any provider, at a fixed rate. When none
 * of them answers, our own network does not work, and what the probes would see says nothing about a provider.
 * An https:// anchor answers with any response head, a tcp:// anchor by accepting the connection. With `loopback` it asks
 * itself, too, over the same transport: when that fails the fault is ours, whatever the anchors say. Loop thread.
 */
#ifndef COMETCANARY_APP_SELF_CHECK_H
#define COMETCANARY_APP_SELF_CHECK_H

#include <stdbool.h>

#include "base/attr.h"
#include "model/conf.h"

struct loop;
struct transport;
struct self_check;

/* After each round. */
typedef void self_check_fn(void *arg, bool online);

/* Returns owned; loop and transport are borrowed. Nothing is asked yet. */
struct self_check *
self_check_new(struct loop *loop, struct transport *transport, self_check_fn *fn, void *arg) ATTR_NODISCARD;
/* Starts over with these anchors (copied) at once. False when there is nothing to ask: it rests, and calls nobody. */
bool self_check_configure(struct self_check *check, const struct self_check_config *config);
void self_check_free(struct self_check *check);

#endif
