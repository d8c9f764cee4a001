/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One API family as a table of functions: how to ask, and what an answer says. A dialect is one file in dialect/ that
 * defines one const struct; the core never names a vendor. All functions are pure: they write to what they are given.
 */
#ifndef COMETCANARY_MODEL_DIALECT_H
#define COMETCANARY_MODEL_DIALECT_H

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "model/reply.h"
#include "model/request.h"

enum dialect_caps {
	DIALECT_STREAM = 1, /* has an event stream form */
	DIALECT_MODEL = 2, /* asks for a model */
	DIALECT_PROMPT = 4, /* sends a prompt or an input */
	DIALECT_USAGE = 8, /* may report usage */
	DIALECT_TERMINAL = 16, /* its streams end with a terminal marker */
	DIALECT_STREAM_USAGE = 32, /* usage in a stream must be asked for */
	DIALECT_TEXT = 64, /* its output is text: expect.output applies */
};

/* How a family reports usage; NULL = it has no such part. */
struct usage_shape {
	const char *input, *output, *total;
	const char *addends[USAGE_ADDENDS_MAX]; /* further parts of the total */
	bool keep_larger; /* over the events of a stream the larger value counts, not the last */
	bool needs_input; /* an input count of zero cannot be (there is no visible output to judge by) */
};

struct sse_event {
	struct str name; /* of its event: field; absent when there was none */
	struct str data;
};

struct dialect {
	const char *name;
	enum http_method method;
	unsigned caps; /* enum dialect_caps */
	const char *const *token_fields; /* NULL-terminated, the default first; NULL = sends no cap */
	/* Where the cap, and the number of answers, stand in the body: NULL = at its top, and the cap in the token fields. */
	const char *cap_group;
	const char *const *cap_fields; /* the one that we send first */
	const char *answers_field; /* NULL = "n" */
	/* Pairs of another spelling that the family takes too and the one that we read, NULL-terminated; NULL = has none. */
	const char *const *spellings;
	const struct usage_shape *usage; /* NULL = reports none */
	const char *const *skeleton; /* all there and null: a "null skeleton". NULL-terminated; NULL = has none */
	const int *auth_statuses; /* by which the family refuses a key, 0-terminated; NULL = 401 */
	const char *model_path; /* where the model stands in an answer; NULL = $.model */
	const char *usage_path; /* NULL = $.usage */
	const char
	    *stream_path[2]; /* a path that ends in the first ends in the second for streams; NULL = the same path */
	size_t max_body_bytes; /* the default of max_body; 0 = as for all */
	bool any_root; /* a body may be a list, not only an object */
	bool numeric_error_code; /* its error.code is a number */
	const char *const
	    *headers; /* "Name: value" that the family wants in each request, NULL-terminated; NULL = none */
	const char *required_key; /* probe missing_field leaves it out; NULL = has none */
	const char *completion_path; /* of the completion marker in a stream, for findings */

	/* Writes the members of the request body; the braces and the operator's extra members are the caller's. NULL: GET. */
	void (*write_members)(struct jsonw *body, const struct endpoint *endpoint, const struct asked *asked);
	/* A success body. */
	void (*read_body)(struct reply *reply, const struct asked *asked, struct json root);
	/* One event of a stream, its data an object. True when it brought visible content. NULL without DIALECT_STREAM. */
	bool (*read_event)(
	    struct reply *reply, const struct asked *asked, const struct sse_event *event, struct json root);
	/* Data that is a marker, no JSON. True when the family knows it. NULL = has none. */
	bool (*read_marker)(struct reply *reply, struct str data);
};

static inline struct str
dialect_model_path(const struct dialect *dialect)
{
	return dialect->model_path ? str_of(dialect->model_path) : STR("$.model");
}

/* Can this family be probed in that way? */
static inline bool
dialect_supports(const struct dialect *dialect, enum probe_kind probe)
{
	switch (probe) {
	case PROBE_STREAM:
	case PROBE_STREAM_ABORT:
		return dialect->caps & DIALECT_STREAM;
	case PROBE_INVALID_MODEL:
		return dialect->caps & DIALECT_MODEL;
	case PROBE_MALFORMED_JSON:
		return dialect->write_members != NULL;
	case PROBE_MISSING_FIELD:
		return dialect->required_key != NULL;
	case PROBE_SYNC:
	case PROBE_MISSING_AUTH:
	case PROBE_INVALID_AUTH:
	case PROBE_WRONG_PATH:
	case PROBE_TIMEOUT:
	case PROBE_RATE_LIMIT:
		return true;
	case PROBE_COUNT:
		break;
	}
	return false;
}

/* All dialects in the order of the documentation, ending with NULL. */
extern const struct dialect *const dialects[];
/* NULL when there is none of that name. */
const struct dialect *dialect_find(struct str name);

#endif
