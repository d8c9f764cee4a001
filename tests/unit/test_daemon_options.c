/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <unistd.h>

#include "app/daemon_options.h"
#include "model/conf.h"

static enum option_result
parse(struct daemon_options *options, const char *const *words)
{
	char *argv[8] = { NULL };
	int argc = 0;
	for (; words[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	/* messages are another test's business */
	int old = dup(STDERR_FILENO);
	FILE *dark = tmpfile();
	dup2(fileno(dark), STDERR_FILENO);
	enum option_result result = daemon_options_parse(argc, argv, options);
	dup2(old, STDERR_FILENO);
	close(old);
	fclose(dark);
	return result;
}

#define WORDS(...) ((const char *const[]){ "cometcanaryd", __VA_ARGS__, NULL })

static struct config
configured(const char **listen)
{
	return (struct config){ .web = { .listen = listen, .listen_count = 1, .telemetry_path = "/metrics" },
		.log = { .level = LOG_LEVEL_INFO, .format = LOG_FORMAT_JSON } };
}

static void
test_what_is_not_said_stays(void **state)
{
	(void)state;
	struct daemon_options options;
	const char *listen[] = { "127.0.0.1:1" };
	struct config config = configured(listen);
	assert_int_equal(parse(&options, WORDS("--config.check")), OPTIONS_RUN);
	assert_true(options.config_check);
	assert_string_equal(options.config_file, "/etc/cometcanary/cometcanary.conf");
	daemon_options_override(&options, &config);
	assert_ptr_equal(config.web.listen, listen);
	assert_string_equal(config.web.telemetry_path, "/metrics");
	assert_int_equal(config.log.level, LOG_LEVEL_INFO);
	assert_int_equal(config.log.format, LOG_FORMAT_JSON);
}

static void
test_what_is_said_stands_above_the_file(void **state)
{
	(void)state;
	struct daemon_options options;
	const char *listen[] = { "127.0.0.1:1" };
	struct config config = configured(listen);
	assert_int_equal(parse(&options,
			     WORDS("--web.listen-address=:2", "--web.listen-address", "[::1]:3",
				 "--web.telemetry-path=/m", "--log.level=error", "--log.format=logfmt")),
	    OPTIONS_RUN);
	daemon_options_override(&options, &config);
	assert_int_equal(config.web.listen_count, 2);
	assert_string_equal(config.web.listen[0], ":2");
	assert_string_equal(config.web.listen[1], "[::1]:3");
	assert_string_equal(config.web.telemetry_path, "/m");
	assert_int_equal(config.log.level, LOG_LEVEL_ERROR);
	assert_int_equal(config.log.format, LOG_FORMAT_LOGFMT);
}

static void
test_refused(void **state)
{
	(void)state;
	struct daemon_options options;
	assert_int_equal(parse(&options, WORDS("--web.listen-address=10077")), OPTIONS_BAD);
	assert_int_equal(parse(&options, WORDS("--web.telemetry-path=metrics")), OPTIONS_BAD);
	assert_int_equal(parse(&options, WORDS("--log.level=trace")), OPTIONS_BAD);
	assert_int_equal(parse(&options, WORDS("--log.format=text")), OPTIONS_BAD);
	assert_int_equal(parse(&options, WORDS("cometcanary.conf")), OPTIONS_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_said_stays),
		cmocka_unit_test(test_what_is_said_stands_above_the_file),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests_name("daemon_options", tests, NULL, NULL);
}
