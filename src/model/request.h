/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that one attempt sends, ready for the transport. Made by request/build.c; lives in the run's arena, but for
 * the secret header line, which request_done() wipes. Nothing in here but `secret_header` holds a secret.
 */
#ifndef COMETCANARY_MODEL_REQUEST_H
#define COMETCANARY_MODEL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "model/conf.h"

enum http_method { HTTP_GET, HTTP_POST };

enum { REQUEST_HEADERS_MAX = 24, RUN_ID_BYTES = 27 };

struct request {
	enum http_method method;
	const char *url;
	const char *headers[REQUEST_HEADERS_MAX]; /* "Name: value" */
	size_t header_count;
	char *secret_header; /* "Authorization: Bearer …", or NULL when the probe sends no key */
	struct str body;
	bool stream; /* an event stream was asked for */
	bool fresh; /* a new connection, and none left behind */
	const struct provider *provider; /* TLS, proxy, IP family, HTTP version */
	struct deadlines deadlines;
	struct caps caps;
};

/* What the response is judged against: known before it arrives, the same for a live run and a recording. */
struct asked {
	const struct dialect *dialect;
	enum probe_kind probe;
	bool stream;
	struct str model; /* the id that was sent; absent where there is none */
	int64_t max_tokens; /* the cap that was sent; 0 = none known */
	bool base64; /* embeddings were asked for in base64 */
	int64_t dimensions; /* of a vector that was asked for; 0 = any */
	const char *image_form; /* the member of an image that was asked for; NULL = any */
	struct caps caps;
	const struct expectation *expect;
	const struct contract *contract; /* the operator's; NULL = none */
	const struct baseline *baseline; /* pinned, of this endpoint and probe; NULL = none */
};

#endif
