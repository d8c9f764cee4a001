/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "classify/classify.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/pattern.h"
#include "classify/error.h"
#include "classify/model.h"
#include "classify/negative.h"
#include "classify/usage.h"

struct facts {
	const struct exchange *exchange;
	const struct reply *reply;
	const struct asked *asked;
};

/* A step looks at one phase: the outcome if that phase failed, else NOT_HERE. */
#define NOT_HERE OUTCOME_INVALID
typedef enum outcome step_fn(const struct facts *facts);

static enum outcome
ourselves(const struct facts *f)
{
	return f->exchange->end == END_LOCAL || f->reply->arena->exhausted ? OUTCOME_LOCAL_ERROR : NOT_HERE;
}

/* What the transport's end means while there is no whole head. */
static enum outcome
before_the_head(const struct facts *f)
{
	static const enum outcome meaning[END_COUNT] = {
		[END_COMPLETE] = OUTCOME_CONNECTION_CLOSED,
		[END_STOPPED] = OUTCOME_CONNECTION_CLOSED,
		[END_LOCAL] = OUTCOME_LOCAL_ERROR,
		[END_DNS] = OUTCOME_DNS_ERROR,
		[END_CONNECT] = OUTCOME_CONNECT_ERROR,
		[END_TLS] = OUTCOME_TLS_ERROR,
		[END_CLOSED] = OUTCOME_CONNECTION_CLOSED,
		[END_TIMEOUT_CONNECT] = OUTCOME_TIMEOUT_CONNECT,
		[END_TIMEOUT_FIRST_BYTE] = OUTCOME_TIMEOUT_FIRST_BYTE,
		[END_TIMEOUT_FIRST_TOKEN] = OUTCOME_TIMEOUT_FIRST_TOKEN,
		[END_TIMEOUT_IDLE] = OUTCOME_TIMEOUT_IDLE,
		[END_TIMEOUT_TOTAL] = OUTCOME_TIMEOUT_TOTAL,
		[END_HEAD_TOO_LARGE] = OUTCOME_BODY_TOO_LARGE,
		[END_BAD_ENCODING] = OUTCOME_BAD_ENCODING,
	};
	return f->exchange->head_whole ? NOT_HERE : meaning[f->exchange->end];
}

static enum outcome
head_caps(const struct facts *f)
{
	return f->exchange->end == END_HEAD_TOO_LARGE ? OUTCOME_BODY_TOO_LARGE : NOT_HERE;
}

static enum outcome
redirect(const struct facts *f)
{
	return f->reply->status / 100 == 3 ? OUTCOME_REDIRECT_UNEXPECTED : NOT_HERE;
}

static enum outcome
error_status(const struct facts *f)
{
	return f->reply->status / 100 == 2 ? NOT_HERE : error_outcome(f->reply);
}

static enum outcome
size_and_encoding(const struct facts *f)
{
	if (f->reply->body_too_large)
		return OUTCOME_BODY_TOO_LARGE;
	if (f->exchange->end == END_BAD_ENCODING || f->reply->form == FORM_COMPRESSED)
		return OUTCOME_BAD_ENCODING;
	return f->reply->form == FORM_HTML ? OUTCOME_NOT_JSON : NOT_HERE;
}

/* An event stream that was asked for, and is one. */
static bool
is_stream(const struct facts *f)
{
	return f->asked->stream && f->reply->form == FORM_EVENTS;
}

static enum outcome
timed_out(enum exchange_end end)
{
	switch (end) {
	case END_TIMEOUT_FIRST_TOKEN:
		return OUTCOME_TIMEOUT_FIRST_TOKEN;
	case END_TIMEOUT_IDLE:
		return OUTCOME_TIMEOUT_IDLE;
	case END_TIMEOUT_CONNECT:
	case END_TIMEOUT_FIRST_BYTE:
	case END_TIMEOUT_TOTAL:
		return OUTCOME_TIMEOUT_TOTAL;
	case END_COMPLETE:
	case END_STOPPED:
	case END_LOCAL:
	case END_DNS:
	case END_CONNECT:
	case END_TLS:
	case END_CLOSED:
	case END_HEAD_TOO_LARGE:
	case END_BAD_ENCODING:
	case END_COUNT:
		break;
	}
	return NOT_HERE;
}

/* A body that is read as a whole, and did not come whole. */
static enum outcome
whole_body(const struct facts *f)
{
	enum exchange_end end = f->exchange->end;
	if (is_stream(f) || end == END_COMPLETE || end == END_STOPPED)
		return NOT_HERE;
	enum outcome late = timed_out(end);
	if (late != NOT_HERE)
		return late;
	bool stream_without_bytes = f->asked->stream && (f->reply->form == FORM_BLANK || f->reply->form == FORM_NONE);
	return stream_without_bytes ? OUTCOME_STREAM_TRUNCATED : OUTCOME_CONNECTION_CLOSED;
}

