/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "policy/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "model/cost.h"
#include "model/dialect.h"

static struct wall
at(int64_t s)
{
	return (struct wall){ s * US_PER_SEC };
}

static int64_t
utc(int year, int month, int day)
{
	return wall_days_from_civil(year, month, day) * 86400;
}

static void
check_window(enum budget_window window, int64_t start_s, int64_t end_s)
{
	const int64_t inside[] = { start_s, start_s + 1, (start_s + end_s) / 2, end_s - 1 };
	for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
		assert_int_equal(budget_window_start_s(window, at(inside[i])), start_s);
		assert_int_equal(budget_window_end_s(window, at(inside[i])), end_s);
	}
	struct wall last = { end_s * US_PER_SEC - 1 };
	assert_int_equal(budget_window_start_s(window, last), start_s);
	assert_int_equal(budget_window_start_s(window, at(end_s)), end_s);
}

static void
test_windows(void **state)
{
	(void)state;
	int64_t midnight = utc(2026, 11, 22);
	check_window(BUDGET_HOUR, midnight, midnight + 3600);
	check_window(BUDGET_HOUR, midnight - 3600, midnight);
	check_window(BUDGET_DAY, midnight, midnight + 86400);
	check_window(BUDGET_DAY, utc(2028, 2, 29), utc(2028, 3, 1));
	check_window(BUDGET_MONTH, utc(2026, 11, 1), utc(2026, 12, 1));
	check_window(BUDGET_MONTH, utc(2026, 12, 1), utc(2027, 1, 1));
	check_window(BUDGET_MONTH, utc(2027, 2, 1), utc(2027, 3, 1));
	check_window(BUDGET_MONTH, utc(2028, 2, 1), utc(2028, 3, 1));
	check_window(BUDGET_MONTH, utc(2100, 2, 1), utc(2100, 3, 1));
	check_window(BUDGET_MONTH, 0, utc(1970, 2, 1));
	assert_int_equal(budget_window_start_s(BUDGET_MONTH, (struct wall){ -5 }), 0);
}

/* Every month has its own length, and the next one begins where it ends. */
static void
test_months_join(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	(void)state;
	int64_t start_s = 0;
	for (int i = 0; i < 12 * 250; i++) {
		int year = 1970 + i / 12;
		bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		int days = lengths[i % 12] + (leap && i % 12 == 1);
		int64_t end_s = budget_window_end_s(BUDGET_MONTH, at(start_s));
		assert_int_equal(end_s - start_s, days * 86400);
		assert_int_equal(budget_window_start_s(BUDGET_MONTH, at(end_s - 1)), start_s);
		start_s = end_s;
	}
}

