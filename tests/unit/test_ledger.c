/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/attr.h"
#include "model/dialect.h"

enum { SAMPLES = 3, ARENA_BYTES = 256 * 1024 };

/* One endpoint, its ledger, and one run at a time. */
struct bed {
	struct provider provider;
	struct contract contract;
	struct endpoint endpoint;
	struct ledger ledger;
	struct arena arena;
	struct shape shape;
	struct exchange exchange;
	struct reply reply;
	struct record record;
	int64_t minute;
};

static int
set_up(void **state)
{
	static struct bed bed;
	bed = (struct bed){
		.provider = { .name = "gw", .base_url = "https://gateway.example", .auth.header = "Authorization" },
		.contract = { .name = "chat", .baseline_mode = BASELINE_LEARN, .baseline_samples = SAMPLES },
	};
	bed.endpoint = (struct endpoint){ .name = "chat",
		.provider = &bed.provider,
		.dialect = dialect_find(STR("openai-chat")),
		.path = "/v1/chat/completions",
		.model = "m",
		.interval_ns = 60 * NS_PER_SEC,
		.probes = { PROBE_SYNC, PROBE_STREAM, PROBE_MISSING_AUTH },
		.probe_count = 3,
		.request = { .prompt = "Reply with ok." },
		.contract = &bed.contract };
	arena_init(&bed.arena, ARENA_BYTES);
	ledger_init(&bed.ledger, &bed.endpoint);
	*state = &bed;
	return 0;
}

static int
tear_down(void **state)
{
	struct bed *bed = *state;
	ledger_done(&bed->ledger);
	arena_done(&bed->arena);
	return 0;
}

/* A run that got a whole answer; the caller changes what is different. */
static void
begin_run(struct bed *bed, enum probe_kind probe, enum outcome outcome)
{
	bool success = !probe_is_negative(probe) && outcome == OUTCOME_OK;
	bed->exchange = (struct exchange){ .head_whole = true, .status = success ? 200 : 401 };
	bed->reply = (struct reply){ .status = success ? 200 : 401, .success_body = success };
	bed->reply.usage = (struct usage){ .input_tokens = success ? 16 : USAGE_ABSENT, .output_tokens = USAGE_ABSENT };
	bed->record = (struct record){ .finished = { (100000 + bed->minute++) * 60 * US_PER_SEC },
		.endpoint = &bed->endpoint,
		.probe = probe,
		.verdict = { .outcome = outcome, .underlying = OUTCOME_INVALID },
		.exchange = &bed->exchange,
		.reply = &bed->reply };
}

static unsigned
end_run(struct bed *bed)
{
	return ledger_record(&bed->ledger, &bed->record);
}

static unsigned
run(struct bed *bed, enum probe_kind probe, enum outcome outcome)
{
	begin_run(bed, probe, outcome);
	return end_run(bed);
}

static unsigned
run_with(struct bed *bed, enum outcome outcome, enum finding_rule rule)
{
	begin_run(bed, PROBE_SYNC, outcome);
	findings_add(&bed->reply.findings, rule, SOURCE_DIALECT, STR("$.x"));
	return end_run(bed);
}

static unsigned
run_sample(struct bed *bed, const char *body)
{
	auto_json struct json root = JSON_NOTHING;
	assert_int_equal(json_parse(str_of(body), JSON_DEPTH_MAX, &root), JSON_FINE);
	begin_run(bed, PROBE_SYNC, OUTCOME_OK);
	shape_init(&bed->shape, &bed->arena);
	shape_add(&bed->shape, root);
	shape_finish(&bed->shape);
	bed->reply.shape = &bed->shape;
	return end_run(bed);
}

static size_t
active(const struct bed *bed)
{
	return active_count(&ledger_find(&bed->ledger, PROBE_SYNC)->active);
}

