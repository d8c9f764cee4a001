/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log line of a finished run: an allow-list of fields, nothing else. Texts that a server chose appear only when they
 * look like identifiers. Loop thread.
 */
#ifndef COMETCANARY_RECORD_LOGLINE_H
#define COMETCANARY_RECORD_LOGLINE_H

#include "model/record.h"

/* Level info for ok, warn for the rest. */
void logline_write(const struct record *record);

#endif
