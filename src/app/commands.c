/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/commands.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>

#include "app/options.h"
#include "base/attr.h"

static const struct command {
	const char *name;
	command_fn *run; /* NULL: the name is taken, the work comes with a later version */
} commands[] = {
	{ "baseline", command_baseline },
	{ "check", command_check },
	{ "docs", command_docs },
	{ "drift", command_drift },
	{ "ledger", command_ledger },
	{ "plan", command_plan },
	{ "probe", command_probe },
	{ "replay", command_replay },
	{ "status", command_status },
	{ "gate", NULL },
};

struct command_options {
	const char *config_file;
};

static const struct option_row rows[] = {
	OPTION_ROW_CONFIG(struct command_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary",
	.operands = "COMMAND [ARGUMENT]...",
	.summary = "Work with a canary for LLM gateways and its configuration.",
	.rows = rows,
	.operands_min = 1,
	.operands_max = -1,
	.stop_at_operand = true,
	.more = "Commands (each has its own --help):\n"
		"  baseline WHAT ENDPOINT  the learned shape of answers: show, pin, diff\n"
		"  check [FILE]        say everything that is wrong with a configuration\n"
		"  docs WHAT [NAME]    watched documents and what changed in them: list, show, diff\n"
		"  drift               active contract findings, and how to acknowledge one\n"
		"  ledger [ENDPOINT]   the contract: evidence, and what was verified when\n"
		"  plan                what a configuration will do in a day, sending nothing\n"
		"  probe ENDPOINT      one run now, told step by step\n"
		"  replay FILE...      judge recorded responses without a network\n"
		"  status              one screen from a running daemon\n",
};

int
commands_main(int argc, char **argv)
{
	struct command_options options = { COMMAND_CONFIG_FILE };
	int operand;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	prctl(PR_SET_DUMPABLE, 0); /* memory with keys in it goes into no core file */
	const char *name = argv[operand];
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		if (commands[i].run)
			return commands[i].run(options.config_file, argc - operand, argv + operand);
		fprintf(stderr, "cometcanary: %s is not implemented in this version\n", name);
		return EX_USAGE;
	}
	fprintf(stderr, "cometcanary: there is no command '%s'\nTry 'cometcanary --help'.\n", name);
	return EX_USAGE;
}
