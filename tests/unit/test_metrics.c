/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "model/metric.h"
#include "record/exposition.h"
#include "file.h"
#include "metrics_fixture.h"

static char *
render(const struct metrics *metrics, enum exposition_format format, size_t slice_bytes)
{
	auto_buf struct buf out = BUF_INIT(4 << 20);
	struct exposition *x = exposition_new(metrics, format);
	while (exposition_render(x, &out, slice_bytes)) {
	}
	exposition_free(x);
	assert_false(out.overflow);
	return xstrdup(buf_cstr(&out));
}

/* The value of a series, as text; NULL when it is not there. */
static const char *
find(const char *page, const char *series)
{
	static char value[128];
	size_t len = strlen(series);
	const char *line = page;
	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, series, len) == 0 && line[len] == ' ') {
			snprintf(value, sizeof(value), "%.*s", (int)strcspn(line + len + 1, "\n"), line + len + 1);
			return value;
		}
	}
	return NULL;
}

static void
expect(const char *page, const char *series, const char *want)
{
	const char *got = find(page, series);
	if (!got || strcmp(got, want) != 0)
		fail_msg("%s is %s, not %s", series, got ? got : "absent", want);
}

static void
expect_absent(const char *page, const char *series)
{
	if (find(page, series))
		fail_msg("%s is there", series);
}

static int
setup(void **state)
{
	static struct fixture_config config;
	fixture_config_init(&config);
	*state = &config;
	return 0;
}

static void
test_zeros_before_the_first_run(void **state)
{
	struct fixture_config *f = *state;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	auto_free char *page = render(metrics, EXPOSITION_TEXT, 1000);
	expect(page, "cometcanary_probes_total{endpoint=\"chat\",probe=\"missing_auth\"}", "0");
	expect(page, "cometcanary_probe_failures_total{endpoint=\"chat\",probe=\"sync\",class=\"contract\"}", "0");
	expect(page, "cometcanary_probe_outcomes_total{endpoint=\"chat\",probe=\"sync\",outcome=\"ok\"}", "0");
	expect(page,
	    "cometcanary_probe_outcomes_total{endpoint=\"chat\",probe=\"missing_auth\",outcome=\"unexpected_accept\"}",
	    "0");
	expect_absent(page, "cometcanary_probe_outcomes_total{endpoint=\"chat\",probe=\"sync\",outcome=\"dns_error\"}");
	expect(page, "cometcanary_probes_skipped_total{endpoint=\"chat\",probe=\"stream\",reason=\"shutdown\"}", "0");
	expect(page, "cometcanary_contract_violations_total{endpoint=\"chat\",severity=\"breaking\"}", "0");
	expect(page, "cometcanary_usage_invalid_total{endpoint=\"vectors\",probe=\"sync\",reason=\"zero\"}", "0");
	expect(page, "cometcanary_probe_interval_seconds{endpoint=\"chat\",probe=\"missing_auth\"}", "900");
	expect(page, "cometcanary_probe_timeout_seconds{endpoint=\"chat\",probe=\"sync\"}", "30");
	expect(page, "cometcanary_probe_timeout_seconds{endpoint=\"chat\",probe=\"timeout\"}", "0.05");
	expect_absent(page, "cometcanary_probe_success{endpoint=\"chat\",probe=\"sync\"}");
	expect_absent(page, "cometcanary_probe_last_run_timestamp_seconds{endpoint=\"chat\",probe=\"sync\"}");
	expect_absent(page, "cometcanary_self_online");
	expect_absent(page, "cometcanary_probes_total{endpoint=\"off\",probe=\"sync\"}");
	expect(page, "cometcanary_contract_drift{endpoint=\"chat\",severity=\"breaking\"}", "0");
	expect(page, "cometcanary_contract_evidence{endpoint=\"chat\",area=\"auth\",status=\"missing\"}", "1");
	assert_null(strstr(page, "cometcanary_contract_evidence{endpoint=\"vectors\"")); /* nothing is relied upon */
	expect(page, "cometcanary_contract_baseline_samples{endpoint=\"chat\",probe=\"sync\"}", "0");
	expect_absent(page, "cometcanary_contract_baseline_samples{endpoint=\"chat\",probe=\"missing_auth\"}");
	assert_null(strstr(page, "cometcanary_contract_last_change"));
	assert_null(strstr(page, "cometcanary_model_listed"));
	assert_null(strstr(page, "cometcanary_retries_total")); /* no series, so no header */
	assert_null(strstr(page, "probe_duration_seconds_bucket{endpoint=\"chat\",probe=\"missing_auth\""));
	assert_non_null(strstr(page, "model=\"a\\\"b\\\\c\""));
	metrics_free(metrics);
}

