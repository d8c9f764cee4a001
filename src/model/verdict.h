/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgement of one attempt: what classify/ makes of an exchange and a reply.
 */
#ifndef COMETCANARY_MODEL_VERDICT_H
#define COMETCANARY_MODEL_VERDICT_H

#include "model/outcome.h"

struct verdict {
	enum outcome outcome;
	enum outcome underlying; /* of error_in_200 and stream_error; OUTCOME_INVALID otherwise */
	enum retryable retryable; /* resolved */
	enum fallback_reason reason; /* resolved; REASON_NONE for negative probes */
};

#endif
