/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which faults hit which requests. A rule is a match (path, model, stream, the n-th, how often, how likely, when) and
 * a list of faults with parameters; all rules that match are applied, in order. Rules come from a script or over HTTP as
 * JSON. Chance depends on the seed and the count of matches alone. Loop thread; no I/O.
 */
#ifndef COMETCANARY_SIM_FAULT_H
#define COMETCANARY_SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

enum fault {
#define FAULT(stage, id, name, parameters, what) FAULT_##id,
#include "sim/fault.def"
#undef FAULT
	FAULT_COUNT
};

enum fault_stage { STAGE_CONNECT, STAGE_SHAPE, STAGE_ANSWER, STAGE_EVENTS, STAGE_WIRE };

struct fault_args {
	int64_t ms, bytes, at, events, count, status, every;
	char *text, *path, *name; /* owned by the rule; NULL = not a parameter of this fault */
};

struct fault_step {
	enum fault fault;
	struct fault_args args;
};

enum { FAULT_STEPS_MAX = 16, FAULT_RULES_MAX = 256 };

struct fault_rule {
	uint64_t id;
	char *label; /* for people; may be NULL */
	char *method, *path, *model, *key; /* NULL = any; a path may end with * */
	bool any_mode, stream; /* any_mode: stream or not */
	uint64_t after, every, count; /* skip the first `after`, take each `every`-th, `count` times (0 = for ever) */
	double probability;
	struct mono from, until; /* 0 = from the start, for ever */
	uint64_t seen, hits;
	struct fault_step steps[FAULT_STEPS_MAX];
	size_t step_count;
};

struct fault_set {
	uint64_t seed, last_id;
	struct fault_rule *rules[FAULT_RULES_MAX];
	size_t count;
	uint64_t hits[FAULT_COUNT];
};

/* What a rule can look at. For a connection: only `now`. */
struct fault_target {
	struct str method, path, model, key;
	bool stream, is_connection;
	struct mono now;
};

enum { FAULT_PICKS_MAX = 64 };

/* The faults of one request or connection, borrowed from their rules until these change. */
struct fault_picks {
	const struct fault_step *steps[FAULT_PICKS_MAX];
	size_t count;
};

const char *fault_name(enum fault fault);
enum fault_stage fault_stage(enum fault fault);
const char *fault_stage_name(enum fault_stage stage);
/* The columns of fault.def. */
const char *fault_parameters(enum fault fault);
const char *fault_text(enum fault fault);
/* The catalogue as JSON: {"faults":[{name,stage,parameters,what}],"errors":[{name,status,what}]}. */
void fault_write_catalogue(struct buf *out);

/* json: one rule, or {"faults":[rule…]}. All or nothing: on false, *ret_error says what is wrong and where.
 * now: the times of the rules count from here. *ret_first_id: of the first rule that was added. */
bool fault_add(struct fault_set *set, struct str json, struct mono now, struct buf *ret_error, uint64_t *ret_first_id);
/* False when there is none of that id. */
bool fault_remove(struct fault_set *set, uint64_t id);
void fault_clear(struct fault_set *set);
void fault_write_rules(const struct fault_set *set, struct buf *out);

/* Counts the match in every rule that it concerns, and picks the faults that hit. */
void fault_pick(struct fault_set *set, const struct fault_target *target, struct fault_picks *ret_picks);

/* When the listeners are to be closed: until when, 0 = they are open. *ret_next: when to ask again, 0 = after changes. */
struct mono fault_refused_until(struct fault_set *set, struct mono now, struct mono *ret_next);

#endif
