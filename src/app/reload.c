/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/reload.h"

#include <errno.h>

#include "app/engine.h"
#include "base/log.h"
#include "config/load.h"
#include "record/metrics.h"

static void
log_diags(const struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];
		bool is_error = diag->kind == DIAG_ERROR;
		log_msg(is_error ? LOG_ERROR : LOG_WARN, is_error ? "configuration error" : "configuration warning",
		    LOG_F_TEXT("file", diag->file), LOG_F_INT("line", diag->line), LOG_F_TEXT("problem", diag->text));
	}
}

static int
refuse(const struct reload *reload, int error, const char *why)
{
	metrics_reload_failed(reload->metrics);
	log_msg(LOG_ERROR, "configuration refused: the old one stays in force", LOG_F_TEXT("file", reload->path),
	    LOG_F_TEXT("problem", why));
	return error;
}

int
reload_run(const struct reload *reload, struct buf *ret_errors)
{
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = config_load(reload->path, &diags);
	log_diags(&diags);
	if (!config) {
		diags_render(&diags, ret_errors);
		return refuse(reload, -EINVAL, "it has errors");
	}
	int error = reload->prepare ? reload->prepare(reload->arg, config, ret_errors) : 0;
	if (error) {
		refuse(reload, error, buf_cstr(ret_errors));
	} else {
		engine_configure(reload->engine, config);
		log_msg(LOG_INFO, "configuration in force", LOG_F_TEXT("file", reload->path),
		    LOG_F_INT("endpoints", (int64_t)config->endpoint_count));
	}
	config_release(config);
	return error;
}
