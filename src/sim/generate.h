/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the simulated model says to a prompt, and how many tokens that is: the same rules for all dialects that generate
 * text, which only read the wish from their request and write the result in their own form. Pure.
 */
#ifndef COMETCANARY_SIM_GENERATE_H
#define COMETCANARY_SIM_GENERATE_H

#include "base/buf.h"
#include "base/json.h"
#include "sim/ask.h"

enum { GENERATE_TEXT_MAX = 1024 * 1024 };

/* Made with GENERATE_WISH_INIT, filled by a dialect from its request. */
struct wish {
	struct buf prompt; /* the text of the last message */
	size_t tokens_in;
	size_t cap; /* for text and reasoning together; SIZE_MAX = none */
	unsigned reasoning_tokens; /* thought before anything is said */
	bool shows_reasoning; /* the reasoning is to be seen */
	bool wants_json;
	struct json stop; /* a text or a list of texts that end the answer */
};
#define GENERATE_WISH_INIT \
	{ \
		.prompt = BUF_INIT(HTTP_BODY_MAX), .cap = SIZE_MAX \
	}

struct generated {
	struct buf full; /* what would be said without a cap; `text` is a part of it */
	struct str text; /* visible */
	struct buf reasoning; /* as far as it is to be seen */
	size_t tokens_in, tokens_visible, tokens_reasoning;
	enum finish finish;
	struct str stopped_by; /* of FINISH_SEQUENCE; borrowed from the request */
};

/* Counts the text as a message of its own, and keeps it as the last one. */
void generate_read_message(struct wish *wish, struct json content);
/* A cap from the request; anything but a positive number is none. */
void generate_read_cap(struct wish *wish, struct json cap);
/* What the model thinks on its own; effort: "none" and "minimal" switch that off, absent = the model's own. */
unsigned generate_own_reasoning(const struct ask *ask, struct str effort);

/* The result is owned: generate_done(), which frees the wish too. */
void generate(const struct ask *ask, const struct wish *wish, struct generated *ret);
void generate_done(struct wish *wish, struct generated *generated);

#endif