static void
test_a_run_counts(void **state)
{
	struct fixture_config *f = *state;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	static struct fixture_run run;
	fixture_run_init(&run, &f->endpoints[0], PROBE_STREAM, OUTCOME_OK);
	fixture_usage(&run, USAGE_VERDICT_PRESENT, 22, 2);
	run.exchange.certificate_not_after = (struct wall){ INT64_C(1800000000000000) };
	findings_add(&run.reply.findings, RULE_SSE_EMPTY_CHOICES, SOURCE_DIALECT, STR("$.choices"));
	metrics_record(metrics, &run.record);
	fixture_record(metrics, &f->endpoints[0], PROBE_SYNC, OUTCOME_DNS_ERROR);
	auto_free char *page = render(metrics, EXPOSITION_TEXT, 1000);
	const char *series[][2] = {
		{ "cometcanary_probes_total{endpoint=\"chat\",probe=\"stream\"}", "1" },
		{ "cometcanary_probe_outcomes_total{endpoint=\"chat\",probe=\"stream\",outcome=\"ok\"}", "1" },
		{ "cometcanary_probe_success{endpoint=\"chat\",probe=\"stream\"}", "1" },
		{ "cometcanary_probe_success{endpoint=\"chat\",probe=\"sync\"}", "0" },
		{ "cometcanary_probe_failures_total{endpoint=\"chat\",probe=\"sync\",class=\"network\"}", "1" },
		{ "cometcanary_probe_outcomes_total{endpoint=\"chat\",probe=\"sync\",outcome=\"dns_error\"}", "1" },
		{ "cometcanary_probe_consecutive_failures{endpoint=\"chat\",probe=\"sync\"}", "1" },
		{ "cometcanary_probe_last_run_timestamp_seconds{endpoint=\"chat\",probe=\"sync\"}", "1795341600.123" },
		{ "cometcanary_probe_last_success_timestamp_seconds{endpoint=\"chat\",probe=\"stream\"}",
		    "1795341600.123" },
		{ "cometcanary_probe_duration_seconds_bucket{endpoint=\"chat\",probe=\"stream\",le=\"0.5\"}", "0" },
		{ "cometcanary_probe_duration_seconds_bucket{endpoint=\"chat\",probe=\"stream\",le=\"1.0\"}", "1" },
		{ "cometcanary_probe_duration_seconds_bucket{endpoint=\"chat\",probe=\"stream\",le=\"+Inf\"}", "1" },
		{ "cometcanary_probe_duration_seconds_sum{endpoint=\"chat\",probe=\"stream\"}", "0.75" },
		{ "cometcanary_probe_duration_seconds_count{endpoint=\"chat\",probe=\"stream\"}", "1" },
		{ "cometcanary_time_to_first_token_seconds_sum{endpoint=\"chat\"}", "0.42" },
		{ "cometcanary_stream_max_gap_seconds{endpoint=\"chat\"}", "0.12" },
		{ "cometcanary_probe_phase_seconds_total{endpoint=\"chat\",probe=\"stream\",phase=\"connect\"}",
		    "0.002" },
		{ "cometcanary_probe_phase_seconds_total{endpoint=\"chat\",probe=\"stream\",phase=\"tls\"}", "0" },
		{ "cometcanary_probe_phases_total{endpoint=\"chat\",probe=\"stream\",phase=\"tls\"}", "0" },
		{ "cometcanary_probe_phase_seconds_total{endpoint=\"chat\",probe=\"stream\",phase=\"wait\"}", "0.3" },
		{ "cometcanary_probe_phases_total{endpoint=\"chat\",probe=\"stream\",phase=\"wait\"}", "1" },
		{ "cometcanary_usage_expected_total{endpoint=\"chat\",probe=\"stream\"}", "1" },
		{ "cometcanary_usage_missing_total{endpoint=\"chat\",probe=\"stream\"}", "0" },
		{ "cometcanary_tokens_total{endpoint=\"chat\",probe=\"stream\",type=\"input\"}", "22" },
		{ "cometcanary_tokens_total{endpoint=\"chat\",probe=\"stream\",type=\"output\"}", "2" },
		{ "cometcanary_tokens_estimate_error_ratio{endpoint=\"chat\",probe=\"stream\"}", "1" },
		{ "cometcanary_contract_violations_total{endpoint=\"chat\",severity=\"info\"}", "1" },
		{ "cometcanary_tls_certificate_not_after_timestamp_seconds{provider=\"cometapi\"}", "1800000000" },
	};
	for (size_t i = 0; i < ARRAY_LEN(series); i++)
		expect(page, series[i][0], series[i][1]);
	expect_absent(page, "cometcanary_tls_certificate_not_after_timestamp_seconds{provider=\"other\"}");
	metrics_free(metrics);
}

