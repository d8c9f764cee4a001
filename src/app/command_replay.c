/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "app/commands.h"
#include "app/conf_file.h"
#include "app/options.h"
#include "app/replay.h"
#include "app/terminal.h"
#include "base/parse.h"
#include "config/load.h"
#include "model/dialect.h"
#include "request/build.h"

struct replay_options {
	const char *config_file, *endpoint, *dialect, *probe, *usage, *model, *max_tokens, *format;
};

static const char *const usages[] = {
	[USAGE_OPTIONAL] = "optional", [USAGE_DOCUMENTED] = "documented", [USAGE_NONE] = "none", NULL
};

static const struct option_row rows[] = {
	{ "dialect", OPTION_TEXT, "DIALECT", "the API family of the recordings",
	    offsetof(struct replay_options, dialect), NULL },
	{ "probe", OPTION_TEXT, "KIND", "sync, stream, or a negative probe's name [sync]",
	    offsetof(struct replay_options, probe), NULL },
	{ "usage", OPTION_TEXT, "CONTRACT", "documented, optional or none [optional]",
	    offsetof(struct replay_options, usage), usages },
	{ "model", OPTION_TEXT, "MODEL", "the model that was asked for", offsetof(struct replay_options, model), NULL },
	{ "max-tokens", OPTION_TEXT, "N", "the cap on output tokens that was sent",
	    offsetof(struct replay_options, max_tokens), NULL },
	OPTION_ROW_CONFIG(struct replay_options),
	{ "endpoint", OPTION_TEXT, "NAME", "judge as this endpoint of the configuration would",
	    offsetof(struct replay_options, endpoint), NULL },
	OPTION_ROW_FORMAT(struct replay_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary replay",
	.operands = "FILE...",
	.summary =
	    "Judge recorded responses without a network. Exit 0 whatever the verdict, 66 if a file cannot be read.",
	.rows = rows,
	.operands_min = 1,
	.operands_max = -1,
	.more = "A FILE is one raw HTTP/1.1 response as received, its body already de-chunked and decompressed.\n",
};

static int
usage_error(const char *text, const char *value)
{
	fprintf(stderr, "cometcanary replay: %s%s\nTry 'cometcanary replay --help'.\n", text, value);
	return EX_USAGE;
}

/* What was asked: by the endpoint where one is named, and by the options over it. */
struct question {
	struct asked asked;
	struct expectation expectation;
	struct config *config;
};

static int
ask_endpoint(struct question *question, const struct replay_options *options, enum probe_kind probe)
{
	question->config = conf_file_load_without_secrets(options->config_file);
	if (!question->config)
		return EX_CONFIG;
	const struct endpoint *endpoint = config_find_endpoint(question->config, options->endpoint);
	if (!endpoint)
		return usage_error("no endpoint of that name in the configuration: ", options->endpoint);
	request_ask(endpoint, probe, &question->asked);
	question->expectation = endpoint->expect;
	return 0;
}

static int
ask_dialect(struct question *question, const struct replay_options *options)
{
	const struct dialect *dialect = question->asked.dialect;
	if (options->dialect)
		dialect = dialect_find(str_of(options->dialect));
	if (!dialect && options->dialect)
		return usage_error("no such dialect: ", options->dialect);
	if (!dialect)
		return usage_error("--dialect (or --endpoint) is needed", "");
	question->asked.dialect = dialect;
	if (!question->config && dialect->max_body_bytes > 0)
		question->asked.caps.body_bytes = dialect->max_body_bytes;
	if (!dialect_supports(dialect, question->asked.probe))
		return usage_error("the dialect has no such probe: ", probe_name(question->asked.probe));
	return 0;
}

/* What the options say stands over the endpoint. */
static int
ask_rest(struct question *question, const struct replay_options *options)
{
	struct asked *asked = &question->asked;
	if (options->model)
		asked->model = str_of(options->model);
	if (options->max_tokens &&
	    (!parse_i64(str_of(options->max_tokens), &asked->max_tokens) || asked->max_tokens < 1))
		return usage_error("--max-tokens is not a number above 0: ", options->max_tokens);
	for (unsigned i = 0; options->usage && usages[i]; i++)
		if (strcmp(options->usage, usages[i]) == 0)
			question->expectation.usage = (enum usage_contract)i;
	asked->expect = &question->expectation;
	return 0;
}

static int
ask(struct question *question, const struct replay_options *options)
{
	enum probe_kind probe = options->probe ? probe_from_name(str_of(options->probe)) : PROBE_SYNC;
	if (probe == PROBE_COUNT)
		return usage_error("no such probe: ", options->probe);
	if (probe == PROBE_TIMEOUT || probe == PROBE_STREAM_ABORT)
		return usage_error("judges our own handling and cannot be replayed: ", options->probe);
	question->asked =
	    (struct asked){ .probe = probe, .stream = probe == PROBE_STREAM, .caps = replay_default_caps };
	question->expectation = replay_default_expectation;
	int error = options->endpoint ? ask_endpoint(question, options, probe) : 0;
	if (error == 0)
		error = ask_dialect(question, options);
	return error ? error : ask_rest(question, options);
}

static int
replay_all(const struct asked *asked, bool json, char **paths)
{
	int exit_code = 0;
	auto_buf struct buf out = BUF_INIT(64 * 1024);
	for (; *paths; paths++) {
		buf_reset(&out);
		int error = replay_file(*paths, asked, json, &out);
		fwrite(out.at, 1, out.len, stdout);
		if (error == 0)
			continue;
		fprintf(stderr, "cometcanary replay: %s: %s\n", *paths,
		    error == -EBADMSG ? "is no recorded HTTP response (it has to begin with the status line)"
				      : strerror(-error));
		exit_code = EX_NOINPUT;
	}
	return exit_code;
}

int
command_replay(const char *config_file, int argc, char **argv)
{
	struct replay_options options = { .config_file = config_file };
	struct question question = { 0 };
	int operand;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	int exit_code = ask(&question, &options);
	if (exit_code == 0)
		exit_code = replay_all(&question.asked, terminal_wants_json(options.format), argv + operand);
	config_release(question.config);
	return exit_code;
}