static enum outcome
presence(const struct facts *f)
{
	return f->reply->form == FORM_BLANK || f->reply->form == FORM_NONE ? OUTCOME_EMPTY_BODY : NOT_HERE;
}

static enum outcome
envelope(const struct facts *f)
{
	bool error_body = f->reply->form == FORM_JSON && f->reply->error.present;
	return error_body || f->reply->null_skeleton ? OUTCOME_ERROR_IN_200 : NOT_HERE;
}

static enum outcome
form(const struct facts *f)
{
	const struct reply *reply = f->reply;
	switch (reply->form) {
	case FORM_TEXT:
		return OUTCOME_NOT_JSON;
	case FORM_JSON_BROKEN:
		return OUTCOME_MALFORMED_JSON;
	case FORM_JSON:
		return f->asked->stream || reply->media != MEDIA_JSON ? OUTCOME_WRONG_CONTENT_TYPE : NOT_HERE;
	case FORM_EVENTS:
		return is_stream(f) && reply->media == MEDIA_EVENT_STREAM ? NOT_HERE : OUTCOME_WRONG_CONTENT_TYPE;
	case FORM_NONE:
	case FORM_BLANK:
	case FORM_COMPRESSED:
	case FORM_HTML:
		break;
	}
	return NOT_HERE;
}

static enum outcome
stream_whole(const struct facts *f)
{
	const struct stream_state *stream = &f->reply->stream;
	if (!is_stream(f))
		return NOT_HERE;
	if (stream->error_event)
		return OUTCOME_STREAM_ERROR;
	if (stream->broken_inside || stream->broken_framing)
		return OUTCOME_MALFORMED_SSE;
	bool terminated = stream->terminals > 0;
	enum outcome late = terminated ? NOT_HERE : timed_out(f->exchange->end);
	if (late != NOT_HERE)
		return late;
	if (!terminated && (stream->cut_inside_event || stream->broken_event_last || !stream->completed))
		return OUTCOME_STREAM_TRUNCATED;
	return NOT_HERE;
}

static enum outcome
content(const struct facts *f)
{
	const struct reply *reply = f->reply;
	bool silent = reply->output_chars == 0;
	if (reply->blocked || (reply->refused && silent))
		return OUTCOME_CONTENT_BLOCKED;
	if (reply->hit_limit && silent && !reply->has_output)
		return OUTCOME_OUTPUT_LIMIT;
	if (reply->empty_list || reply->not_finished || (!reply->has_output && !reply->unreadable))
		return OUTCOME_EMPTY_OUTPUT;
	const struct pattern *expected = f->asked->expect->output;
	if (expected && f->asked->dialect->caps & DIALECT_TEXT && !reply->unreadable &&
	    !pattern_matches(expected, buf_view(&reply->output)))
		return OUTCOME_UNEXPECTED_OUTPUT;
	return NOT_HERE;
}

static enum outcome
contract(const struct facts *f)
{
	return f->reply->findings.by_severity[SEVERITY_BREAKING] > 0 ? OUTCOME_CONTRACT_VIOLATION : NOT_HERE;
}

static enum outcome
parser(const struct facts *f)
{
	return f->reply->parser_rejected ? OUTCOME_PARSER_REJECTED : NOT_HERE;
}

/* The order of evaluation: the first phase that failed decides. */
static step_fn *const steps[] = { ourselves, before_the_head, head_caps, redirect, error_status, size_and_encoding,
	whole_body, presence, envelope, form, stream_whole, content, contract, parser };

static enum outcome
first_failure(const struct facts *facts)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		enum outcome outcome = steps[i](facts);
		if (outcome != NOT_HERE)
			return outcome;
	}
	return OUTCOME_OK;
}

static void
find(struct reply *reply, enum finding_rule rule, struct str path)
{
	findings_add(&reply->findings, rule, SOURCE_DIALECT, path);
}

/* The end of a stream is known only now. A stream that we or a deadline ended says nothing about its marker. */
static void
find_in_stream(const struct facts *f, struct reply *reply)
{
	const struct stream_state *stream = &reply->stream;
	bool ended_by_itself = f->exchange->end == END_COMPLETE || f->exchange->end == END_CLOSED;
	if (!is_stream(f) || stream->error_event || !(f->asked->dialect->caps & DIALECT_TERMINAL))
		return;
	if (stream->completed && stream->terminals == 0 && ended_by_itself && !stream->cut_inside_event &&
	    !stream->broken_event_last)
		find(reply, RULE_SSE_TERMINAL_MISSING, STR("$"));
	if (stream->terminals > 0 && !stream->completed) {
		find(reply, RULE_FINISH_REASON_MISSING, str_of(f->asked->dialect->completion_path));
		reply->unreadable = true;
	}
}

