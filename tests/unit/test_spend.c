/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/spend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/loop.h"
#include "model/cost.h"
#include "model/dialect.h"
#include "store/store.h"

enum { PARALLEL = 200, LIMIT = 10, PATIENCE_S = 30, RESTARTS = 40 };

static const struct wall NOON = { INT64_C(1795435200) * US_PER_SEC };

struct bed {
	char path[64];
	struct budget budgets[2];
	struct tenant tenant;
	struct endpoint endpoint;
	struct config config;
	struct loop *loop;
	struct store *store;
	struct spend *spend;
	struct loop_timer patience;
	struct spend_claim claims[PARALLEL];
	size_t answers, granted, expected;
};

static const struct exchange answered = { .end = END_COMPLETE, .head_whole = true, .status = 200 };

static struct reply
reply_of(int64_t input, int64_t output)
{
	return (struct reply){
		.usage = { .verdict = USAGE_VERDICT_PRESENT,
		    .input_tokens = input,
		    .output_tokens = output,
		    .total_tokens = input + output },
	};
}

static int
setup(void **state)
{
	static struct bed bed;
	bed = (struct bed){
		.budgets = { { "day", BUDGET_DAY, LIMIT, 0, 0 }, { "month", BUDGET_MONTH, 0, 100000, 0 } },
		.tenant = { .name = "team-a" },
		.endpoint = { .name = "chat", .request = { .prompt = "ok", .max_tokens = 16 } },
	};
	bed.endpoint.dialect = dialect_find(STR("openai-chat"));
	bed.endpoint.budget = &bed.budgets[0];
	bed.tenant.budget = &bed.budgets[1];
	bed.endpoint.tenant = &bed.tenant;
	bed.config.budgets = bed.budgets;
	bed.config.budget_count = ARRAY_LEN(bed.budgets);
	snprintf(bed.path, sizeof(bed.path), "/tmp/test_spend.%d.db", (int)getpid());
	*state = &bed;
	return 0;
}

static void
close_bed(struct bed *bed)
{
	spend_free(bed->spend);
	store_close(bed->store);
	loop_free(bed->loop);
	bed->spend = NULL;
	bed->store = NULL;
	bed->loop = NULL;
}

static int
teardown(void **state)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	struct bed *bed = *state;
	close_bed(bed);
	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		char path[80];
		snprintf(path, sizeof(path), "%s%s", bed->path, endings[i]);
		unlink(path);
	}
	return 0;
}

static void
open_store(struct bed *bed, struct loop *loop)
{
	auto_buf struct buf why = BUF_INIT(4096);
	const struct store_options options = { .path = bed->path, .loop = loop };
	assert_int_equal(store_open(&options, &why, &bed->store), 0);
}

static void
begin(struct bed *bed)
{
	bed->spend = spend_new(bed->loop, bed->store, NULL);
	spend_configure(bed->spend, &bed->config);
}

static void
on_answer(void *arg, bool granted)
{
	struct bed *bed = arg;
	bed->answers++;
	bed->granted += granted;
	if (bed->answers == bed->expected)
		loop_stop(bed->loop);
}

static enum spend_answer
reserve(struct bed *bed, size_t i)
{
	return spend_reserve(bed->spend, &bed->claims[i], &bed->endpoint, on_answer, bed);
}

static void
on_patience(void *arg)
{
	(void)arg;
	fail_msg("waited %d s", PATIENCE_S);
}

static struct store_amount
stored(struct bed *bed, const char *budget, int64_t start_s)
{
	struct store_amount spent;
	assert_int_equal(store_budget_spent(bed->store, budget, start_s, &spent), 0);
	return spent;
}

static void
test_no_budget(void **state)
{
	struct bed *bed = *state;
	bed->loop = loop_sim_new((struct mono){ NS_PER_SEC }, NOON);
	begin(bed);
	bed->endpoint.budget = NULL;
	bed->endpoint.tenant = NULL;
	for (size_t i = 0; i < PARALLEL; i++)
		assert_int_equal(reserve(bed, i), SPEND_GRANTED);
	spend_settle(&bed->claims[0], &answered, &(struct reply){ 0 });
	spend_drop(&bed->claims[0]);
}

static void
test_parallel_in_memory(void **state)
{
	struct bed *bed = *state;
	bed->loop = loop_sim_new((struct mono){ NS_PER_SEC }, NOON);
	begin(bed);
	for (size_t i = 0; i < PARALLEL; i++)
		bed->granted += reserve(bed, i) == SPEND_GRANTED;
	assert_int_equal(bed->granted, LIMIT);
	/* what never left is given back */
	spend_settle(&bed->claims[0], &(struct exchange){ .end = END_DNS }, &(struct reply){ 0 });
	assert_int_equal(reserve(bed, 0), SPEND_GRANTED);
	/* what was not settled is not */
	spend_drop(&bed->claims[1]);
	assert_int_equal(reserve(bed, 1), SPEND_DENIED);
}

