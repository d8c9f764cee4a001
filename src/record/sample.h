/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of one metric family: the hot path of a scrape. Label texts arrive escaped. Pure.
 */
#ifndef COMETCANARY_RECORD_SAMPLE_H
#define COMETCANARY_RECORD_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "record/series.h"

/* Of the family that is being written. */
struct sample_writer {
	struct buf *out;
	struct str name;
	bool exemplars; /* OpenMetrics only */
};

/* key="value" after the labels; key NULL = none. */
struct sample {
	struct str labels;
	const char *key, *value;
};

void sample_u64(struct sample_writer *w, const struct sample *sample, uint64_t number);
void sample_seconds(struct sample_writer *w, const struct sample *sample, int64_t ns);
void sample_real(struct sample_writer *w, const struct sample *sample, double number);
void sample_time(struct sample_writer *w, const struct sample *sample, struct wall time);
/* exemplar: of value 1, when it is set and the format has them. */
void sample_count_with(
    struct sample_writer *w, const struct sample *sample, uint64_t number, const struct exemplar *exemplar);
/* All lines of one histogram. exemplars: one a bucket, or NULL. */
void sample_hist(struct sample_writer *w, struct str labels, const struct hist *hist, const struct hist_bounds *bounds,
    const struct exemplar *exemplars);

#endif
