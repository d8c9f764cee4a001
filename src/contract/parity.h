/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sync against stream: the same prompt to the same model has to cost the same input tokens in both modes. Keeps the last
 * good sync answer's count; a stream that ends within two intervals of it completes the pair. Starts over when what is
 * asked changes. Pure; one owner.
 */
#ifndef COMETCANARY_CONTRACT_PARITY_H
#define COMETCANARY_CONTRACT_PARITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/finding.h"

struct parity {
	struct wall at; /* of the last good sync answer that reported usage; us 0 = none */
	int64_t input_tokens;
};

void parity_note_sync(struct parity *parity, int64_t input_tokens, struct wall now);
/* A good stream that reported its input tokens: a difference is usage-differs-by-mode. */
void parity_check_stream(
    const struct parity *parity, int64_t input_tokens, int64_t interval_ns, struct wall now, struct findings *findings);

#endif
