/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/families.h"

#include "record/budgets.h"
#include "record/docs.h"
#include "record/fallback_families.h"

/* Outcomes that shipped rules and dashboards name: they exist at 0, so that a first occurrence is an increase. */
static const bool outcomes_from_start[OUTCOME_COUNT] = {
	[OUTCOME_OK] = true,
	[OUTCOME_UNEXPECTED_ACCEPT] = true,
	[OUTCOME_AUTH_REJECTED] = true,
	[OUTCOME_ACCESS_BLOCKED] = true,
	[OUTCOME_QUOTA_EXHAUSTED] = true,
	[OUTCOME_RATE_LIMITED] = true,
	[OUTCOME_MODEL_UNAVAILABLE] = true,
	[OUTCOME_STREAM_TRUNCATED] = true,
	[OUTCOME_ERROR_IN_200] = true,
	[OUTCOME_CONTRACT_VIOLATION] = true,
	[OUTCOME_TIMEOUT_CONNECT] = true,
	[OUTCOME_TIMEOUT_FIRST_BYTE] = true,
	[OUTCOME_TIMEOUT_FIRST_TOKEN] = true,
	[OUTCOME_TIMEOUT_IDLE] = true,
	[OUTCOME_TIMEOUT_TOTAL] = true,
};

static struct sample
of_probe(const struct family_item *item)
{
	return (struct sample){ .labels = series_text(item->endpoint, item->probe->labels) };
}

static struct sample
of_endpoint(const struct family_item *item)
{
	return (struct sample){ .labels = series_text(item->endpoint, item->endpoint->labels) };
}

static bool
is_positive(const struct family_item *item)
{
	return !probe_is_negative(item->probe->kind);
}

static void
write_probes(struct sample_writer *w, const struct family_item *item)
{
	uint64_t runs = 0;
	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		runs += item->probe->outcomes[i];
	struct sample sample = of_probe(item);
	sample_u64(w, &sample, runs);
}

static void
write_failures(struct sample_writer *w, const struct family_item *item)
{
	uint64_t by_class[CLASS_FAILURES + 1] = { 0 };
	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		by_class[outcome_class((enum outcome)i)] += item->probe->outcomes[i];
	struct sample sample = of_probe(item);
	sample.key = "class";
	for (unsigned i = 0; i < CLASS_FAILURES; i++) {
		sample.value = outcome_class_name((enum outcome_class)i);
		sample_count_with(w, &sample, by_class[i], &item->probe->failures[i]);
	}
}

static void
write_outcomes(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	sample.key = "outcome";
	for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
		if (item->probe->outcomes[i] == 0 && !outcomes_from_start[i])
			continue;
		sample.value = outcome_code((enum outcome)i);
		sample_u64(w, &sample, item->probe->outcomes[i]);
	}
}

static void
write_retries(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	sample.key = "outcome";
	for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
		/* those that go by their code: as if it said server_error */
		bool from_start = item->probe->retries_allowed &&
		    outcome_retryable((enum outcome)i, OUTCOME_SERVER_ERROR) != RETRY_NO;
		if (item->probe->retries[i] == 0 && !from_start)
			continue;
		sample.value = outcome_code((enum outcome)i);
		sample_u64(w, &sample, item->probe->retries[i]);
	}
}

static void
write_skipped(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	sample.key = "reason";
	for (unsigned i = 0; i < SKIP_COUNT; i++) {
		sample.value = skip_name((enum skip_reason)i);
		sample_u64(w, &sample, item->probe->skipped[i]);
	}
}

static void
write_success(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	if (item->probe->ran)
		sample_u64(w, &sample, item->probe->last_ok);
}

static void
write_consecutive_failures(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	sample_u64(w, &sample, item->probe->consecutive_failures);
}

static void
write_last_run(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	if (item->probe->last_run.us)
		sample_time(w, &sample, item->probe->last_run);
}

static void
write_last_success(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	if (item->probe->last_success.us)
		sample_time(w, &sample, item->probe->last_success);
}

static void
write_interval(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	sample_seconds(w, &sample, item->probe->interval_ns);
}

static void
write_timeout(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	sample_seconds(w, &sample, item->probe->timeout_ns);
}

static void
write_latency(struct sample_writer *w, struct str labels, const struct latency *latency)
{
	sample_hist(w, labels, &latency->hist, &series_latency_bounds, latency->exemplars);
}

