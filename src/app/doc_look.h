/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One look at a watched document: a GET that carries no key, follows a few redirects within the same origin, and asks
 * only for what is new where the last answer said how. Loop thread.
 */
#ifndef COMETCANARY_APP_DOC_LOOK_H
#define COMETCANARY_APP_DOC_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "docs/version.h"
#include "model/request.h"

struct loop;
struct transport;
struct doc_look;

/* What an answer said about itself, for the next look. Empty texts: nothing. */
struct doc_validators {
	struct buf url; /* which the others belong to */
	struct buf etag, last_modified;
};

/* What a look saw; all borrowed until the callback returns. */
struct doc_sighting {
	const char *trouble; /* static: why there is no answer; NULL = there is one */
	bool not_modified; /* as the last time: `answer` has no body */
	struct doc_answer answer;
	int64_t retry_after_ns; /* what the site asks for; 0 = nothing */
};
/* Once, never from inside doc_look_start(). The look is gone afterwards. */
typedef void doc_look_fn(void *arg, const struct doc_sighting *sighting);

struct doc_look_parts {
	struct loop *loop;
	struct transport *transport;
	const struct doc *doc;
	struct doc_validators *validators; /* of the last look; written */
};

/* All parts are borrowed until fn is called. Returns owned by itself. */
struct doc_look *doc_look_start(const struct doc_look_parts *parts, doc_look_fn *fn, void *arg) ATTR_NODISCARD;
/* What the first look asks; everything is borrowed. */
void doc_look_request(const struct doc *doc, const char *url, struct request *ret_request);
/* fn is not called. NULL is fine. */
void doc_look_cancel(struct doc_look *look);

void doc_validators_init(struct doc_validators *validators);
/* The next look gets the whole document. */
void doc_validators_reset(struct doc_validators *validators);
void doc_validators_done(struct doc_validators *validators);

#endif
