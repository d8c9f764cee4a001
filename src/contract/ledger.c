/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/ledger.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "model/dialect.h"

static const char of_another_request[] = "was learnt from another request: 'cometcanary baseline pin' learns it anew";

static const char *const beside_probes[] = { [LEDGER_MODELS - PROBE_COUNT] = "models",
	[LEDGER_DOCS - PROBE_COUNT] = "docs" };

const char *
ledger_probe_name(enum probe_kind kind)
{
	return kind < PROBE_COUNT ? probe_name(kind) : beside_probes[kind - PROBE_COUNT];
}

enum probe_kind
ledger_probe_from_name(struct str name)
{
	enum probe_kind kind = probe_from_name(name);
	if (kind == PROBE_COUNT)
		while (kind < (enum probe_kind)LEDGER_KINDS && !str_eq(name, str_of(beside_probes[kind - PROBE_COUNT])))
			kind++;
	return kind;
}

static uint64_t
hash_number(uint64_t hash, int64_t number)
{
	char digits[8];
	for (size_t i = 0; i < sizeof(digits); i++)
		digits[i] = (char)((uint64_t)number >> (8 * i) & 0xFF);
	return hash_str(hash, str_span(digits, sizeof(digits)));
}

uint64_t
ledger_request_hash(const struct endpoint *endpoint)
{
	const struct request_config *request = &endpoint->request;
	const char *const texts[] = { endpoint->provider->base_url, endpoint->dialect->name, endpoint->path,
		endpoint->model, request->prompt, request->token_field, request->extra };
	uint64_t hash = 0;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		hash = hash_str(hash, str_of(texts[i]));
		hash = hash_number(hash, texts[i] != NULL);
	}
	hash = hash_number(hash, request->max_tokens);
	hash = hash_number(hash, request->has_temperature ? (int64_t)(request->temperature * 1e6) : -1);
	return hash_number(hash, request->stream_usage);
}

static void
take_probes(struct ledger *ledger, const struct endpoint *endpoint)
{
	ledger->probe_count = endpoint->probe_count + LEDGER_KINDS - PROBE_COUNT;
	ledger->probes = xcalloc(ledger->probe_count, sizeof(*ledger->probes));
	for (size_t i = 0; i < endpoint->probe_count; i++)
		ledger->probes[i].kind = endpoint->probes[i];
	for (size_t i = endpoint->probe_count; i < ledger->probe_count; i++)
		ledger->probes[i].kind = (enum probe_kind)(PROBE_COUNT + i - endpoint->probe_count);
}

void
ledger_init(struct ledger *ledger, const struct endpoint *endpoint)
{
	*ledger = (struct ledger){ .request_hash = ledger_request_hash(endpoint) };
	take_probes(ledger, endpoint);
}

static void
probe_done(struct ledger_probe *probe)
{
	active_done(&probe->active);
	baseline_free(probe->baseline);
}

void
ledger_done(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->probe_count; i++)
		probe_done(&ledger->probes[i]);
	free(ledger->probes);
	*ledger = (struct ledger){ 0 };
}

struct ledger_probe *
ledger_find(const struct ledger *ledger, enum probe_kind kind)
{
	for (size_t i = 0; i < ledger->probe_count; i++)
		if (ledger->probes[i].kind == kind)
			return &ledger->probes[i];
	return NULL;
}

static void
forget_baseline(struct ledger_probe *probe)
{
	baseline_free(probe->baseline);
	probe->baseline = NULL;
	probe->trouble = NULL;
	probe->relearn = false;
}

void
ledger_set_aside(struct ledger_probe *probe, const struct contract *contract)
{
	bool stays = contract && contract->baseline_mode == BASELINE_PINNED && probe->baseline &&
	    baseline_is_pinned(probe->baseline);
	if (stays)
		probe->trouble = of_another_request;
	else
		forget_baseline(probe);
}

static enum baseline_mode
mode_of(const struct endpoint *endpoint)
{
	return endpoint->contract ? endpoint->contract->baseline_mode : BASELINE_OFF;
}

static unsigned
forget_request(struct ledger *ledger, const struct endpoint *endpoint)
{
	unsigned changes = LEDGER_VERIFIED | LEDGER_LISTED | LEDGER_BASELINE;
	for (size_t i = 0; i < ledger->probe_count; i++) {
		struct ledger_probe *probe = &ledger->probes[i];
		if (active_count(&probe->active) > 0)
			changes |= LEDGER_FINDINGS;
		active_done(&probe->active);
		ledger_set_aside(probe, endpoint->contract);
	}
	memset(ledger->verified, 0, sizeof(ledger->verified));
	ledger->parity = (struct parity){ 0 };
	ledger->listed = LISTED_UNKNOWN;
	return changes;
}