static void
write_duration(struct sample_writer *w, const struct family_item *item)
{
	if (item->probe->duration_at)
		write_latency(w, of_probe(item).labels, series_latency(item->endpoint, item->probe->duration_at));
}

static void
write_first_token(struct sample_writer *w, const struct family_item *item)
{
	if (item->endpoint->first_token_at)
		write_latency(
		    w, of_endpoint(item).labels, series_latency(item->endpoint, item->endpoint->first_token_at));
}

static void
write_phase_seconds(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	sample.key = "phase";
	for (unsigned i = 0; i < PHASE_COUNT; i++) {
		sample.value = phase_name((enum phase)i);
		sample_seconds(w, &sample, item->probe->phase_ns[i]);
	}
}

static void
write_phases(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	sample.key = "phase";
	for (unsigned i = 0; i < PHASE_COUNT; i++) {
		sample.value = phase_name((enum phase)i);
		sample_u64(w, &sample, item->probe->phases[i]);
	}
}

static void
write_max_gap(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_endpoint(item);
	if (item->endpoint->stream_max_gap_ns > 0)
		sample_seconds(w, &sample, item->endpoint->stream_max_gap_ns);
}

static void
write_usage_expected(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	if (is_positive(item))
		sample_u64(w, &sample, item->probe->usage_expected);
}

static void
write_usage_missing(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	if (is_positive(item))
		sample_u64(w, &sample, item->probe->usage_missing);
}

static void
write_usage_unreported(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	if (is_positive(item))
		sample_u64(w, &sample, item->probe->usage_unreported);
}

static void
write_usage_invalid(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	sample.key = "reason";
	for (unsigned i = USAGE_FAULT_NONE + 1; i < USAGE_FAULT_COUNT && is_positive(item); i++) {
		sample.value = usage_fault_name((enum usage_fault)i);
		sample_u64(w, &sample, item->probe->usage_invalid[i]);
	}
}

static void
write_tokens(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	if (!is_positive(item))
		return;
	sample.key = "type";
	sample.value = "input";
	sample_u64(w, &sample, item->probe->input_tokens);
	sample.value = "output";
	sample_u64(w, &sample, item->probe->output_tokens);
}

static void
write_estimate_error(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	if (item->probe->has_estimate_error)
		sample_real(w, &sample, item->probe->estimate_error);
}

static void
write_violations(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_endpoint(item);
	sample.key = "severity";
	for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
		sample.value = severity_name((enum severity)i);
		sample_u64(w, &sample, item->endpoint->violations[i]);
	}
}

static void
write_drift(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_endpoint(item);
	sample.key = "severity";
	for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
		sample.value = severity_name((enum severity)i);
		sample_u64(w, &sample, item->endpoint->contract.drift[i]);
	}
}

enum { LABELS_BYTES_MAX = 4096 };

static void
write_finding(struct sample_writer *w, const struct family_item *item, enum finding_rule rule, enum severity severity)
{
	auto_buf struct buf labels = BUF_INIT(LABELS_BYTES_MAX);
	buf_str(&labels, of_endpoint(item).labels);
	buf_printf(
	    &labels, ",area=\"%s\",rule=\"%s\"", contract_area_name(finding_rule_area(rule)), finding_rule_id(rule));
	struct sample sample = { buf_view(&labels), "severity", severity_name(severity) };
	sample_u64(w, &sample, 1);
}

_Static_assert(RULE_COUNT <= 64, "a bit for each rule");

static void
write_active(struct sample_writer *w, const struct family_item *item)
{
	for (unsigned rule = 0; rule < RULE_COUNT; rule++)
		for (unsigned i = 0; i < SEVERITY_COUNT; i++)
			if (item->endpoint->contract.active[i] >> rule & 1)
				write_finding(w, item, (enum finding_rule)rule, (enum severity)i);
}

static void
write_last_change(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_endpoint(item);
	if (item->endpoint->contract.last_change.us)
		sample_time(w, &sample, item->endpoint->contract.last_change);
}

static void
write_evidence(struct sample_writer *w, const struct family_item *item)
{
	for (unsigned i = 0; i < AREA_COUNT && item->endpoint->has_contract; i++) {
		auto_buf struct buf labels = BUF_INIT(LABELS_BYTES_MAX);
		buf_str(&labels, of_endpoint(item).labels);
		buf_printf(&labels, ",area=\"%s\"", contract_area_name((enum contract_area)i));
		struct sample sample = { buf_view(&labels), "status",
			evidence_status_name(item->endpoint->evidence[i]) };
		sample_u64(w, &sample, 1);
	}
}

