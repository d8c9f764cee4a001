/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "classify/error.h"

#include <string.h>

#include "base/attr.h"

enum match { MATCH_WHOLE, MATCH_PART };

struct identifier {
	const char *text;
	enum outcome outcome;
	enum match match;
	bool generic;
};

static const struct identifier identifiers[] = {
#define KNOWN(text, outcome) { text, OUTCOME_##outcome, MATCH_WHOLE, false },
#define KIN(text, outcome) { text, OUTCOME_##outcome, MATCH_PART, false },
#define GENERIC(text, outcome) { text, OUTCOME_##outcome, MATCH_WHOLE, true },
#include "classify/identifier.def"
#undef KNOWN
#undef KIN
#undef GENERIC
};

enum { FOLDED_BYTES = 129 };

/* In lower case and without separators, as the table is written; "" for what is no identifier. */
static void
fold(struct str text, char folded[FOLDED_BYTES])
{
	size_t len = 0;
	for (size_t i = 0; str_is_identifier(text) && i < text.len; i++) {
		char c = text.at[i];
		if (c >= 'A' && c <= 'Z')
			folded[len++] = (char)(c - 'A' + 'a');
		else if (!strchr("_-.:", c))
			folded[len++] = c;
	}
	folded[len] = '\0';
}

static const struct identifier *
find_identifier(struct str text)
{
	char folded[FOLDED_BYTES];
	const struct identifier *kin = NULL;
	fold(text, folded);
	for (size_t i = 0; folded[0] && i < ARRAY_LEN(identifiers); i++) {
		const struct identifier *row = &identifiers[i];
		if (row->match == MATCH_WHOLE && strcmp(folded, row->text) == 0)
			return row;
		if (row->match == MATCH_PART && !kin && strstr(folded, row->text))
			kin = row;
	}
	return kin;
}

/* What is about money, the model, content, or the key is that, in whichever part it stands; of the rest the more
 * specific part wins. */
static int
rank(const struct identifier *found)
{
	static const enum outcome first[] = { OUTCOME_QUOTA_EXHAUSTED, OUTCOME_MODEL_UNAVAILABLE,
		OUTCOME_CONTENT_BLOCKED, OUTCOME_AUTH_REJECTED };
	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		if (found->outcome == first[i])
			return (int)i;
	return found->generic ? ARRAY_LEN(first) + 1 : ARRAY_LEN(first);
}

static const struct identifier *
best_identifier(const struct api_error *error)
{
	const struct str parts[] = { error->reason, error->code, error->status, error->type };
	const struct identifier *best = NULL;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const struct identifier *found = find_identifier(parts[i]);
		if (found && (!best || rank(found) < rank(best)))
			best = found;
	}
	return best;
}

/* Is the error's own code (a family whose code is a number says it in status) one that we know? */
static bool
has_known_code(const struct api_error *error)
{
	struct str code = error->code.len > 0 && error->number == 0 ? error->code : error->status;
	return find_identifier(code) != NULL;
}

/* found: a generic identifier. One that speaks of the server is not about the model, one that speaks of the request is
 * where the refused part of it is the model. */
static bool
is_about_model(const struct api_error *error, int status, const struct identifier *found)
{
	if (!error->mentions_model || status == 404)
		return error->mentions_model;
	if ((status != 400 && status != 503) || has_known_code(error))
		return false;
	if (!found)
		return true;
	return outcome_class(found->outcome) != CLASS_SERVER &&
	    (status == 503 || error->names_model || str_eq(error->parameter, STR("model")));
}

/* The two places where a message is looked at: no identifier says it, and the message plainly does. */
static enum outcome
by_message(const struct api_error *error, int status, const struct identifier *found)
{
	if (is_about_model(error, status, found))
		return OUTCOME_MODEL_UNAVAILABLE;
	return error->billing_sentence ? OUTCOME_QUOTA_EXHAUSTED : OUTCOME_INVALID;
}

static enum outcome
by_status(int status, bool html, bool envelope)
{
	switch (status) {
	case 401:
		return OUTCOME_AUTH_REJECTED;
	case 402:
		return OUTCOME_QUOTA_EXHAUSTED;
	case 403:
		return envelope ? OUTCOME_AUTH_REJECTED : OUTCOME_ACCESS_BLOCKED;
	case 404:
	case 410:
		return OUTCOME_NOT_FOUND;
	case 408:
	case 425:
		return OUTCOME_SERVER_ERROR;
	case 429:
		return OUTCOME_RATE_LIMITED;
	case 451:
		return OUTCOME_ACCESS_BLOCKED;
	default:
		break;
	}
	if (status < 500)
		return OUTCOME_BAD_REQUEST;
	if (html || status == 502 || status == 504 || (status >= 520 && status <= 527))
		return OUTCOME_GATEWAY_ERROR;
	return status == 503 || status == 529 ? OUTCOME_OVERLOADED : OUTCOME_SERVER_ERROR;
}

/* status 0: there is none to go by. */
static enum outcome
decide(const struct api_error *error, int status, bool html)
{
	const struct identifier *found = error->present ? best_identifier(error) : NULL;
	if (error->quota_details)
		return OUTCOME_QUOTA_EXHAUSTED;
	if (found && !found->generic)
		return found->outcome;
	bool no_such_thing = status == 0 && found && found->outcome == OUTCOME_NOT_FOUND;
	enum outcome said = error->present ? by_message(error, no_such_thing ? 404 : status, found) : OUTCOME_INVALID;
	if (said != OUTCOME_INVALID)
		return said;
	if (found && (status == 0 || (status >= 500 && found->outcome == OUTCOME_BAD_REQUEST)))
		return found->outcome;
	return status == 0 ? OUTCOME_SERVER_ERROR : by_status(status, html, error->envelope);
}

enum outcome
error_outcome(const struct reply *reply)
{
	return decide(&reply->error, reply->status, reply->form == FORM_HTML);
}

enum outcome
error_underlying(const struct reply *reply)
{
	return decide(&reply->error, reply->error.number, false);
}

bool
error_status_is_honest(enum outcome outcome, int status)
{
	static const struct {
		enum outcome outcome;
		int statuses[6];
	} honest[] = {
		{ OUTCOME_AUTH_REJECTED, { 401, 403, 400 } },
		{ OUTCOME_ACCESS_BLOCKED, { 403, 451 } },
		{ OUTCOME_QUOTA_EXHAUSTED, { 402, 403, 429, 400 } },
		{ OUTCOME_RATE_LIMITED, { 429 } },
		{ OUTCOME_MODEL_UNAVAILABLE, { 404, 400, 403, 410, 422 } },
		{ OUTCOME_NOT_FOUND, { 404, 410 } },
		{ OUTCOME_CONTENT_BLOCKED, { 400, 403, 422, 451 } },
		{ OUTCOME_OVERLOADED, { 503, 529, 500, 429 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(honest); i++) {
		if (honest[i].outcome != outcome)
			continue;
		for (size_t s = 0; s < ARRAY_LEN(honest[i].statuses); s++)
			if (honest[i].statuses[s] == status)
				return true;
		return false;
	}
	if (outcome == OUTCOME_BAD_REQUEST)
		return status / 100 == 4;
	return status >= 500 || status == 408 || status == 425;
}
