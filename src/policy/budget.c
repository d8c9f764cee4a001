/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "policy/budget.h"

#include "model/cost.h"

#define HOUR_S INT64_C(3600)
#define DAY_S (24 * HOUR_S)

/* Months since January 1970; the first day of such a month. */
static int64_t
month_start_days(int64_t months)
{
	return wall_days_from_civil((int)(1970 + months / 12), (int)(months % 12) + 1, 1);
}

static int64_t
month_of(int64_t days)
{
	int64_t months = days * 12 / 366; /* not too late, and hardly too early */
	while (month_start_days(months + 1) <= days)
		months++;
	return months;
}

static int64_t
seconds_of(struct wall now)
{
	return now.us > 0 ? now.us / US_PER_SEC : 0;
}

int64_t
budget_window_start_s(enum budget_window window, struct wall now)
{
	int64_t s = seconds_of(now);
	switch (window) {
	case BUDGET_HOUR:
		return s - s % HOUR_S;
	case BUDGET_DAY:
		return s - s % DAY_S;
	case BUDGET_MONTH:
		break;
	}
	return month_start_days(month_of(s / DAY_S)) * DAY_S;
}

int64_t
budget_window_end_s(enum budget_window window, struct wall now)
{
	switch (window) {
	case BUDGET_HOUR:
		return budget_window_start_s(window, now) + HOUR_S;
	case BUDGET_DAY:
		return budget_window_start_s(window, now) + DAY_S;
	case BUDGET_MONTH:
		break;
	}
	return month_start_days(month_of(seconds_of(now) / DAY_S) + 1) * DAY_S;
}

static bool
has_room(int64_t limit, int64_t spent, int64_t more)
{
	return limit == 0 || (spent <= limit && more <= limit - spent);
}

bool
budget_fits(const struct budget *budget, const struct amount *spent, const struct amount *more)
{
	return has_room(budget->max_requests, spent->requests, more->requests) &&
	    has_room(budget->max_tokens, spent->tokens, more->tokens) &&
	    has_room(budget->max_usd_micro, spent->usd_micro, more->usd_micro);
}

/* No connection that a request could have gone out on. */
static bool
never_left(const struct exchange *exchange)
{
	enum exchange_end end = exchange->end;
	if (end == END_LOCAL)
		return exchange->at.connect.ns == 0 && exchange->at.sent.ns == 0;
	return end == END_DNS || end == END_CONNECT || end == END_TLS || end == END_TIMEOUT_CONNECT;
}

/* Numbers that can be charged: a prompt, or one sum that covers it. */
static bool
is_chargeable(const struct usage *usage)
{
	return usage->verdict == USAGE_VERDICT_PRESENT && usage->input_tokens >= 0 &&
	    usage->input_tokens <= COST_TOKENS_MAX && usage->output_tokens <= COST_TOKENS_MAX &&
	    usage->total_tokens <= COST_TOKENS_MAX;
}

static struct amount
reported(const struct endpoint *endpoint, const struct usage *usage)
{
	int64_t output = usage->output_tokens > 0 ? usage->output_tokens : 0;
	if (usage->extra_tokens > 0 && usage->extra_tokens <= COST_TOKENS_MAX)
		output += usage->extra_tokens;
	if (usage->total_tokens - usage->input_tokens > output) /* what is not told apart costs as output does */
		output = usage->total_tokens - usage->input_tokens;
	return (struct amount){
		.requests = 1,
		.tokens = usage->input_tokens + output,
		.usd_micro = cost_usd_micro(endpoint->price, usage->input_tokens, output),
	};
}

struct amount
budget_settle(const struct endpoint *endpoint, const struct exchange *exchange, const struct reply *reply)
{
	if (never_left(exchange))
		return (struct amount){ 0 };
	if (is_chargeable(&reply->usage))
		return reported(endpoint, &reply->usage);
	if (exchange->head_whole && exchange->status >= 400 && exchange->status < 500)
		return (struct amount){ .requests = 1 };
	return cost_worst_case(endpoint);
}
