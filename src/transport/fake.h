/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport without a network: answers come from scripts, on the loop's (simulated) clock, under the same deadlines,
 * caps and sink rules as the real one. It keeps what it was asked, for a scenario's expectations. For tests only.
 *
 *	struct transport *t = fake_new(loop);
 *	fake_add(t, &(struct fake_script){
 *	    .url = "/v1/chat/completions",            // part of the URL
 *	    .connect_ns = 20 * NS_PER_MS, .first_byte_ns = 300 * NS_PER_MS,
 *	    .head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
 *	    .chunks = { { 0, "{\"id\":" }, { 50 * NS_PER_MS, "\"x\"}" } } });
 *	… start the pipeline, loop_sim_advance(loop, …) …
 *	fake_requests(t, &count)[0].body              // what was sent
 *
 * A stage that takes FAKE_NEVER hangs there: the run's own deadline decides how it ends. `end` other than END_COMPLETE
 * happens in its own stage (END_DNS and END_LOCAL after dns_ns, END_CONNECT after connect_ns, END_TLS after tls_ns), and anything else
 * when all that the script has to give was given: without a head, first_byte_ns after the request was sent; otherwise
 * end_ns after the last chunk.
 */
#ifndef COMETCANARY_TRANSPORT_FAKE_H
#define COMETCANARY_TRANSPORT_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "model/exchange.h"
#include "model/request.h"

struct loop;
struct transport;

enum { FAKE_CHUNKS_MAX = 32 };

#define FAKE_NEVER INT64_MAX

struct fake_chunk {
	int64_t after_ns; /* after the chunk before it, or after the head */
	const char *text; /* NULL ends the list */
	size_t len; /* 0 = strlen(text) */
};

struct fake_script {
	/* Which requests: all that is set must fit. */
	const char *url; /* a part of the URL; NULL = any */
	const char *header; /* a whole header line, the secret one too; NULL = any */
	const char *body; /* a part of the body; NULL = any */
	uint64_t times; /* answers that many requests, then the next script that fits; 0 = for ever */

	/* When: how long each stage takes. */
	bool reused; /* a connection was there: the first three do not take place */
	int64_t dns_ns, connect_ns;
	int64_t tls_ns; /* 0 = no TLS */
	int64_t send_ns, first_byte_ns;
	int64_t head_ns; /* from the head's first byte to its end */

	/* What. */
	const char *head; /* status line to blank line; NULL = closed without one */
	struct fake_chunk chunks[FAKE_CHUNKS_MAX];
	int64_t end_ns; /* after the last chunk */
	enum exchange_end end;
	int os_errno;
	unsigned connects; /* 0 = 1, or 0 when reused */
	struct wall certificate_not_after;
};

/* A request as it came, with copies of everything that the test may look at. */
struct fake_request {
	struct mono start;
	struct wall wall;
	enum http_method method;
	char *url;
	char *headers[REQUEST_HEADERS_MAX + 1]; /* "Name: value", the secret one last; NULL ends */
	struct str body;
	bool stream, fresh;
	bool done; /* sink->done was called */
	enum exchange_end end; /* how, once it is done */
	bool cancelled;
};

/* Returns owned: transport_free(). */
struct transport *fake_new(struct loop *loop);
/* The first script that fits answers; a request that none fits ends in END_CONNECT. Copied; its texts are borrowed. */
void fake_add(struct transport *transport, const struct fake_script *script);
/* Forgets all scripts; transfers under way go on with theirs. */
void fake_clear(struct transport *transport);
/* In the order in which they came. Borrowed until fake_forget() or the end. */
const struct fake_request *fake_requests(const struct transport *transport, size_t *ret_count);
void fake_forget(struct transport *transport);
size_t fake_in_flight(const struct transport *transport);

#endif
