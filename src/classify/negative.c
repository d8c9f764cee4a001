/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "classify/negative.h"

#define BIT(name) (UINT64_C(1) << OUTCOME_##name)

_Static_assert(OUTCOME_COUNT <= 64, "a set of outcomes fits 64 bits");

/* Refused in the right way, where the configuration says nothing else. */
static const uint64_t right_refusals[PROBE_COUNT] = {
	[PROBE_MISSING_AUTH] = BIT(AUTH_REJECTED),
	[PROBE_INVALID_AUTH] = BIT(AUTH_REJECTED),
	[PROBE_INVALID_MODEL] = BIT(MODEL_UNAVAILABLE),
	[PROBE_MALFORMED_JSON] = BIT(BAD_REQUEST),
	[PROBE_MISSING_FIELD] = BIT(BAD_REQUEST),
	[PROBE_WRONG_PATH] = BIT(NOT_FOUND) | BIT(REDIRECT_UNEXPECTED) | BIT(NOT_JSON),
	[PROBE_RATE_LIMIT] = BIT(RATE_LIMITED),
};

static const struct refusal *
find_override(const struct asked *asked)
{
	for (size_t i = 0; i < asked->expect->refusal_count; i++)
		if (asked->expect->refusals[i].probe == asked->probe)
			return &asked->expect->refusals[i];
	return NULL;
}

/* Everything that a positive probe could have got from a server that took the request and did the work. */
static bool
is_success(const struct reply *reply, enum outcome plain)
{
	const uint64_t successes = BIT(OK) | BIT(OUTPUT_LIMIT) | BIT(EMPTY_OUTPUT) | BIT(UNEXPECTED_OUTPUT) |
	    BIT(CONTRACT_VIOLATION) | BIT(PARSER_REJECTED) | BIT(CONTENT_BLOCKED) | BIT(WRONG_CONTENT_TYPE);
	bool always = plain == OUTCOME_OK || plain == OUTCOME_CONTRACT_VIOLATION;
	return reply->status / 100 == 2 && successes >> plain & 1 && (always || reply->success_body);
}

static bool
has_status(const int *statuses, size_t count, int status)
{
	for (size_t i = 0; i < count; i++)
		if (statuses[i] == status)
			return true;
	return count == 0;
}

/* How a family refuses a key, where the configuration names no statuses. */
static void
check_auth_status(struct reply *reply, const struct asked *asked, const struct refusal *override)
{
	static const int usual[] = { 401, 0 };
	const int *statuses = asked->dialect->auth_statuses ? asked->dialect->auth_statuses : usual;
	if (!probe_is_keyless(asked->probe) || (override && override->status_count > 0))
		return;
	size_t count = 0;
	while (statuses[count])
		count++;
	if (!has_status(statuses, count, reply->status))
		findings_add(&reply->findings, RULE_AUTH_STATUS_CHANGED, SOURCE_DIALECT, STR("header:status"));
}

/* A refusal whose words are known: right, wrong, or one that says nothing about this probe (then OUTCOME_INVALID). */
static enum outcome
judge_refusal(struct reply *reply, const struct asked *asked, enum outcome refused)
{
	const struct refusal *override = find_override(asked);
	uint64_t right = override && override->outcomes ? override->outcomes : right_refusals[asked->probe];
	if (right >> refused & 1) {
		if (override && !has_status(override->statuses, override->status_count, reply->status))
			return OUTCOME_UNEXPECTED_REJECTION;
		check_auth_status(reply, asked, override);
		return OUTCOME_OK;
	}
	enum outcome_class kind = outcome_class(refused);
	return kind == CLASS_REQUEST || kind == CLASS_CONTENT ? OUTCOME_UNEXPECTED_REJECTION : OUTCOME_INVALID;
}

/* The low deadline: it ended the request, which was sent once, or the answer was faster. */
static enum outcome
judge_timeout(const struct exchange *exchange, const struct reply *reply, enum outcome plain)
{
	bool late = outcome_class(plain) == CLASS_TIMEOUT;
	if (late && exchange->connects > 1)
		return OUTCOME_LOCAL_ERROR;
	return late || is_success(reply, plain) ? OUTCOME_OK : plain;
}

/* We closed after the first content: what came until then is no success, and was not meant to be. */
static enum outcome
judge_abort(const struct exchange *exchange, const struct reply *reply, enum outcome plain)
{
	bool ours = exchange->end == END_STOPPED && reply->stream.content_events > 0;
	bool whole_or_cut = is_success(reply, plain) || plain == OUTCOME_STREAM_TRUNCATED;
	return ours && whole_or_cut ? OUTCOME_OK : plain;
}

enum outcome
negative_judge(const struct exchange *exchange, struct reply *reply, const struct asked *asked, enum outcome plain,
    enum outcome underlying)
{
	if (asked->probe == PROBE_TIMEOUT)
		return judge_timeout(exchange, reply, plain);
	if (asked->probe == PROBE_STREAM_ABORT)
		return judge_abort(exchange, reply, plain);
	if (is_success(reply, plain)) {
		if (asked->probe == PROBE_RATE_LIMIT)
			return OUTCOME_OK;
		if (probe_is_keyless(asked->probe))
			findings_add(
			    &reply->findings, RULE_AUTH_ACCEPTED_WITHOUT_KEY, SOURCE_DIALECT, STR("header:status"));
		return OUTCOME_UNEXPECTED_ACCEPT;
	}
	bool inside_success = underlying < OUTCOME_COUNT;
	enum outcome judged = judge_refusal(reply, asked, inside_success ? underlying : plain);
	if (judged != OUTCOME_INVALID)
		return judged;
	return plain;
}
