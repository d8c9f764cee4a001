/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/daemon_options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "base/attr.h"
#include "config/syntax.h"
#include "model/conf.h"

static const char *const levels[] = { [LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_COUNT] = NULL };
static const char *const formats[] = { [LOG_FORMAT_JSON] = "json", [LOG_FORMAT_LOGFMT] = "logfmt", NULL };

static const struct option_row rows[] = {
	OPTION_ROW_CONFIG(struct daemon_options),
	{ "config.check", OPTION_SWITCH, NULL, "only say what is wrong with the configuration; exit 0 or 78",
	    offsetof(struct daemon_options, config_check), NULL },
	{ "web.listen-address", OPTION_LIST, "ADDRESS", "where to serve HTTP instead of web.listen; may be repeated",
	    offsetof(struct daemon_options, listen), NULL },
	{ "web.telemetry-path", OPTION_TEXT, "PATH", "the path of the metrics instead of web.telemetry_path",
	    offsetof(struct daemon_options, telemetry_path), NULL },
	{ "log.level", OPTION_TEXT, "LEVEL", "debug, info, warn or error instead of log.level",
	    offsetof(struct daemon_options, log_level), levels },
	{ "log.format", OPTION_TEXT, "FORMAT", "json or logfmt instead of log.format",
	    offsetof(struct daemon_options, log_format), formats },
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanaryd",
	.operands = "",
	.summary = "A canary for LLM gateways: probes, and says in Prometheus metrics whether the contract holds.",
	.rows = rows,
	.more = "SIGHUP reloads the configuration, SIGUSR1 reopens the log and dumps the flight recorder,\n"
		"SIGTERM and SIGINT let running probes end and stop; a second one stops at once.\n",
};

static enum option_result
check_web(const struct daemon_options *options)
{
	for (size_t i = 0; i < options->listen.count; i++) {
		const char *trouble = syntax_listen(str_of(options->listen.items[i]));
		if (trouble) {
			fprintf(stderr, "cometcanaryd: --web.listen-address: '%s': %s\n", options->listen.items[i],
			    trouble);
			return OPTIONS_BAD;
		}
	}
	if (options->telemetry_path && syntax_telemetry_path(str_of(options->telemetry_path))) {
		fprintf(stderr, "cometcanaryd: --web.telemetry-path: '%s': %s\n", options->telemetry_path,
		    syntax_telemetry_path(str_of(options->telemetry_path)));
		return OPTIONS_BAD;
	}
	return OPTIONS_RUN;
}

enum option_result
daemon_options_parse(int argc, char **argv, struct daemon_options *ret_options)
{
	int operand;
	*ret_options = (struct daemon_options){ .config_file = COMMAND_CONFIG_FILE };
	enum option_result result = options_parse(&page, argc, argv, ret_options, &operand);
	return result == OPTIONS_RUN ? check_web(ret_options) : result;
}

static int
find_choice(const char *const *choices, const char *text)
{
	int i = 0;
	while (strcmp(choices[i], text) != 0)
		i++;
	return i;
}

void
daemon_options_override(const void *arg, struct config *config)
{
	const struct daemon_options *options = arg;
	if (options->listen.count) {
		config->web.listen = (const char **)(uintptr_t)options->listen.items;
		config->web.listen_count = options->listen.count;
	}
	if (options->telemetry_path)
		config->web.telemetry_path = options->telemetry_path;
	if (options->log_level)
		config->log.level = (enum log_level)find_choice(levels, options->log_level);
	if (options->log_format)
		config->log.format = (enum log_format)find_choice(formats, options->log_format);
}
