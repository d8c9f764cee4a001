/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counters, gauges and histograms behind /metrics. Series are resolved once per endpoint and probe when a
 * configuration comes into force, so that counting a run is a few additions. Counters never go back before the process
 * ends: a reload keeps what is unchanged (same endpoint name), drops what is gone, adds new series at 0. A disabled
 * endpoint has no series. On the loop's thread.
 */
#ifndef COMETCANARY_RECORD_METRICS_H
#define COMETCANARY_RECORD_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/fallback.h"
#include "model/record.h"
#include "model/revalidation.h"

struct metrics;
struct metrics_snapshot;

/* What runs, and since when: cometcanary_build_info and process_start_time_seconds. */
struct metrics_identity {
	const char *version, *revision, *libcurl, *tls, *libmicrohttpd;
	struct wall started;
};

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* Without it there is neither build_info nor a start time. The texts are copied. */
void metrics_identify(struct metrics *metrics, const struct metrics_identity *identity);

/* Puts a configuration into force; it is not needed afterwards. `now` stamps config_last_reload_success. */
void metrics_configure(struct metrics *metrics, const struct config *config, struct wall now);
void metrics_reload_failed(struct metrics *metrics);

/* A record of an endpoint or probe that is no longer configured is not counted. */
void metrics_record(struct metrics *metrics, const struct record *record);
/* What the books of a budget say. */
struct budget_gauges {
	struct amount spent; /* in the window under way, reservations included */
	int64_t reset_s; /* when the next one begins, since 1970; 0 = not known */
	uint64_t denied;
};
/* Nothing when it is not configured. */
void metrics_budget(struct metrics *metrics, const char *budget, const struct budget_gauges *gauges);
/* What is known of an endpoint's contract, as gauges; all 0 = nothing yet. */
struct contract_gauges {
	unsigned drift[SEVERITY_COUNT]; /* active, not acknowledged */
	uint64_t active[SEVERITY_COUNT]; /* bit 1 << enum finding_rule */
	struct wall last_change; /* us 0 = never */
	enum { GAUGE_ABSENT, GAUGE_NO, GAUGE_YES } listed;
};
void metrics_contract(struct metrics *metrics, const struct endpoint *endpoint, const struct contract_gauges *gauges);
/* Good samples behind the baseline of that probe. */
void
metrics_baseline(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind probe, unsigned samples);
/* Findings that were seen beside a run. */
void metrics_findings(struct metrics *metrics, const struct endpoint *endpoint, const struct findings *findings);
/* What is known of a watched document. Nothing when it is not configured. */
void metrics_doc(struct metrics *metrics, const char *doc, const struct doc_counts *counts);
void metrics_revalidation_began(struct metrics *metrics, const struct endpoint *endpoint);
void metrics_revalidation_ended(struct metrics *metrics, const struct endpoint *endpoint,
    enum revalidation_trigger trigger, enum revalidation_result result);
/* What a policy said of a failed run; or (of_run false) of a target that was asked because of one and failed too: that is
 * no evaluation of its own, only a denial counts. */
void metrics_fallback(
    struct metrics *metrics, const struct endpoint *endpoint, const struct fallback_decision *decision, bool of_run);
/* The target of the decision was really asked, and has answered. */
void metrics_fallback_attempt(
    struct metrics *metrics, const struct endpoint *endpoint, const struct fallback_decision *decision, bool ok);
/* The kill switch of a configured policy. */
void metrics_fallback_enabled(struct metrics *metrics, const char *policy, bool enabled);
/* The pause that a provider asked for, clamped. */
void metrics_retry_after(struct metrics *metrics, const struct provider *provider, int64_t ns);
/* `cause` ended an attempt, and another attempt of the same run follows. */
void metrics_retry(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind probe, enum outcome cause);
void metrics_skip(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind probe,
    enum skip_reason reason, uint64_t count);
void metrics_in_flight(struct metrics *metrics, size_t in_flight);
void metrics_scheduler_lag(struct metrics *metrics, int64_t lag_ns);
void metrics_loop_lag(struct metrics *metrics, int64_t lag_ns);
void metrics_scheduler_tick(struct metrics *metrics, struct wall now);
void metrics_self_online(struct metrics *metrics, bool online); /* first call makes the series appear */
/* Totals since the start; likewise. */
void metrics_store_writes(struct metrics *metrics, uint64_t ok, uint64_t failed, uint64_t dropped);
/* What an earlier process knew of a probe, us 0 = nothing; a run of this one counts more. After metrics_configure(). */
void metrics_remember(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind probe, struct wall run,
    struct wall success);

/* Everything as it is now, for record/exposition.h to render at its own pace: later runs do not change it.
 * Costs a few ns an endpoint; an endpoint is copied only if a run ends while the snapshot lives. Returns owned. */
struct metrics_snapshot *metrics_snapshot_new(const struct metrics *metrics) ATTR_NODISCARD;
void metrics_snapshot_free(struct metrics_snapshot *snapshot);

#endif
