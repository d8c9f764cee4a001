/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/fallback_families.h"

static struct sample
of_fallback(const struct endpoint_series *endpoint, const struct fallback_series *fallback)
{
	return (struct sample){ .labels = series_text(endpoint, fallback->labels) };
}

void
fallback_families_write_evaluations(struct sample_writer *w, const struct family_item *item)
{
	const struct fallback_series *fallback = series_fallbacks(item->endpoint);
	for (size_t n = item->endpoint->fallback_count; n > 0; n--, fallback++) {
		struct sample sample = of_fallback(item->endpoint, fallback);
		sample_u64(w, &sample, fallback->evaluations);
	}
}

void
fallback_families_write_fallbacks(struct sample_writer *w, const struct family_item *item)
{
	const struct fallback_series *fallback = series_fallbacks(item->endpoint);
	for (size_t n = item->endpoint->fallback_count; n > 0; n--, fallback++) {
		struct sample sample = of_fallback(item->endpoint, fallback);
		sample.key = "reason";
		for (unsigned i = REASON_NONE + 1; i < REASON_COUNT; i++) {
			sample.value = fallback_reason_name((enum fallback_reason)i);
			sample_u64(w, &sample, fallback->reasons[i]);
		}
	}
}

void
fallback_families_write_denied(struct sample_writer *w, const struct family_item *item)
{
	const struct fallback_series *fallback = series_fallbacks(item->endpoint);
	for (size_t n = item->endpoint->fallback_count; n > 0; n--, fallback++) {
		struct sample sample = of_fallback(item->endpoint, fallback);
		sample.key = "cause";
		for (unsigned i = 0; i < DENIAL_COUNT; i++) {
			sample.value = fallback_denial_name((enum fallback_denial)i);
			sample_u64(w, &sample, fallback->denied[i]);
		}
	}
}

static void
write_target(struct sample_writer *w, const struct family_item *item, const struct fallback_series *fallback, size_t i)
{
	static const char *const results[] = { "failed", "ok" };
	struct sample sample = { .labels = series_text(item->endpoint, fallback->target_labels[i]), .key = "result" };
	for (unsigned k = 0; k < ARRAY_LEN(results); k++) {
		sample.value = results[k];
		sample_u64(w, &sample, fallback->attempts[i][k]);
	}
}

void
fallback_families_write_attempts(struct sample_writer *w, const struct family_item *item)
{
	const struct fallback_series *fallback = series_fallbacks(item->endpoint);
	for (size_t n = item->endpoint->fallback_count; n > 0; n--, fallback++)
		for (size_t i = 0; i < fallback->target_count; i++)
			write_target(w, item, fallback, i);
}

void
fallback_families_write_policy_enabled(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = { .labels = str_of(item->policy->named.labels) };
	sample_u64(w, &sample, item->policy->enabled);
}
