/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of metric families (metric.def) as a table. Pure, any thread.
 */
#ifndef COMETCANARY_MODEL_METRIC_H
#define COMETCANARY_MODEL_METRIC_H

enum metric {
#define METRIC(name, text, type, unit, labels, help) METRIC_##name,
#include "model/metric.def"
#undef METRIC
	METRIC_COUNT
};

enum metric_type { METRIC_TYPE_COUNTER, METRIC_TYPE_GAUGE, METRIC_TYPE_HISTOGRAM };

struct metric_row {
	const char *name; /* of the samples: a counter's ends in _total */
	enum metric_type type;
	const char *unit; /* "" = none; else the name (without _total) ends in it */
	const char *labels; /* keys in order, a space between */
	const char *help;
};

extern const struct metric_row metric_rows[METRIC_COUNT];

const char *metric_type_name(enum metric_type type);

#endif
