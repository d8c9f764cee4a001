/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/conf_file.h"

#include <stdio.h>

#include "base/buf.h"
#include "config/load.h"

enum { REPORT_MAX = 16 * 1024 * 1024 };

static struct config *
load(const char *path, const struct config_options *options)
{
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = config_load_with(path, options, &diags);
	auto_buf struct buf report = BUF_INIT(REPORT_MAX);
	diags_render(&diags, &report);
	fwrite(buf_cstr(&report), 1, report.len, stderr);
	if (!config)
		fprintf(stderr, "%zu error%s in %s\n", diags.errors, diags.errors == 1 ? "" : "s", path);
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
