/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A baseline: the shapes of N good samples of one endpoint and probe, merged: how often each path was there and with
 * which types. Learns, is pinned when it has its samples, and is compared from then on. Saved as versioned text; what
 * is corrupt or of another version is refused (inconclusive, never "no drift"). Pure but for allocation.
 */
#ifndef COMETCANARY_CONTRACT_BASELINE_H
#define COMETCANARY_CONTRACT_BASELINE_H

#include "base/jsonw.h"
#include "contract/shape.h"
#include "model/contract.h"

struct baseline;

struct baseline *baseline_new(void);
void baseline_free(struct baseline *baseline);

/* Merges a good sample; ignored when it is incomplete or the baseline is pinned. */
void baseline_learn(struct baseline *baseline, const struct shape *shape);
void baseline_pin(struct baseline *baseline);
bool baseline_is_pinned(const struct baseline *baseline);
unsigned baseline_samples(const struct baseline *baseline);

/* Findings of source baseline. optional: fields that the contract calls optional are neither added nor removed.
 * An incomplete shape or an unpinned baseline gives none. */
void baseline_compare(const struct baseline *baseline, const struct shape *shape, const struct contract *contract,
    struct findings *findings);

/* Versioned text with a checksum. */
bool baseline_save(const struct baseline *baseline, struct buf *out);
/* Returns owned; NULL with a reason for people in *ret_why (static): corrupt, or a format older or newer than ours. */
struct baseline *baseline_load(struct str text, const char **ret_why);

/* An array: {"path", "seen" (in how many samples), "types"}. */
void baseline_write(const struct baseline *baseline, struct jsonw *w, const char *key);
/* For people: one line a path, "always" or "N of M", with its types. */
void baseline_print(const struct baseline *baseline, struct buf *out);

#endif
