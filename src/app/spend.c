/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/spend.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "model/cost.h"
#include "policy/budget.h"
#include "record/metrics.h"
#include "store/store.h"

enum {
	WINDOWS_KEPT = 4, /* of one budget: the wall clock may be set back, and what was spent then is still spent */
	BUDGETS_MAX = 2, /* of one endpoint: its own, its tenant's */
};

struct window {
	int64_t start_s;
	struct amount spent;
};

/* One budget. With a store the amounts are a copy of what it last said. */
struct account {
	struct account *next;
	char *name;
	struct budget budget; /* as configured last; its name is the one above */
	bool configured; /* in the configuration in force */
	struct window windows[WINDOWS_KEPT]; /* the first one is the latest used */
	uint64_t denied;
};

struct part {
	struct account *account;
	int64_t window_start_s;
	struct budget limits; /* of the configuration that the endpoint is of */
};

/* A reservation: being asked for, or held. */
struct spend_entry {
	struct spend *spend;
	struct spend_entry *next, **link;
	struct spend_claim *claim; /* NULL = nobody waits for the answer any more */
	const struct endpoint *endpoint; /* only while there is a claim */
	struct amount worst;
	struct part parts[BUDGETS_MAX];
	size_t count;
	bool asking; /* inside of spend_reserve() */
	enum spend_answer answer;
	spend_answer_fn *fn;
	void *arg;
};

struct spend {
	struct loop *loop;
	struct store *store;
	struct metrics *metrics;
	struct account *accounts;
	struct spend_entry *entries;
};

struct spend *
spend_new(struct loop *loop, struct store *store, struct metrics *metrics)
{
	struct spend *spend = xcalloc(1, sizeof(*spend));
	*spend = (struct spend){ .loop = loop, .store = store, .metrics = metrics };
	return spend;
}

static bool
is_kept(const struct spend *spend)
{
	return spend->store && store_is_on(spend->store);
}

/* The books of one window; the one that was not used for longest makes room for a new one. */
static struct amount *
spent_in(struct account *account, int64_t start_s)
{
	size_t at = 0;
	while (at < WINDOWS_KEPT - 1 && account->windows[at].start_s != start_s)
		at++;
	struct window found = account->windows[at];
	if (found.start_s != start_s)
		found = (struct window){ .start_s = start_s };
	memmove(&account->windows[1], &account->windows[0], at * sizeof(found));
	account->windows[0] = found;
	return &account->windows[0].spent;
}

static void
tell(struct spend *spend, struct account *account)
{
	struct wall now = loop_wall(spend->loop);
	if (!spend->metrics || !account->configured)
		return;
	const struct budget_gauges gauges = {
		.spent = *spent_in(account, budget_window_start_s(account->budget.window, now)),
		.reset_s = budget_window_end_s(account->budget.window, now),
		.denied = account->denied,
	};
	metrics_budget(spend->metrics, account->name, &gauges);
}

static struct amount
minus(const struct amount *a, const struct amount *b)
{
	return (struct amount){ a->requests - b->requests, a->tokens - b->tokens, a->usd_micro - b->usd_micro };
}

static struct account *
account_of(struct spend *spend, const struct budget *budget)
{
	struct account *account = spend->accounts;
	while (account && strcmp(account->name, budget->name) != 0)
		account = account->next;
	if (account)
		return account;
	account = xcalloc(1, sizeof(*account));
	account->name = xstrdup(budget->name);
	account->next = spend->accounts;
	spend->accounts = account;
	return account;
}

/* ---- entries ---- */

static struct spend_entry *
entry_new(struct spend *spend, const struct amount *worst)
{
	struct spend_entry *entry = xcalloc(1, sizeof(*entry));
	*entry = (struct spend_entry){
		.spend = spend, .next = spend->entries, .link = &spend->entries, .worst = *worst, .answer = SPEND_ASKED
	};
	if (entry->next)
		entry->next->link = &entry->next;
	spend->entries = entry;
	return entry;
}

