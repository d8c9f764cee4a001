/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counters, gauges and histograms behind /metrics. Series are resolved once per endpoint and probe when a
 * configuration comes into force, so that counting a run is a few additions. Counters never go back before the process
 * ends: a reload keeps what is unchanged (same endpoint name), drops what is gone, adds new series at 0.
 * On the loop's thread.
 */
#ifndef COMETCANARY_RECORD_METRICS_H
#define COMETCANARY_RECORD_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/record.h"

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* Puts a configuration into force. `now` stamps config_last_reload_success. */
void metrics_configure(struct metrics *metrics, const struct config *config, struct wall now);
void metrics_reload_failed(struct metrics *metrics);

void metrics_record(struct metrics *metrics, const struct record *record);
void metrics_skip(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind probe,
    enum skip_reason reason, uint64_t count);
void metrics_in_flight(struct metrics *metrics, size_t in_flight);
void metrics_scheduler_lag(struct metrics *metrics, int64_t lag_ns);
void metrics_loop_lag(struct metrics *metrics, int64_t lag_ns);
void metrics_scheduler_tick(struct metrics *metrics, struct wall now);
void metrics_self_online(struct metrics *metrics, bool online); /* first call makes the series appear */

#endif
