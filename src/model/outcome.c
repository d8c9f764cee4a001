/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/outcome.h"

#include <assert.h>
#include <stddef.h>

#include "base/attr.h"

struct row {
	const char *code;
	enum outcome_class kind;
	enum blame blame;
	enum retryable retryable;
	enum fallback_reason reason;
	const char *text;
};

static const struct row rows[] = {
#define OUTCOME(name, code, class, blame, retryable, reason, when) \
	{ code, CLASS_##class, BLAME_##blame, RETRY_##retryable, REASON_##reason, when },
#include "model/outcome.def"
#undef OUTCOME
};
_Static_assert(ARRAY_LEN(rows) == OUTCOME_COUNT, "a row for each outcome");

const char *
outcome_code(enum outcome outcome)
{
	assert(outcome < OUTCOME_COUNT);
	return rows[outcome].code;
}

enum outcome
outcome_from_code(struct str code)
{
	unsigned i = 0;
	while (i < OUTCOME_COUNT && !str_eq(code, str_of(rows[i].code)))
		i++;
	return (enum outcome)i;
}

const char *
outcome_text(enum outcome outcome)
{
	assert(outcome < OUTCOME_COUNT);
	return rows[outcome].text;
}

enum outcome_class
outcome_class(enum outcome outcome)
{
	assert(outcome < OUTCOME_COUNT);
	return rows[outcome].kind;
}

const char *
outcome_class_name(enum outcome_class kind)
{
	static const char *const names[] = {
		[CLASS_LOCAL] = "local",
		[CLASS_NETWORK] = "network",
		[CLASS_TIMEOUT] = "timeout",
		[CLASS_AUTH] = "auth",
		[CLASS_REQUEST] = "request",
		[CLASS_LIMIT] = "limit",
		[CLASS_SERVER] = "server",
		[CLASS_PROTOCOL] = "protocol",
		[CLASS_STREAM] = "stream",
		[CLASS_CONTENT] = "content",
		[CLASS_CONTRACT] = "contract",
		[CLASS_OK] = "ok",
	};
	return names[kind];
}

const char *
blame_name(enum blame blame)
{
	static const char *const names[] = {
		[BLAME_NOBODY] = NULL,
		[BLAME_US] = "us",
		[BLAME_NETWORK] = "network",
		[BLAME_PROVIDER] = "provider",
		[BLAME_ACCOUNT] = "account",
	};
	return names[blame];
}

enum blame
outcome_blame(enum outcome outcome)
{
	assert(outcome < OUTCOME_COUNT);
	return rows[outcome].blame;
}

enum retryable
outcome_retryable(enum outcome outcome, enum outcome underlying)
{
	assert(outcome < OUTCOME_COUNT);
	if (rows[outcome].retryable != RETRY_BY_CODE)
		return rows[outcome].retryable;
	return underlying < OUTCOME_COUNT ? rows[underlying].retryable : RETRY_NO;
}

const char *
retryable_name(enum retryable retryable)
{
	static const char *const names[] = {
		[RETRY_NO] = "no",
		[RETRY_YES] = "yes",
		[RETRY_IF_SAFE] = "if_safe",
		[RETRY_AFTER_DELAY] = "after_delay",
		[RETRY_BY_CODE] = "by_code",
	};
	return names[retryable];
}

/* The footnotes of the outcome table: no longer a candidate once a user would have seen content. */
static bool
spoilt_by_content(enum outcome outcome)
{
	return outcome == OUTCOME_TIMEOUT_IDLE || outcome == OUTCOME_TIMEOUT_TOTAL || outcome == OUTCOME_STREAM_ERROR ||
	    outcome == OUTCOME_STREAM_TRUNCATED;
}

enum fallback_reason
outcome_fallback_reason(enum outcome outcome, enum outcome underlying, bool content_arrived)
{
	assert(outcome < OUTCOME_COUNT);
	if (content_arrived && spoilt_by_content(outcome))
		return REASON_NONE;
	if (rows[outcome].reason != REASON_BY_CODE)
		return rows[outcome].reason;
	return underlying < OUTCOME_COUNT ? rows[underlying].reason : REASON_NONE;
}

const char *
fallback_reason_name(enum fallback_reason reason)
{
	static const char *const names[] = {
		[REASON_NONE] = NULL,
		[REASON_CONNECTION] = "connection",
		[REASON_TIMEOUT] = "timeout",
		[REASON_STREAM_DISCONNECT] = "stream_disconnect",
		[REASON_SERVER_ERROR] = "server_error",
		[REASON_CAPACITY] = "capacity",
		[REASON_RATE_LIMIT] = "rate_limit",
	};
	return reason < REASON_COUNT ? names[reason] : NULL;
}