/* The thread of a real store: all are asked for in one turn, exactly ten are granted. */
static void
test_parallel_in_store(void **state)
{
	struct bed *bed = *state;
	bed->loop = loop_uv_new();
	open_store(bed, bed->loop);
	begin(bed);
	bed->expected = PARALLEL;
	for (size_t i = 0; i < PARALLEL; i++)
		assert_int_equal(reserve(bed, i), SPEND_ASKED);
	assert_int_equal(bed->answers, 0);
	loop_timer_set(
	    bed->loop, &bed->patience, mono_add_ns(loop_now(bed->loop), PATIENCE_S * NS_PER_SEC), on_patience, bed);
	loop_run(bed->loop);
	loop_timer_cancel(bed->loop, &bed->patience);
	assert_int_equal(bed->answers, PARALLEL);
	assert_int_equal(bed->granted, LIMIT);
}

/* Two budgets, in a file: all or none, and what was reported is what stays. */
static void
test_kept(void **state)
{
	struct bed *bed = *state;
	int64_t day_s = INT64_C(1795392000), month_s = INT64_C(1793491200);
	struct amount worst = cost_worst_case(&bed->endpoint);
	bed->loop = loop_sim_new((struct mono){ NS_PER_SEC }, NOON);
	open_store(bed, NULL);
	begin(bed);
	assert_int_equal(reserve(bed, 0), SPEND_GRANTED);
	assert_int_equal(stored(bed, "day", day_s).requests, 1);
	assert_int_equal(stored(bed, "month", month_s).tokens, worst.tokens);
	struct reply reply = reply_of(12, 3);
	spend_settle(&bed->claims[0], &answered, &reply);
	assert_int_equal(stored(bed, "day", day_s).requests, 1);
	assert_int_equal(stored(bed, "day", day_s).tokens, 15);
	assert_int_equal(stored(bed, "month", month_s).tokens, 15);
	bed->budgets[1].max_tokens =
	    15 + worst.tokens - 1; /* the tenant's has no room: its own is not charged either */
	assert_int_equal(reserve(bed, 1), SPEND_DENIED);
	assert_int_equal(stored(bed, "day", day_s).requests, 1);
	bed->budgets[1].max_tokens++;
	assert_int_equal(reserve(bed, 1), SPEND_GRANTED);
	/* the answer comes after midnight: it counts where it was reserved */
	loop_sim_step_wall(bed->loop, 86400 * US_PER_SEC);
	spend_settle(&bed->claims[1], &answered, &reply);
	assert_int_equal(stored(bed, "day", day_s).tokens, 30);
	assert_int_equal(stored(bed, "day", day_s + 86400).requests, 0);
}

/* Killed between the reservation and the answer, again and again: ten in all. */
static void
test_crash_loop(void **state)
{
	struct bed *bed = *state;
	for (size_t i = 0; i < RESTARTS; i++) {
		bed->loop = loop_sim_new((struct mono){ NS_PER_SEC }, NOON);
		open_store(bed, NULL);
		begin(bed);
		bed->granted += reserve(bed, i) == SPEND_GRANTED;
		close_bed(bed);
	}
	assert_int_equal(bed->granted, LIMIT);
}

/* Nothing can be written: nothing is granted. */
static void
test_store_fails(void **state)
{
	struct bed *bed = *state;
	bed->loop = loop_uv_new();
	snprintf(bed->path, sizeof(bed->path), "/proc/no-such-folder/spend.db");
	open_store(bed, bed->loop);
	begin(bed);
	bed->expected = 3;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(reserve(bed, i), SPEND_ASKED);
	loop_timer_set(
	    bed->loop, &bed->patience, mono_add_ns(loop_now(bed->loop), PATIENCE_S * NS_PER_SEC), on_patience, bed);
	loop_run(bed->loop);
	loop_timer_cancel(bed->loop, &bed->patience);
	assert_int_equal(bed->granted, 0);
}

/* Nobody waits for the answer any more: what was granted is given back. */
static void
test_dropped_while_asking(void **state)
{
	struct bed *bed = *state;
	bed->loop = loop_uv_new();
	open_store(bed, bed->loop);
	begin(bed);
	for (size_t i = 0; i < LIMIT; i++) {
		assert_int_equal(reserve(bed, i), SPEND_ASKED);
		spend_drop(&bed->claims[i]);
	}
	bed->expected = 1;
	loop_timer_set(
	    bed->loop, &bed->patience, mono_add_ns(loop_now(bed->loop), PATIENCE_S * NS_PER_SEC), on_patience, bed);
	while (bed->granted == 0) { /* the first one may still find the ten */
		bed->answers = 0;
		assert_int_equal(reserve(bed, LIMIT), SPEND_ASKED);
		loop_run(bed->loop);
	}
	loop_timer_cancel(bed->loop, &bed->patience);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(test_no_budget),
		ONE(test_parallel_in_memory),
		ONE(test_parallel_in_store),
		ONE(test_kept),
		ONE(test_crash_loop),
		ONE(test_store_fails),
		ONE(test_dropped_while_asking),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
