/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of the daemon, and what of it stands above the configuration.
 */
#ifndef COMETCANARY_APP_DAEMON_OPTIONS_H
#define COMETCANARY_APP_DAEMON_OPTIONS_H

#include <stdbool.h>

#include "app/options.h"

struct config;

struct daemon_options {
	const char *config_file;
	bool config_check;
	struct option_list listen;
	const char *telemetry_path, *log_level, *log_format;
};

/* Like options_parse(). */
enum option_result daemon_options_parse(int argc, char **argv, struct daemon_options *ret_options);
/* arg: struct daemon_options, which must live as long as the configuration. Also after each reload. */
void daemon_options_override(const void *arg, struct config *config);

#endif
