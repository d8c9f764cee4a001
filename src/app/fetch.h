/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One GET of a running daemon's page for a command that has nothing else to do meanwhile.
 */
#ifndef COMETCANARY_APP_FETCH_H
#define COMETCANARY_APP_FETCH_H

#include "base/attr.h"
#include "base/buf.h"

struct loop;
struct provider;
struct transport;

struct fetched {
	int status; /* 0 = nobody answered */
	const char *trouble; /* static: why it has no whole answer; NULL when it has */
	struct buf body; /* owned */
};

/* Whoever is asked without being a provider: no key, no proxy, the system's trust. */
extern const struct provider fetch_anybody;

/* Runs the loop until the answer is there. */
void fetch_get(struct loop *loop, struct transport *transport, const char *url, struct fetched *ret_fetched);
void fetched_done(struct fetched *fetched);
#define auto_fetched ATTR_CLEANUP(fetched_done)

#endif
