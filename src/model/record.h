/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One finished run: the one struct that every sink gets (metrics, log line, later history). Views borrow from the run
 * and are valid only during the call; a sink that needs more copies.
 */
#ifndef COMETCANARY_MODEL_RECORD_H
#define COMETCANARY_MODEL_RECORD_H

#include "model/conf.h"
#include "model/effect.h"
#include "model/exchange.h"
#include "model/fallback.h"
#include "model/reply.h"
#include "model/verdict.h"

struct record {
	struct wall finished; /* wall clock at the end of the run */
	struct str run_id; /* ours, 26 characters */
	struct str request_id; /* what we sent in the request id header */
	struct str provider_request_id; /* as received; shown only through reply_shown() */
	struct config *config; /* of the endpoint; NULL in tests and tools that have none */
	const struct endpoint *endpoint;
	enum probe_kind probe;
	bool stream;
	struct verdict verdict;
	const struct exchange *exchange; /* of the last attempt */
	const struct reply *reply; /* of the last attempt; never NULL */
	enum effect effect; /* what the last attempt can have done at the server */
	unsigned retries;
	struct fallback_decision fallback; /* policy NULL = none looked at it */
};

#endif
