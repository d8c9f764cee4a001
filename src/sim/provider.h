/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam of the simulated API: each dialect is one file with one row. To add one: a file like provider_chat.c, its
 * line in provider.def. Everything else (keys, models, refusals, faults, framing, timing) is done around it.
 */
#ifndef COMETCANARY_SIM_PROVIDER_H
#define COMETCANARY_SIM_PROVIDER_H

#include <stdbool.h>

#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/catalog.h"

struct account;
struct jsonw;

struct provider {
	const char *name;
	const char *method;
	const char *path; /* a * stands for anything but a slash */
	bool is_public; /* no key needed */
	bool has_body; /* a JSON object with a model is required */
	enum model_kind kind; /* of the models that it takes */
	const char *required; /* a field that must be there; NULL = none */
	/* Where its answers and events keep what the faults by name change: paths, separated by spaces; NULL = has none. */
	struct {
		const char *id, *model, *list, *usage, *input, *output, *total, *finish;
	} paths;
	/* The family's own words in a stream; NULL = has none. */
	struct {
		const char *error; /* of error.def: that something went wrong in the middle */
		const char *number; /* the member that counts the events */
		bool named; /* events have names, which are their data's type */
	} stream;
	/* Puts an event that no documentation names before events[index], as a healthy provider may; NULL = cannot. */
	void (*unknown_event)(const struct ask *ask, struct answer *answer, size_t index);
	/* Where the model and the wish for a stream are found; NULL = members "model" and "stream" of the body. */
	struct str (*model)(const struct ask *ask);
	bool (*streams)(const struct ask *ask);
	/* Makes the answer to a request that passed all checks; may still refuse. */
	void (*answer)(struct ask *ask, struct answer *answer);
};

#define PROVIDER(row) extern const struct provider row;
#include "sim/provider.def"
#undef PROVIDER

/* NULL when the path is none of the API's. */
const struct provider *provider_find(const struct http_request *request);

/* ---- what several dialects need ---- */

/* All text of an OpenAI-style message's content: a string, or the text parts of an array. */
void provider_collect_text(struct json content, struct buf *out);
/* The head of an event stream. */
void provider_begin_stream(struct answer *answer);
/* An identifier of this answer, from the seed and the request's number: the prefix, then len letters and digits. */
void provider_id(const struct ask *ask, const char *prefix, unsigned len, char *ret_text, size_t room);
/* Counts the events anew, where the dialect does: for who has added or dropped some. */
void provider_number_events(const struct provider *provider, struct answer *answer);
/* The model's name in answers. */
struct str provider_model_name(const struct ask *ask);

#endif
