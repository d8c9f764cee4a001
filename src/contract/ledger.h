/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the probes know of the contract of one endpoint: active findings and baseline of each probe, when each area of
 * the ledger was last verified, sync against stream, the provider's list of models. Told of every run; what the operator
 * wrote stays in struct contract. Pure but for allocation; one owner (app/drift, or a command that reads the store).
 */
#ifndef COMETCANARY_CONTRACT_LEDGER_H
#define COMETCANARY_CONTRACT_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contract/active.h"
#include "contract/baseline.h"
#include "contract/parity.h"
#include "model/record.h"
#include "model/request.h"

/* Beside the kinds of probes, who else knows something: the provider's list of models, and the watched documents. */
enum { LEDGER_MODELS = PROBE_COUNT, LEDGER_DOCS, LEDGER_KINDS };

/* What is known by one kind of probe, or by another of LEDGER_KINDS. */
struct ledger_probe {
	enum probe_kind kind;
	struct active_set active;
	struct baseline *baseline; /* owned; NULL = none */
	const char
	    *trouble; /* static: why there is a baseline and nothing is compared with it; NULL = nothing is wrong */
	bool relearn; /* `baseline pin` asked for it: pins itself whatever the mode */
};

struct verified {
	struct wall at; /* us 0 = never */
	enum probe_kind by;
};

enum listed { LISTED_UNKNOWN, LISTED_NO, LISTED_YES };

struct ledger {
	uint64_t request_hash; /* of what is asked: findings and baselines of another request say nothing */
	struct wall last_change; /* of the set of active findings; us 0 = never */
	struct verified verified[AREA_COUNT];
	struct parity parity;
	enum listed listed;
	bool waits; /* whether there are baselines is not known yet: none is begun */
	size_t probe_count; /* the last two are the list of models and the documents */
	struct ledger_probe *probes; /* owned */
};

/* What changed. */
enum ledger_change {
	LEDGER_FINDINGS = 1, /* the set of active findings */
	LEDGER_BASELINE = 2, /* of the probe that ran */
	LEDGER_VERIFIED = 4, /* when an area was verified */
	LEDGER_LISTED = 8,
};

/* Empty, for the endpoint as it is configured. */
void ledger_init(struct ledger *ledger, const struct endpoint *endpoint);
void ledger_done(struct ledger *ledger);
/* The endpoint is configured anew: what belongs to the same request stays. Returns enum ledger_change. */
unsigned ledger_configure(struct ledger *ledger, const struct endpoint *endpoint, struct wall now);

/* NULL when the endpoint has no such probe. */
struct ledger_probe *ledger_find(const struct ledger *ledger, enum probe_kind kind);
/* What a run of that probe is compared with; borrowed until the next change. NULL = nothing. */
const struct baseline *ledger_baseline(const struct ledger *ledger, enum probe_kind kind);

/* Before a run is judged: findings that take more than this one answer. */
void ledger_inspect(const struct ledger *ledger, const struct endpoint *endpoint, const struct asked *asked,
    struct reply *reply, struct wall now);
/* One finished run. Returns enum ledger_change. */
unsigned ledger_record(struct ledger *ledger, const struct record *record);
/* A good list of models had the endpoint's model, or had not. *ret_findings: what was seen. Returns enum ledger_change. */
unsigned ledger_note_listed(struct ledger *ledger, const struct endpoint *endpoint, bool listed, struct wall now,
    struct findings *ret_findings);
/* What the documents that the endpoint relies on say against its contract, all of it. Returns enum ledger_change. */
unsigned ledger_note_documents(
    struct ledger *ledger, const struct endpoint *endpoint, struct findings *findings, struct wall now);
/* `baseline pin`: pins what is learnt; where it is pinned (or cannot be used), learns anew and then pins itself. */
void ledger_pin(struct ledger *ledger, enum probe_kind kind);

/* What is asked has changed: a pinned baseline that only the operator may change stays, and is compared with nothing;
 * any other is forgotten. */
void ledger_set_aside(struct ledger_probe *probe, const struct contract *contract);

/* Of everything that decides what is asked. Stable over processes and machines. */
uint64_t ledger_request_hash(const struct endpoint *endpoint);
/* probe_name(), "models", "docs". */
const char *ledger_probe_name(enum probe_kind kind);
/* LEDGER_KINDS when there is none. */
enum probe_kind ledger_probe_from_name(struct str name);

#endif
