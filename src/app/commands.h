/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's commands: one row each, one file each (command_NAME.c). A command reads its options, does its work,
 * prints, and returns the exit code of the process.
 */
#ifndef COMETCANARY_APP_COMMANDS_H
#define COMETCANARY_APP_COMMANDS_H

/* The whole program: cometcanary [--config.file=FILE] COMMAND … */
int commands_main(int argc, char **argv);

/* argv[0] is the command's name. config_file: given before the command, or the default; a command's own option wins. */
typedef int command_fn(const char *config_file, int argc, char **argv);

command_fn command_baseline;
command_fn command_check;
command_fn command_docs;
command_fn command_drift;
command_fn command_ledger;
command_fn command_plan;
command_fn command_probe;
command_fn command_replay;
command_fn command_status;

#define COMMAND_CONFIG_FILE "/etc/cometcanary/cometcanary.conf"

/* The rows that several commands share. */
#define OPTION_ROW_CONFIG(type) \
	{ \
		"config.file", OPTION_TEXT, "FILE", "the configuration [" COMMAND_CONFIG_FILE "]", \
		    offsetof(type, config_file), NULL \
	}
#define OPTION_ROW_FORMAT(type) \
	{ \
		"format", OPTION_TEXT, "FORMAT", "text or json [text]", offsetof(type, format), terminal_formats \
	}
#define OPTION_ROWS_END \
	{ \
		NULL, OPTION_SWITCH, NULL, NULL, 0, NULL \
	}

#endif