static void
what_could_not_look_says_nothing(void **state)
{
	struct bed *bed = *state;
	static const enum outcome blind[] = { OUTCOME_DNS_ERROR, OUTCOME_TIMEOUT_TOTAL, OUTCOME_LOCAL_ERROR,
		OUTCOME_RATE_LIMITED, OUTCOME_SERVER_ERROR, OUTCOME_AUTH_REJECTED };
	assert_int_equal(run_with(bed, OUTCOME_OK, RULE_MODEL_MISMATCH) & LEDGER_FINDINGS, 0);
	for (size_t i = 0; i < ARRAY_LEN(blind); i++)
		run(bed, PROBE_SYNC, blind[i]);
	assert_true(run_with(bed, OUTCOME_OK, RULE_MODEL_MISMATCH) & LEDGER_FINDINGS);
	assert_int_equal(active(bed), 1);
	assert_int_equal(bed->ledger.last_change.us, bed->record.finished.us);
	for (size_t i = 0; i < ARRAY_LEN(blind); i++)
		assert_int_equal(run(bed, PROBE_SYNC, blind[i]) & LEDGER_FINDINGS, 0);
	assert_int_equal(active(bed), 1);
	for (unsigned i = 0; i < 3; i++)
		run(bed, PROBE_SYNC, OUTCOME_OK);
	assert_int_equal(active(bed), 0);
	assert_int_equal(bed->ledger.last_change.us, bed->record.finished.us);
}

/* What only a refusal shows is cleared by refusals and by successes, so that one odd error page does not stay for ever. */
static void
errors_are_looked_at_in_refusals(void **state)
{
	struct bed *bed = *state;
	run_with(bed, OUTCOME_SERVER_ERROR, RULE_ERROR_ENVELOPE_CHANGED);
	assert_int_equal(active(bed), 1);
	for (unsigned i = 0; i < 3; i++)
		run(bed, PROBE_SYNC, OUTCOME_SERVER_ERROR);
	assert_int_equal(active(bed), 0);
}

static void
areas_are_verified_by_what_shows_them(void **state)
{
	struct bed *bed = *state;
	const struct verified *v = bed->ledger.verified;
	run(bed, PROBE_SYNC, OUTCOME_CONNECT_ERROR);
	for (unsigned i = 0; i < AREA_COUNT; i++)
		assert_int_equal(v[i].at.us, 0);

	begin_run(bed, PROBE_MISSING_AUTH, OUTCOME_OK);
	bed->reply.error.known_envelope = true;
	assert_true(end_run(bed) & LEDGER_VERIFIED);
	assert_int_equal(v[AREA_AUTH].at.us, bed->record.finished.us);
	assert_int_equal(v[AREA_AUTH].by, PROBE_MISSING_AUTH);
	assert_int_equal(v[AREA_ERRORS].at.us, bed->record.finished.us);
	assert_int_equal(v[AREA_PATH].at.us, bed->record.finished.us);
	assert_int_equal(v[AREA_RESPONSE].at.us, 0);
	assert_int_equal(v[AREA_REQUEST].at.us, 0);
	assert_int_equal(v[AREA_LIMITS].at.us, 0);

	begin_run(bed, PROBE_STREAM, OUTCOME_OK);
	bed->reply.usage.verdict = USAGE_VERDICT_PRESENT;
	end_run(bed);
	assert_int_equal(v[AREA_AUTH].by, PROBE_STREAM); /* the key was accepted */
	assert_int_equal(v[AREA_RESPONSE].by, PROBE_STREAM);
	assert_int_equal(v[AREA_LIMITS].by, PROBE_STREAM);
	assert_int_equal(v[AREA_REQUEST].at.us, 0);

	run(bed, PROBE_SYNC, OUTCOME_OK);
	assert_int_equal(v[AREA_REQUEST].by, PROBE_SYNC);

	/* a violated contract is not verified; the path is */
	struct wall before = v[AREA_RESPONSE].at;
	begin_run(bed, PROBE_SYNC, OUTCOME_CONTRACT_VIOLATION);
	bed->reply.success_body = true;
	end_run(bed);
	assert_int_equal(v[AREA_RESPONSE].at.us, before.us);
	assert_int_equal(v[AREA_PATH].at.us, bed->record.finished.us);

	/* an envelope that is not the contract's verifies nothing */
	before = v[AREA_ERRORS].at;
	begin_run(bed, PROBE_MISSING_AUTH, OUTCOME_OK);
	bed->reply.error.known_envelope = true;
	findings_add(&bed->reply.findings, RULE_ERROR_ENVELOPE_CHANGED, SOURCE_CONTRACT, STR("$.error"));
	end_run(bed);
	assert_int_equal(v[AREA_ERRORS].at.us, before.us);
}