/* A baseline that waits for nothing but its number of samples. */
static bool
settle_baseline(struct ledger_probe *probe, const struct contract *contract)
{
	bool by_itself = contract->baseline_mode == BASELINE_LEARN || probe->relearn;
	if (!by_itself || probe->trouble || baseline_is_pinned(probe->baseline) ||
	    baseline_samples(probe->baseline) < contract->baseline_samples)
		return false;
	baseline_pin(probe->baseline);
	probe->relearn = false;
	return true;
}

static unsigned
configure_probe(struct ledger_probe *probe, const struct endpoint *endpoint)
{
	unsigned changes = 0;
	if (mode_of(endpoint) == BASELINE_OFF)
		forget_baseline(probe);
	else if (probe->baseline && settle_baseline(probe, endpoint->contract))
		changes |= LEDGER_BASELINE;
	if (active_grade(&probe->active, endpoint->contract))
		changes |= LEDGER_FINDINGS;
	return changes;
}

unsigned
ledger_configure(struct ledger *ledger, const struct endpoint *endpoint, struct wall now)
{
	unsigned changes = 0;
	uint64_t request_hash = ledger_request_hash(endpoint);
	if (request_hash != ledger->request_hash)
		changes |= forget_request(ledger, endpoint);
	ledger->request_hash = request_hash;
	struct ledger old = *ledger;
	take_probes(ledger, endpoint);
	for (size_t i = 0; i < old.probe_count; i++) {
		struct ledger_probe *probe = ledger_find(ledger, old.probes[i].kind);
		if (probe) {
			*probe = old.probes[i];
			changes |= configure_probe(probe, endpoint);
			continue;
		}
		if (active_count(&old.probes[i].active) > 0)
			changes |= LEDGER_FINDINGS;
		probe_done(&old.probes[i]);
	}
	free(old.probes);
	if (changes & LEDGER_FINDINGS)
		ledger->last_change = now;
	return changes;
}

const struct baseline *
ledger_baseline(const struct ledger *ledger, enum probe_kind kind)
{
	const struct ledger_probe *probe = ledger_find(ledger, kind);
	bool usable = probe && probe->baseline && !probe->trouble && baseline_is_pinned(probe->baseline);
	return usable ? probe->baseline : NULL;
}

void
ledger_inspect(const struct ledger *ledger, const struct endpoint *endpoint, const struct asked *asked,
    struct reply *reply, struct wall now)
{
	bool good = asked->probe == PROBE_STREAM && reply->success_body && reply->stream.completed &&
	    !reply->stream.error_event && !reply->usage.bad_types && !reply->usage.negatives;
	if (good)
		parity_check_stream(&ledger->parity, asked->dialect, reply, endpoint->interval_ns, now);
}

/* ---- a finished run ---- */

/* Did the run get a body to look at at all? */
static bool
has_looked(const struct record *record)
{
	switch (outcome_class(record->verdict.outcome)) {
	case CLASS_LOCAL:
	case CLASS_NETWORK:
	case CLASS_TIMEOUT:
		return false;
	case CLASS_AUTH:
	case CLASS_REQUEST:
	case CLASS_LIMIT:
	case CLASS_SERVER:
	case CLASS_PROTOCOL:
	case CLASS_STREAM:
	case CLASS_CONTENT:
	case CLASS_CONTRACT:
	case CLASS_OK:
		break;
	}
	return record->exchange->head_whole;
}

/* Did it get what it was after: a success, or a refusal that says something about the contract? */
static bool
is_conclusive(const struct record *record)
{
	enum outcome outcome = record->verdict.outcome;
	if (probe_is_negative(record->probe))
		return outcome == OUTCOME_OK || outcome == OUTCOME_UNEXPECTED_ACCEPT ||
		    outcome == OUTCOME_UNEXPECTED_REJECTION;
	return record->reply->success_body;
}

static bool
is_right_refusal(const struct record *record)
{
	switch (record->probe) {
	case PROBE_MISSING_AUTH:
	case PROBE_INVALID_AUTH:
	case PROBE_INVALID_MODEL:
	case PROBE_MALFORMED_JSON:
	case PROBE_MISSING_FIELD:
		return record->verdict.outcome == OUTCOME_OK;
	case PROBE_SYNC:
	case PROBE_STREAM:
	case PROBE_WRONG_PATH:
	case PROBE_TIMEOUT:
	case PROBE_STREAM_ABORT:
	case PROBE_RATE_LIMIT:
	case PROBE_COUNT:
		break;
	}
	return false;
}

