/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading a configuration for a person: what is wrong with it goes to stderr.
 */
#ifndef COMETCANARY_APP_CONF_FILE_H
#define COMETCANARY_APP_CONF_FILE_H

#include "base/attr.h"
#include "config/diag.h"
#include "model/conf.h"

/* Returns owned (config_release), or NULL: then exit with EX_CONFIG. Warnings are printed in both cases. */
struct config *conf_file_load(const char *path) ATTR_NODISCARD;
/* The same for commands that send nothing: they need no key, and none is read. */
struct config *conf_file_load_without_secrets(const char *path) ATTR_NODISCARD;
/* For whoever has a log: warnings are left in *ret_warnings (empty before), to be written there once it is open. Errors
 * are printed all the same. */
struct config *conf_file_load_quietly(const char *path, struct diags *ret_warnings) ATTR_NODISCARD;
/* One line of the log each. */
void conf_file_log(const struct diags *diags);

#endif