static void
write_evidence_accessed(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_endpoint(item);
	sample.key = "area";
	for (unsigned i = 0; i < AREA_COUNT; i++) {
		int64_t days = item->endpoint->evidence_accessed_days[i];
		if (days == DATE_NOT_SET)
			continue;
		sample.value = contract_area_name((enum contract_area)i);
		sample_time(w, &sample, (struct wall){ days * 86400 * US_PER_SEC });
	}
}

static void
write_baseline_samples(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_probe(item);
	if (item->probe->has_baseline)
		sample_u64(w, &sample, item->probe->baseline_samples);
}

static void
write_listed(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_endpoint(item);
	if (item->endpoint->contract.listed != GAUGE_ABSENT)
		sample_u64(w, &sample, item->endpoint->contract.listed == GAUGE_YES);
}

static void
write_retry_after(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = { .labels = str_of(item->provider->named.labels) };
	if (item->provider->retry_after_ns != HINT_ABSENT)
		sample_seconds(w, &sample, item->provider->retry_after_ns);
}

static void
write_remaining(struct sample_writer *w, const struct family_item *item)
{
	static const char *const units[LIMIT_UNITS] = { [LIMIT_REQUESTS] = "requests", [LIMIT_TOKENS] = "tokens" };
	struct sample sample = of_endpoint(item);
	sample.key = "unit";
	for (unsigned i = 0; i < LIMIT_UNITS; i++) {
		sample.value = units[i];
		if (item->endpoint->limits[i] != HINT_ABSENT)
			sample_u64(w, &sample, (uint64_t)item->endpoint->limits[i]);
	}
}

static void
write_endpoint_info(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = { .labels = series_text(item->endpoint, item->endpoint->info) };
	sample_u64(w, &sample, 1);
}

static void
write_not_after(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = { .labels = str_of(item->provider->named.labels) };
	if (item->provider->certificate_not_after.us)
		sample_time(w, &sample, item->provider->certificate_not_after);
}

static const struct sample no_labels;

static void
write_build_info(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = { .labels = str_of(item->all->build_labels) };
	if (item->all->build_labels)
		sample_u64(w, &sample, 1);
}

static void
write_in_flight(struct sample_writer *w, const struct family_item *item)
{
	sample_u64(w, &no_labels, item->all->global.in_flight);
}

static void
write_reload_ok(struct sample_writer *w, const struct family_item *item)
{
	sample_u64(w, &no_labels, item->all->global.reload_ok);
}

static void
write_reload_time(struct sample_writer *w, const struct family_item *item)
{
	if (item->all->global.configured.us)
		sample_time(w, &no_labels, item->all->global.configured);
}

static void
write_online(struct sample_writer *w, const struct family_item *item)
{
	if (item->all->global.online_known)
		sample_u64(w, &no_labels, item->all->global.online);
}

static void
write_scheduler_lag(struct sample_writer *w, const struct family_item *item)
{
	sample_hist(w, STR_NONE, &item->all->global.scheduler_lag, &series_lag_bounds, NULL);
}

static void
write_loop_lag(struct sample_writer *w, const struct family_item *item)
{
	sample_hist(w, STR_NONE, &item->all->global.loop_lag, &series_lag_bounds, NULL);
}

static void
write_scheduler_tick(struct sample_writer *w, const struct family_item *item)
{
	if (item->all->global.scheduler_tick.us)
		sample_time(w, &no_labels, item->all->global.scheduler_tick);
}

static void
write_store_writes(struct sample_writer *w, const struct family_item *item)
{
	static const char *const results[WRITES_RESULTS] = {
		[WRITES_OK] = "ok", [WRITES_FAILED] = "failed", [WRITES_DROPPED] = "dropped"
	};
	if (!item->all->global.store_known)
		return;
	for (unsigned i = 0; i < WRITES_RESULTS; i++) {
		struct sample sample = { .key = "result", .value = results[i] };
		sample_u64(w, &sample, item->all->global.store_writes[i]);
	}
}

