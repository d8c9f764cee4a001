/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/logline.h"

#include "base/log.h"
#include "base/secret.h"
#include "model/dialect.h"
#include "model/phase.h"

struct line {
	struct log_field fields[LOG_FIELDS_MAX];
	size_t count;
};

static void
add_str(struct line *line, const char *key, struct str text)
{
	if (text.at)
		line->fields[line->count++] = LOG_F_STR(key, text);
}

static void
add_text(struct line *line, const char *key, const char *text)
{
	add_str(line, key, str_of(text));
}

static void
add_int(struct line *line, const char *key, int64_t number)
{
	line->fields[line->count++] = LOG_F_INT(key, number);
}

static void
add_bool(struct line *line, const char *key, bool value)
{
	line->fields[line->count++] = LOG_F_BOOL(key, value);
}

/* To the µs; absent for PHASE_ABSENT. */
static void
add_ms(struct line *line, const char *key, int64_t ns)
{
	if (ns == PHASE_ABSENT)
		return;
	double ms = (double)(ns / NS_PER_US) / 1000.0;
	line->fields[line->count++] = (struct log_field){ .key = key, .type = LOG_REAL, .real = ms };
}

/* Some servers say back what they were given: a text with the key in it is not shown, whatever it looks like. */
static struct str
shown(const struct record *record, struct str text)
{
	return secret_is_in(endpoint_secret(record->endpoint), text) ? STR("other") : reply_shown(text);
}

static void
add_identity(struct line *line, const struct record *record)
{
	const struct endpoint *endpoint = record->endpoint;
	add_str(line, "run_id", record->run_id);
	add_str(line, "request_id", record->request_id);
	add_str(line, "provider_request_id", shown(record, record->provider_request_id));
	add_text(line, "endpoint", endpoint->name);
	if (endpoint->tenant)
		add_text(line, "tenant", endpoint->tenant->name);
	add_text(line, "endpoint_family", endpoint->dialect->name);
	add_text(line, "probe", probe_name(record->probe));
	if (record->probe != PROBE_INVALID_MODEL) /* which asks for another one */
		add_text(line, "gen_ai.request.model", endpoint->model);
	add_str(line, "gen_ai.response.model", shown(record, kept_str(&record->reply->model)));
	add_bool(line, "gen_ai.request.stream", record->stream);
}

static void
add_result(struct line *line, const struct record *record)
{
	static const struct timeline never;
	const struct exchange *exchange = record->exchange;
	const struct timeline *at = exchange ? &exchange->at : &never;
	if (exchange && exchange->status > 0)
		add_int(line, "http.response.status_code", exchange->status);
	add_text(line, "outcome", outcome_code(record->verdict.outcome));
	add_text(line, "class", outcome_class_name(outcome_class(record->verdict.outcome)));
	add_str(line, "error.code", shown(record, record->reply->error.code));
	add_str(line, "error.type", shown(record, record->reply->error.type));
	add_ms(line, "latency_ms", phase_total_ns(at));
	add_ms(line, "ttft_ms", phase_first_content_ns(at));
	add_int(line, "retry_count", record->retries);
	add_text(line, "fallback_target", record->fallback.target ? record->fallback.target->name : NULL);
	add_text(line, "fallback_reason", fallback_reason_name(record->verdict.reason));
	add_text(line, "fallback_decision", fallback_decision_name(&record->fallback));
}

static void
add_usage(struct line *line, const struct record *record)
{
	const struct usage *usage = &record->reply->usage;
	if (usage->verdict == USAGE_VERDICT_NOT_APPLICABLE)
		return;
	add_bool(line, "usage_present", usage->verdict != USAGE_VERDICT_MISSING);
	if (usage->input_tokens >= 0)
		add_int(line, "input_tokens", usage->input_tokens);
	if (usage->output_tokens >= 0)
		add_int(line, "output_tokens", usage->output_tokens);
}

/* A door that is open to everybody is the one outcome that somebody is woken for. */
static enum log_severity
severity_of(const struct record *record)
{
	if (record->verdict.outcome == OUTCOME_UNEXPECTED_ACCEPT && probe_is_keyless(record->probe))
		return LOG_ERROR;
	return record->verdict.outcome == OUTCOME_OK ? LOG_INFO : LOG_WARN;
}

void
logline_write(const struct record *record)
{
	enum log_severity severity = severity_of(record);
	if (!log_wants(severity))
		return;
	struct line line = { .count = 0 };
	const struct findings *findings = &record->reply->findings;
	add_identity(&line, record);
	add_result(&line, record);
	add_usage(&line, record);
	add_int(&line, "contract_findings", (int64_t)(findings->count + findings->dropped));
	log_write(severity, "probe finished", line.fields, line.count);
}
