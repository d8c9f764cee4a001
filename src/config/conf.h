/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a struct config: made empty, filled by load.c, indexed, counted, freed. The public part of it,
 * config_hold() and config_release(), is in load.h. Private to config/.
 */
#ifndef COMETCANARY_CONFIG_CONF_H
#define COMETCANARY_CONFIG_CONF_H

#include "base/attr.h"
#include "model/conf.h"

/* Returns owned: empty, with one use. */
struct config *conf_new(void) ATTR_NODISCARD;
/* Makes endpoints findable by name; every endpoint has one. */
void conf_index(struct config *config);

#endif
