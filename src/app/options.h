/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines by table: each program and command is a row of text and a list of options; getopt_long, --help, --version
 * and the messages come from there. Reads argv, prints to stdout and stderr, and nothing else.
 */
#ifndef COMETCANARY_APP_OPTIONS_H
#define COMETCANARY_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

enum option_kind {
	OPTION_SWITCH, /* bool */
	OPTION_TEXT, /* const char *; the last one counts */
	OPTION_LIST, /* struct option_list */
};

enum { OPTION_LIST_MAX = 8 };

struct option_list {
	const char *items[OPTION_LIST_MAX];
	size_t count;
};

struct option_row {
	const char *name; /* without the dashes; NULL ends the table */
	enum option_kind kind;
	const char *value; /* its name in --help; NULL for a switch */
	const char *help;
	size_t at; /* offsetof() in the target */
	const char *const *choices; /* NULL-terminated; NULL = any text */
};

struct option_page {
	const char *program; /* "cometcanaryd", "cometcanary check" */
	const char *operands; /* "[FILE]"; "" = none */
	const char *summary; /* one line */
	const struct option_row *rows;
	int operands_min, operands_max; /* operands_max -1 = no limit */
	bool stop_at_operand; /* what follows the first operand belongs to somebody else */
	const char *more; /* printed after the options; NULL = nothing */
};

/* Anything but OPTIONS_RUN is the exit code. */
enum option_result {
	OPTIONS_RUN = -1,
	OPTIONS_DONE = EX_OK, /* --help or --version: printed */
	OPTIONS_BAD = EX_USAGE, /* told on stderr */
};

/* Fills *target (zeroed by the caller, but for defaults). Texts are borrowed from argv, which may be permuted.
 * *ret_operand: index of the first operand. */
enum option_result options_parse(const struct option_page *page, int argc, char **argv, void *target, int *ret_operand);

#endif