static void
baselines_learn_and_pin_themselves(void **state)
{
	struct bed *bed = *state;
	assert_true(run_sample(bed, "{\"id\":\"a\"}") & LEDGER_BASELINE);
	assert_null(ledger_baseline(&bed->ledger, PROBE_SYNC));
	run(bed, PROBE_SYNC, OUTCOME_RATE_LIMITED);
	run_sample(bed, "{\"id\":\"a\"}");
	assert_null(ledger_baseline(&bed->ledger, PROBE_SYNC));
	run_sample(bed, "{\"id\":\"a\"}");
	assert_non_null(ledger_baseline(&bed->ledger, PROBE_SYNC));
	assert_int_equal(baseline_samples(ledger_baseline(&bed->ledger, PROBE_SYNC)), SAMPLES);
	assert_int_equal(run_sample(bed, "{\"id\":\"a\"}") & LEDGER_BASELINE, 0);
	assert_null(ledger_baseline(&bed->ledger, PROBE_STREAM)); /* each probe has its own */
}

static void
a_pinned_mode_waits_for_the_operator(void **state)
{
	struct bed *bed = *state;
	bed->contract.baseline_mode = BASELINE_PINNED;
	for (unsigned i = 0; i < 2 * SAMPLES; i++)
		run_sample(bed, "{\"id\":\"a\"}");
	assert_null(ledger_baseline(&bed->ledger, PROBE_SYNC));
	ledger_pin(&bed->ledger, PROBE_SYNC);
	assert_non_null(ledger_baseline(&bed->ledger, PROBE_SYNC));

	/* pinned again: learnt anew, and then by itself */
	ledger_pin(&bed->ledger, PROBE_SYNC);
	for (unsigned i = 0; i < SAMPLES; i++) {
		assert_null(ledger_baseline(&bed->ledger, PROBE_SYNC));
		run_sample(bed, "{\"id\":\"a\",\"model\":\"m\"}");
	}
	assert_non_null(ledger_baseline(&bed->ledger, PROBE_SYNC));
}

static void
another_request_is_another_baseline(void **state)
{
	struct bed *bed = *state;
	for (unsigned i = 0; i < SAMPLES; i++)
		run_sample(bed, "{\"id\":\"a\"}");
	run_with(bed, OUTCOME_OK, RULE_ID_MISSING);
	assert_int_equal(active(bed), 1);

	/* what does not change the request keeps everything */
	bed->endpoint.interval_ns *= 2;
	assert_int_equal(ledger_configure(&bed->ledger, &bed->endpoint, bed->record.finished), 0);
	assert_int_equal(active(bed), 1);
	assert_non_null(ledger_baseline(&bed->ledger, PROBE_SYNC));

	/* in mode pinned it is kept, and compared with nothing until the operator says so */
	bed->contract.baseline_mode = BASELINE_PINNED;
	bed->endpoint.request.prompt = "Say ok.";
	unsigned changes = ledger_configure(&bed->ledger, &bed->endpoint, bed->record.finished);
	assert_true(changes & LEDGER_FINDINGS);
	assert_int_equal(active(bed), 0);
	assert_null(ledger_baseline(&bed->ledger, PROBE_SYNC));
	assert_non_null(ledger_find(&bed->ledger, PROBE_SYNC)->trouble);
	assert_int_equal(run_sample(bed, "{\"id\":\"a\"}") & LEDGER_BASELINE, 0);
	ledger_pin(&bed->ledger, PROBE_SYNC);
	for (unsigned i = 0; i < SAMPLES; i++)
		run_sample(bed, "{\"id\":\"a\"}");
	assert_non_null(ledger_baseline(&bed->ledger, PROBE_SYNC));

	/* in mode learn it is learnt anew */
	bed->contract.baseline_mode = BASELINE_LEARN;
	bed->endpoint.model = "other";
	ledger_configure(&bed->ledger, &bed->endpoint, bed->record.finished);
	assert_null(ledger_baseline(&bed->ledger, PROBE_SYNC));
	assert_true(run_sample(bed, "{\"id\":\"a\"}") & LEDGER_BASELINE);
}

