/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text → struct config, or the list of everything that is wrong with the text. The commands, the daemon's start and its
 * reload call it, on any one thread. Secrets are read here, from where the configuration says that they are.
 */
#ifndef COMETCANARY_CONFIG_LOAD_H
#define COMETCANARY_CONFIG_LOAD_H

#include "base/attr.h"
#include "config/diag.h"
#include "model/conf.h"

struct config_options {
	/* For what sends nothing: no secret is read, auth.secret is NULL, and no key file has to be there. */
	bool without_secrets;
	int64_t today_days; /* since 1970-01-01, what dates are judged by; 0 = the clock's */
};

/* Returns owned with one use (config_release), or NULL when there is an error. Warnings are told in both cases.
 * diags is empty before, and sorted after. */
struct config *config_load(const char *path, struct diags *diags) ATTR_NODISCARD;
struct config *
config_load_with(const char *path, const struct config_options *options, struct diags *diags) ATTR_NODISCARD;
/* The same for a text in memory, called `name` in messages; @include is refused. */
struct config *config_load_text(const char *name, struct str text, struct diags *diags) ATTR_NODISCARD;

/* One more use; returns config. Use counts are for one thread. */
struct config *config_hold(struct config *config);
/* One use less; after the last, secrets are wiped and all memory is gone. NULL is fine. */
void config_release(struct config *config);

#endif
