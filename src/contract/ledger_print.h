/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger shown: as text for a terminal, as Markdown for a ticket, as JSON for machines. Paths hold names that a server
 * chose: they are escaped for the form at hand. Pure.
 */
#ifndef COMETCANARY_CONTRACT_LEDGER_PRINT_H
#define COMETCANARY_CONTRACT_LEDGER_PRINT_H

#include "base/jsonw.h"
#include "contract/ledger.h"
#include "model/doc.h"

struct ledger_view {
	const struct endpoint *endpoint;
	const struct ledger *ledger;
	int64_t today_days; /* acknowledgements are of a day */
	const struct doc_book *docs; /* NULL = nothing is known of documents */
};

/* Active and not acknowledged, by severity; the same thing seen by two probes is one. ret_active: bit 1 << enum
 * finding_rule by severity, acknowledged ones too. */
void
ledger_count(const struct ledger_view *view, unsigned ret_drift[SEVERITY_COUNT], uint64_t ret_active[SEVERITY_COUNT]);
bool ledger_is_acknowledged(const struct ledger_view *view, const struct active_finding *item);

/* The completed contract table. */
void ledger_print_text(struct buf *out, const struct ledger_view *view);
void ledger_print_markdown(struct buf *out, const struct ledger_view *view);
/* An object. */
void ledger_write(struct jsonw *w, const char *key, const struct ledger_view *view);
/* An array: all findings that were seen in the last runs, active or not. */
void ledger_write_findings(struct jsonw *w, const char *key, const struct ledger_view *view);
/* One finding as an object. */
void ledger_write_finding(
    struct jsonw *w, const struct ledger_view *view, enum probe_kind probe, const struct active_finding *item);
/* One active finding as a line of text. */
void ledger_print_finding(
    struct buf *out, const struct ledger_view *view, enum probe_kind probe, const struct active_finding *item);

/* "pinned (20 samples)", "learning (3 of 20)", "inconclusive: …" */
void ledger_print_baseline(struct buf *out, const struct contract *contract, const struct ledger_probe *probe);
void ledger_write_baseline(
    struct jsonw *w, const char *key, const struct contract *contract, const struct ledger_probe *probe);

#endif
