/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/reload.h"

#include <errno.h>

#include "app/conf_file.h"
#include "app/engine.h"
#include "base/log.h"
#include "config/load.h"
#include "record/metrics.h"

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
	conf_file_log(&diags);
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