static void
entry_add(struct spend_entry *entry, const struct budget *budget, struct wall now)
{
	if (!budget || (entry->count == 1 && strcmp(entry->parts[0].account->name, budget->name) == 0))
		return;
	entry->parts[entry->count++] = (struct part){
		.account = account_of(entry->spend, budget),
		.window_start_s = budget_window_start_s(budget->window, now),
		.limits = *budget,
	};
}

static void
entry_free(struct spend_entry *entry)
{
	if (entry->claim)
		entry->claim->entry = NULL;
	*entry->link = entry->next;
	if (entry->next)
		entry->next->link = entry->link;
	free(entry);
}

static int64_t
store_limit(int64_t limit)
{
	return limit > 0 ? limit : STORE_NO_LIMIT;
}

static void
fill_claims(const struct spend_entry *entry, const struct amount *amount, struct store_claim *claims)
{
	for (size_t i = 0; i < entry->count; i++) {
		const struct part *part = &entry->parts[i];
		claims[i] = (struct store_claim){
			.budget = part->account->name,
			.window_start_s = part->window_start_s,
			.amount = { amount->requests, amount->tokens, amount->usd_micro },
			.limit = { store_limit(part->limits.max_requests), store_limit(part->limits.max_tokens),
			    store_limit(part->limits.max_usd_micro) },
		};
	}
}

/* What the store says is what is spent. */
static void
copy_grant(struct spend_entry *entry, const struct store_grant *grant)
{
	for (size_t i = 0; i < entry->count; i++) {
		const struct part *part = &entry->parts[i];
		const struct store_amount *spent = &grant->spent[i];
		*spent_in(part->account, part->window_start_s) =
		    (struct amount){ spent->requests, spent->tokens, spent->usd_micro };
		tell(entry->spend, part->account);
	}
}

static void
on_adjusted(void *arg, const struct store_grant *grant)
{
	struct spend_entry *entry = arg;
	if (grant->error == 0)
		copy_grant(entry, grant);
	entry_free(entry);
}

/* Changes what stands in the books, whatever the limits, and is gone. */
static void
entry_adjust(struct spend_entry *entry, const struct amount *by)
{
	struct store_claim claims[BUDGETS_MAX];
	if (entry->claim)
		entry->claim->entry = NULL;
	entry->claim = NULL;
	if (is_kept(entry->spend)) {
		fill_claims(entry, by, claims);
		store_budget_adjust(entry->spend->store, claims, entry->count, on_adjusted, entry);
		return;
	}
	for (size_t i = 0; i < entry->count; i++) {
		cost_add(spent_in(entry->parts[i].account, entry->parts[i].window_start_s), by, 1);
		tell(entry->spend, entry->parts[i].account);
	}
	entry_free(entry);
}

static void
deny(struct spend_entry *entry, size_t by)
{
	struct account *account = entry->parts[by].account;
	account->denied++;
	tell(entry->spend, account);
}

/* ---- the store's answer ---- */

static void
on_reserved(void *arg, const struct store_grant *grant)
{
	struct spend_entry *entry = arg;
	static const struct amount nothing;
	bool granted = grant->error == 0 && grant->granted;
	if (granted) {
		copy_grant(entry, grant);
	} else {
		deny(entry, grant->error == 0 ? grant->denied_by : 0);
		if (grant->error != 0)
			log_msg(LOG_WARN, "a budget cannot be written: nothing is asked",
			    LOG_F_TEXT("budget", entry->parts[0].account->name), LOG_F_INT("errno", -grant->error));
	}
	entry->answer = granted ? SPEND_GRANTED : SPEND_DENIED;
	if (entry->asking)
		return;
	if (!entry->claim && granted) {
		struct amount back = minus(&nothing, &entry->worst);
		entry_adjust(entry, &back);
		return;
	}
	spend_answer_fn *fn = entry->claim ? entry->fn : NULL;
	void *fn_arg = entry->arg;
	if (!granted)
		entry_free(entry);
	if (fn)
		fn(fn_arg, granted);
}

