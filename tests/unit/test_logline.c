/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/logline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/loop.h"
#include "dialect/field.h"
#include "file.h"
#include "metrics_fixture.h"

struct fixture {
	struct fixture_config config;
	struct loop *loop;
	char path[64];
};

static int
setup(void **state)
{
	static struct fixture f;
	fixture_config_init(&f.config);
	f.loop = loop_sim_new((struct mono){ NS_PER_SEC }, FIXTURE_NOW);
	snprintf(f.path, sizeof(f.path), "test_logline.%d.tmp", (int)getpid());
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	log_close(0);
	unlink(f->path);
	loop_free(f->loop);
	return 0;
}

static void
expect(struct fixture *f, bool json, const struct fixture_run *run, const char *want)
{
	auto_buf struct buf got = BUF_INIT(4096);
	assert_int_equal(log_open(f->loop, f->path, json, LOG_INFO), 0);
	logline_write(&run->record);
	loop_sim_settle(f->loop);
	log_close(0);
	assert_true(file_read(f->path, &got));
	unlink(f->path);
	assert_string_equal(buf_cstr(&got), want);
}

static void
test_ok(void **state)
{
	struct fixture *f = *state;
	struct fixture_run run;
	fixture_run_init(&run, &f->config.endpoints[0], PROBE_STREAM, OUTCOME_OK);
	fixture_usage(&run, USAGE_VERDICT_PRESENT, 17, 1);
	reply_keep(&run.reply.model, STR("gpt-5.4-mini-2026-03-17"));
	run.record.provider_request_id = STR("req_abc-1");
	run.exchange.at.first_content.ns += 250000;
	expect(f, true, &run,
	    "{\"time\":\"2026-11-22T10:00:00.123Z\",\"level\":\"info\",\"msg\":\"probe finished\","
	    "\"run_id\":\"01JDXR0000000000000000TEST\",\"request_id\":\"01JDXR0000000000000000TEST\","
	    "\"provider_request_id\":\"req_abc-1\",\"endpoint\":\"chat\",\"endpoint_family\":\"openai-chat\","
	    "\"probe\":\"stream\",\"gen_ai.request.model\":\"gpt-5.4-mini\","
	    "\"gen_ai.response.model\":\"gpt-5.4-mini-2026-03-17\",\"gen_ai.request.stream\":true,"
	    "\"http.response.status_code\":200,\"outcome\":\"ok\",\"class\":\"ok\",\"latency_ms\":750,"
	    "\"ttft_ms\":420.25,\"retry_count\":0,\"fallback_decision\":\"none\",\"usage_present\":true,"
	    "\"input_tokens\":17,\"output_tokens\":1,\"contract_findings\":0}\n");
}

/* What a server wrote appears as an identifier, or not at all. */
static void
test_failure_with_hostile_texts(void **state)
{
	struct fixture *f = *state;
	struct fixture_run run;
	fixture_run_init(&run, &f->config.endpoints[0], PROBE_SYNC, OUTCOME_OVERLOADED);
	run.exchange.status = 503;
	run.record.verdict.reason = REASON_CAPACITY;
	run.record.provider_request_id = STR("id\" level=error msg=\"forged");
	run.reply.error.code = STR("your key sk-123 is wrong");
	run.reply.error.type = STR("overloaded_error");
	reply_keep(&run.reply.model, STR("\x1b[31m"));
	findings_add(&run.reply.findings, RULE_STATUS_BODY_MISMATCH, SOURCE_DIALECT, STR("$.error"));
	run.record.retries = 1;
	expect(f, false, &run,
	    "time=2026-11-22T10:00:00.123Z level=warn msg=\"probe finished\" run_id=01JDXR0000000000000000TEST "
	    "request_id=01JDXR0000000000000000TEST provider_request_id=other endpoint=chat endpoint_family=openai-chat "
	    "probe=sync gen_ai.request.model=gpt-5.4-mini gen_ai.response.model=other gen_ai.request.stream=false "
	    "http.response.status_code=503 outcome=overloaded class=server error.code=other error.type=overloaded_error "
	    "latency_ms=750 retry_count=1 fallback_reason=capacity fallback_decision=none contract_findings=1\n");
}

/* Nothing came back: nothing is claimed. */
static void
test_absent_rather_than_null(void **state)
{
	struct fixture *f = *state;
	struct fixture_run run;
	fixture_run_init(&run, &f->config.endpoints[0], PROBE_INVALID_MODEL, OUTCOME_CONNECT_ERROR);
	run.exchange = (struct exchange){ 0 };
	run.record.request_id = STR_NONE;
	expect(f, false, &run,
	    "time=2026-11-22T10:00:00.123Z level=warn msg=\"probe finished\" run_id=01JDXR0000000000000000TEST endpoint=chat "
	    "endpoint_family=openai-chat probe=invalid_model gen_ai.request.stream=false outcome=connect_error class=network "
	    "retry_count=0 fallback_decision=none contract_findings=0\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ok, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failure_with_hostile_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absent_rather_than_null, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
