/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration comes into force, or the old one stays whole: the daemon's start and its reload take the same way.
 */
#ifndef COMETCANARY_APP_RELOAD_H
#define COMETCANARY_APP_RELOAD_H

#include <stdbool.h>

#include "config/diag.h"

struct config;
struct engine;
struct metrics;

struct reload {
	struct engine *engine;
	struct metrics *metrics;
	const char *path;
	/* Before it comes into force: what the command line says instead. May be NULL. */
	void (*override)(const void *arg, struct config *config);
	const void *arg;
};

/* Loads the file and puts it into force. False when it has errors: the old one stays. Tells metrics and log. */
bool reload_run(const struct reload *reload, struct diags *diags);
/* One log line each, at their severity. */
void reload_log_diags(const struct diags *diags);

#endif
