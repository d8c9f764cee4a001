/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/parity.h"

enum { INTERVALS_APART = 2 };

void
parity_note_sync(struct parity *parity, int64_t input_tokens, struct wall now)
{
	*parity = (struct parity){ .at = now, .input_tokens = input_tokens };
}

void
parity_check_stream(
    const struct parity *parity, int64_t input_tokens, int64_t interval_ns, struct wall now, struct findings *findings)
{
	int64_t apart_us = now.us - parity->at.us;
	if (parity->at.us == 0 || apart_us < 0 || apart_us > INTERVALS_APART * (interval_ns / NS_PER_US))
		return;
	if (input_tokens != parity->input_tokens)
		findings_add(findings, RULE_USAGE_DIFFERS_BY_MODE, SOURCE_DIALECT, STR("$.usage"));
}
