/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of spending: which window of the calendar a moment falls into, what fits into a budget, and what an attempt
 * has cost once it is over. app/spend.c keeps the books by them. Pure.
 */
#ifndef COMETCANARY_POLICY_BUDGET_H
#define COMETCANARY_POLICY_BUDGET_H

#include <stdbool.h>

#include "base/clock.h"
#include "model/budget.h"
#include "model/conf.h"
#include "model/exchange.h"
#include "model/reply.h"

/* Seconds since 1970, UTC: when the window that `now` is in began, and when the next one begins. */
int64_t budget_window_start_s(enum budget_window window, struct wall now);
int64_t budget_window_end_s(enum budget_window window, struct wall now);

/* Whether `more` fits beside what is spent. */
bool budget_fits(const struct budget *budget, const struct amount *spent, const struct amount *more);

/* What an attempt has cost: nothing when it never left; what was reported; no tokens when it was refused (4xx) without a
 * word of usage; else the worst case. The reply is judged already. */
struct amount
budget_settle(const struct endpoint *endpoint, const struct exchange *exchange, const struct reply *reply);

#endif
