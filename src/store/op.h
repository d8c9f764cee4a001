/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thing that the store is asked to do: made on the caller's thread with copies of everything, run on whichever
 * thread has the file, told on the caller's thread again. Used by store/ alone.
 */
#ifndef COMETCANARY_STORE_OP_H
#define COMETCANARY_STORE_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/outcome.h"
#include "model/probe.h"
#include "model/reply.h"
#include "store/store.h"

enum { OP_RUN_ID_MAX = 32 };

enum op_kind { OP_HISTORY, OP_PUT, OP_REMOVE, OP_LOAD, OP_RESERVE, OP_ADJUST, OP_EVENT };

/* A row of the history; what the run does not have is -1. */
struct op_run {
	struct wall finished;
	char run_id[OP_RUN_ID_MAX];
	enum probe_kind probe;
	enum outcome outcome;
	int64_t http_status, latency_us, ttft_us, input_tokens, output_tokens;
	enum usage_verdict usage;
	int64_t findings;
};

struct op_budget {
	size_t count;
	struct store_claim claims[STORE_CLAIMS_MAX]; /* the names are owned */
	struct store_grant grant;
};

struct op {
	struct op *next;
	enum op_kind kind;
	int error;
	union {
		store_done_fn *done;
		store_load_fn *load;
		store_grant_fn *grant;
	} fn; /* may be NULL */
	void *arg;
	char *text; /* the history's endpoint, the event's text, or where the item's views point; owned */
	struct op_run run;
	struct store_item item; /* of LOAD and REMOVE: kind and key; an absent key is every key */
	struct store_items items; /* what LOAD found; owned */
	struct op_budget *budget; /* owned */
	enum store_event event;
};

/* First in, first out. */
struct op_list {
	struct op *first, *last;
};

struct op *op_new(enum op_kind kind) ATTR_NODISCARD;
struct op *op_new_event(enum store_event event, const char *text) ATTR_NODISCARD;
void op_free(struct op *op);
/* Copies the item into the op. */
void op_set_item(struct op *op, const struct store_item *item);
/* False when a claim makes no sense; it is copied then too. */
bool op_set_claims(struct op *op, const struct store_claim *claims, size_t count);

static inline bool
op_is_write(const struct op *op)
{
	return op->kind != OP_LOAD && op->kind != OP_EVENT;
}

/* Calls back with op->error; events have nobody to call. */
void op_tell(struct op *op);

void op_list_add(struct op_list *list, struct op *op);
struct op *op_list_take(struct op_list *list);
/* Moves all of `more` to the end of `list`. */
void op_list_join(struct op_list *list, struct op_list *more);
void op_list_free(struct op_list *list);

#endif
