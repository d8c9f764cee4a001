/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request as providers and profiles see it: parsed, with what the request's faults want changed before an answer is
 * made. Filled by respond.c; plain data, lives for one request.
 */
#ifndef COMETCANARY_SIM_ASK_H
#define COMETCANARY_SIM_ASK_H

#include "base/clock.h"
#include "base/json.h"
#include "sim/http.h"

struct provider; /* provider.h */
struct sim_key; /* account.h */
struct sim_model; /* catalog.h */

enum finish { FINISH_NORMAL, FINISH_LENGTH, FINISH_CONTENT_FILTER, FINISH_REFUSAL, FINISH_SEQUENCE, FINISH_KINDS };

/* What faults change in the making of an answer; every generating dialect obeys it. Zero = nothing. */
struct shape {
	const char *text; /* instead of the model's own words; borrowed from a rule */
	unsigned reasoning_tokens; /* shown as reasoning text where the dialect has it */
	unsigned spare_reasoning; /* the same, as far as the token cap has room for it beside the text */
	bool filtered; /* the provider's safety system stops it: no text */
	bool refused; /* the model, or a check of the prompt, refuses: no text */
	bool failed; /* ends as failed, where the dialect knows such an end */
	bool cap_eaten; /* reasoning used up the whole token cap: no text, finish by length */
	bool no_text; /* ends normally and says nothing */
	bool as_stream, as_whole; /* whatever was asked for */
	bool any_key, any_model, any_body; /* what should be refused is accepted */
	bool vary; /* differs from the last one as healthy answers do: vary.h */
	bool by_alias; /* names the model as it was asked for, not its snapshot */
};

struct ask {
	const struct http_request *http;
	const struct profile *profile;
	const struct provider *provider; /* NULL = no such path */
	struct json body; /* absent when there is none, or it is no JSON */
	struct str model; /* as asked; absent when not given */
	const struct sim_model *entry; /* its row; NULL = unknown */
	struct sim_key *key; /* that was presented; NULL = none of ours */
	bool key_present;
	bool stream;
	struct shape shape;
	uint64_t seed; /* of this simulator */
	uint64_t sequence; /* of this request, from 1 */
	uint64_t hash; /* of the seed and the request's body: the same question gets the same words */
	struct wall now;
	char request_id[40];
	/* set by the provider, for the account and the journal */
	size_t tokens_in, tokens_out;
};

#endif
