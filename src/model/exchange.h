/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the transport saw of one request and its answer: how it ended and when each stage was reached. No judgement here.
 */
#ifndef COMETCANARY_MODEL_EXCHANGE_H
#define COMETCANARY_MODEL_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/conf.h"

enum exchange_end {
	END_COMPLETE, /* the body ended as its framing promised */
	END_STOPPED, /* we closed: the reader had enough (cap passed, or lingered after the terminal marker) */
	END_LOCAL, /* our own limit or fault: fds, memory, the transport itself, shutdown */
	END_DNS,
	END_CONNECT, /* refused, unreachable, proxy refused */
	END_TLS, /* handshake or certificate, a reset in the handshake too */
	END_CLOSED, /* closed or reset after connect: before the head was whole, or inside the body (see head_whole) */
	END_TIMEOUT_CONNECT,
	END_TIMEOUT_FIRST_BYTE,
	END_TIMEOUT_FIRST_TOKEN,
	END_TIMEOUT_IDLE,
	END_TIMEOUT_TOTAL,
	END_HEAD_TOO_LARGE,
	END_BAD_ENCODING, /* declared content-encoding did not decode */
	END_COUNT
};

/* Stamps on the monotonic clock; ns 0 = the stage was not reached, or did not take place (reused connection, plain HTTP). */
struct timeline {
	struct mono start;
	struct mono dns, connect, tls; /* when that stage was done */
	struct mono sent; /* the last byte of the request left */
	struct mono first_byte; /* of the final response's head */
	struct mono head; /* head whole */
	struct mono first_content; /* first visible content; set by the reader through SINK_CONTENT */
	struct mono last_content;
	struct mono end;
	int64_t max_content_gap_ns; /* between two content events; 0 = fewer than two */
};

struct exchange {
	enum exchange_end end;
	bool head_whole;
	int status; /* 0 = no head */
	bool reused; /* the connection was not new */
	unsigned connects; /* new connections made for this request; more than 1 = the transport retried */
	enum http_version http_version;
	int ip_family; /* 4, 6, 0 = unknown */
	uint64_t head_bytes, body_bytes; /* body: after decompression */
	struct wall certificate_not_after; /* us 0 = none seen */
	int os_errno; /* of END_CONNECT, END_CLOSED, END_LOCAL; 0 = unknown */
	struct timeline at;
};

/* What the reader of a response tells the transport after each piece. */
enum sink_wants {
	SINK_MORE, /* go on */
	SINK_CONTENT, /* go on; these bytes brought visible content: the first-token deadline is met */
	SINK_STOP, /* enough: close now. The exchange ends in END_STOPPED */
	SINK_LINGER, /* the stream is complete: read on for at most 1 s, then close and call it END_COMPLETE */
	SINK_CONTENT_LINGER, /* both: visible content, and the stream's end behind it */
};

const char *exchange_end_name(enum exchange_end end);

#endif
