/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the model that answered the one that was asked for? Pure.
 */
#ifndef COMETCANARY_CLASSIFY_MODEL_H
#define COMETCANARY_CLASSIFY_MODEL_H

#include "model/conf.h"

/* MODEL_MATCH_PREFIX: equal, or with the suffix of a snapshot (-2026-03-17, -20251001, -0125, -001), or either after a
 * path prefix (models/, openai/). */
bool model_matches(struct str asked, struct str returned, enum model_match match);

#endif
