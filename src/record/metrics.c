/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/dialect.h"
#include "model/tokens.h"
#include "record/budgets.h"
#include "record/docs.h"
#include "record/series.h"

enum { TOKENS_PLAUSIBLE_MAX = 1000000000 }; /* a provider's number beyond this would only ruin the counter */

struct metrics {
	struct global_series global;
	char *build_labels;
	struct endpoint_series **endpoints; /* in the order of the configuration, without the disabled ones */
	size_t endpoint_count;
	struct named_list named[NAMED_KINDS];
};

struct metrics *
metrics_new(void)
{
	return xcalloc(1, sizeof(struct metrics));
}

static void
named_free(struct named_list lists[NAMED_KINDS])
{
	for (unsigned kind = 0; kind < NAMED_KINDS; kind++)
		named_done(&lists[kind]);
}

static void
blocks_release(struct endpoint_series **blocks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		series_release(blocks[i]);
	free(blocks);
}

void
metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	blocks_release(metrics->endpoints, metrics->endpoint_count);
	named_free(metrics->named);
	free(metrics->build_labels);
	free(metrics);
}

void
metrics_identify(struct metrics *metrics, const struct metrics_identity *identity)
{
	const struct label labels[] = {
		{ "version", identity->version },
		{ "revision", identity->revision },
		{ "libcurl", identity->libcurl },
		{ "tls", identity->tls },
		{ "libmicrohttpd", identity->libmicrohttpd },
	};
	auto_buf struct buf text = BUF_INIT(SERIES_TEXTS_BYTES_MAX);
	series_add_labels(&text, 0, labels, ARRAY_LEN(labels));
	free(metrics->build_labels);
	metrics->build_labels = xstrdup(buf_cstr(&text));
	metrics->global.started = identity->started;
}

/* The slot of a name, or endpoint_count. The hint is where it most often is: a run's endpoint may be of the
 * configuration before this one. */
static size_t
find_slot(const struct metrics *metrics, const char *name, size_t hint)
{
	struct str wanted = str_of(name);
	if (hint < metrics->endpoint_count) {
		const struct endpoint_series *block = metrics->endpoints[hint];
		if (str_eq(series_text(block, block->name), wanted))
			return hint;
	}
	size_t i = 0;
	while (i < metrics->endpoint_count) {
		const struct endpoint_series *block = metrics->endpoints[i];
		if (str_eq(series_text(block, block->name), wanted))
			break;
		i++;
	}
	return i;
}

/* The block of an endpoint, not shared with a snapshot: it may be written. NULL when it is not configured. */
static struct endpoint_series *
writable_block(struct metrics *metrics, const struct endpoint *endpoint)
{
	size_t slot = find_slot(metrics, endpoint->name, endpoint->index);
	if (slot == metrics->endpoint_count)
		return NULL;
	struct endpoint_series *block = metrics->endpoints[slot];
	if (block->users > 1) {
		struct endpoint_series *copy = xmalloc(block->bytes);
		memcpy(copy, block, block->bytes);
		copy->users = 1;
		series_release(block);
		metrics->endpoints[slot] = block = copy;
	}
	return block;
}

void
metrics_configure(struct metrics *metrics, const struct config *config, struct wall now)
{
	struct endpoint_series **list = xcalloc(config->endpoint_count + 1, sizeof(struct endpoint_series *));
	size_t count = 0;
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		if (!endpoint->enabled)
			continue;
		struct endpoint_series *block = series_new(endpoint);
		size_t slot = find_slot(metrics, endpoint->name, i);
		if (slot < metrics->endpoint_count)
			series_inherit(block, metrics->endpoints[slot]);
		list[count++] = block;
	}
	blocks_release(metrics->endpoints, metrics->endpoint_count);
	metrics->endpoints = list;
	metrics->endpoint_count = count;
	for (unsigned kind = 0; kind < NAMED_KINDS; kind++)
		named_configure(&metrics->named[kind], (enum named_kind)kind, config);
	metrics->global.reload_ok = true;
	metrics->global.configured = now;
}

