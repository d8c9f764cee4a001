/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request under way on libcurl, shared by the parts of the real transport and by nobody else: multi.c drives it,
 * easy.c sets its handle up and takes what arrives, ending.c says how it ended. A transfer keeps its easy handle and
 * its head buffer when it goes back to the pool; everything else is new for each request.
 */
#ifndef COMETCANARY_TRANSPORT_TRANSFER_H
#define COMETCANARY_TRANSPORT_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/loop.h"
#include "model/exchange.h"
#include "model/request.h"
#include "transport/deadline.h"
#include "transport/transport.h"

struct engine;
struct multi;

/* Those of the request, the secret one, and "Expect:". */
enum { TRANSFER_HEADERS_MAX = REQUEST_HEADERS_MAX + 2 };

struct transfer {
	CURL *easy;
	struct buf head; /* of the response that is arriving */
	struct multi *multi;
	struct transfer *next, *prev; /* in the engine's list, or next alone in the pool */

	/* all below is cleared for each request */
	struct engine *engine;
	const struct request *request;
	const struct sink *sink;
	void *arg;
	struct exchange exchange;
	struct deadline_watch deadline;
	struct loop_defer failed; /* could not even start */
	bool decided; /* we end it: `end` says how, whatever libcurl reports */
	enum exchange_end end;
	bool tls;
	int status; /* of the head that is arriving */
	bool interim; /* the head that is arriving is a 1xx */
	unsigned attempts; /* connections on which libcurl was about to send the request */
	bool spoilt; /* libcurl wants to rewind the body before the next request: the handle is not used again */
	size_t body_sent;
	size_t head_received; /* bytes of all heads, interim ones and trailers too */
	int socket_errno; /* socket() failed */
	struct curl_slist headers[TRANSFER_HEADERS_MAX];
};

#endif