static void
a_reload_applies_the_contracts_grades(void **state)
{
	struct bed *bed = *state;
	struct severity_rule rules[] = { { .rule = RULE_ID_MISSING, .disabled = true } };
	run_with(bed, OUTCOME_CONTRACT_VIOLATION, RULE_ID_MISSING);
	assert_int_equal(active(bed), 1);
	bed->contract.severity = rules;
	bed->contract.severity_count = 1;
	struct wall now = { bed->record.finished.us + 1 };
	assert_true(ledger_configure(&bed->ledger, &bed->endpoint, now) & LEDGER_FINDINGS);
	assert_int_equal(active(bed), 0);
	assert_int_equal(bed->ledger.last_change.us, now.us);
}

static unsigned
parity_of(struct bed *bed, int64_t input_tokens)
{
	const struct asked asked = { .probe = PROBE_STREAM, .dialect = bed->endpoint.dialect };
	begin_run(bed, PROBE_STREAM, OUTCOME_OK);
	bed->reply.stream.completed = true;
	bed->reply.usage.input_tokens = input_tokens;
	ledger_inspect(&bed->ledger, &bed->endpoint, &asked, &bed->reply, bed->record.finished);
	return findings_has(&bed->reply.findings, RULE_USAGE_DIFFERS_BY_MODE);
}

static void
modes_are_compared_when_they_are_near(void **state)
{
	struct bed *bed = *state;
	assert_false(parity_of(bed, 16)); /* nothing to compare with */
	run(bed, PROBE_SYNC, OUTCOME_OK);
	assert_false(parity_of(bed, 16));
	run(bed, PROBE_SYNC, OUTCOME_OK);
	assert_true(parity_of(bed, 17));
	assert_false(parity_of(bed, USAGE_ABSENT));
	assert_false(parity_of(bed, 17)); /* the sync run is three intervals old */
	run(bed, PROBE_SYNC, OUTCOME_OK);
	bed->endpoint.request.prompt = "Say ok.";
	ledger_configure(&bed->ledger, &bed->endpoint, bed->record.finished);
	assert_false(parity_of(bed, 17)); /* another prompt */
}

static void
keep(struct kept *kept, const char *text)
{
	*kept = (struct kept){ .given = true, .len = strlen(text) };
	memcpy(kept->text, text, kept->len);
}

struct said {
	const char *finish, *model;
};

/* One answer a mode. The rule that the stream raised, RULE_COUNT for none. */
static enum finding_rule
pair(struct bed *bed, struct said sync, struct said stream)
{
	const struct asked asked = { .probe = PROBE_STREAM, .dialect = bed->endpoint.dialect };
	begin_run(bed, PROBE_SYNC, OUTCOME_OK);
	keep(&bed->reply.finish_reason, sync.finish);
	keep(&bed->reply.model, sync.model);
	end_run(bed);
	begin_run(bed, PROBE_STREAM, OUTCOME_OK);
	bed->reply.stream.completed = true;
	keep(&bed->reply.finish_reason, stream.finish);
	keep(&bed->reply.model, stream.model);
	ledger_inspect(&bed->ledger, &bed->endpoint, &asked, &bed->reply, bed->record.finished);
	end_run(bed);
	assert_true(bed->reply.findings.count <= 1);
	return bed->reply.findings.count ? bed->reply.findings.list[0].rule : RULE_COUNT;
}