void
metrics_budget(struct metrics *metrics, const char *budget, const struct budget_gauges *gauges)
{
	struct budget_series *series = named_find(&metrics->named[NAMED_BUDGET], budget);
	if (series)
		series->gauges = *gauges;
}

void
metrics_doc(struct metrics *metrics, const char *doc, const struct doc_counts *counts)
{
	struct doc_series *series = named_find(&metrics->named[NAMED_DOC], doc);
	if (series)
		series->counts = *counts;
}

void
metrics_revalidation_began(struct metrics *metrics, const struct endpoint *endpoint)
{
	struct endpoint_series *block = writable_block(metrics, endpoint);
	if (!block)
		return;
	block->revalidated = true;
	block->revalidation_pending = true;
}

void
metrics_revalidation_ended(struct metrics *metrics, const struct endpoint *endpoint, enum revalidation_trigger trigger,
    enum revalidation_result result)
{
	struct endpoint_series *block = writable_block(metrics, endpoint);
	if (!block)
		return;
	block->revalidation_pending = false;
	block->revalidations[trigger][result]++;
}

void
metrics_reload_failed(struct metrics *metrics)
{
	metrics->global.reload_ok = false;
}

static void
keep_exemplar(struct exemplar *exemplar, struct str request_id, int64_t ns)
{
	if (!str_is_identifier(request_id) || request_id.len >= EXEMPLAR_BYTES)
		return;
	memcpy(exemplar->request_id, request_id.at, request_id.len);
	exemplar->request_id[request_id.len] = '\0';
	exemplar->ns = ns;
}

static void
observe(struct latency *latency, int64_t ns, struct str request_id)
{
	if (ns < 0)
		ns = 0;
	size_t bucket = hist_observe(&latency->hist, &series_latency_bounds, ns);
	keep_exemplar(&latency->exemplars[bucket], request_id, ns);
}

static void
count_outcome(struct probe_series *probe, const struct record *record)
{
	enum outcome outcome = record->verdict.outcome;
	probe->outcomes[outcome]++;
	probe->ran = true;
	probe->last_run = record->finished;
	probe->last_ok = outcome == OUTCOME_OK;
	if (probe->last_ok) {
		probe->consecutive_failures = 0;
		probe->last_success = record->finished;
		return;
	}
	probe->consecutive_failures++;
	keep_exemplar(&probe->failures[outcome_class(outcome)], record->request_id, 0);
}

static void
count_times(struct endpoint_series *block, struct probe_series *probe, const struct record *record)
{
	static const struct timeline never;
	const struct timeline *at = record->exchange ? &record->exchange->at : &never;
	int64_t phases[PHASE_COUNT];
	phase_durations(at, phases);
	for (unsigned i = 0; i < PHASE_COUNT; i++) {
		if (phases[i] == PHASE_ABSENT)
			continue;
		probe->phases[i]++;
		probe->phase_ns[i] += phases[i];
	}
	if (probe->duration_at)
		observe(series_latency_at(block, probe->duration_at), phase_total_ns(at), record->request_id);
	if (probe->kind != PROBE_STREAM)
		return;
	block->stream_max_gap_ns = at->max_content_gap_ns;
	int64_t first_token_ns = phase_first_content_ns(at);
	if (first_token_ns != PHASE_ABSENT)
		observe(series_latency_at(block, block->first_token_at), first_token_ns, record->request_id);
}

static void
add_tokens(uint64_t *counter, int64_t tokens)
{
	if (tokens > 0 && tokens <= TOKENS_PLAUSIBLE_MAX)
		*counter += (uint64_t)tokens;
}

static void
compare_with_estimate(struct probe_series *probe, const struct endpoint *endpoint, int64_t reported)
{
	if (!(endpoint->dialect->caps & DIALECT_PROMPT) || !endpoint->request.prompt || reported == USAGE_ABSENT)
		return;
	int64_t estimate = tokens_estimate(str_of(endpoint->request.prompt));
	probe->estimate_error = (double)(reported - estimate) / (double)estimate;
	probe->has_estimate_error = true;
}

