/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/confirm.h"

#include "docs/compare.h"

static bool
differs(const struct doc_version *a, const struct doc_version *b)
{
	auto_doc_diff struct doc_diff diff = { 0 };
	doc_compare(a, b, &diff);
	return diff.changes != 0;
}

static void
forget_candidate(struct doc_state *state)
{
	doc_version_done(&state->candidate);
	state->candidate = (struct doc_version){ 0 };
	state->sightings = 0;
}

static enum doc_step
settle(struct doc_state *state, unsigned needed, struct doc_version *ret_before)
{
	if (state->sightings < needed)
		return DOC_STEP_PENDING;
	*ret_before = state->current;
	state->current = state->candidate;
	state->candidate = (struct doc_version){ 0 };
	state->sightings = 0;
	return DOC_STEP_CONFIRMED;
}

enum doc_step
doc_state_see(struct doc_state *state, struct doc_version *version, unsigned needed, struct doc_version *ret_before)
{
	struct doc_version seen = *version;
	*version = *ret_before = (struct doc_version){ 0 };
	if (!state->known) {
		state->known = true;
		state->current = seen;
		return DOC_STEP_FIRST;
	}
	if (!differs(&state->current, &seen)) {
		doc_version_done(&seen);
		forget_candidate(state);
		return DOC_STEP_SAME;
	}
	bool again = state->sightings > 0 && !differs(&state->candidate, &seen);
	unsigned sightings = again ? state->sightings + 1 : 1;
	doc_version_done(&state->candidate);
	state->candidate = seen;
	state->sightings = sightings;
	return settle(state, needed, ret_before);
}

void
doc_state_done(struct doc_state *state)
{
	doc_version_done(&state->current);
	forget_candidate(state);
	*state = (struct doc_state){ 0 };
}