static void
test_usage_verdicts(void **state)
{
	struct fixture_config *f = *state;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	static struct fixture_run run;
	fixture_run_init(&run, &f->endpoints[0], PROBE_SYNC, OUTCOME_OK);
	fixture_usage(&run, USAGE_VERDICT_MISSING, USAGE_ABSENT, USAGE_ABSENT);
	metrics_record(metrics, &run.record);
	run.record.verdict.outcome = OUTCOME_CONTRACT_VIOLATION; /* not ok: usage was not to be expected */
	metrics_record(metrics, &run.record);
	fixture_run_init(&run, &f->endpoints[0], PROBE_SYNC, OUTCOME_OK);
	fixture_usage(&run, USAGE_VERDICT_INVALID, 5, -1);
	run.reply.usage.fault = USAGE_FAULT_NEGATIVE;
	metrics_record(metrics, &run.record);
	fixture_run_init(&run, &f->endpoints[1], PROBE_SYNC, OUTCOME_OK);
	fixture_usage(&run, USAGE_VERDICT_MISSING, USAGE_ABSENT, USAGE_ABSENT);
	metrics_record(metrics, &run.record);
	fixture_usage(&run, USAGE_VERDICT_PRESENT, INT64_MAX, 3); /* a number that would ruin a counter */
	metrics_record(metrics, &run.record);
	auto_free char *page = render(metrics, EXPOSITION_TEXT, 1000);
	expect(page, "cometcanary_usage_expected_total{endpoint=\"chat\",probe=\"sync\"}", "2");
	expect(page, "cometcanary_usage_missing_total{endpoint=\"chat\",probe=\"sync\"}", "1");
	expect(page, "cometcanary_usage_unreported_total{endpoint=\"chat\",probe=\"sync\"}", "0");
	expect(page, "cometcanary_usage_invalid_total{endpoint=\"chat\",probe=\"sync\",reason=\"negative\"}", "1");
	expect(page, "cometcanary_tokens_total{endpoint=\"chat\",probe=\"sync\",type=\"input\"}", "0");
	expect(page, "cometcanary_usage_unreported_total{endpoint=\"vectors\",probe=\"sync\"}", "1");
	expect(page, "cometcanary_usage_expected_total{endpoint=\"vectors\",probe=\"sync\"}", "0");
	expect(page, "cometcanary_tokens_total{endpoint=\"vectors\",probe=\"sync\",type=\"input\"}", "0");
	expect(page, "cometcanary_tokens_total{endpoint=\"vectors\",probe=\"sync\",type=\"output\"}", "3");
	metrics_free(metrics);
}

