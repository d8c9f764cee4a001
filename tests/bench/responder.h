/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fixed counterpart of all measurements: an HTTP/1.1 server on loopback, one process with an epoll of its own, that
 * answers a POST with a canned chat completion, at once or when the request's path says so. It does as little as it can,
 * and writes down when it really did what, so that its own lateness can be told from ours.
 *
 *	/v1/…                                      the answer at once: JSON, or a short stream when the body asks for one
 *	/at/INDEX/HEAD_US/FIRST_US/EVENTS/GAP_US   a stream: head HEAD_US after the request was read, first content FIRST_US
 *	                                           after the head, then EVENTS more, GAP_US apart, and the end
 *	/late/HEAD_US                              JSON, HEAD_US after the request was read
 */
#ifndef COMETCANARY_BENCH_RESPONDER_H
#define COMETCANARY_BENCH_RESPONDER_H

#include <stdint.h>
#include <sys/types.h>

enum { RESPONDER_STREAMS_MAX = 4096 };

/* CLOCK_MONOTONIC, ns; 0 = has not happened. */
struct responder_stamps {
	int64_t read, head, first;
};

/* Shared with the responder's process, which alone writes. */
struct responder_seen {
	uint64_t connections, requests;
	struct responder_stamps streams[RESPONDER_STREAMS_MAX]; /* by INDEX */
};

struct responder {
	pid_t pid;
	unsigned port;
	const struct responder_seen *seen;
};

/* Forks it, on a free port of 127.0.0.1; it dies with the caller. Ends the program when that fails. */
void responder_start(struct responder *ret_responder);
void responder_stop(struct responder *responder);

#endif
