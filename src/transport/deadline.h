/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a transfer has come, and which stage deadline ends it: the same for the real transport and for the scripted
 * one. One loop timer a transfer: it is moved only when a stage brings an earlier deadline; later ones (each received
 * byte moves the idle deadline) are found when it fires.
 */
#ifndef COMETCANARY_TRANSPORT_DEADLINE_H
#define COMETCANARY_TRANSPORT_DEADLINE_H

#include <stdbool.h>

#include "base/loop.h"
#include "model/exchange.h"
#include "transport/transport.h"

/* How long a complete stream is read on, to see what follows its terminal marker. */
#define DEADLINE_LINGER_NS NS_PER_SEC

/* Embedded in a transfer, which fills the first part and keeps the second one current. */
struct deadline_watch {
	struct loop *loop;
	const struct deadlines *limits;
	bool stream; /* an event stream was asked for */
	void (*expired)(void *arg, enum exchange_end end);
	void *arg;

	struct timeline *at; /* the stages; borrowed */
	struct mono connected; /* DNS, TCP and TLS done, or a connection reused */
	struct mono last_byte; /* of the body; the head's end before the first */
	struct mono linger; /* when the reader said that the stream is complete */

	struct loop_timer timer;
	struct mono armed;
	bool second_look;
};

struct deadline {
	struct mono due; /* ns 0 = none */
	enum exchange_end end; /* what the transfer ends in then */
};

/* The earliest of those that apply now; of two at the same time, the one of the earlier stage. */
struct deadline deadline_next(const struct deadline_watch *watch);

/* At the start, and after each stage that was reached (not after each byte). */
void deadline_update(struct deadline_watch *watch);
void deadline_stop(struct deadline_watch *watch);

/* Puts a reader's answer into effect, content stamps included. False when the transfer must end in END_STOPPED. */
bool deadline_obey(struct deadline_watch *watch, enum sink_wants wants, struct mono now);

#endif