static void
test_reload_keeps_and_drops(void **state)
{
	struct fixture_config *f = *state;
	struct fixture_config next;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	for (int i = 0; i < 3; i++)
		fixture_record(metrics, &f->endpoints[0], PROBE_SYNC, OUTCOME_OK);
	fixture_record(metrics, &f->endpoints[0], PROBE_STREAM, OUTCOME_STREAM_TRUNCATED);
	metrics_skip(metrics, &f->endpoints[0], PROBE_SYNC, SKIP_MISSED, 7);
	metrics_reload_failed(metrics);
	auto_free char *failed = render(metrics, EXPOSITION_TEXT, 1000);
	expect(failed, "cometcanary_config_last_reload_successful", "0");
	expect(failed, "cometcanary_probes_total{endpoint=\"chat\",probe=\"sync\"}", "3");

	fixture_config_init(&next); /* now: off on and first, chat last and without its stream probe, vectors gone */
	next.endpoints[2] = next.endpoints[0];
	next.endpoints[2].index = 1;
	next.endpoints[2].interval_ns = 5 * NS_PER_SEC;
	next.endpoints[2].probes[1] = PROBE_INVALID_AUTH;
	fixture_endpoint(&next, 1, "off", "openai-chat");
	next.config.endpoints = &next.endpoints[1];
	next.config.endpoint_count = 2;
	metrics_configure(metrics, &next.config, (struct wall){ FIXTURE_NOW.us + 1000000 });
	fixture_record(metrics, &f->endpoints[0], PROBE_SYNC, OUTCOME_OK); /* begun under the old configuration */
	fixture_record(metrics, &f->endpoints[0], PROBE_STREAM, OUTCOME_OK); /* no longer wanted */
	fixture_record(metrics, &f->endpoints[1], PROBE_SYNC, OUTCOME_OK);
	auto_free char *page = render(metrics, EXPOSITION_TEXT, 1000);
	expect(page, "cometcanary_probes_total{endpoint=\"chat\",probe=\"sync\"}", "4");
	expect(page, "cometcanary_probes_skipped_total{endpoint=\"chat\",probe=\"sync\",reason=\"missed\"}", "7");
	expect(page, "cometcanary_probe_duration_seconds_count{endpoint=\"chat\",probe=\"sync\"}", "4");
	expect(page, "cometcanary_probe_interval_seconds{endpoint=\"chat\",probe=\"sync\"}", "5");
	expect(page, "cometcanary_probes_total{endpoint=\"chat\",probe=\"invalid_auth\"}", "0");
	expect(page, "cometcanary_probes_total{endpoint=\"off\",probe=\"sync\"}", "0");
	expect_absent(page, "cometcanary_probes_total{endpoint=\"chat\",probe=\"stream\"}");
	expect_absent(page, "cometcanary_probes_total{endpoint=\"vectors\",probe=\"sync\"}");
	expect(page, "cometcanary_config_last_reload_successful", "1");
	expect(page, "cometcanary_config_last_reload_success_timestamp_seconds", "1795341601.123");
	metrics_free(metrics);
}

/* Runs end between the slices of one scrape: what is rendered is the moment at which it began. */
static void
test_a_scrape_is_one_moment(void **state)
{
	struct fixture_config *f = *state;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	fixture_record(metrics, &f->endpoints[0], PROBE_SYNC, OUTCOME_TLS_ERROR);
	fixture_record(metrics, &f->endpoints[0], PROBE_SYNC, OUTCOME_OK);
	auto_buf struct buf out = BUF_INIT(4 << 20);
	struct exposition *x = exposition_new(metrics, EXPOSITION_OPENMETRICS);
	size_t slices = 0;
	while (exposition_render(x, &out, 300)) {
		fixture_record(metrics, &f->endpoints[0], PROBE_SYNC, slices % 2 ? OUTCOME_OK : OUTCOME_NOT_JSON);
		if (slices++ == 20)
			metrics_configure(metrics, &f->config, FIXTURE_NOW);
	}
	exposition_free(x);
	assert_true(slices > 30);
	const char *page = buf_cstr(&out);
	double runs = fixture_sum(page, "cometcanary_probes_total{endpoint=\"chat\",probe=\"sync\"");
	double failures = fixture_sum(page, "cometcanary_probe_failures_total{endpoint=\"chat\",probe=\"sync\"");
	double ok =
	    fixture_sum(page, "cometcanary_probe_outcomes_total{endpoint=\"chat\",probe=\"sync\",outcome=\"ok\"");
	assert_true(runs > 1.9 && runs < 2.1);
	assert_true(failures + ok > 1.9 && failures + ok < 2.1);
	expect(page, "cometcanary_probe_duration_seconds_count{endpoint=\"chat\",probe=\"sync\"}", "2");
	auto_free char *after = render(metrics, EXPOSITION_TEXT, 1 << 20);
	assert_true(fixture_sum(after, "cometcanary_probes_total{endpoint=\"chat\",probe=\"sync\"") > 30);
	metrics_free(metrics);
}

