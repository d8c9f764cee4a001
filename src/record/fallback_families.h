/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metric families of the fallback policies: rows of record/families.c. An endpoint without a policy has no series.
 */
#ifndef COMETCANARY_RECORD_FALLBACK_FAMILIES_H
#define COMETCANARY_RECORD_FALLBACK_FAMILIES_H

#include "record/families.h"

void fallback_families_write_evaluations(struct sample_writer *w, const struct family_item *item);
void fallback_families_write_fallbacks(struct sample_writer *w, const struct family_item *item);
void fallback_families_write_denied(struct sample_writer *w, const struct family_item *item);
void fallback_families_write_attempts(struct sample_writer *w, const struct family_item *item);
void fallback_families_write_policy_enabled(struct sample_writer *w, const struct family_item *item);

#endif
