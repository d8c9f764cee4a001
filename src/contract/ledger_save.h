/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger as texts that outlive the process: active findings, verified times, and one baseline a probe. Each has a
 * version, and the hash of the request that it belongs to. What cannot be read is refused with a reason, and never taken
 * for "no drift". Pure but for allocation.
 */
#ifndef COMETCANARY_CONTRACT_LEDGER_SAVE_H
#define COMETCANARY_CONTRACT_LEDGER_SAVE_H

#include "contract/ledger.h"

void ledger_save_findings(const struct ledger *ledger, struct buf *out);
void ledger_save_verified(const struct ledger *ledger, struct buf *out);
/* False: there is nothing to save. */
bool ledger_save_baseline(const struct ledger *ledger, const struct ledger_probe *probe, struct buf *out);

/* Into a ledger that ledger_init() made. NULL, or why nothing was taken (static, for people: "… is corrupt"). What
 * belongs to another request is passed over: NULL. */
const char *ledger_load_findings(struct ledger *ledger, const struct endpoint *endpoint, struct str text);
const char *ledger_load_verified(struct ledger *ledger, struct str text);
/* Takes the place of what is known. A baseline that cannot be used leaves its reason in the probe's `trouble`. */
const char *
ledger_load_baseline(struct ledger *ledger, const struct endpoint *endpoint, enum probe_kind kind, struct str text);

#endif
