/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration comes into force, or the old one stays whole: the daemon's start and its reload take the same way.
 */
#ifndef COMETCANARY_APP_RELOAD_H
#define COMETCANARY_APP_RELOAD_H

#include "base/buf.h"

struct config;
struct engine;
struct metrics;

struct reload {
	struct engine *engine;
	struct metrics *metrics;
	const char *path;
	/* The last step before it comes into force; on failure the old one stays. 0, or -errno and why. May be NULL. */
	int (*prepare)(void *arg, struct config *config, struct buf *ret_error);
	void *arg;
};

/* Loads the file and puts it into force: 0, or -errno and what is wrong, as lines for people, and the old one stays.
 * Tells metrics and log. */
int reload_run(const struct reload *reload, struct buf *ret_errors);

#endif
