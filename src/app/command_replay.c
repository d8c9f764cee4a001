/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
	[USAGE_OPTIONAL] = "optional", [USAGE_DOCUMENTED] = "documented", [USAGE_NONE] = "none", [USAGE_NONE + 1] = NULL
};

static const struct option_row rows[] = {
	{ "dialect", OPTION_TEXT, "DIALECT", "the API family: openai-chat, json-get, ...",
	    offsetof(struct replay_options, dialect), NULL },
	{ "probe", OPTION_TEXT, "KIND", "sync, stream, or a negative probe's name [sync]",
	    offsetof(struct replay_options, probe), NULL },
	{ "usage", OPTION_TEXT, "CONTRACT", "documented, optional or none [optional]",
	    offsetof(struct replay_options, usage), usages },
	{ "model", OPTION_TEXT, "MODEL", "the id that was asked for", offsetof(struct replay_options, model), NULL },
	{ "max-tokens", OPTION_TEXT, "N", "the cap that was asked for", offsetof(struct replay_options, max_tokens),
	    NULL },
	OPTION_ROW_CONFIG(struct replay_options),
	{ "endpoint", OPTION_TEXT, "NAME", "take all of this from an endpoint of the configuration",
	    offsetof(struct replay_options, endpoint), NULL },
	OPTION_ROW_FORMAT(struct replay_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary replay",
	.operands = "FILE...",
	.summary =
	    "Judge recorded responses without a network. Exit 0 whatever the verdict, 66 for an unreadable file.",
	.rows = rows,
	.operands_min = 1,
	.operands_max = -1,
	.more = "A FILE is one raw HTTP/1.1 response as received: status line, head, blank line, and the body,\n"
		"already de-chunked and decompressed.\n",
};

enum { VERDICT_MAX = 1024 * 1024 };

static bool
refuse(const char *what, const char *value)
{
	fprintf(stderr, "cometcanary replay: %s '%s'\n", what, value);
	return false;
}

static bool
ask_by_options(const struct replay_options *options, struct asked *asked, struct expectation *expect)
{
	if (!options->dialect) {
		fputs("cometcanary replay: give --dialect, or --config.file and --endpoint\n", stderr);
		return false;
	}
	*expect = replay_default_expectation;
	asked->caps = replay_default_caps;
	asked->dialect = dialect_find(str_of(options->dialect));
	if (!asked->dialect)
		return refuse("there is no dialect", options->dialect);
	asked->probe = PROBE_SYNC;
	return true;
}

static bool
ask_by_endpoint(
    const struct config *config, const struct replay_options *options, struct asked *asked, struct expectation *expect)
{
	const struct endpoint *endpoint = config_find_endpoint(config, options->endpoint);
	if (!endpoint)
		return refuse("the configuration has no endpoint", options->endpoint);
	enum probe_kind probe = options->probe ? probe_from_name(str_of(options->probe)) : endpoint->probes[0];
	if (probe == PROBE_COUNT)
		return refuse("there is no probe", options->probe);
	request_ask(endpoint, probe, asked);
	*expect = endpoint->expect;
	return true;
}

/* What is said on the command line stands above the endpoint. */
static bool
override(const struct replay_options *options, struct asked *asked, struct expectation *expect)
{
	if (options->probe)
		asked->probe = probe_from_name(str_of(options->probe));
	if (asked->probe == PROBE_COUNT)
		return refuse("there is no probe", options->probe);
	asked->stream = asked->probe == PROBE_STREAM || asked->probe == PROBE_STREAM_ABORT;
	if (options->model)
		asked->model = str_of(options->model);
	if (options->max_tokens && !parse_i64(str_of(options->max_tokens), &asked->max_tokens))
		return refuse("--max-tokens is no number:", options->max_tokens);
	for (int i = 0; options->usage && usages[i]; i++)
		if (strcmp(usages[i], options->usage) == 0)
			expect->usage = (enum usage_contract)i;
	asked->expect = expect;
	return true;
}

static int
judge(const struct asked *asked, bool json, int count, char **files)
{
	int code = EX_OK;
	for (int i = 0; i < count; i++) {
		auto_buf struct buf out = BUF_INIT(VERDICT_MAX);
		int error = replay_file(files[i], asked, json, &out);
		fwrite(buf_cstr(&out), 1, out.len, stdout);
		if (error == 0)
			continue;
		fprintf(stderr, "cometcanary replay: %s: %s\n", files[i],
		    error == -EBADMSG ? "this is no HTTP response" : strerror(-error));
		code = EX_NOINPUT;
	}
	return code;
}

static int
replay(const struct replay_options *options, int count, char **files)
{
	struct asked asked = { .model = STR_NONE };
	struct expectation expect;
	struct config *config = NULL;
	if (options->endpoint && !(config = conf_file_load(options->config_file)))
		return EX_CONFIG;
	bool ok = config ? ask_by_endpoint(config, options, &asked, &expect) : ask_by_options(options, &asked, &expect);
	int code = EX_USAGE;
	if (ok && override(options, &asked, &expect))
		code = judge(&asked, terminal_wants_json(options->format), count, files);
	config_release(config);
	return code;
}

int
command_replay(const char *config_file, int argc, char **argv)
{
	struct replay_options options = { .config_file = config_file };
	int operand;
	switch (options_parse(&page, argc, argv, &options, &operand)) {
	case OPTIONS_RUN:
		return replay(&options, argc - operand, argv + operand);
	case OPTIONS_DONE:
		return EX_OK;
	case OPTIONS_BAD:
		break;
	}
	return EX_USAGE;
}