static void
test_slices_do_not_matter(void **state)
{
	struct fixture_config *f = *state;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	auto_free char *whole = render(metrics, EXPOSITION_OPENMETRICS, 1 << 20);
	*strstr(whole, "# TYPE process_cpu") = '\0';
	auto_free char *bits = render(metrics, EXPOSITION_OPENMETRICS, 1);
	*strstr(bits, "# TYPE process_cpu") = '\0';
	assert_string_equal(whole, bits);
	metrics_free(metrics);
}

static void
test_exemplars(void **state)
{
	struct fixture_config *f = *state;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	fixture_record(metrics, &f->endpoints[0], PROBE_STREAM, OUTCOME_STREAM_TRUNCATED);
	static struct fixture_run run;
	fixture_run_init(&run, &f->endpoints[1], PROBE_SYNC, OUTCOME_TLS_ERROR);
	run.record.request_id = STR("no \"identifier\"");
	metrics_record(metrics, &run.record);
	auto_free char *om = render(metrics, EXPOSITION_OPENMETRICS, 1000);
	expect(om, "cometcanary_probe_failures_total{endpoint=\"chat\",probe=\"stream\",class=\"stream\"}",
	    "1 # {request_id=\"01JDXR0000000000000000TEST\"} 1");
	expect(om, "cometcanary_probe_duration_seconds_bucket{endpoint=\"chat\",probe=\"stream\",le=\"1.0\"}",
	    "1 # {request_id=\"01JDXR0000000000000000TEST\"} 0.75");
	expect(om, "cometcanary_time_to_first_token_seconds_bucket{endpoint=\"chat\",le=\"0.5\"}",
	    "1 # {request_id=\"01JDXR0000000000000000TEST\"} 0.42");
	expect(om, "cometcanary_time_to_first_token_seconds_bucket{endpoint=\"chat\",le=\"1.0\"}", "1");
	expect(om, "cometcanary_probe_failures_total{endpoint=\"vectors\",probe=\"sync\",class=\"network\"}", "1");
	auto_free char *text = render(metrics, EXPOSITION_TEXT, 1000);
	assert_null(strstr(text, "request_id"));
	metrics_free(metrics);
}

/* process_* differs from run to run: its values become 1. */
static void
mask_process(char *page)
{
	for (char *line = strstr(page, "\nprocess_"); line; line = strstr(line, "\nprocess_")) {
		line = strchr(line, ' ') + 1;
		size_t len = strcspn(line, "\n");
		*line = '1';
		memmove(line + 1, line + len, strlen(line + len) + 1);
	}
}

static void
check_golden(const char *page, const char *name)
{
	const char *source = getenv("TEST_SOURCE");
	char path[512];
	snprintf(path, sizeof(path), "%s/tests/golden/%s", source ? source : ".", name);
	auto_buf struct buf want = BUF_INIT(1024 * 1024);
	if (getenv("UPDATE_GOLDEN"))
		assert_true(file_write(path, str_of(page)));
	if (!file_read(path, &want))
		fail_msg("%s is missing: run with UPDATE_GOLDEN=1 and look at the difference", path);
	if (strcmp(page, buf_cstr(&want)) != 0)
		fail_msg("%s differs: run with UPDATE_GOLDEN=1 and look at the difference", path);
}

