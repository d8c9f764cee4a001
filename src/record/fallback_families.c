/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/fallback_families.h"

static bool
has_policy(const struct family_item *item)
{
	return item->endpoint->fallback.labels.at > 0;
}

static struct sample
of_fallback(const struct family_item *item)
{
	return (struct sample){ .labels = series_text(item->endpoint, item->endpoint->fallback.labels) };
}

void
fallback_families_write_evaluations(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_fallback(item);
	if (has_policy(item))
		sample_u64(w, &sample, item->endpoint->fallback.evaluations);
}

void
fallback_families_write_fallbacks(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_fallback(item);
	sample.key = "reason";
	for (unsigned i = REASON_NONE + 1; has_policy(item) && i < REASON_COUNT; i++) {
		sample.value = fallback_reason_name((enum fallback_reason)i);
		sample_u64(w, &sample, item->endpoint->fallback.reasons[i]);
	}
}

void
fallback_families_write_denied(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = of_fallback(item);
	sample.key = "cause";
	for (unsigned i = 0; has_policy(item) && i < DENIAL_COUNT; i++) {
		sample.value = fallback_denial_name((enum fallback_denial)i);
		sample_u64(w, &sample, item->endpoint->fallback.denied[i]);
	}
}

void
fallback_families_write_attempts(struct sample_writer *w, const struct family_item *item)
{
	static const char *const results[] = { "failed", "ok" };
	const struct fallback_series *fallback = &item->endpoint->fallback;
	for (size_t i = 0; i < fallback->target_count; i++) {
		struct sample sample = { .labels = series_text(item->endpoint, fallback->target_labels[i]),
			.key = "result" };
		for (unsigned k = 0; k < ARRAY_LEN(results); k++) {
			sample.value = results[k];
			sample_u64(w, &sample, fallback->attempts[i][k]);
		}
	}
}

void
fallback_families_write_policy_enabled(struct sample_writer *w, const struct family_item *item)
{
	struct sample sample = { .labels = str_of(item->policy->labels) };
	sample_u64(w, &sample, item->policy->enabled);
}
