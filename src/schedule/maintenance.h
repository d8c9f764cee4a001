/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maintenance windows: weekly, in UTC, by the wall clock (the only part of the schedule that looks at it). Pure.
 */
#ifndef COMETCANARY_SCHEDULE_MAINTENANCE_H
#define COMETCANARY_SCHEDULE_MAINTENANCE_H

#include <stdbool.h>

#include "base/clock.h"
#include "model/conf.h"

/* A window that starts on a listed day may reach over midnight, and over the end of the week. Its end is outside. */
bool maintenance_covers(const struct maintenance_window *window, struct wall now);
/* Whether any of the configuration's windows covers this endpoint of the same configuration. */
bool maintenance_applies(const struct config *config, const struct endpoint *endpoint, struct wall now);

#endif
