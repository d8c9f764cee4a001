/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/reload.h"

#include "app/engine.h"
#include "base/log.h"
#include "config/load.h"
#include "record/metrics.h"

void
reload_log_diags(const struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];
		bool is_error = diag->kind == DIAG_ERROR;
		log_msg(is_error ? LOG_ERROR : LOG_WARN, is_error ? "configuration error" : "configuration warning",
		    LOG_F_TEXT("file", diag->file), LOG_F_INT("line", diag->line), LOG_F_TEXT("problem", diag->text));
	}
}

bool
reload_run(const struct reload *reload, struct diags *diags)
{
	struct config *config = config_load(reload->path, diags);
	reload_log_diags(diags);
	if (!config) {
		metrics_reload_failed(reload->metrics);
		log_msg(LOG_ERROR, "configuration refused: the old one stays in force",
		    LOG_F_TEXT("file", reload->path), LOG_F_INT("errors", (int64_t)diags->errors));
		return false;
	}
	if (reload->override)
		reload->override(reload->arg, config);
	engine_configure(reload->engine, config);
	log_msg(LOG_INFO, "configuration in force", LOG_F_TEXT("file", reload->path),
	    LOG_F_INT("endpoints", (int64_t)config->endpoint_count),
	    LOG_F_INT("warnings", (int64_t)(diags->count - diags->errors)));
	config_release(config);
	return true;
}
