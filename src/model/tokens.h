/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own guess of how many tokens a text is, to hold a provider's count against. No tokenizer: the guess is steady
 * for one text, and that is what a comparison over time needs. Pure.
 */
#ifndef COMETCANARY_MODEL_TOKENS_H
#define COMETCANARY_MODEL_TOKENS_H

#include <stdint.h>

#include "base/str.h"

/* Four ASCII characters a token, one token for each other character; at least 1. */
int64_t tokens_estimate(struct str text);

#endif
