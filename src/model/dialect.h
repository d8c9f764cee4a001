/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One API family as a table of functions: how to ask, and what an answer says. A dialect is one file in dialect/ that
 * defines one const struct; the core never names a vendor. All functions are pure: they write to what they are given.
 */
#ifndef COMETCANARY_MODEL_DIALECT_H
#define COMETCANARY_MODEL_DIALECT_H

#include "base/buf.h"
#include "base/json.h"
#include "model/reply.h"
#include "model/request.h"

enum dialect_caps {
	DIALECT_STREAM = 1, /* has an event stream form */
	DIALECT_MODEL = 2, /* asks for a model */
	DIALECT_PROMPT = 4, /* sends a prompt (or input) */
	DIALECT_USAGE = 8, /* may report usage */
	DIALECT_TERMINAL = 16, /* its streams end with a terminal marker */
	DIALECT_STREAM_USAGE = 32, /* usage in streams must be asked for (stream_options.include_usage) */
};

/* How a dialect reports usage. NULL keys = it has no such part. */
struct usage_shape {
	const char *input, *output, *total;
	const char *addends[2]; /* further parts of the total */
	bool no_total; /* the family has no total */
	bool keep_larger; /* merge over events by the larger value (messages) instead of the last */
};

struct sse_event {
	struct str name; /* of the event: field; absent when there was none */
	struct str data;
};

struct dialect {
	const char *name;
	enum http_method method;
	unsigned caps; /* enum dialect_caps */
	const char *const *token_fields; /* NULL-terminated, the default first; NULL = sends no cap */
	const struct usage_shape *usage;
	/* The keys that are all there and null in a "null skeleton". NULL-terminated; NULL = has none. */
	const char *const *skeleton;
	/* Keys of which any one, there and not null, says that a flat {code, message} object is no error. NULL-terminated. */
	const char *const *success_keys;
	/* Outcome bits (1 << enum outcome) and statuses by which a key is refused in this family. NULL = 401 only. */
	const int *auth_statuses; /* 0-terminated */

	/* Writes the body of a request. extra (an object or absent) has been merged in by the caller afterwards. */
	void (*write_body)(struct buf *body, const struct endpoint *endpoint, const struct asked *asked);
	/* A required top-level key whose removal makes the request invalid (probe missing_field); NULL = has none. */
	const char *required_key;
	/* A whole success body. */
	void (*read_body)(struct reply *reply, const struct asked *asked, struct json root);
	/* One event of a stream with JSON in its data. True when it brought visible content. */
	bool (*read_event)(
	    struct reply *reply, const struct asked *asked, const struct sse_event *event, struct json root);
	/* Data that is a marker and no JSON ([DONE]). True when this dialect knows it. */
	bool (*read_marker)(struct reply *reply, const struct asked *asked, struct str data);
	/* After the last event: what can be said only now. May be NULL. */
	void (*read_end)(struct reply *reply, const struct asked *asked);
};

/* All dialects, in the order of the configuration's documentation; ends with NULL. Defined in dialect/table.c. */
extern const struct dialect *const dialects[];
/* NULL when there is none. */
const struct dialect *dialect_find(struct str name);

#endif