static void
count_usage(struct probe_series *probe, const struct record *record)
{
	const struct usage *usage = &record->reply->usage;
	if (usage->verdict == USAGE_VERDICT_NOT_APPLICABLE)
		return;
	if (record->verdict.outcome == OUTCOME_OK) {
		bool documented = record->endpoint->expect.usage == USAGE_DOCUMENTED;
		bool missing = usage->verdict == USAGE_VERDICT_MISSING;
		probe->usage_expected += documented;
		probe->usage_missing += documented && missing;
		probe->usage_unreported += !documented && missing;
	}
	if (usage->verdict == USAGE_VERDICT_INVALID)
		probe->usage_invalid[usage->fault]++;
	if (usage->verdict != USAGE_VERDICT_PRESENT)
		return;
	add_tokens(&probe->input_tokens, usage->input_tokens);
	add_tokens(&probe->output_tokens, usage->output_tokens);
	compare_with_estimate(probe, record->endpoint, usage->input_tokens);
}

static void
note_certificate(struct metrics *metrics, const struct record *record)
{
	if (!record->exchange || record->exchange->certificate_not_after.us == 0)
		return;
	struct provider_series *provider =
	    named_find(&metrics->named[NAMED_PROVIDER], record->endpoint->provider->name);
	if (provider)
		provider->certificate_not_after = record->exchange->certificate_not_after;
}

static void
count_findings(struct endpoint_series *block, const struct findings *findings)
{
	for (unsigned i = 0; i < SEVERITY_COUNT; i++)
		block->violations[i] += findings->by_severity[i];
}

void
metrics_record(struct metrics *metrics, const struct record *record)
{
	struct endpoint_series *block = writable_block(metrics, record->endpoint);
	struct probe_series *probe = block ? series_probe(block, record->probe) : NULL;
	if (!probe)
		return;
	count_outcome(probe, record);
	count_times(block, probe, record);
	count_usage(probe, record);
	count_findings(block, &record->reply->findings);
	note_certificate(metrics, record);
	if (record->exchange && record->exchange->head_whole)
		memcpy(block->limits, record->reply->hints.remaining, sizeof(block->limits));
}

/* The series of an endpoint's policy; NULL when it has others by now, or none. */
static struct fallback_series *
fallback_series_of(struct metrics *metrics, const struct endpoint *endpoint, const struct fallback_decision *decision)
{
	struct endpoint_series *block = writable_block(metrics, endpoint);
	return block ? series_fallback(block, str_of(decision->policy->name)) : NULL;
}

void
metrics_fallback(
    struct metrics *metrics, const struct endpoint *endpoint, const struct fallback_decision *decision, bool of_run)
{
	struct fallback_series *series = fallback_series_of(metrics, endpoint, decision);
	if (!series)
		return;
	series->evaluations += of_run;
	if (decision->denial == DENIAL_NONE)
		series->reasons[decision->reason] += of_run;
	else
		series->denied[decision->denial]++;
}

void
metrics_fallback_attempt(
    struct metrics *metrics, const struct endpoint *endpoint, const struct fallback_decision *decision, bool ok)
{
	struct fallback_series *series = fallback_series_of(metrics, endpoint, decision);
	if (series && decision->target_index < series->target_count)
		series->attempts[decision->target_index][ok]++;
}

void
metrics_fallback_enabled(struct metrics *metrics, const char *policy, bool enabled)
{
	struct policy_series *series = named_find(&metrics->named[NAMED_POLICY], policy);
	if (series)
		series->enabled = enabled;
}

void
metrics_retry_after(struct metrics *metrics, const struct provider *provider, int64_t ns)
{
	struct provider_series *series = named_find(&metrics->named[NAMED_PROVIDER], provider->name);
	if (series)
		series->retry_after_ns = ns;
}