static void
fill(struct metrics *metrics, const struct fixture_config *f)
{
	const struct metrics_identity identity = { .version = "0.1.0",
		.revision = "0123abcd",
		.libcurl = "7.88.1",
		.tls = "OpenSSL/3.0.17",
		.libmicrohttpd = "0.9.75",
		.started = { INT64_C(1795341000000000) } };
	metrics_identify(metrics, &identity);
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	static struct fixture_run run;
	fixture_run_init(&run, &f->endpoints[0], PROBE_SYNC, OUTCOME_OK);
	fixture_usage(&run, USAGE_VERDICT_PRESENT, 17, 1);
	run.exchange.certificate_not_after = (struct wall){ INT64_C(1800000000000000) };
	metrics_record(metrics, &run.record);
	fixture_record(metrics, &f->endpoints[0], PROBE_STREAM, OUTCOME_STREAM_TRUNCATED);
	fixture_record(metrics, &f->endpoints[0], PROBE_MISSING_AUTH, OUTCOME_UNEXPECTED_ACCEPT);
	metrics_retry(metrics, &f->endpoints[0], PROBE_SYNC, OUTCOME_OVERLOADED);
	metrics_skip(metrics, &f->endpoints[1], PROBE_SYNC, SKIP_OVERLAP, 2);
	const struct contract_gauges gauges = { .drift = { [SEVERITY_BREAKING] = 1 },
		.active = { [SEVERITY_WARNING] = UINT64_C(1) << RULE_MODEL_MISMATCH,
		    [SEVERITY_BREAKING] = UINT64_C(1) << RULE_ID_MISSING },
		.last_change = FIXTURE_NOW,
		.listed = GAUGE_YES };
	metrics_contract(metrics, &f->endpoints[0], &gauges);
	metrics_baseline(metrics, &f->endpoints[0], PROBE_SYNC, 20);
	const struct doc_counts counts = { .checks = { [DOC_UNCHANGED] = 7, [DOC_CHANGED] = 2, [DOC_INCONCLUSIVE] = 1 },
		.changes = { [DOC_CHANGE_CONTRACT] = 1, [DOC_CHANGE_MOVED] = 1 },
		.last_check = FIXTURE_NOW,
		.last_change = FIXTURE_NOW,
		.evidence_missing = 1 };
	metrics_doc(metrics, "chat-page", &counts);
	metrics_revalidation_began(metrics, &f->endpoints[0]);
	metrics_revalidation_ended(metrics, &f->endpoints[0], TRIGGER_DOC_CHANGE, REVALIDATION_FAILED);
	metrics_revalidation_began(metrics, &f->endpoints[1]);
	metrics_in_flight(metrics, 3);
	metrics_scheduler_lag(metrics, 2 * NS_PER_MS);
	metrics_loop_lag(metrics, 200000);
	metrics_scheduler_tick(metrics, FIXTURE_NOW);
	metrics_self_online(metrics, true);
	metrics_store_writes(metrics, 5, 2, 1);
}

/* What an earlier process knew shows until a run of this one says more. */
static void
test_remembered(void **state)
{
	struct fixture_config *f = *state;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	metrics_remember(
	    metrics, &f->endpoints[0], PROBE_SYNC, (struct wall){ 5 * US_PER_SEC }, (struct wall){ 4 * US_PER_SEC });
	metrics_remember(metrics, &f->endpoints[0], PROBE_STREAM, (struct wall){ 5 * US_PER_SEC }, (struct wall){ 0 });
	auto_free char *before = render(metrics, EXPOSITION_TEXT, 1000);
	expect(before, "cometcanary_probe_last_run_timestamp_seconds{endpoint=\"chat\",probe=\"sync\"}", "5");
	expect(before, "cometcanary_probe_last_success_timestamp_seconds{endpoint=\"chat\",probe=\"sync\"}", "4");
	expect_absent(before, "cometcanary_probe_last_success_timestamp_seconds{endpoint=\"chat\",probe=\"stream\"}");
	expect_absent(before, "cometcanary_probe_success{endpoint=\"chat\",probe=\"sync\"}");
	fixture_record(metrics, &f->endpoints[0], PROBE_SYNC, OUTCOME_NOT_JSON);
	metrics_remember(
	    metrics, &f->endpoints[0], PROBE_SYNC, (struct wall){ 7 * US_PER_SEC }, (struct wall){ 7 * US_PER_SEC });
	auto_free char *after = render(metrics, EXPOSITION_TEXT, 1000);
	expect(after, "cometcanary_probe_last_success_timestamp_seconds{endpoint=\"chat\",probe=\"sync\"}", "4");
	expect(
	    after, "cometcanary_probe_last_run_timestamp_seconds{endpoint=\"chat\",probe=\"sync\"}", "1795341600.123");
	expect(after, "cometcanary_probe_success{endpoint=\"chat\",probe=\"sync\"}", "0");
	metrics_free(metrics);
}