static void
write_log_messages(struct sample_writer *w, const struct family_item *item)
{
	for (unsigned i = 0; i < LOG_SEVERITIES; i++) {
		struct sample sample = { .key = "level", .value = log_severity_name((enum log_severity)i) };
		sample_u64(w, &sample, item->all->log.messages[i]);
	}
}

static void
write_log_dropped(struct sample_writer *w, const struct family_item *item)
{
	sample_u64(w, &no_labels, item->all->log.dropped);
}

static void
write_cpu(struct sample_writer *w, const struct family_item *item)
{
	sample_seconds(w, &no_labels, item->all->process.cpu_ns);
}

static void
write_known(struct sample_writer *w, int64_t number)
{
	if (number != PROCESS_UNKNOWN)
		sample_u64(w, &no_labels, (uint64_t)number);
}

static void
write_resident(struct sample_writer *w, const struct family_item *item)
{
	write_known(w, item->all->process.resident_bytes);
}

static void
write_virtual(struct sample_writer *w, const struct family_item *item)
{
	write_known(w, item->all->process.virtual_bytes);
}

static void
write_open_fds(struct sample_writer *w, const struct family_item *item)
{
	write_known(w, item->all->process.open_fds);
}

static void
write_max_fds(struct sample_writer *w, const struct family_item *item)
{
	write_known(w, item->all->process.max_fds);
}

static void
write_start(struct sample_writer *w, const struct family_item *item)
{
	if (item->all->global.started.us)
		sample_time(w, &no_labels, item->all->global.started);
}

