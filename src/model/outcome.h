/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one probe run ended in, and what follows from it. The rows are in outcome.def; a failing probe is data, never a
 * program error. Pure, any thread.
 */
#ifndef COMETCANARY_MODEL_OUTCOME_H
#define COMETCANARY_MODEL_OUTCOME_H

#include "base/str.h"

enum outcome {
#define OUTCOME(name, code, class, blame, retryable, reason, when) OUTCOME_##name,
#include "model/outcome.def"
#undef OUTCOME
	OUTCOME_COUNT
};
#define OUTCOME_INVALID OUTCOME_COUNT

/* The label values of cometcanary_probe_failures_total, in the catalogue's order; OK comes last because it is none. */
enum outcome_class {
	CLASS_LOCAL,
	CLASS_NETWORK,
	CLASS_TIMEOUT,
	CLASS_AUTH,
	CLASS_REQUEST,
	CLASS_LIMIT,
	CLASS_SERVER,
	CLASS_PROTOCOL,
	CLASS_STREAM,
	CLASS_CONTENT,
	CLASS_CONTRACT,
	CLASS_FAILURES, /* how many classes of failure there are */
	CLASS_OK = CLASS_FAILURES,
};

enum blame { BLAME_NOBODY, BLAME_US, BLAME_NETWORK, BLAME_PROVIDER, BLAME_ACCOUNT };

enum retryable { RETRY_NO, RETRY_YES, RETRY_IF_SAFE, RETRY_AFTER_DELAY, RETRY_BY_CODE };

enum fallback_reason {
	REASON_NONE,
	REASON_CONNECTION,
	REASON_TIMEOUT,
	REASON_STREAM_DISCONNECT,
	REASON_SERVER_ERROR,
	REASON_CAPACITY,
	REASON_RATE_LIMIT,
	REASON_COUNT,
	REASON_BY_CODE = REASON_COUNT, /* in the table only; outcome_fallback_reason() resolves it */
};

const char *outcome_code(enum outcome outcome);
/* OUTCOME_INVALID when there is no such code. */
enum outcome outcome_from_code(struct str code);
/* The "when" column: one line for people. */
const char *outcome_text(enum outcome outcome);
enum outcome_class outcome_class(enum outcome outcome);
const char *outcome_class_name(enum outcome_class kind);
/* NULL for BLAME_NOBODY. */
const char *blame_name(enum blame blame);
enum blame outcome_blame(enum outcome outcome);
/* "By its code" is resolved with `underlying`, which is looked at for error_in_200 and stream_error only. */
enum retryable outcome_retryable(enum outcome outcome, enum outcome underlying);
const char *retryable_name(enum retryable retryable);
/* REASON_NONE when the outcome is no candidate for fallback; content_arrived: visible output had come before the failure
 * (then a timeout_idle, timeout_total, stream_error or stream_truncated is no candidate). */
enum fallback_reason outcome_fallback_reason(enum outcome outcome, enum outcome underlying, bool content_arrived);
/* NULL for REASON_NONE. */
const char *fallback_reason_name(enum fallback_reason reason);

#endif