/* Documents and revalidations count on over a reload; what was never seen is absent, what a rule needs is there at 0. */
static void
test_docs(void **state)
{
	struct fixture_config *f = *state;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	auto_free char *fresh = render(metrics, EXPOSITION_TEXT, 1000);
	expect(fresh, "cometcanary_doc_checks_total{doc=\"chat-page\",result=\"inconclusive\"}", "0");
	expect(fresh, "cometcanary_doc_changes_total{doc=\"chat-page\",kind=\"prose\"}", "0");
	expect_absent(fresh, "cometcanary_doc_last_check_timestamp_seconds{doc=\"chat-page\"}");
	expect_absent(fresh, "cometcanary_doc_last_change_timestamp_seconds{doc=\"chat-page\"}");
	expect_absent(fresh, "cometcanary_doc_evidence_missing{doc=\"chat-page\"}");
	expect(
	    fresh, "cometcanary_revalidations_total{endpoint=\"chat\",trigger=\"doc_change\",result=\"failed\"}", "0");
	expect(fresh, "cometcanary_revalidation_pending{endpoint=\"chat\"}", "0");
	expect_absent(
	    fresh, "cometcanary_revalidations_total{endpoint=\"vectors\",trigger=\"manual\",result=\"passed\"}");
	expect_absent(fresh, "cometcanary_revalidation_pending{endpoint=\"vectors\"}");

	metrics_doc(metrics, "chat-page", &(struct doc_counts){ .changes = { [DOC_CHANGE_PROSE] = 3 } });
	metrics_doc(metrics, "unknown", &(struct doc_counts){ 0 });
	metrics_revalidation_began(metrics, &f->endpoints[0]);
	metrics_revalidation_began(metrics, &f->endpoints[1]);
	metrics_revalidation_ended(metrics, &f->endpoints[1], TRIGGER_MANUAL, REVALIDATION_PASSED);
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	auto_free char *page = render(metrics, EXPOSITION_TEXT, 1000);
	expect(page, "cometcanary_doc_changes_total{doc=\"chat-page\",kind=\"prose\"}", "3");
	expect(page, "cometcanary_revalidation_pending{endpoint=\"chat\"}", "1");
	expect(page, "cometcanary_revalidation_pending{endpoint=\"vectors\"}", "0");
	expect(page, "cometcanary_revalidations_total{endpoint=\"vectors\",trigger=\"manual\",result=\"passed\"}", "1");
	f->config.doc_count = 0;
	metrics_configure(metrics, &f->config, FIXTURE_NOW);
	auto_free char *without = render(metrics, EXPOSITION_TEXT, 1000);
	expect_absent(without, "cometcanary_doc_changes_total{doc=\"chat-page\",kind=\"prose\"}");
	metrics_free(metrics);
}

static void
test_golden(void **state)
{
	struct fixture_config *f = *state;
	struct metrics *metrics = metrics_new();
	fill(metrics, f);
	auto_free char *text = render(metrics, EXPOSITION_TEXT, 1000);
	auto_free char *om = render(metrics, EXPOSITION_OPENMETRICS, 1000);
	mask_process(text);
	mask_process(om);
	check_golden(text, "metrics.txt");
	check_golden(om, "metrics.openmetrics");
	metrics_free(metrics);
}

/* The catalogue itself: names and label keys are the product's interface. */
static void
test_catalogue(void **state)
{
	(void)state;
	auto_buf struct buf out = BUF_INIT(1 << 20);
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		const struct metric_row *row = &metric_rows[i];
		struct str name = str_of(row->name);
		assert_int_equal(str_ends(name, STR("_total")), row->type == METRIC_TYPE_COUNTER);
		if (row->type == METRIC_TYPE_COUNTER)
			name.len -= strlen("_total");
		assert_true(str_ends(name, str_of(row->unit)));
		assert_true(str_ends(str_of(row->help), STR(".")));
		buf_printf(&out, "%s %s %s\n", row->name, metric_type_name(row->type), row->labels);
	}
	check_golden(buf_cstr(&out), "catalogue.txt");
}

