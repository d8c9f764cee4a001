/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where ledgers are in the store: active findings and verified times under the endpoint's name, a baseline under
 * "NAME/PROBE", and what `baseline pin` asks for under "NAME/PROBE/pin", until the daemon has done it. The daemon and
 * the commands read the same way. The caller's thread is the store's.
 */
#ifndef COMETCANARY_APP_LEDGER_STORE_H
#define COMETCANARY_APP_LEDGER_STORE_H

#include "base/buf.h"
#include "contract/ledger.h"
#include "store/store.h"

/* Of an endpoint's ledger. */
struct ledger_place {
	const struct endpoint *endpoint;
	struct ledger *ledger; /* as ledger_init() made it, or older */
};

/* What cannot be used. why: static, for people ("is corrupt"). */
typedef void ledger_trouble_fn(void *arg, const struct endpoint *endpoint, const char *what, const char *why);

/* Takes what is of this endpoint out of all items of one kind, as the store gave them. trouble may be NULL. */
void ledger_store_take(const struct ledger_place *place, enum store_kind kind, const struct store_items *items,
    ledger_trouble_fn *trouble, void *arg);
/* Does the pins that are asked for among the baselines' items, in the ledger. Bits 1 << enum probe_kind of those. */
unsigned ledger_store_take_pins(const struct ledger_place *place, const struct store_items *items);

/* kind: findings or verified. fn may be NULL. */
void ledger_store_put(
    struct store *store, const struct ledger_place *place, enum store_kind kind, store_done_fn *fn, void *arg);
/* Removes it where there is nothing to keep. */
void ledger_store_put_baseline(
    struct store *store, const struct ledger_place *place, enum probe_kind probe, store_done_fn *fn, void *arg);
void ledger_store_put_pin(
    struct store *store, const struct endpoint *endpoint, enum probe_kind probe, store_done_fn *fn, void *arg);
void ledger_store_remove_pin(struct store *store, const struct endpoint *endpoint, enum probe_kind probe);

#endif