/* Which areas of the ledger the run has verified. */
static bool
verifies(const struct record *record, enum contract_area area)
{
	const struct reply *reply = record->reply;
	bool ok = record->verdict.outcome == OUTCOME_OK, positive = !probe_is_negative(record->probe);
	bool accepted = positive && reply->success_body;
	bool key_refused = ok && probe_is_keyless(record->probe);
	switch (area) {
	case AREA_PATH:
		return accepted || is_right_refusal(record);
	case AREA_AUTH:
		return key_refused || (accepted && record->endpoint->provider->auth.header);
	case AREA_REQUEST:
		return ok && record->probe == PROBE_SYNC;
	case AREA_RESPONSE:
		return ok && positive && reply->findings.by_severity[SEVERITY_BREAKING] == 0;
	case AREA_ERRORS:
		return reply->status >= 400 && reply->error.known_envelope &&
		    !findings_has(&reply->findings, RULE_ERROR_ENVELOPE_CHANGED);
	case AREA_LIMITS:
		return reply->usage.verdict == USAGE_VERDICT_PRESENT || reply->status == 429;
	case AREA_COUNT:
		break;
	}
	return false;
}

static unsigned
note_verified(struct ledger *ledger, const struct record *record)
{
	unsigned changes = 0;
	for (unsigned i = 0; i < AREA_COUNT; i++) {
		if (!verifies(record, (enum contract_area)i))
			continue;
		ledger->verified[i] = (struct verified){ record->finished, record->probe };
		changes = LEDGER_VERIFIED;
	}
	return changes;
}

static unsigned
learn(const struct ledger *ledger, struct ledger_probe *probe, const struct record *record)
{
	const struct shape *shape = record->reply->shape;
	bool good = record->verdict.outcome == OUTCOME_OK && shape && !shape->incomplete;
	if (!good || ledger->waits || mode_of(record->endpoint) == BASELINE_OFF || probe->trouble)
		return 0;
	if (!probe->baseline)
		probe->baseline = baseline_new();
	if (baseline_is_pinned(probe->baseline))
		return 0;
	baseline_learn(probe->baseline, shape);
	settle_baseline(probe, record->endpoint->contract);
	return LEDGER_BASELINE;
}

static void
note_mode(struct ledger *ledger, const struct record *record)
{
	if (record->verdict.outcome != OUTCOME_OK)
		return;
	if (record->probe == PROBE_SYNC)
		parity_note_sync(&ledger->parity, record->reply, record->finished);
	else if (record->probe == PROBE_STREAM)
		parity_note_stream(&ledger->parity, record->reply, record->endpoint->interval_ns, record->finished);
}

unsigned
ledger_record(struct ledger *ledger, const struct record *record)
{
	struct ledger_probe *probe = ledger_find(ledger, record->probe);
	if (!probe || !has_looked(record))
		return 0;
	const struct reply *reply = record->reply;
	unsigned looked = is_conclusive(record) ? ACTIVE_LOOKED_AT_ALL : 1U << AREA_ERRORS;
	unsigned changes = note_verified(ledger, record) | learn(ledger, probe, record);
	note_mode(ledger, record);
	if (active_update(&probe->active, &reply->findings, looked, record->finished)) {
		ledger->last_change = record->finished;
		changes |= LEDGER_FINDINGS;
	}
	return changes;
}

unsigned
ledger_note_listed(
    struct ledger *ledger, const struct endpoint *endpoint, bool listed, struct wall now, struct findings *ret_findings)
{
	struct ledger_probe *list = ledger_find(ledger, (enum probe_kind)LEDGER_MODELS);
	enum listed before = ledger->listed;
	ledger->listed = listed ? LISTED_YES : LISTED_NO;
	*ret_findings = (struct findings){ 0 };
	if (!listed)
		findings_add(ret_findings, RULE_MODEL_UNLISTED, SOURCE_DIALECT, STR("$.data[].id"));
	contract_grade(endpoint->contract, ret_findings);
	unsigned changes = before != ledger->listed ? LEDGER_LISTED : 0;
	if (active_update(&list->active, ret_findings, ACTIVE_LOOKED_AT_ALL, now)) {
		ledger->last_change = now;
		changes |= LEDGER_FINDINGS;
	}
	return changes;
}

unsigned
ledger_note_documents(
    struct ledger *ledger, const struct endpoint *endpoint, struct findings *findings, struct wall now)
{
	struct ledger_probe *docs = ledger_find(ledger, (enum probe_kind)LEDGER_DOCS);
	contract_grade(endpoint->contract, findings);
	if (!active_replace(&docs->active, findings, now))
		return 0;
	ledger->last_change = now;
	return LEDGER_FINDINGS;
}

void
ledger_pin(struct ledger *ledger, enum probe_kind kind)
{
	struct ledger_probe *probe = ledger_find(ledger, kind);
	if (!probe)
		return;
	bool learnt = probe->baseline && !probe->trouble && baseline_samples(probe->baseline) > 0 &&
	    !baseline_is_pinned(probe->baseline);
	if (learnt) {
		baseline_pin(probe->baseline);
		probe->relearn = false;
		return;
	}
	forget_baseline(probe);
	probe->relearn = true;
}
