/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/revalidate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/loop.h"
#include "config/load.h"
#include "record/metrics.h"

/* Nobody but the test sends anything. */
struct fixture {
	struct loop *loop;
	struct metrics *metrics;
	struct revalidate *revalidate;
	struct config *config;
	int answer; /* of start() */
	unsigned started[PROBE_COUNT];
};

static int
start(void *arg, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct fixture *f = arg;
	assert_string_equal(endpoint->name, "chat");
	if (f->answer == 0)
		f->started[probe]++;
	return f->answer;
}

static struct config *
configuration(const char *prompt)
{
	auto_buf struct buf text = BUF_INIT(4096);
	struct diags diags = DIAGS_INIT;
	buf_printf(&text,
	    "providers = ( { name = \"p\"; base_url = \"https://api.example.com\"; } );\n"
	    "endpoints = ( { name = \"chat\"; provider = \"p\"; dialect = \"openai-chat\"; path = \"/v1/chat/completions\";\n"
	    "  model = \"m\"; probes = ( \"sync\", \"stream\" ); negative = ( \"invalid_model\" ); request = { prompt = \"%s\"; };\n"
	    "  budget = \"day\"; } );\nbudgets = ( { name = \"day\"; window = \"day\"; max_requests = 1000; } );\n",
	    prompt);
	struct config *config = config_load_text("test.conf", buf_view(&text), &diags);
	assert_non_null(config);
	diags_done(&diags);
	return config;
}

static void
configure(struct fixture *f, const char *prompt)
{
	config_release(f->config);
	f->config = configuration(prompt);
	metrics_configure(f->metrics, f->config, (struct wall){ 1 });
	revalidate_configure(f->revalidate, f->config);
}

static int
setup(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;
	*f = (struct fixture){ .loop = loop_sim_new((struct mono){ NS_PER_SEC }, (struct wall){ US_PER_SEC }) };
	f->metrics = metrics_new();
	const struct revalidate_parts parts = { .loop = f->loop, .metrics = f->metrics, .start = start, .arg = f };
	f->revalidate = revalidate_new(&parts);
	configure(f, "a");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	revalidate_free(f->revalidate);
	metrics_free(f->metrics);
	config_release(f->config);
	loop_free(f->loop);
	return 0;
}

static void
end_run(struct fixture *f, enum probe_kind probe, enum outcome outcome)
{
	struct record record = { .endpoint = &f->config->endpoints[0], .probe = probe };
	record.verdict.outcome = outcome;
	revalidate_record(f->revalidate, &record);
}

static struct revalidation_status
status_of(const struct fixture *f)
{
	struct revalidation_status status;
	revalidate_status(f->revalidate, &f->config->endpoints[0], &status);
	return status;
}

static void
begin(struct fixture *f, enum revalidation_trigger trigger)
{
	revalidate_begin(f->revalidate, &f->config->endpoints[0], trigger);
}

static void
every_probe_runs_once_and_the_worst_counts(void **state)
{
	static const struct {
		enum outcome sync, stream, negative;
		enum revalidation_result result;
	} cases[] = {
		{ OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, REVALIDATION_PASSED },
		{ OUTCOME_OK, OUTCOME_TIMEOUT_FIRST_TOKEN, OUTCOME_OK, REVALIDATION_INCONCLUSIVE },
		{ OUTCOME_OK, OUTCOME_OK, OUTCOME_RATE_LIMITED, REVALIDATION_INCONCLUSIVE },
		{ OUTCOME_OUTPUT_LIMIT, OUTCOME_OK, OUTCOME_OK, REVALIDATION_INCONCLUSIVE },
		{ OUTCOME_SERVER_ERROR, OUTCOME_CONTRACT_VIOLATION, OUTCOME_OK, REVALIDATION_FAILED },
		{ OUTCOME_NOT_FOUND, OUTCOME_OK, OUTCOME_OK, REVALIDATION_FAILED },
		{ OUTCOME_OK, OUTCOME_OK, OUTCOME_UNEXPECTED_REJECTION, REVALIDATION_FAILED },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(f, TRIGGER_DOC_CHANGE);
		assert_true(status_of(f).pending);
		end_run(f, PROBE_SYNC, cases[i].sync);
		end_run(f, PROBE_STREAM, cases[i].stream);
		assert_true(status_of(f).pending);
		end_run(f, PROBE_INVALID_MODEL, cases[i].negative);
		assert_false(status_of(f).pending);
		assert_int_equal(status_of(f).result, cases[i].result);
		assert_int_equal(f->started[PROBE_SYNC], i + 1);
		assert_int_equal(f->started[PROBE_STREAM], i + 1);
		assert_int_equal(f->started[PROBE_INVALID_MODEL], i + 1);
	}
	end_run(f, PROBE_SYNC, OUTCOME_OK); /* a run of the timetable */
	assert_false(status_of(f).pending);
}

