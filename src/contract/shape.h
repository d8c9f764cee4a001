/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of an answer: which paths it has and of which types; no values. Learnt from good samples it becomes a
 * baseline, against which later answers are compared. Count and depth of paths have caps: a hostile body makes an
 * incomplete shape, which is compared with nothing. Pure but for allocation from the given arena.
 */
#ifndef COMETCANARY_CONTRACT_SHAPE_H
#define COMETCANARY_CONTRACT_SHAPE_H

#include <stdint.h>

#include "base/json.h"
#include "model/finding.h"

struct arena;

enum { SHAPE_PATHS_MAX = 512, SHAPE_DEPTH_MAX = 16 };

/* Types that are not told apart: an integer is a number. Empty and filled arrays are. */
enum shape_kinds {
	SHAPE_NULL = 1,
	SHAPE_BOOL = 2,
	SHAPE_NUMBER = 4,
	SHAPE_STRING = 8,
	SHAPE_ARRAY = 16,
	SHAPE_OBJECT = 32,
	SHAPE_EMPTY_ARRAY = 64, /* beside SHAPE_ARRAY */
	SHAPE_HEADER = 128, /* a response header: path "header:name" */
};

struct shape_path {
	struct str path;
	uint8_t kinds;
};

/* Of one answer; paths sorted when finished. */
struct shape {
	struct arena *arena;
	struct shape_path *paths;
	size_t count, room;
	size_t hint; /* where the next path probably is */
	bool incomplete; /* a cap was passed */
	int64_t vector_length; /* of the first embedding; -1 = none */
	int64_t input_tokens; /* as reported; -1 = not */
	struct str id_prefix; /* the letters that the id begins with; absent = no id */
};

void shape_init(struct shape *shape, struct arena *arena);
/* Adds a document: a body, or one event of a stream (the union of all events is the stream's shape). */
void shape_add(struct shape *shape, struct json root);
void shape_add_header(struct shape *shape, struct str name);
void shape_finish(struct shape *shape);
/* In a finished shape; NULL when it is not there. */
const struct shape_path *shape_find(const struct shape *shape, struct str path);
/* Stable over processes and machines: of sorted paths and kinds. */
uint64_t shape_hash(const struct shape *shape);

#endif
