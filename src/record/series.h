/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory behind record/metrics.h, made by series.c, shared by metrics.c (counts) and exposition.c (renders). All series of an endpoint
 * are one flat block without pointers, texts and histograms at its end: a copy is a memcpy, a snapshot is a use count.
 * Only what cannot be derived is kept: runs and failures by class are sums of outcomes, so they always agree.
 */
#ifndef COMETCANARY_RECORD_SERIES_H
#define COMETCANARY_RECORD_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hist.h"
#include "base/log.h"
#include "model/finding.h"
#include "model/phase.h"
#include "model/probe.h"
#include "model/reply.h"
#include "record/metrics.h"
#include "record/named.h"
#include "record/process.h"

enum { EXEMPLAR_BYTES = 32 };

struct exemplar {
	int64_t ns;
	char request_id[EXEMPLAR_BYTES]; /* "" = none yet */
};

struct latency {
	struct hist hist;
	struct exemplar exemplars[HIST_BOUNDS_MAX + 1]; /* the last of each bucket */
};

/* Places inside an endpoint's block, counted from its start. */
struct span {
	uint32_t at, len; /* at 0 = there is none */
};

struct probe_series {
	enum probe_kind kind;
	struct span labels; /* endpoint="…",probe="…" */
	uint32_t duration_at; /* struct latency; 0 for negative probes */
	uint32_t consecutive_failures;
	bool ran; /* in this process; the last times may be an earlier one's */
	bool last_ok;
	bool has_estimate_error;
	bool has_baseline; /* its contract wants one */
	bool retries_allowed; /* by the policy in force: what may cause one is there at 0 */
	unsigned baseline_samples;
	int64_t interval_ns, timeout_ns;
	struct wall last_run, last_success;
	double estimate_error;
	uint64_t outcomes[OUTCOME_COUNT];
	uint64_t retries[OUTCOME_COUNT];
	uint64_t skipped[SKIP_COUNT];
	uint64_t usage_expected, usage_missing, usage_unreported;
	uint64_t usage_invalid[USAGE_FAULT_COUNT];
	uint64_t input_tokens, output_tokens;
	uint64_t phases[PHASE_COUNT];
	int64_t phase_ns[PHASE_COUNT];
	struct exemplar failures[CLASS_FAILURES];
};

/* Of one of the endpoint's policies. */
struct fallback_series {
	struct span labels; /* endpoint="…",policy="…" */
	struct span policy; /* its name */
	struct span target_labels[FALLBACK_TARGETS_MAX]; /* the same with target="…" */
	size_t target_count;
	uint64_t evaluations;
	uint64_t reasons[REASON_COUNT];
	uint64_t denied[DENIAL_COUNT];
	uint64_t attempts[FALLBACK_TARGETS_MAX][2]; /* failed, ok */
};

struct endpoint_series {
	unsigned users; /* the metrics themselves, and each snapshot */
	uint32_t bytes;
	struct span name;
	struct span labels; /* endpoint="…" */
	struct span info; /* the labels of endpoint_info */
	uint32_t first_token_at; /* struct latency; 0 without a stream probe */
	int64_t stream_max_gap_ns; /* 0 = none */
	uint64_t violations[SEVERITY_COUNT];
	struct contract_gauges contract;
	bool documented; /* a watched document sets off its revalidation */
	bool revalidated; /* at least once, or under way */
	bool revalidation_pending;
	uint64_t revalidations[TRIGGER_COUNT][REVALIDATION_COUNT];
	uint32_t fallbacks_at; /* struct fallback_series, so many: */
	uint32_t fallback_count;
	int64_t limits[LIMIT_UNITS]; /* what is left; HINT_ABSENT */
	bool has_contract;
	enum evidence_status evidence[AREA_COUNT];
	int64_t evidence_accessed_days[AREA_COUNT]; /* DATE_NOT_SET = not said */
	size_t probe_count;
	struct probe_series probes[];
};

struct provider_series {
	struct named named;
	struct wall certificate_not_after;
	int64_t retry_after_ns; /* HINT_ABSENT = never asked for */
};

struct policy_series {
	struct named named;
	bool enabled;
};

enum { WRITES_OK, WRITES_FAILED, WRITES_DROPPED, WRITES_RESULTS };

struct global_series {
	size_t in_flight;
	struct hist scheduler_lag, loop_lag;
	struct wall scheduler_tick, configured, started;
	bool reload_ok;
	bool online_known, online;
	bool store_known;
	uint64_t store_writes[WRITES_RESULTS];
};

struct metrics_snapshot {
	struct global_series global;
	char *build_labels; /* NULL = not identified */
	struct endpoint_series **endpoints;
	size_t endpoint_count;
	struct named_list named[NAMED_KINDS];
	struct log_stats log;
	struct process_stats process;
};

extern const struct hist_bounds series_latency_bounds, series_lag_bounds;

struct label {
	const char *key, *value;
};

/* The texts of one block, or of whatever else has labels. */
enum { SERIES_TEXTS_BYTES_MAX = 256 * 1024 }; /* the configuration's texts are far shorter */
/* key="value",… at the end of the texts, which will stand at `base` in their block. */
struct span series_add_labels(struct buf *texts, size_t base, const struct label *labels, size_t count);
/* key="value" as a text of its own: returns owned. */
char *series_label(const char *key, const char *value);

/* All 0. Owned, with one user. */
struct endpoint_series *series_new(const struct endpoint *endpoint);
/* One user less. */
void series_release(struct endpoint_series *block);
/* What was counted goes on; what the configuration says is the new block's. */
void series_inherit(struct endpoint_series *block, struct endpoint_series *old);
/* NULL when it has no such probe. */
struct probe_series *series_probe(struct endpoint_series *block, enum probe_kind kind);
struct latency *series_latency_at(struct endpoint_series *block, uint32_t at);
/* NULL when none of its policies has that name. */
struct fallback_series *series_fallback(struct endpoint_series *block, struct str policy);

static inline struct str
series_text(const struct endpoint_series *series, struct span span)
{
	return str_span((const char *)series + span.at, span.len);
}

/* fallback_count of them. */
static inline const struct fallback_series *
series_fallbacks(const struct endpoint_series *series)
{
	return (const struct fallback_series *)(const void *)((const char *)series + series->fallbacks_at);
}

static inline const struct latency *
series_latency(const struct endpoint_series *series, uint32_t at)
{
	return (const struct latency *)(const void *)((const char *)series + at);
}

#endif