static void
what_cannot_start_yet_starts_later_or_is_inconclusive(void **state)
{
	struct fixture *f = *state;
	f->answer = -EAGAIN;
	begin(f, TRIGGER_MANUAL);
	end_run(f, PROBE_SYNC, OUTCOME_CONTRACT_VIOLATION); /* began before */
	assert_true(status_of(f).pending);
	loop_sim_advance(f->loop, 60 * NS_PER_SEC);
	f->answer = 0;
	revalidate_tick(f->revalidate);
	assert_int_equal(f->started[PROBE_SYNC], 1);
	end_run(f, PROBE_SYNC, OUTCOME_OK);
	end_run(f, PROBE_STREAM, OUTCOME_OK);
	revalidate_not_sent(f->revalidate, &f->config->endpoints[0], PROBE_INVALID_MODEL); /* no budget */
	assert_int_equal(status_of(f).result, REVALIDATION_INCONCLUSIVE);

	f->answer = -EAGAIN;
	begin(f, TRIGGER_MANUAL);
	loop_sim_advance(f->loop, 899 * NS_PER_SEC);
	revalidate_tick(f->revalidate);
	assert_true(status_of(f).pending);
	loop_sim_advance(f->loop, 2 * NS_PER_SEC);
	revalidate_tick(f->revalidate);
	assert_false(status_of(f).pending);
	assert_int_equal(status_of(f).result, REVALIDATION_INCONCLUSIVE);
	assert_int_equal(f->started[PROBE_SYNC], 1);

	f->answer = -ENOENT;
	begin(f, TRIGGER_MANUAL);
	assert_false(status_of(f).pending);
	assert_int_equal(status_of(f).result, REVALIDATION_INCONCLUSIVE);
}

static void
another_change_begins_it_anew(void **state)
{
	struct fixture *f = *state;
	begin(f, TRIGGER_DOC_CHANGE);
	end_run(f, PROBE_SYNC, OUTCOME_NOT_FOUND);
	f->answer = -EAGAIN; /* stream is still under way */
	begin(f, TRIGGER_DOC_CHANGE);
	end_run(f, PROBE_STREAM, OUTCOME_NOT_FOUND);
	end_run(f, PROBE_INVALID_MODEL, OUTCOME_NOT_FOUND);
	assert_true(status_of(f).pending);
	f->answer = 0;
	revalidate_tick(f->revalidate);
	end_run(f, PROBE_SYNC, OUTCOME_OK);
	end_run(f, PROBE_STREAM, OUTCOME_OK);
	end_run(f, PROBE_INVALID_MODEL, OUTCOME_OK);
	assert_int_equal(status_of(f).result, REVALIDATION_PASSED);
}

static void
a_reload_that_changes_the_request_begins_one(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(status_of(f).began.us, 0);
	configure(f, "a");
	assert_int_equal(status_of(f).began.us, 0);
	configure(f, "b");
	assert_true(status_of(f).pending);
	assert_int_equal(status_of(f).trigger, TRIGGER_RELOAD);
	assert_int_equal(f->started[PROBE_SYNC], 1);
	configure(f, "b"); /* it goes on over another reload */
	end_run(f, PROBE_SYNC, OUTCOME_OK);
	end_run(f, PROBE_STREAM, OUTCOME_OK);
	end_run(f, PROBE_INVALID_MODEL, OUTCOME_OK);
	assert_int_equal(status_of(f).result, REVALIDATION_PASSED);
	assert_int_equal(f->started[PROBE_SYNC], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_probe_runs_once_and_the_worst_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_start_yet_starts_later_or_is_inconclusive, setup, teardown),
		cmocka_unit_test_setup_teardown(another_change_begins_it_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reload_that_changes_the_request_begins_one, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