const struct family families[METRIC_COUNT] = {
	[METRIC_PROBES] = { write_probes, SCOPE_PROBE },
	[METRIC_PROBE_FAILURES] = { write_failures, SCOPE_PROBE },
	[METRIC_PROBE_OUTCOMES] = { write_outcomes, SCOPE_PROBE },
	[METRIC_PROBES_SKIPPED] = { write_skipped, SCOPE_PROBE },
	[METRIC_PROBE_SUCCESS] = { write_success, SCOPE_PROBE },
	[METRIC_PROBE_CONSECUTIVE_FAILURES] = { write_consecutive_failures, SCOPE_PROBE },
	[METRIC_PROBE_LAST_RUN] = { write_last_run, SCOPE_PROBE },
	[METRIC_PROBE_LAST_SUCCESS] = { write_last_success, SCOPE_PROBE },
	[METRIC_PROBE_INTERVAL] = { write_interval, SCOPE_PROBE },
	[METRIC_PROBE_TIMEOUT] = { write_timeout, SCOPE_PROBE },
	[METRIC_PROBES_IN_FLIGHT] = { write_in_flight, SCOPE_DAEMON },
	[METRIC_PROBE_DURATION] = { write_duration, SCOPE_PROBE },
	[METRIC_PROBE_PHASE_SECONDS] = { write_phase_seconds, SCOPE_PROBE },
	[METRIC_PROBE_PHASES] = { write_phases, SCOPE_PROBE },
	[METRIC_TIME_TO_FIRST_TOKEN] = { write_first_token, SCOPE_ENDPOINT },
	[METRIC_STREAM_MAX_GAP] = { write_max_gap, SCOPE_ENDPOINT },
	[METRIC_RETRIES] = { write_retries, SCOPE_PROBE },
	[METRIC_BUDGET_LIMIT] = { budgets_write_limit, SCOPE_BUDGET },
	[METRIC_BUDGET_SPENT] = { budgets_write_spent, SCOPE_BUDGET },
	[METRIC_BUDGET_RESET] = { budgets_write_reset, SCOPE_BUDGET },
	[METRIC_BUDGET_DENIED] = { budgets_write_denied, SCOPE_BUDGET },
	[METRIC_USAGE_EXPECTED] = { write_usage_expected, SCOPE_PROBE },
	[METRIC_USAGE_MISSING] = { write_usage_missing, SCOPE_PROBE },
	[METRIC_USAGE_UNREPORTED] = { write_usage_unreported, SCOPE_PROBE },
	[METRIC_USAGE_INVALID] = { write_usage_invalid, SCOPE_PROBE },
	[METRIC_TOKENS] = { write_tokens, SCOPE_PROBE },
	[METRIC_TOKENS_ESTIMATE_ERROR] = { write_estimate_error, SCOPE_PROBE },
	[METRIC_FALLBACK_EVALUATIONS] = { fallback_families_write_evaluations, SCOPE_ENDPOINT },
	[METRIC_FALLBACKS] = { fallback_families_write_fallbacks, SCOPE_ENDPOINT },
	[METRIC_FALLBACKS_DENIED] = { fallback_families_write_denied, SCOPE_ENDPOINT },
	[METRIC_FALLBACK_ATTEMPTS] = { fallback_families_write_attempts, SCOPE_ENDPOINT },
	[METRIC_FALLBACK_ENABLED] = { fallback_families_write_policy_enabled, SCOPE_POLICY },
	[METRIC_CONTRACT_VIOLATIONS] = { write_violations, SCOPE_ENDPOINT },
	[METRIC_CONTRACT_DRIFT] = { write_drift, SCOPE_ENDPOINT },
	[METRIC_CONTRACT_FINDING] = { write_active, SCOPE_ENDPOINT },
	[METRIC_CONTRACT_LAST_CHANGE] = { write_last_change, SCOPE_ENDPOINT },
	[METRIC_CONTRACT_EVIDENCE] = { write_evidence, SCOPE_ENDPOINT },
	[METRIC_CONTRACT_EVIDENCE_ACCESSED] = { write_evidence_accessed, SCOPE_ENDPOINT },
	[METRIC_CONTRACT_BASELINE_SAMPLES] = { write_baseline_samples, SCOPE_PROBE },
	[METRIC_MODEL_LISTED] = { write_listed, SCOPE_ENDPOINT },
	[METRIC_DOC_CHECKS] = { docs_write_checks, SCOPE_DOC },
	[METRIC_DOC_CHANGES] = { docs_write_changes, SCOPE_DOC },
	[METRIC_DOC_LAST_CHECK] = { docs_write_last_check, SCOPE_DOC },
	[METRIC_DOC_LAST_CHANGE] = { docs_write_last_change, SCOPE_DOC },
	[METRIC_DOC_EVIDENCE_MISSING] = { docs_write_evidence_missing, SCOPE_DOC },
	[METRIC_REVALIDATIONS] = { docs_write_revalidations, SCOPE_ENDPOINT },
	[METRIC_REVALIDATION_PENDING] = { docs_write_revalidation_pending, SCOPE_ENDPOINT },
	[METRIC_RETRY_AFTER] = { write_retry_after, SCOPE_PROVIDER },
	[METRIC_RATE_LIMIT_REMAINING] = { write_remaining, SCOPE_ENDPOINT },
	[METRIC_TLS_NOT_AFTER] = { write_not_after, SCOPE_PROVIDER },
	[METRIC_ENDPOINT_INFO] = { write_endpoint_info, SCOPE_ENDPOINT },
	[METRIC_BUILD_INFO] = { write_build_info, SCOPE_DAEMON },
	[METRIC_CONFIG_RELOAD_OK] = { write_reload_ok, SCOPE_DAEMON },
	[METRIC_CONFIG_RELOAD_TIME] = { write_reload_time, SCOPE_DAEMON },
	[METRIC_SELF_ONLINE] = { write_online, SCOPE_DAEMON },
	[METRIC_SCHEDULER_LAG] = { write_scheduler_lag, SCOPE_DAEMON },
	[METRIC_SCHEDULER_TICK] = { write_scheduler_tick, SCOPE_DAEMON },
	[METRIC_EVENT_LOOP_LAG] = { write_loop_lag, SCOPE_DAEMON },
	[METRIC_STORE_WRITES] = { write_store_writes, SCOPE_DAEMON },
	[METRIC_LOG_MESSAGES] = { write_log_messages, SCOPE_DAEMON },
	[METRIC_LOG_DROPPED] = { write_log_dropped, SCOPE_DAEMON },
	[METRIC_PROCESS_CPU] = { write_cpu, SCOPE_DAEMON },
	[METRIC_PROCESS_RESIDENT] = { write_resident, SCOPE_DAEMON },
	[METRIC_PROCESS_VIRTUAL] = { write_virtual, SCOPE_DAEMON },
	[METRIC_PROCESS_OPEN_FDS] = { write_open_fds, SCOPE_DAEMON },
	[METRIC_PROCESS_MAX_FDS] = { write_max_fds, SCOPE_DAEMON },
	[METRIC_PROCESS_START] = { write_start, SCOPE_DAEMON },
};