static void
test_prices(void **state)
{
	static const struct {
		struct price price;
		int64_t input, output, usd_micro;
	} rows[] = {
		{ { "m", 1250000, 10000000 }, 1000000, 0, 1250000 },
		{ { "m", 1250000, 10000000 }, 0, 1000000, 10000000 },
		{ { "m", 1250000, 10000000 }, 1000000, 1000000, 11250000 },
		{ { "m", 75000, 300000 }, 1000000, 0, 75000 },
		{ { "m", 75000, 300000 }, 1, 0, 1 }, /* 0.075 of a millionth: rounded up */
		{ { "m", 75000, 300000 }, 4, 1, 1 }, /* 0.3 + 0.3: rounded once */
		{ { "m", 1, 1 }, 1000001, 0, 2 },
		{ { "m", 0, 0 }, 1000000, 1000000, 0 },
		{ { "m", 1000000, 1000000 }, -5, 3, 3 },
		{ { "m", INT64_C(1000000000000), INT64_C(1000000000000) }, INT64_MAX, INT64_MAX,
		    INT64_C(2000000000000000) },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(cost_usd_micro(&rows[i].price, rows[i].input, rows[i].output), rows[i].usd_micro);
	assert_int_equal(cost_usd_micro(NULL, 1000000, 1000000), 0);
}

/* A tenth of a cent, a thousand million times. */
static void
test_no_drift(void **state)
{
	static const struct price price = { "m", 100000, 0 };
	(void)state;
	int64_t sum = 0, each = cost_usd_micro(&price, 10000, 0);
	assert_int_equal(each, 1000);
	for (int64_t i = 0; i < 1000000000; i++) {
		sum += each;
		__asm__ volatile("" : "+r"(sum)); /* every addition takes place */
	}
	assert_int_equal(sum, 1000000000 * INT64_C(1000));
}

static void
test_fits(void **state)
{
	static const struct budget all = { "b", BUDGET_DAY, 10, 1000, 500 }, few = { "b", BUDGET_DAY, 10, 0, 0 };
	static const struct {
		const struct budget *budget;
		struct amount spent, more;
		bool fits;
	} rows[] = {
		{ &all, { 9, 900, 400 }, { 1, 100, 100 }, true },
		{ &all, { 10, 0, 0 }, { 1, 0, 0 }, false },
		{ &all, { 0, 901, 0 }, { 1, 100, 0 }, false },
		{ &all, { 0, 0, 401 }, { 1, 0, 100 }, false },
		{ &all, { 0, 2000, 0 }, { 1, 0, 0 }, false }, /* a reload has lowered the limit */
		{ &few, { 9, INT64_MAX, INT64_MAX }, { 1, 100, 100 }, true },
		{ &all, { 0, INT64_MAX, 0 }, { 1, INT64_MAX, 0 }, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(budget_fits(rows[i].budget, &rows[i].spent, &rows[i].more), rows[i].fits);
}

static const struct price price = { "m", 1000000, 2000000 };

static struct endpoint
chat_endpoint(void)
{
	return (struct endpoint){
		.name = "chat",
		.dialect = dialect_find(STR("openai-chat")),
		.request = { .prompt = "Reply with the word ok.", .max_tokens = 16 },
		.price = &price,
	};
}

static void
test_worst_case(void **state)
{
	(void)state;
	struct endpoint endpoint = chat_endpoint();
	struct amount worst = cost_worst_case(&endpoint);
	assert_int_equal(worst.requests, 1);
	assert_int_equal(worst.tokens, 64 + 24 + 16);
	assert_int_equal(worst.usd_micro, 64 + 24 + 2 * 16);
	/* never fewer than the bytes, whatever the script */
	static const char *const prompts[] = { "a", "{}[]!?#%", "\xe4\xbd\xa0\xe5\xa5\xbd", "\xf0\x9f\x98\x80", "" };
	for (size_t i = 0; i < ARRAY_LEN(prompts); i++) {
		endpoint.request.prompt = prompts[i];
		assert_true(cost_prompt_tokens_max(&endpoint) >= 64 + (int64_t)str_of(prompts[i]).len);
	}
	endpoint.request.prompt = "";
	endpoint.request.extra = "{\"n\":3}";
	endpoint.request.answers = 3;
	assert_int_equal(cost_prompt_tokens_max(&endpoint), 64 + 4 + 8);
	assert_int_equal(cost_output_tokens_max(&endpoint), 48);
	endpoint.price = NULL;
	assert_int_equal(cost_worst_case(&endpoint).usd_micro, 0);
	endpoint.dialect = dialect_find(STR("json-get"));
	worst = cost_worst_case(&endpoint);
	assert_int_equal(worst.requests, 1);
	assert_int_equal(worst.tokens, 0);
}

#define PRESENT USAGE_VERDICT_PRESENT

static void
test_settle(void **state)
{
	static const struct {
		const char *what;
		struct exchange exchange;
		struct usage usage;
		struct amount want; /* tokens -1 = the worst case */
	} rows[] = {
		{ "reported", { .end = END_COMPLETE, .head_whole = true, .status = 200 },
		    { .verdict = PRESENT, .input_tokens = 12, .output_tokens = 3, .total_tokens = 15 }, { 1, 15, 18 } },
		{ "thoughts cost as output", { .end = END_COMPLETE, .head_whole = true, .status = 200 },
		    { .verdict = PRESENT,
			.input_tokens = 12,
			.output_tokens = 3,
			.total_tokens = 25,
			.extra_tokens = 10 },
		    { 1, 25, 38 } },
		{ "the sum is more than its parts", { .end = END_COMPLETE, .head_whole = true, .status = 200 },
		    { .verdict = PRESENT, .input_tokens = 12, .output_tokens = 3, .total_tokens = 20 }, { 1, 20, 28 } },
		{ "no output reported", { .end = END_COMPLETE, .head_whole = true, .status = 200 },
		    { .verdict = PRESENT,
			.input_tokens = 12,
			.output_tokens = USAGE_ABSENT,
			.total_tokens = USAGE_ABSENT },
		    { 1, 12, 12 } },
		{ "more than reserved is believed", { .end = END_COMPLETE, .head_whole = true, .status = 200 },
		    { .verdict = PRESENT, .input_tokens = 5000, .output_tokens = 1, .total_tokens = 5001 },
		    { 1, 5001, 5002 } },
		{ "nonsense", { .end = END_COMPLETE, .head_whole = true, .status = 200 },
		    { .verdict = PRESENT, .input_tokens = INT64_MAX, .output_tokens = 1, .total_tokens = 1 },
		    { 1, -1, 0 } },
		{ "missing", { .end = END_COMPLETE, .head_whole = true, .status = 200 },
		    { .verdict = USAGE_VERDICT_MISSING, .input_tokens = USAGE_ABSENT }, { 1, -1, 0 } },
		{ "invalid", { .end = END_COMPLETE, .head_whole = true, .status = 200 },
		    { .verdict = USAGE_VERDICT_INVALID, .input_tokens = 1, .output_tokens = 1 }, { 1, -1, 0 } },
		{ "refused", { .end = END_COMPLETE, .head_whole = true, .status = 401 },
		    { .verdict = USAGE_VERDICT_NOT_APPLICABLE }, { 1, 0, 0 } },
		{ "server error: nobody knows", { .end = END_COMPLETE, .head_whole = true, .status = 503 },
		    { .verdict = USAGE_VERDICT_NOT_APPLICABLE }, { 1, -1, 0 } },
		{ "timeout", { .end = END_TIMEOUT_TOTAL, .at.sent = { 5 } },
		    { .verdict = USAGE_VERDICT_NOT_APPLICABLE }, { 1, -1, 0 } },
		{ "refused connection", { .end = END_CONNECT }, { 0 }, { 0, 0, 0 } },
		{ "no name", { .end = END_DNS }, { 0 }, { 0, 0, 0 } },
		{ "our own fault", { .end = END_LOCAL }, { 0 }, { 0, 0, 0 } },
		{ "our own fault, later", { .end = END_LOCAL, .at.connect = { 5 }, .at.sent = { 6 } }, { 0 },
		    { 1, -1, 0 } },
	};
	(void)state;
	struct endpoint endpoint = chat_endpoint();
	struct amount worst = cost_worst_case(&endpoint);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct reply reply = { .usage = rows[i].usage };
		struct amount got = budget_settle(&endpoint, &rows[i].exchange, &reply);
		struct amount want = rows[i].want.tokens < 0 ? worst : rows[i].want;
		if (got.requests != want.requests || got.tokens != want.tokens || got.usd_micro != want.usd_micro)
			fail_msg("%s: %lld requests, %lld tokens, %lld", rows[i].what, (long long)got.requests,
			    (long long)got.tokens, (long long)got.usd_micro);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_months_join),
		cmocka_unit_test(test_prices),
		cmocka_unit_test(test_no_drift),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_worst_case),
		cmocka_unit_test(test_settle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
