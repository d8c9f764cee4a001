/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/latest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "metrics_fixture.h"

static void
record_at(struct latest *latest, struct fixture_run *run, enum outcome outcome, int64_t second)
{
	run->record.verdict.outcome = outcome;
	run->record.finished.us = FIXTURE_NOW.us + second * US_PER_SEC;
	latest_record(latest, &run->record);
}

static int64_t
seconds(struct wall time)
{
	return (time.us - FIXTURE_NOW.us) / US_PER_SEC;
}

static void
test_since_and_counts(void **state)
{
	(void)state;
	struct fixture_config f;
	struct fixture_run run;
	fixture_config_init(&f);
	struct latest *latest = latest_new();
	latest_configure(latest, &f.config);
	fixture_run_init(&run, &f.endpoints[0], PROBE_SYNC, OUTCOME_OK);
	record_at(latest, &run, OUTCOME_OK, 1);
	record_at(latest, &run, OUTCOME_OK, 2);
	record_at(latest, &run, OUTCOME_TLS_ERROR, 3);
	record_at(latest, &run, OUTCOME_TLS_ERROR, 4);
	const struct latest_run *got = latest_find(latest, &f.endpoints[0], PROBE_SYNC);
	assert_int_equal(got->runs, 4);
	assert_int_equal(got->failures, 2);
	assert_int_equal(got->consecutive_failures, 2);
	assert_int_equal(seconds(got->since), 3);
	assert_int_equal(seconds(got->last_run), 4);
	assert_int_equal(seconds(got->last_success), 2);
	record_at(latest, &run, OUTCOME_OK, 5);
	assert_int_equal(got->consecutive_failures, 0);
	assert_int_equal(seconds(got->since), 5);
	latest_free(latest);
}

static void
test_memory_of_the_process_before(void **state)
{
	(void)state;
	struct fixture_config f;
	struct fixture_run run;
	fixture_config_init(&f);
	struct latest *latest = latest_new();
	latest_configure(latest, &f.config);
	const struct latest_run *got = latest_find(latest, &f.endpoints[0], PROBE_SYNC);
	assert_int_equal(got->outcome, OUTCOME_INVALID);
	const struct latest_memory memory = { { FIXTURE_NOW.us - 9 * US_PER_SEC }, { FIXTURE_NOW.us - 99 * US_PER_SEC },
		OUTCOME_TLS_ERROR };
	latest_remember(latest, &f.endpoints[0], PROBE_SYNC, &memory);
	latest_configure(latest, &f.config); /* a reload before the first run */
	got = latest_find(latest, &f.endpoints[0], PROBE_SYNC);
	assert_int_equal(got->runs, 0);
	assert_int_equal(got->outcome, OUTCOME_TLS_ERROR);
	assert_int_equal(seconds(got->last_run), -9);
	assert_int_equal(seconds(got->last_success), -99);
	fixture_run_init(&run, &f.endpoints[0], PROBE_SYNC, OUTCOME_OK);
	record_at(latest, &run, OUTCOME_TLS_ERROR, 1);
	assert_int_equal(got->runs, 1);
	assert_int_equal(seconds(got->since), 1); /* what was between the two is not known */
	assert_int_equal(seconds(got->last_success), -99);
	latest_remember(latest, &f.endpoints[0], PROBE_SYNC, &memory); /* too late */
	assert_int_equal(seconds(got->last_run), 1);
	latest_free(latest);
}

static void
test_findings_of_the_last_run(void **state)
{
	(void)state;
	struct fixture_config f;
	struct fixture_run run;
	fixture_config_init(&f);
	struct latest *latest = latest_new();
	latest_configure(latest, &f.config);
	fixture_run_init(&run, &f.endpoints[0], PROBE_SYNC, OUTCOME_OK);
	for (unsigned i = 0; i < 12; i++)
		findings_add(&run.reply.findings, (enum finding_rule)i, SOURCE_DIALECT, STR("$.x"));
	latest_record(latest, &run.record);
	const struct latest_run *got = latest_find(latest, &f.endpoints[0], PROBE_SYNC);
	assert_int_equal(got->finding_count, 12);
	assert_int_equal(got->kept_findings, LATEST_FINDINGS_MAX);
	assert_int_equal(got->findings[7].rule, 7);
	run.reply.findings = (struct findings){ 0 };
	latest_record(latest, &run.record);
	assert_int_equal(got->finding_count, 0);
	assert_null(got->findings);
	latest_free(latest);
}

static void
test_reload(void **state)
{
	(void)state;
	struct fixture_config f, next;
	struct fixture_run run;
	fixture_config_init(&f);
	struct latest *latest = latest_new();
	latest_configure(latest, &f.config);
	fixture_run_init(&run, &f.endpoints[0], PROBE_STREAM, OUTCOME_NOT_JSON);
	findings_add(&run.reply.findings, RULE_ID_MISSING, SOURCE_DIALECT, STR("$.id"));
	latest_record(latest, &run.record);
	fixture_config_init(&next);
	next.endpoints[1] = next.endpoints[0]; /* chat moves to where vectors was */
	next.endpoints[1].index = 1;
	fixture_endpoint(&next, 0, "fresh", "openai-chat");
	latest_configure(latest, &next.config);
	latest_record(latest, &run.record); /* begun under the old configuration */
	const struct latest_run *got = latest_find(latest, &next.endpoints[1], PROBE_STREAM);
	assert_int_equal(got->runs, 2);
	assert_int_equal(got->findings[0].rule, RULE_ID_MISSING);
	assert_int_equal(latest_find(latest, &next.endpoints[0], PROBE_SYNC)->runs, 0);
	assert_null(latest_find(latest, &f.endpoints[1], PROBE_SYNC));
	assert_null(latest_find(latest, &next.endpoints[1], PROBE_WRONG_PATH));
	latest_free(latest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since_and_counts),
		cmocka_unit_test(test_memory_of_the_process_before),
		cmocka_unit_test(test_findings_of_the_last_run),
		cmocka_unit_test(test_reload),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
