/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/phase.h"

static int64_t
span(struct mono from, struct mono to)
{
	if (to.ns == 0 || from.ns == 0)
		return PHASE_ABSENT;
	return to.ns > from.ns ? to.ns - from.ns : 0;
}

void
phase_durations(const struct timeline *at, int64_t *ret_ns)
{
	const struct mono stages[] = { at->dns, at->connect, at->tls, at->sent, at->first_byte };
	struct mono before = at->start;
	for (unsigned i = 0; i < PHASE_TRANSFER; i++) {
		ret_ns[i] = span(before, stages[i]);
		if (stages[i].ns != 0)
			before = stages[i];
	}
	if (at->sent.ns == 0)
		ret_ns[PHASE_WAIT] = PHASE_ABSENT; /* an answer to a request that was never whole */
	ret_ns[PHASE_TRANSFER] = span(at->first_byte, at->end);
}

int64_t
phase_total_ns(const struct timeline *at)
{
	return span(at->start, at->end);
}

int64_t
phase_first_content_ns(const struct timeline *at)
{
	return span(at->start, at->first_content);
}

const char *
phase_name(enum phase phase)
{
	static const char *const names[] = { "dns", "connect", "tls", "send", "wait", "transfer" };
	return names[phase];
}