static void
test_fallback(void **state)
{
	(void)state;
	struct fixture_config f;
	fixture_config_init(&f);
	const struct endpoint *targets[] = { &f.endpoints[1], &f.endpoints[2] };
	struct fallback_policy policy = { .name = "standard", .enabled = true, .targets = targets, .target_count = 2 };
	const struct fallback_policy *list[] = { &policy };
	f.endpoints[0].fallbacks = list;
	f.endpoints[0].fallback_count = 1;
	f.config.policies = &policy;
	f.config.policy_count = 1;
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, &f.config, FIXTURE_NOW);
	auto_free char *fresh = render(metrics, EXPOSITION_TEXT, 4096);
#define OF "{endpoint=\"chat\",policy=\"standard\""
	expect(fresh, "cometcanary_fallback_evaluations_total" OF "}", "0");
	expect(fresh, "cometcanary_fallbacks_total" OF ",reason=\"capacity\"}", "0");
	expect(fresh, "cometcanary_fallbacks_denied_total" OF ",cause=\"budget\"}", "0");
	expect(fresh, "cometcanary_fallback_attempts_total" OF ",target=\"off\",result=\"ok\"}", "0");
	expect(fresh, "cometcanary_fallback_enabled{policy=\"standard\"}", "1");

	struct fallback_decision yes = {
		.policy = &policy, .denial = DENIAL_NONE, .reason = REASON_CAPACITY, .target_index = 1
	};
	struct fallback_decision no = { .policy = &policy, .denial = DENIAL_NEVER };
	metrics_fallback(metrics, &f.endpoints[0], &yes, true);
	metrics_fallback(metrics, &f.endpoints[0], &no, true);
	metrics_fallback(metrics, &f.endpoints[1], &no, true); /* it has no policy */
	metrics_fallback_attempt(metrics, &f.endpoints[0], &yes, true);
	metrics_fallback_enabled(metrics, "standard", false);
	targets[0] = &f.endpoints[2]; /* a reload: the targets change their places, the counts stay with their names */
	targets[1] = &f.endpoints[1];
	metrics_configure(metrics, &f.config, FIXTURE_NOW);
	auto_free char *page = render(metrics, EXPOSITION_TEXT, 4096);
	expect(page, "cometcanary_fallback_evaluations_total" OF "}", "2");
	expect(page, "cometcanary_fallbacks_total" OF ",reason=\"capacity\"}", "1");
	expect(page, "cometcanary_fallbacks_denied_total" OF ",cause=\"never\"}", "1");
	expect(page, "cometcanary_fallback_attempts_total" OF ",target=\"off\",result=\"ok\"}", "1");
	expect(page, "cometcanary_fallback_attempts_total" OF ",target=\"vectors\",result=\"ok\"}", "0");
	expect(page, "cometcanary_fallback_enabled{policy=\"standard\"}", "0");

	policy.name = "other"; /* another policy begins at 0 */
	metrics_configure(metrics, &f.config, FIXTURE_NOW);
	auto_free char *other = render(metrics, EXPOSITION_TEXT, 4096);
	expect_absent(other, "cometcanary_fallback_evaluations_total" OF "}");
	expect(other, "cometcanary_fallback_evaluations_total{endpoint=\"chat\",policy=\"other\"}", "0");
	expect(other, "cometcanary_fallback_enabled{policy=\"other\"}", "1");
#undef OF
	metrics_free(metrics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fallback),
		cmocka_unit_test_setup(test_zeros_before_the_first_run, setup),
		cmocka_unit_test_setup(test_a_run_counts, setup),
		cmocka_unit_test_setup(test_usage_verdicts, setup),
		cmocka_unit_test_setup(test_reload_keeps_and_drops, setup),
		cmocka_unit_test_setup(test_a_scrape_is_one_moment, setup),
		cmocka_unit_test_setup(test_slices_do_not_matter, setup),
		cmocka_unit_test_setup(test_exemplars, setup),
		cmocka_unit_test_setup(test_remembered, setup),
		cmocka_unit_test_setup(test_docs, setup),
		cmocka_unit_test_setup(test_golden, setup),
		cmocka_unit_test_setup(test_catalogue, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
