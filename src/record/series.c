/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/series.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/xalloc.h"
#include "model/cost.h"
#include "model/dialect.h"

const struct hist_bounds series_latency_bounds = {
	.count = 12,
	.ns = { 50000000, 100000000, 250000000, 500000000, NS_PER_SEC, 2500000000, 5 * NS_PER_SEC, 10 * NS_PER_SEC,
	    20 * NS_PER_SEC, 30 * NS_PER_SEC, 60 * NS_PER_SEC, 120 * NS_PER_SEC },
	.le = { "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "20.0", "30.0", "60.0", "120.0", "+Inf" },
};

const struct hist_bounds series_lag_bounds = {
	.count = 7,
	.ns = { 1000000, 5000000, 25000000, 100000000, 500000000, 2500000000, 10 * NS_PER_SEC },
	.le = { "0.001", "0.005", "0.025", "0.1", "0.5", "2.5", "10.0", "+Inf" },
};

struct span
series_add_labels(struct buf *texts, size_t base, const struct label *labels, size_t count)
{
	size_t from = texts->len;
	for (size_t i = 0; i < count; i++) {
		buf_text(texts, i ? "," : "");
		buf_text(texts, labels[i].key);
		buf_text(texts, "=\"");
		escape_label(texts, str_of(labels[i].value));
		buf_char(texts, '"');
	}
	return (struct span){ (uint32_t)(base + from), (uint32_t)(texts->len - from) };
}

char *
series_label(const char *key, const char *value)
{
	const struct label label = { key, value };
	auto_buf struct buf text = BUF_INIT(SERIES_TEXTS_BYTES_MAX);
	series_add_labels(&text, 0, &label, 1);
	return xstrdup(buf_cstr(&text));
}

static struct span
add_text(struct buf *texts, size_t base, const char *text)
{
	struct span span = { (uint32_t)(base + texts->len), (uint32_t)strlen(text) };
	buf_text(texts, text);
	return span;
}

static void
add_endpoint_texts(struct buf *texts, size_t base, const struct endpoint *endpoint, struct endpoint_series *block)
{
	const struct label labels[] = {
		{ "endpoint", endpoint->name },
		{ "provider", endpoint->provider->name },
		{ "dialect", endpoint->dialect->name },
		{ "model", endpoint->model },
		{ "path", endpoint->path },
		{ "tenant", endpoint->tenant ? endpoint->tenant->name : NULL },
		{ "contract", endpoint->contract ? endpoint->contract->name : NULL },
	};
	block->name = add_text(texts, base, endpoint->name);
	block->labels = series_add_labels(texts, base, labels, 1);
	block->info = series_add_labels(texts, base, labels, ARRAY_LEN(labels));
	for (size_t i = 0; i < block->probe_count; i++) {
		const struct label pair[] = { labels[0], { "probe", probe_name(block->probes[i].kind) } };
		block->probes[i].labels = series_add_labels(texts, base, pair, ARRAY_LEN(pair));
	}
}

static void
add_fallback_texts(struct buf *texts, size_t base, const struct endpoint *endpoint,
    const struct fallback_policy *policy, struct fallback_series *series)
{
	struct label labels[] = { { "endpoint", endpoint->name }, { "policy", policy->name }, { "target", NULL } };
	series->policy = add_text(texts, base, policy->name);
	series->labels = series_add_labels(texts, base, labels, 2);
	series->target_count = policy->target_count;
	for (size_t i = 0; i < policy->target_count; i++) {
		labels[2].value = policy->targets[i]->name;
		series->target_labels[i] = series_add_labels(texts, base, labels, 3);
	}
}

/* Hands out places for the histograms and the policies; returns where the texts begin. */
static size_t
place_parts(struct endpoint_series *block, size_t fallback_count)
{
	size_t at = sizeof(*block) + block->probe_count * sizeof(block->probes[0]);
	for (size_t i = 0; i < block->probe_count; i++) {
		struct probe_series *probe = &block->probes[i];
		if (probe_is_negative(probe->kind))
			continue;
		probe->duration_at = (uint32_t)at;
		at += sizeof(struct latency);
		if (probe->kind != PROBE_STREAM)
			continue;
		block->first_token_at = (uint32_t)at;
		at += sizeof(struct latency);
	}
	block->fallbacks_at = (uint32_t)at;
	block->fallback_count = (uint32_t)fallback_count;
	return at + fallback_count * sizeof(struct fallback_series);
}

static void
add_evidence(struct endpoint_series *block, const struct contract *contract)
{
	block->has_contract = contract != NULL;
	for (unsigned i = 0; i < AREA_COUNT; i++) {
		const struct evidence *evidence = contract_find_evidence(contract, (enum contract_area)i);
		block->evidence[i] = evidence ? evidence->status : EVIDENCE_MISSING;
		block->evidence_accessed_days[i] = evidence ? evidence->accessed_days : DATE_NOT_SET;
	}
}

struct endpoint_series *
series_new(const struct endpoint *endpoint)
{
	size_t head = sizeof(struct endpoint_series) + endpoint->probe_count * sizeof(struct probe_series);
	struct endpoint_series *block = xcalloc(1, head);
	block->users = 1;
	block->probe_count = endpoint->probe_count;
	block->documented = endpoint->documented;
	for (size_t i = 0; i < endpoint->probe_count; i++) {
		struct probe_series *probe = &block->probes[i];
		probe->kind = endpoint->probes[i];
		probe->interval_ns = endpoint_interval_ns(endpoint, probe->kind);
		probe->timeout_ns =
		    probe->kind == PROBE_TIMEOUT ? endpoint->negative_timeout_ns : endpoint->deadlines.total_ns;
		probe->retries_allowed = cost_attempts_max(endpoint, probe->kind) > 1;
		probe->has_baseline = endpoint->contract && endpoint->contract->baseline_mode != BASELINE_OFF &&
		    !probe_is_negative(probe->kind);
	}
	add_evidence(block, endpoint->contract);
	auto_buf struct buf texts = BUF_INIT(SERIES_TEXTS_BYTES_MAX);
	struct fallback_series fallbacks[FALLBACK_POLICIES_MAX] = { 0 };
	size_t base = place_parts(block, endpoint->fallback_count);
	add_endpoint_texts(&texts, base, endpoint, block);
	for (size_t i = 0; i < endpoint->fallback_count; i++)
		add_fallback_texts(&texts, base, endpoint, endpoint->fallbacks[i], &fallbacks[i]);
	for (unsigned i = 0; i < LIMIT_UNITS; i++)
		block->limits[i] = HINT_ABSENT;
	assert(!texts.overflow);
	block = xrealloc(block, base + texts.len);
	memset((char *)block + head, 0, base - head);
	memcpy((char *)block + block->fallbacks_at, fallbacks, endpoint->fallback_count * sizeof(fallbacks[0]));
	memcpy((char *)block + base, texts.at, texts.len);
	block->bytes = (uint32_t)(base + texts.len);
	return block;
}

void
series_release(struct endpoint_series *block)
{
	if (--block->users == 0)
		free(block);
}

struct latency *
series_latency_at(struct endpoint_series *block, uint32_t at)
{
	return (struct latency *)(void *)((char *)block + at);
}

struct probe_series *
series_probe(struct endpoint_series *block, enum probe_kind kind)
{
	for (size_t i = 0; i < block->probe_count; i++)
		if (block->probes[i].kind == kind)
			return &block->probes[i];
	return NULL;
}

/* What was counted goes on; what the configuration says is the new block's. */
static void
inherit_probe(struct endpoint_series *block, struct probe_series *probe, struct endpoint_series *old_block)
{
	const struct probe_series *old = series_probe(old_block, probe->kind);
	if (!old)
		return;
	const struct probe_series fresh = *probe;
	*probe = *old;
	probe->labels = fresh.labels;
	probe->duration_at = fresh.duration_at;
	probe->interval_ns = fresh.interval_ns;
	probe->timeout_ns = fresh.timeout_ns;
	probe->has_baseline = fresh.has_baseline;
	probe->retries_allowed = fresh.retries_allowed;
	if (probe->duration_at)
		*series_latency_at(block, probe->duration_at) = *series_latency_at(old_block, old->duration_at);
}

struct fallback_series *
series_fallback(struct endpoint_series *block, struct str policy)
{
	struct fallback_series *all = (void *)((char *)block + block->fallbacks_at);
	for (size_t i = 0; i < block->fallback_count; i++)
		if (str_eq(series_text(block, all[i].policy), policy))
			return &all[i];
	return NULL;
}

/* Counts belong to a policy and its targets by their names. */
static void
inherit_fallback(
    struct endpoint_series *block, const struct endpoint_series *old_block, const struct fallback_series *old)
{
	struct fallback_series *fresh = series_fallback(block, series_text(old_block, old->policy));
	if (!fresh)
		return;
	fresh->evaluations = old->evaluations;
	memcpy(fresh->reasons, old->reasons, sizeof(fresh->reasons));
	memcpy(fresh->denied, old->denied, sizeof(fresh->denied));
	for (size_t i = 0; i < fresh->target_count; i++)
		for (size_t k = 0; k < old->target_count; k++)
			if (str_eq(series_text(block, fresh->target_labels[i]),
				series_text(old_block, old->target_labels[k])))
				memcpy(fresh->attempts[i], old->attempts[k], sizeof(fresh->attempts[i]));
}

void
series_inherit(struct endpoint_series *block, struct endpoint_series *old)
{
	memcpy(block->violations, old->violations, sizeof(block->violations));
	block->contract = old->contract;
	block->revalidated = old->revalidated;
	block->revalidation_pending = old->revalidation_pending;
	memcpy(block->revalidations, old->revalidations, sizeof(block->revalidations));
	memcpy(block->limits, old->limits, sizeof(block->limits));
	for (size_t i = 0; i < old->fallback_count; i++)
		inherit_fallback(block, old, &series_fallbacks(old)[i]);
	block->stream_max_gap_ns = old->stream_max_gap_ns;
	if (block->first_token_at && old->first_token_at)
		*series_latency_at(block, block->first_token_at) = *series_latency_at(old, old->first_token_at);
	for (size_t i = 0; i < block->probe_count; i++)
		inherit_probe(block, &block->probes[i], old);
}
