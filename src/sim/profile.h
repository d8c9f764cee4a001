/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose habits are simulated: how requests are refused, and which headers every answer carries. A profile is one row.
 * Also the named error bodies of error.def, which faults use too. Pure.
 */
#ifndef COMETCANARY_SIM_PROFILE_H
#define COMETCANARY_SIM_PROFILE_H

#include "base/buf.h"

struct answer;
struct ask;
struct profile;

enum denial {
	REFUSE_NO_KEY,
	REFUSE_BAD_KEY,
	REFUSE_NOT_JSON,
	REFUSE_NO_MODEL,
	REFUSE_NO_FIELD, /* detail: the field's name */
	REFUSE_BAD_VALUE, /* detail: a sentence */
	REFUSE_PARAMETER, /* detail: the name of a parameter that this model does not take */
	REFUSE_UNKNOWN_MODEL,
	REFUSE_WRONG_PATH,
	REFUSE_COUNT,
};

/* NULL when there is none of that name. */
const struct profile *profile_find(struct str name);
/* Names of all profiles, for messages: "comet, openai". */
const char *profile_names(void);

/* Makes *answer the refusal. detail: borrowed text for the message, made safe for JSON here. */
void profile_refuse(const struct ask *ask, struct answer *answer, enum denial refusal, struct str detail);
/* Adds the headers that every answer of this provider has. */
void profile_add_headers(const struct ask *ask, struct answer *answer);
/* The headers that a key may come in, the first that is there decides; ends with NULL. */
const char *const *profile_key_headers(const struct profile *profile);
/* The identifier of this request, as its answer names it. */
void profile_make_request_id(struct ask *ask);
/* Whether it refuses what the API's maker refuses and gateways let pass: max_tokens for a model that thinks first, a
 * request without anthropic-version. */
bool profile_is_strict(const struct ask *ask);

struct error_row {
	const char *name;
	int status;
	const char *headers, *body, *what;
};
size_t error_count(void);
const struct error_row *error_at(size_t index);
const struct error_row *error_find(struct str name);
/* Makes *answer this error: status, headers, body. text replaces $T. */
void error_say(const struct error_row *row, const struct ask *ask, struct str text, struct answer *answer);
/* Appends the row's body alone. */
void error_write_body(const struct error_row *row, const struct ask *ask, struct str text, struct buf *out);

#endif
