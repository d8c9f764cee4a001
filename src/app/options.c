/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/options.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app/version.h"
#include "base/attr.h"

/* What getopt_long returns for the options that every page has; the rows follow. */
enum { CODE_HELP = 1000, CODE_VERSION, CODE_ROWS };
enum { ROWS_MAX = 24, HELP_COLUMN = 32 };

static void
print_row(const char *name, const char *value, const char *help)
{
	int width = printf("  --%s%s%s", name, value ? "=" : "", value ? value : "");
	if (width >= HELP_COLUMN)
		width = printf("\n") - 1;
	printf("%*s%s\n", HELP_COLUMN - width, "", help);
}

static void
print_help(const struct option_page *page)
{
	printf("Usage: %s [OPTION]...%s%s\n%s\n\n", page->program, page->operands[0] ? " " : "", page->operands,
	    page->summary);
	for (const struct option_row *row = page->rows; row->name; row++)
		print_row(row->name, row->value, row->help);
	print_row("help", NULL, "print this and exit");
	print_row("version", NULL, "print the version and those of the libraries, and exit");
	if (page->more)
		printf("\n%s", page->more);
}

static enum option_result
bad(const struct option_page *page)
{
	fprintf(stderr, "Try '%s --help'.\n", page->program);
	return OPTIONS_BAD;
}

static bool
is_choice(const struct option_row *row, const char *value)
{
	if (!row->choices)
		return true;
	for (size_t i = 0; row->choices[i]; i++)
		if (strcmp(row->choices[i], value) == 0)
			return true;
	return false;
}

static bool
take(const struct option_page *page, const struct option_row *row, const char *value, void *target)
{
	char *place = (char *)target + row->at;
	if (value && !is_choice(row, value)) {
		fprintf(stderr, "%s: --%s: '%s' is none of:", page->program, row->name, value);
		for (size_t i = 0; row->choices[i]; i++)
			fprintf(stderr, " %s", row->choices[i]);
		fputc('\n', stderr);
		return false;
	}
	switch (row->kind) {
	case OPTION_SWITCH:
		memcpy(place, &(bool){ true }, sizeof(bool));
		break;
	case OPTION_TEXT:
		memcpy(place, &value, sizeof(value));
		break;
	case OPTION_LIST: {
		struct option_list *list = (struct option_list *)(void *)place;
		if (list->count == OPTION_LIST_MAX) {
			fprintf(stderr, "%s: --%s: at most %d times\n", page->program, row->name, OPTION_LIST_MAX);
			return false;
		}
		list->items[list->count++] = value;
		break;
	}
	}
	return true;
}

static void
fill_getopt(const struct option_page *page, struct option *table)
{
	size_t n = 0;
	table[n++] = (struct option){ "help", no_argument, NULL, CODE_HELP };
	table[n++] = (struct option){ "version", no_argument, NULL, CODE_VERSION };
	for (const struct option_row *row = page->rows; row->name && n < ROWS_MAX + 2; row++)
		table[n++] = (struct option){ row->name, row->kind == OPTION_SWITCH ? no_argument : required_argument,
			NULL, CODE_ROWS + (int)(row - page->rows) };
	table[n] = (struct option){ 0 };
}

static enum option_result
check_operands(const struct option_page *page, int count, char **argv)
{
	if (count < page->operands_min) {
		fprintf(stderr, "%s: %s is missing\n", page->program, page->operands);
		return bad(page);
	}
	if (page->operands_max >= 0 && count > page->operands_max) {
		fprintf(stderr, "%s: '%s' is one argument too many\n", page->program, argv[page->operands_max]);
		return bad(page);
	}
	return OPTIONS_RUN;
}

enum option_result
options_parse(const struct option_page *page, int argc, char **argv, void *target, int *ret_operand)
{
	struct option table[ROWS_MAX + 3];
	fill_getopt(page, table);
	char *name = argv[0];
	/* getopt's own messages begin with argv[0]; it does not write to it. */
	argv[0] = (char *)(uintptr_t)page->program;
	optind = 0; /* glibc: begin anew */
	int code;
	enum option_result result = OPTIONS_RUN;
	while (result == OPTIONS_RUN &&
	    (code = getopt_long(argc, argv, page->stop_at_operand ? "+" : "", table, NULL)) != -1) {
		if (code == CODE_HELP) {
			print_help(page);
			result = OPTIONS_DONE;
		} else if (code == CODE_VERSION) {
			version_print(stdout);
			result = OPTIONS_DONE;
		} else if (code == '?' || !take(page, &page->rows[code - CODE_ROWS], optarg, target)) {
			result = bad(page);
		}
	}
	argv[0] = name;
	*ret_operand = optind;
	return result == OPTIONS_RUN ? check_operands(page, argc - optind, argv + optind) : result;
}
