/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One GET of a running daemon's page for a command that has nothing else to do meanwhile. Runs its own loop.
 */
#ifndef COMETCANARY_APP_FETCH_H
#define COMETCANARY_APP_FETCH_H

#include "base/buf.h"

struct fetched {
	int status; /* 0 = nobody answered */
	const char *trouble; /* static: why; NULL when there is an answer */
	struct buf body; /* owned */
};

void fetch_get(const char *url, struct fetched *ret_fetched);
void fetched_done(struct fetched *fetched);
#define auto_fetched ATTR_CLEANUP(fetched_done)

#endif
