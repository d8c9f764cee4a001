/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads HTTP/1.x requests from a byte buffer: head, Content-Length and chunked bodies, all capped. Views point into
 * the buffer that was given. Only what a provider needs to know; no state, no I/O.
 */
#ifndef COMETCANARY_SIM_HTTP_H
#define COMETCANARY_SIM_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

enum { HTTP_HEAD_MAX = 64 * 1024, HTTP_BODY_MAX = 16 * 1024 * 1024, HTTP_HEADERS_MAX = 64 };

struct http_header {
	struct str name, value;
};

struct http_request {
	struct str method, path, query; /* query is absent without "?" */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t header_count;
	bool is_1_0, keep_alive, expects_continue, is_chunked;
	bool is_tls; /* set by who reads the connection */
	size_t content_length;
	struct str body;
};

enum http_progress {
	HTTP_MORE, /* not all there yet */
	HTTP_WHOLE,
	HTTP_BAD, /* not HTTP: answer 400 and close */
	HTTP_TOO_LARGE, /* a cap was passed: answer 413 and close */
};

/* On HTTP_WHOLE a chunked body is joined in place, and *ret_used bytes belong to this request. On HTTP_MORE with a whole
 * head, ret->header_count is set and *ret_used is how many bytes are needed at least. */
enum http_progress http_parse(char *input, size_t len, struct http_request *ret, size_t *ret_used);

/* The first header of that name; absent if there is none. */
struct str http_header(const struct http_request *request, const char *name);
/* The value of a query parameter, not decoded; absent if it is not there. */
struct str http_query(const struct http_request *request, const char *name);
/* "OK" for 200; "Unknown" for what has no name. */
const char *http_reason(int status);
/* Sun, 22 Nov 2026 10:00:00 GMT */
void http_date(struct buf *out, struct wall t);

#endif