void
metrics_contract(struct metrics *metrics, const struct endpoint *endpoint, const struct contract_gauges *gauges)
{
	struct endpoint_series *block = writable_block(metrics, endpoint);
	if (block)
		block->contract = *gauges;
}

void
metrics_baseline(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind kind, unsigned samples)
{
	struct endpoint_series *block = writable_block(metrics, endpoint);
	struct probe_series *probe = block ? series_probe(block, kind) : NULL;
	if (probe)
		probe->baseline_samples = samples;
}

void
metrics_findings(struct metrics *metrics, const struct endpoint *endpoint, const struct findings *findings)
{
	struct endpoint_series *block = writable_block(metrics, endpoint);
	if (block)
		count_findings(block, findings);
}

void
metrics_retry(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind kind, enum outcome cause)
{
	struct endpoint_series *block = writable_block(metrics, endpoint);
	struct probe_series *probe = block ? series_probe(block, kind) : NULL;
	if (probe)
		probe->retries[cause]++;
}

void
metrics_skip(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind kind, enum skip_reason reason,
    uint64_t count)
{
	struct endpoint_series *block = writable_block(metrics, endpoint);
	struct probe_series *probe = block ? series_probe(block, kind) : NULL;
	if (probe)
		probe->skipped[reason] += count;
}

void
metrics_in_flight(struct metrics *metrics, size_t in_flight)
{
	metrics->global.in_flight = in_flight;
}

void
metrics_scheduler_lag(struct metrics *metrics, int64_t lag_ns)
{
	hist_observe(&metrics->global.scheduler_lag, &series_lag_bounds, lag_ns);
}

void
metrics_loop_lag(struct metrics *metrics, int64_t lag_ns)
{
	hist_observe(&metrics->global.loop_lag, &series_lag_bounds, lag_ns);
}

void
metrics_scheduler_tick(struct metrics *metrics, struct wall now)
{
	metrics->global.scheduler_tick = now;
}

void
metrics_self_online(struct metrics *metrics, bool online)
{
	metrics->global.online_known = true;
	metrics->global.online = online;
}

void
metrics_store_writes(struct metrics *metrics, uint64_t ok, uint64_t failed, uint64_t dropped)
{
	metrics->global.store_known = true;
	metrics->global.store_writes[WRITES_OK] = ok;
	metrics->global.store_writes[WRITES_FAILED] = failed;
	metrics->global.store_writes[WRITES_DROPPED] = dropped;
}

void
metrics_remember(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind kind, struct wall run,
    struct wall success)
{
	struct endpoint_series *block = writable_block(metrics, endpoint);
	struct probe_series *probe = block ? series_probe(block, kind) : NULL;
	if (!probe || probe->ran)
		return;
	probe->last_run = run;
	probe->last_success = success;
}

struct metrics_snapshot *
metrics_snapshot_new(const struct metrics *metrics)
{
	struct metrics_snapshot *snapshot = xcalloc(1, sizeof(*snapshot));
	snapshot->global = metrics->global;
	snapshot->build_labels = metrics->build_labels ? xstrdup(metrics->build_labels) : NULL;
	snapshot->endpoint_count = metrics->endpoint_count;
	snapshot->endpoints = xcalloc(metrics->endpoint_count + 1, sizeof(struct endpoint_series *));
	for (size_t i = 0; i < metrics->endpoint_count; i++) {
		snapshot->endpoints[i] = metrics->endpoints[i];
		snapshot->endpoints[i]->users++;
	}
	for (unsigned kind = 0; kind < NAMED_KINDS; kind++)
		snapshot->named[kind] = named_copy(&metrics->named[kind]);
	snapshot->log = log_stats();
	snapshot->process = process_stats();
	return snapshot;
}

void
metrics_snapshot_free(struct metrics_snapshot *snapshot)
{
	if (!snapshot)
		return;
	blocks_release(snapshot->endpoints, snapshot->endpoint_count);
	named_free(snapshot->named);
	free(snapshot->build_labels);
	free(snapshot);
}
