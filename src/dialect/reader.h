/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the bytes of a response to a struct reply: sniffs the body, decodes JSON or events, lets the dialect read them.
 * The pipeline feeds it as bytes arrive, `replay` from a file: the same bytes give the same reply however they come.
 * Pure but for its buffers; one owner.
 */
#ifndef COMETCANARY_DIALECT_READER_H
#define COMETCANARY_DIALECT_READER_H

#include "contract/shape.h"
#include "decode/head.h"
#include "decode/sse.h"
#include "model/dialect.h"
#include "model/exchange.h"

struct reader {
	const struct asked *asked;
	struct reply *reply;
	struct buf body; /* what is not known yet, and bodies that are read as a whole */
	struct sse sse;
	enum { READER_SNIFFS, READER_COLLECTS, READER_EVENTS, READER_SKIPS } mode;
	uint64_t body_bytes;
	struct shape shape;
	uint64_t required_seen; /* of the contract's stream_required */
	bool visible; /* the piece just fed brought visible content */
	bool declared_events; /* the media type says event stream */
	bool doubtful; /* ... and the first line does not */
};

/* asked and reply are borrowed until reader_done(); arena (borrowed) holds the reply's texts. */
void reader_init(struct reader *reader, const struct asked *asked, struct reply *reply, struct arena *arena);
/* The response's head. now: what `created` is compared with when there is no Date header; us 0 = do not compare. */
void reader_head(struct reader *reader, const struct head *head, struct wall now);
/* Bytes of the body, content-encoding undone. */
enum sink_wants reader_feed(struct reader *reader, const char *bytes, size_t len);
/* Nothing more will come, for whatever reason. */
void reader_end(struct reader *reader);
/* Releases the buffers; the reply stays, until reply_done(). */
void reader_done(struct reader *reader);
void reply_done(struct reply *reply);

#endif
