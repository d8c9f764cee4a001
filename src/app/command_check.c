/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "app/commands.h"
#include "app/options.h"
#include "app/terminal.h"
#include "base/jsonw.h"
#include "config/dump.h"
#include "config/load.h"

struct check_options {
	const char *config_file, *format;
	bool print_effective;
};

static const struct option_row rows[] = {
	OPTION_ROW_CONFIG(struct check_options),
	{ "print-effective", OPTION_SWITCH, NULL, "print what is in force, defaults resolved, secrets as <secret>",
	    offsetof(struct check_options, print_effective), NULL },
	OPTION_ROW_FORMAT(struct check_options),
	OPTION_ROWS_END,
};

static const struct option_page page = {
	.program = "cometcanary check",
	.operands = "[FILE]",
	.summary = "Say everything that is wrong with a configuration. Exit 0 if it can be used, 78 if not.",
	.rows = rows,
	.operands_max = 1,
};

enum { REPORT_MAX = 64 * 1024 * 1024 };

static void
write_json(const struct config *config, const char *path, const struct diags *diags, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_text(&w, "file", path);
	jsonw_bool(&w, "usable", config);
	jsonw_int(&w, "errors", (int64_t)diags->errors);
	jsonw_int(&w, "warnings", (int64_t)(diags->count - diags->errors));
	if (config)
		jsonw_int(&w, "endpoints", (int64_t)config->endpoint_count);
	jsonw_open_array(&w, "diagnostics");
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];
		jsonw_open_object(&w, NULL);
		jsonw_text(&w, "severity", diag->kind == DIAG_ERROR ? "error" : "warning");
		jsonw_text(&w, "file", diag->file);
		if (diag->line)
			jsonw_int(&w, "line", diag->line);
		jsonw_text(&w, "text", diag->text);
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	jsonw_close_object(&w);
	buf_char(out, '\n');
}

static void
tell(const struct config *config, const char *path, const struct diags *diags, struct buf *out)
{
	buf_printf(out, "%s: %s%s%s", path, terminal_colour(stdout, config ? COLOUR_GOOD : COLOUR_BAD),
	    config ? "usable" : "not usable", terminal_colour(stdout, COLOUR_NONE));
	if (config)
		buf_printf(out, ", %zu endpoint%s at %zu provider%s", config->endpoint_count,
		    config->endpoint_count == 1 ? "" : "s", config->provider_count,
		    config->provider_count == 1 ? "" : "s");
	if (diags->errors)
		buf_printf(out, ", %zu error%s", diags->errors, diags->errors == 1 ? "" : "s");
	size_t warnings = diags->count - diags->errors;
	if (warnings)
		buf_printf(out, ", %zu warning%s", warnings, warnings == 1 ? "" : "s");
	buf_char(out, '\n');
}

static int
check(const char *path, const struct check_options *options)
{
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = config_load(path, &diags);
	auto_buf struct buf out = BUF_INIT(REPORT_MAX), report = BUF_INIT(REPORT_MAX);
	if (terminal_wants_json(options->format)) {
		write_json(config, path, &diags, &out);
	} else {
		diags_render(&diags, &report);
		fwrite(buf_cstr(&report), 1, report.len, stderr);
		if (options->print_effective && config)
			config_dump(config, &out);
		else
			tell(config, path, &diags, &out);
	}
	fwrite(buf_cstr(&out), 1, out.len, stdout);
	int code = config ? EX_OK : EX_CONFIG;
	config_release(config);
	return code;
}

int
command_check(const char *config_file, int argc, char **argv)
{
	struct check_options options = { .config_file = config_file };
	int operand;
	enum option_result parsed = options_parse(&page, argc, argv, &options, &operand);
	if (parsed != OPTIONS_RUN)
		return parsed;
	return check(operand < argc ? argv[operand] : options.config_file, &options);
}
