/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store/op.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* More than any provider bills in a window, and far from where sums wrap around. */
#define AMOUNT_MAX INT64_C(1000000000000000)

/* ---- making ---- */

struct op *
op_new(enum op_kind kind)
{
	struct op *op = xcalloc(1, sizeof(*op));
	op->kind = kind;
	return op;
}

struct op *
op_new_event(enum store_event event, const char *text)
{
	struct op *op = op_new(OP_EVENT);
	op->event = event;
	op->text = xstrdup(text);
	return op;
}

void
op_free(struct op *op)
{
	if (!op)
		return;
	for (size_t i = 0; op->budget && i < op->budget->count; i++)
		free((char *)(uintptr_t)op->budget->claims[i].budget);
	free(op->budget);
	store_items_done(&op->items);
	free(op->text);
	free(op);
}

void
op_set_item(struct op *op, const struct store_item *item)
{
	op->text = xmalloc(item->key.len + item->value.len + 1);
	op->item = *item;
	if (item->key.at)
		op->item.key.at = memcpy(op->text, item->key.at, item->key.len);
	if (item->value.len)
		memcpy(op->text + item->key.len, item->value.at, item->value.len);
	op->item.value.at = op->text + item->key.len;
}

static bool
is_in_range(const struct store_amount *amount, int64_t min)
{
	return amount->requests >= min && amount->requests <= AMOUNT_MAX && amount->tokens >= min &&
	    amount->tokens <= AMOUNT_MAX && amount->usd_micro >= min && amount->usd_micro <= AMOUNT_MAX;
}

static bool
is_sane(const struct store_claim *claim, enum op_kind kind)
{
	if (kind == OP_ADJUST)
		return is_in_range(&claim->amount, -AMOUNT_MAX);
	return is_in_range(&claim->amount, 0) && claim->limit.requests >= 0 && claim->limit.tokens >= 0 &&
	    claim->limit.usd_micro >= 0;
}

bool
op_set_claims(struct op *op, const struct store_claim *claims, size_t count)
{
	op->budget = xcalloc(1, sizeof(*op->budget));
	if (count == 0 || count > STORE_CLAIMS_MAX)
		return false;
	bool sane = true;
	for (size_t i = 0; i < count; i++) {
		sane = sane && is_sane(&claims[i], op->kind);
		op->budget->claims[i] = claims[i];
		op->budget->claims[i].budget = xstrdup(claims[i].budget);
		op->budget->count++;
	}
	return sane;
}

/* ---- telling ---- */

static void
tell_grant(struct op *op)
{
	struct store_grant *grant = &op->budget->grant;
	if (op->error)
		*grant = (struct store_grant){ .error = op->error };
	op->fn.grant(op->arg, grant);
}

void
op_tell(struct op *op)
{
	switch (op->kind) {
	case OP_PUT:
	case OP_REMOVE:
		if (op->fn.done)
			op->fn.done(op->arg, op->error);
		break;
	case OP_LOAD:
		if (op->fn.load)
			op->fn.load(op->arg, op->error, &op->items);
		break;
	case OP_RESERVE:
	case OP_ADJUST:
		if (op->fn.grant)
			tell_grant(op);
		break;
	case OP_HISTORY:
	case OP_EVENT:
		break;
	}
}

/* ---- lists ---- */

void
op_list_add(struct op_list *list, struct op *op)
{
	op->next = NULL;
	if (list->last)
		list->last->next = op;
	else
		list->first = op;
	list->last = op;
}

struct op *
op_list_take(struct op_list *list)
{
	struct op *op = list->first;
	if (!op)
		return NULL;
	list->first = op->next;
	if (!list->first)
		list->last = NULL;
	op->next = NULL;
	return op;
}

void
op_list_join(struct op_list *list, struct op_list *more)
{
	if (!more->first)
		return;
	if (list->last)
		list->last->next = more->first;
	else
		list->first = more->first;
	list->last = more->last;
	*more = (struct op_list){ 0 };
}

void
op_list_free(struct op_list *list)
{
	for (struct op *op = op_list_take(list); op; op = op_list_take(list))
		op_free(op);
}