enum { BURST_EVENTS_MIN = 3 };
#define BURST_NS (50 * NS_PER_MS)
#define BURST_STREAM_NS NS_PER_SEC /* shorter streams say nothing */

/* The stream was open for long and silent, and then everything came at once: somebody on the way collects it. */
static bool
is_burst(const struct timeline *at, unsigned content_events)
{
	if (content_events < BURST_EVENTS_MIN || at->head.ns == 0 || at->first_content.ns == 0)
		return false;
	int64_t life_ns = mono_diff_ns(at->end, at->head), silent_ns = mono_diff_ns(at->first_content, at->head);
	return life_ns >= BURST_STREAM_NS && silent_ns > life_ns / 10 * 8 &&
	    mono_diff_ns(at->last_content, at->first_content) <= BURST_NS;
}

static void
find_in_success(const struct facts *f, struct reply *reply)
{
	const struct asked *asked = f->asked;
	if (reply->success_body && reply->status != 200)
		find(reply, RULE_STATUS_CHANGED, STR("header:status"));
	struct str model = kept_str(&reply->model);
	if (model.len > 0 && asked->model.len > 0 && !probe_is_negative(asked->probe) &&
	    !model_matches(asked->model, model, asked->expect->model))
		findings_add(
		    &reply->findings, RULE_MODEL_MISMATCH, SOURCE_CONTRACT, dialect_model_path(asked->dialect));
	find_in_stream(f, reply);
	if (is_stream(f) && is_burst(&f->exchange->at, reply->stream.content_events))
		find(reply, RULE_SSE_BUFFERED, STR("$"));
}

/* The envelope is held against the contract where that says what it is, and against those that are known else. */
static void
find_in_error(struct reply *reply, const struct asked *asked, enum outcome outcome, enum outcome underlying)
{
	bool told = asked->contract && asked->contract->error_required.count > 0;
	bool refused = reply->status >= 400;
	if (underlying < OUTCOME_COUNT || (refused && !error_status_is_honest(outcome, reply->status)))
		find(reply, RULE_STATUS_BODY_MISMATCH, STR("header:status"));
	if (refused && reply->form == FORM_JSON && !told && !reply->error.known_envelope)
		find(reply, RULE_ERROR_ENVELOPE_CHANGED, STR("$.error"));
}

/* A parameter that is named in the refusal of a request as documented. */
static void
find_refused_parameter(struct reply *reply, const struct asked *asked, enum outcome outcome)
{
	const struct evidence *evidence = contract_find_evidence(asked->contract, AREA_REQUEST);
	char path[FINDING_PATH_BYTES];
	if (outcome != OUTCOME_BAD_REQUEST || probe_is_negative(asked->probe) || !evidence ||
	    evidence->status != EVIDENCE_DOCUMENTED || !str_is_identifier(reply->error.parameter))
		return;
	snprintf(path, sizeof(path), "$.%.*s", STR_ARG(reply->error.parameter));
	findings_add(&reply->findings, RULE_PARAMETER_REFUSED, SOURCE_CONTRACT, str_of(path));
}

struct verdict
classify(const struct exchange *exchange, struct reply *reply, const struct asked *asked)
{
	struct facts facts = { exchange, reply, asked };
	bool success = exchange->head_whole && reply->status / 100 == 2;
	if (success)
		find_in_success(&facts, reply);
	contract_grade(asked->contract, &reply->findings);
	enum outcome outcome = first_failure(&facts);
	enum outcome underlying = OUTCOME_INVALID;
	if (outcome == OUTCOME_ERROR_IN_200 || outcome == OUTCOME_STREAM_ERROR)
		underlying = error_underlying(reply);
	if (outcome == OUTCOME_WRONG_CONTENT_TYPE)
		find(reply, RULE_CONTENT_TYPE_CHANGED, STR("header:content-type"));
	if (exchange->head_whole)
		find_in_error(reply, asked, outcome, underlying);
	find_refused_parameter(reply, asked, outcome);
	usage_judge(reply, asked, outcome);

	struct verdict verdict = { .outcome = outcome, .underlying = underlying };
	if (probe_is_negative(asked->probe))
		verdict.outcome = negative_judge(exchange, reply, asked, outcome, underlying);
	contract_grade(asked->contract, &reply->findings);
	if (verdict.outcome != outcome)
		verdict.underlying = OUTCOME_INVALID;
	verdict.retryable = outcome_retryable(verdict.outcome, verdict.underlying);
	verdict.reason = probe_is_negative(asked->probe)
	    ? REASON_NONE
	    : outcome_fallback_reason(verdict.outcome, verdict.underlying, reply->output_chars > 0);
	return verdict;
}