static void
modes_finish_alike(void **state)
{
	struct bed *bed = *state;
	const struct said stop = { "stop", "m" }, length = { "length", "m" };
	for (unsigned i = 0; i < 1000; i++) /* what is drawn may differ either way */
		assert_int_equal(pair(bed, i % 3 ? stop : length, i % 2 ? stop : length), RULE_COUNT);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 1; i < PARITY_STREAK; i++)
			assert_int_equal(pair(bed, stop, length), RULE_COUNT);
		assert_int_equal(pair(bed, round == 1 ? length : stop, stop), RULE_COUNT); /* begins anew */
	}
	for (unsigned i = 1; i < PARITY_STREAK; i++)
		assert_int_equal(pair(bed, stop, length), RULE_COUNT);
	assert_int_equal(pair(bed, stop, length), RULE_FINISH_REASON_DIFFERS_BY_MODE);
	assert_string_equal(bed->reply.findings.list[0].path, "$.choices[].finish_reason");
	assert_int_equal(bed->reply.findings.list[0].severity, SEVERITY_WARNING);
	assert_int_equal(pair(bed, stop, length), RULE_FINISH_REASON_DIFFERS_BY_MODE);
	assert_int_equal(pair(bed, stop, stop), RULE_COUNT);
}

/* One sync answer and many streams are one pair: the sync probe may be down. */
static void
a_sync_answer_makes_one_pair(void **state)
{
	struct bed *bed = *state;
	const struct said stop = { "stop", "m" }, length = { "length", "m" };
	bed->endpoint.interval_ns = 3600 * NS_PER_SEC;
	pair(bed, stop, length);
	for (unsigned i = 0; i < 2 * PARITY_STREAK; i++) {
		const struct asked asked = { .probe = PROBE_STREAM, .dialect = bed->endpoint.dialect };
		begin_run(bed, PROBE_STREAM, OUTCOME_OK);
		bed->reply.stream.completed = true;
		keep(&bed->reply.finish_reason, "length");
		keep(&bed->reply.model, "m");
		ledger_inspect(&bed->ledger, &bed->endpoint, &asked, &bed->reply, bed->record.finished);
		end_run(bed);
		assert_int_equal(bed->reply.findings.count, 0);
	}
}

static void
a_pool_of_models_is_no_alarm(void **state)
{
	struct bed *bed = *state;
	const struct said alias = { "stop", "m" }, dated = { "stop", "m-2026-03-17" }, other = { "length", "n" };
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(pair(bed, i % 3 ? alias : dated, i % 2 ? alias : other), RULE_COUNT);
	for (unsigned i = 0; i < 3 * PARITY_STREAK; i++) { /* one that takes turns */
		enum finding_rule rule = pair(bed, dated, other);
		assert_int_equal(rule, i + 1 < PARITY_STREAK ? RULE_COUNT : RULE_BACKEND_CHANGED);
	}
	assert_int_equal(bed->reply.findings.list[0].severity, SEVERITY_INFO);
	assert_string_equal(bed->reply.findings.list[0].path, "$.model");
}

static void
models_may_leave_the_list(void **state)
{
	struct bed *bed = *state;
	struct findings seen;
	struct wall now = { 1 };
	assert_int_equal(bed->ledger.listed, LISTED_UNKNOWN);
	assert_int_equal(ledger_note_listed(&bed->ledger, &bed->endpoint, true, now, &seen), LEDGER_LISTED);
	assert_int_equal(seen.count, 0);
	assert_int_equal(ledger_note_listed(&bed->ledger, &bed->endpoint, false, now, &seen), LEDGER_LISTED);
	assert_int_equal(seen.by_severity[SEVERITY_WARNING], 1);
	assert_int_equal(ledger_note_listed(&bed->ledger, &bed->endpoint, false, now, &seen), LEDGER_FINDINGS);
	assert_int_equal(bed->ledger.listed, LISTED_NO);
}

int
main(void)
{
#define WITH_BED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_BED(what_could_not_look_says_nothing),
		WITH_BED(errors_are_looked_at_in_refusals),
		WITH_BED(areas_are_verified_by_what_shows_them),
		WITH_BED(baselines_learn_and_pin_themselves),
		WITH_BED(a_pinned_mode_waits_for_the_operator),
		WITH_BED(another_request_is_another_baseline),
		WITH_BED(a_reload_applies_the_contracts_grades),
		WITH_BED(modes_are_compared_when_they_are_near),
		WITH_BED(modes_finish_alike),
		WITH_BED(a_sync_answer_makes_one_pair),
		WITH_BED(a_pool_of_models_is_no_alarm),
		WITH_BED(models_may_leave_the_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
