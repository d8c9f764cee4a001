/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which form of the metrics a client wants, from its Accept and Accept-Encoding headers as Prometheus really sends them:
 * unknown parameters, missing qualities and stray blanks are taken as they come. Pure.
 */
#ifndef COMETCANARY_EXPORT_NEGOTIATE_H
#define COMETCANARY_EXPORT_NEGOTIATE_H

#include <stdbool.h>

#include "base/str.h"
#include "record/exposition.h"

/* OpenMetrics only for who asks for it by name; text 0.0.4 when nothing fits. Absent = no header. */
enum exposition_format negotiate_format(struct str accept);
bool negotiate_gzip(struct str accept_encoding);

#endif
