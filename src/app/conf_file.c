/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/conf_file.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"
#include "config/load.h"

enum { REPORT_MAX = 16 * 1024 * 1024 };

static void
print(const char *path, const struct diags *diags)
{
	auto_buf struct buf report = BUF_INIT(REPORT_MAX);
	diags_render(diags, &report);
	fwrite(buf_cstr(&report), 1, report.len, stderr);
	if (diags->errors > 0)
		fprintf(stderr, "%zu error%s in %s\n", diags->errors, diags->errors == 1 ? "" : "s", path);
}

static struct config *
load(const char *path, const struct config_options *options)
{
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = config_load_with(path, options, &diags);
	print(path, &diags);
	return config;
}

struct config *
conf_file_load(const char *path)
{
	return load(path, &(struct config_options){ 0 });
}

struct config *
conf_file_load_without_secrets(const char *path)
{
	return load(path, &(struct config_options){ .without_secrets = true });
}

struct config *
conf_file_load_quietly(const char *path, struct diags *ret_warnings)
{
	struct config *config = config_load(path, ret_warnings);
	if (!config)
		print(path, ret_warnings);
	return config;
}

void
conf_file_log(const struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];
		bool is_error = diag->kind == DIAG_ERROR;
		log_msg(is_error ? LOG_ERROR : LOG_WARN, is_error ? "configuration error" : "configuration warning",
		    LOG_F_TEXT("file", diag->file), LOG_F_INT("line", diag->line), LOG_F_TEXT("problem", diag->text));
	}
}