static void
ask_store(struct spend_entry *entry)
{
	struct store_claim claims[BUDGETS_MAX];
	fill_claims(entry, &entry->worst, claims);
	entry->asking = true; /* without a loop the store answers at once */
	store_budget_reserve(entry->spend->store, claims, entry->count, on_reserved, entry);
	entry->asking = false;
}

static void
ask_memory(struct spend_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++) {
		const struct part *part = &entry->parts[i];
		if (!budget_fits(&part->limits, spent_in(part->account, part->window_start_s), &entry->worst)) {
			deny(entry, i);
			entry->answer = SPEND_DENIED;
			return;
		}
	}
	for (size_t i = 0; i < entry->count; i++) {
		cost_add(spent_in(entry->parts[i].account, entry->parts[i].window_start_s), &entry->worst, 1);
		tell(entry->spend, entry->parts[i].account);
	}
	entry->answer = SPEND_GRANTED;
}

/* ---- what callers ask ---- */

enum spend_answer
spend_reserve(
    struct spend *spend, struct spend_claim *claim, const struct endpoint *endpoint, spend_answer_fn *fn, void *arg)
{
	const struct budget *shared = endpoint->tenant ? endpoint->tenant->budget : NULL;
	if (!endpoint->budget && !shared)
		return SPEND_GRANTED;
	struct amount worst = cost_worst_case(endpoint);
	struct spend_entry *entry = entry_new(spend, &worst);
	entry->claim = claim;
	entry->endpoint = endpoint;
	entry->fn = fn;
	entry->arg = arg;
	claim->entry = entry;
	struct wall now = loop_wall(spend->loop);
	entry_add(entry, endpoint->budget, now);
	entry_add(entry, shared, now);
	if (is_kept(spend))
		ask_store(entry);
	else
		ask_memory(entry);
	enum spend_answer answer = entry->answer;
	if (answer == SPEND_DENIED)
		entry_free(entry);
	return answer;
}

void
spend_settle(struct spend_claim *claim, const struct exchange *exchange, const struct reply *reply)
{
	struct spend_entry *entry = claim->entry;
	if (!entry)
		return;
	struct amount cost = budget_settle(entry->endpoint, exchange, reply);
	struct amount by = minus(&cost, &entry->worst);
	entry_adjust(entry, &by);
}

void
spend_drop(struct spend_claim *claim)
{
	struct spend_entry *entry = claim->entry;
	if (!entry)
		return;
	claim->entry = NULL;
	entry->claim = NULL;
	if (entry->answer == SPEND_GRANTED)
		entry_free(entry);
}

/* ---- life ---- */

void
spend_configure(struct spend *spend, const struct config *config)
{
	static const struct amount nothing;
	for (struct account *account = spend->accounts; account; account = account->next)
		account->configured = false;
	for (size_t i = 0; i < config->budget_count; i++) {
		const struct budget *budget = &config->budgets[i];
		struct account *account = account_of(spend, budget);
		account->budget = *budget;
		account->budget.name = account->name;
		account->configured = true;
		tell(spend, account);
		if (!is_kept(spend))
			continue;
		/* Adding nothing tells what is there. */
		struct spend_entry *entry = entry_new(spend, &nothing);
		entry_add(entry, budget, loop_wall(spend->loop));
		entry_adjust(entry, &nothing);
	}
}

void
spend_tick(struct spend *spend)
{
	for (struct account *account = spend->accounts; account; account = account->next)
		tell(spend, account);
}

void
spend_free(struct spend *spend)
{
	if (!spend)
		return;
	while (spend->entries)
		entry_free(spend->entries);
	for (struct account *account; (account = spend->accounts);) {
		spend->accounts = account->next;
		free(account->name);
		free(account);
	}
	free(spend);
}
