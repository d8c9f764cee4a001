/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include <unistd.h>

#include "app/options.h"
#include "base/attr.h"

struct target {
	bool loud;
	const char *file, *colour;
	struct option_list listen;
};

static const char *const colours[] = { "red", "blue", NULL };

static const struct option_row rows[] = {
	{ "loud", OPTION_SWITCH, NULL, "make noise", offsetof(struct target, loud), NULL },
	{ "config.file", OPTION_TEXT, "FILE", "the file", offsetof(struct target, file), NULL },
	{ "colour", OPTION_TEXT, "COLOUR", "which", offsetof(struct target, colour), colours },
	{ "web.listen-address", OPTION_LIST, "ADDRESS", "where", offsetof(struct target, listen), NULL },
	{ NULL, OPTION_SWITCH, NULL, NULL, 0, NULL },
};

static const struct option_page page = {
	.program = "prog", .operands = "[FILE]", .summary = "Does things.", .rows = rows, .operands_max = 1
};

/* Both outputs go to files that can be read afterwards. */
struct captured {
	enum option_result result;
	int operand;
	struct target target;
	char out[4096], err[1024];
};

static void
slurp(FILE *from, char *text, size_t size)
{
	rewind(from);
	text[fread(text, 1, size - 1, from)] = '\0';
	fclose(from);
}

static struct captured
parse(const struct option_page *on, const char *const *words)
{
	struct captured c = { .target = { .file = "default" } };
	char *argv[16] = { NULL };
	int argc = 0;
	for (; words[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	FILE *out = tmpfile(), *err = tmpfile();
	fflush(stdout);
	int old_out = dup(STDOUT_FILENO), old_err = dup(STDERR_FILENO);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	c.result = options_parse(on, argc, argv, &c.target, &c.operand);
	fflush(stdout);
	dup2(old_out, STDOUT_FILENO);
	dup2(old_err, STDERR_FILENO);
	close(old_out);
	close(old_err);
	slurp(out, c.out, sizeof(c.out));
	slurp(err, c.err, sizeof(c.err));
	return c;
}

#define WORDS(...) ((const char *const[]){ "prog", __VA_ARGS__, NULL })

static void
test_values(void **state)
{
	(void)state;
	struct captured c = parse(&page,
	    WORDS("--loud", "--config.file=a", "in", "--web.listen-address", ":1", "--web.listen-address=:2",
		"--colour", "blue"));
	assert_int_equal(c.result, OPTIONS_RUN);
	assert_true(c.target.loud);
	assert_string_equal(c.target.file, "a");
	assert_string_equal(c.target.colour, "blue");
	assert_int_equal(c.target.listen.count, 2);
	assert_string_equal(c.target.listen.items[1], ":2");
	assert_int_equal(c.operand, 8);
	assert_string_equal(c.err, "");
}

static void
test_defaults_stay(void **state)
{
	(void)state;
	struct captured c = parse(&page, (const char *const[]){ "prog", NULL });
	assert_int_equal(c.result, OPTIONS_RUN);
	assert_false(c.target.loud);
	assert_string_equal(c.target.file, "default");
}

static void
test_two_dashes_end_options(void **state)
{
	(void)state;
	struct captured c = parse(&page, WORDS("--", "--loud"));
	assert_int_equal(c.result, OPTIONS_RUN);
	assert_false(c.target.loud);
	assert_int_equal(c.operand, 2);
}

static void
test_bad_usage(void **state)
{
	(void)state;
	const struct {
		const char *const *words;
		const char *says;
	} lines[] = {
		{ WORDS("--nope"), "prog: unrecognized option '--nope'\nTry 'prog --help'.\n" },
		{ WORDS("--config.file"), "prog: option '--config.file' requires an argument\nTry 'prog --help'.\n" },
		{ WORDS("--colour=green"), "prog: --colour: 'green' is none of: red blue\nTry 'prog --help'.\n" },
		{ WORDS("a", "b"), "prog: 'b' is one argument too many\nTry 'prog --help'.\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct captured c = parse(&page, lines[i].words);
		assert_int_equal(c.result, OPTIONS_BAD);
		assert_string_equal(c.err, lines[i].says);
		assert_string_equal(c.out, "");
	}
}

static void
test_missing_operand(void **state)
{
	(void)state;
	struct option_page wants = page;
	wants.operands = "ENDPOINT";
	wants.operands_min = 1;
	struct captured c = parse(&wants, WORDS("--loud"));
	assert_int_equal(c.result, OPTIONS_BAD);
	assert_string_equal(c.err, "prog: ENDPOINT is missing\nTry 'prog --help'.\n");
}

static void
test_help_is_for_stdout(void **state)
{
	(void)state;
	struct captured c = parse(&page, WORDS("--help", "--nope"));
	assert_int_equal(c.result, OPTIONS_DONE);
	assert_string_equal(c.err, "");
	assert_non_null(strstr(c.out, "Usage: prog [OPTION]... [FILE]\nDoes things.\n"));
	assert_non_null(strstr(c.out, "  --config.file=FILE            the file\n"));
	assert_non_null(strstr(c.out, "  --web.listen-address=ADDRESS  where\n"));
}

static void
test_version(void **state)
{
	(void)state;
	struct captured c = parse(&page, WORDS("--version"));
	assert_int_equal(c.result, OPTIONS_DONE);
	assert_non_null(strstr(c.out, PACKAGE_STRING));
}

static void
test_stop_at_operand(void **state)
{
	(void)state;
	struct option_page program = page;
	program.stop_at_operand = true;
	program.operands_max = -1;
	struct captured c = parse(&program, WORDS("--loud", "check", "--unknown", "x"));
	assert_int_equal(c.result, OPTIONS_RUN);
	assert_int_equal(c.operand, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_defaults_stay),
		cmocka_unit_test(test_two_dashes_end_options),
		cmocka_unit_test(test_bad_usage),
		cmocka_unit_test(test_missing_operand),
		cmocka_unit_test(test_help_is_for_stdout),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_stop_at_operand),
	};
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
