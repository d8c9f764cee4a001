/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/metric.h"

const struct metric_row metric_rows[METRIC_COUNT] = {
#define METRIC(name, text, type, unit, labels, help) { text, METRIC_TYPE_##type, unit, labels, help },
#include "model/metric.def"
#undef METRIC
};

const char *
metric_type_name(enum metric_type type)
{
	static const char *const names[] = { "counter", "gauge", "histogram" };
	return names[type];
}
