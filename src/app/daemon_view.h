/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pages may see and ask of the running daemon (export/view.h), answered from its parts. Loop thread.
 */
#ifndef COMETCANARY_APP_DAEMON_VIEW_H
#define COMETCANARY_APP_DAEMON_VIEW_H

#include <stdbool.h>

#include "export/view.h"

struct drift;
struct engine;
struct loop;
struct store;

/* All borrowed. */
struct daemon_viewed {
	struct engine *engine;
	struct drift *drift;
	struct store *store;
	struct loop *loop;
	const bool *ready;
	int (*reload)(void *arg, struct buf *ret_errors);
	void *arg; /* of reload */
};

/* Fills in the functions. `viewed` is borrowed for as long as the view is used. */
void daemon_view_fill(struct daemon_viewed *viewed, struct export_view *view);

#endif
