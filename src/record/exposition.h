/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renders a snapshot of the metrics as Prometheus text 0.0.4 or OpenMetrics 1.0.0, a slice at a time, so that a large
 * page does not hold up the loop. Families are sorted by name, series follow the configuration. On the loop's thread.
 */
#ifndef COMETCANARY_RECORD_EXPOSITION_H
#define COMETCANARY_RECORD_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

struct metrics;
struct exposition;

enum exposition_format { EXPOSITION_TEXT, EXPOSITION_OPENMETRICS };

/* Takes the snapshot now. Returns owned. */
struct exposition *exposition_new(const struct metrics *metrics, enum exposition_format format) ATTR_NODISCARD;
/* Appends about slice_bytes, a few KiB more at most; false when that was the end. */
bool exposition_render(struct exposition *exposition, struct buf *out, size_t slice_bytes);
void exposition_free(struct exposition *exposition);
const char *exposition_content_type(enum exposition_format format);

#endif
