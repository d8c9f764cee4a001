/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One provider's door: at most max_in_flight runs inside, starts a little apart, and a queue in the order in which the
 * waiting runs fell due. Knows tickets, not probes. On the loop's thread.
 */
#ifndef COMETCANARY_SCHEDULE_ADMIT_H
#define COMETCANARY_SCHEDULE_ADMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/loop.h"

struct door;

enum ticket_state { TICKET_IDLE, TICKET_WAITING, TICKET_INSIDE };

/* Embedded in what is admitted; zero before first use. */
struct ticket {
	enum ticket_state state;
	struct mono planned;
	struct mono entered; /* when the run inside was started */
	struct door *door; /* at which it waits, or through which it went */
	TAILQ_ENTRY(ticket) place;
};

TAILQ_HEAD(ticket_queue, ticket);

/* This one may start now, and is inside from now on. False: it did not start after all, and is idle again. */
typedef bool door_fn(void *arg, struct ticket *ticket);

struct door {
	struct loop *loop;
	unsigned max_in_flight, in_flight;
	int64_t gap_ns; /* between two starts */
	struct mono free_from; /* the last start plus gap_ns */
	struct ticket_queue waiting;
	struct loop_timer timer;
	door_fn *enter;
	void *arg;
};

/* The least distance between two starts at one provider that has so many starts a second: small enough that waiting for
 * it stays below 5 ms for 99 of 100. */
int64_t admit_gap_ns(double starts_per_second);

/* loop and arg are borrowed. Set max_in_flight and gap_ns at any time, then call admit_serve(). */
void admit_init(struct door *door, struct loop *loop, door_fn *enter, void *arg);
/* Puts an idle ticket in the queue, and lets it in at once if it can be. */
void admit_request(struct door *door, struct ticket *ticket, struct mono planned);
/* The same for a run that is inside: it has ended. */
void admit_leave(struct ticket *ticket);
/* Lets an idle or waiting ticket in past the queue, without enter(): somebody starts it by hand. False when the door is
 * full or the ticket inside. */
bool admit_claim(struct door *door, struct ticket *ticket);
/* Takes a waiting ticket out of the queue. */
void admit_withdraw(struct ticket *ticket);
/* Lets in whom it can. */
void admit_serve(struct door *door);
/* The door must be empty, or its tickets never used again. */
void admit_done(struct door *door);

#endif
