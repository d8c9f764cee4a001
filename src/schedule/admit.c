/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "schedule/admit.h"

int64_t
admit_gap_ns(double starts_per_second)
{
	static const int64_t widest_ns = 5 * NS_PER_MS;
	/* Of the mean distance so little that 31 of 32 starts find the door free. */
	double share_ns = starts_per_second > 0 ? (double)NS_PER_SEC / starts_per_second / 32 : (double)widest_ns;
	return share_ns < (double)widest_ns ? (int64_t)share_ns : widest_ns;
}

void
admit_init(struct door *door, struct loop *loop, door_fn *enter, void *arg)
{
	*door = (struct door){ .loop = loop, .max_in_flight = 1, .enter = enter, .arg = arg };
	TAILQ_INIT(&door->waiting);
}

static void
on_gap_over(void *arg)
{
	admit_serve(arg);
}

void
admit_serve(struct door *door)
{
	struct mono now = loop_now(door->loop);
	struct ticket *first;
	while ((first = TAILQ_FIRST(&door->waiting)) && door->in_flight < door->max_in_flight) {
		if (mono_before(now, door->free_from)) {
			loop_timer_set(door->loop, &door->timer, door->free_from, on_gap_over, door);
			return;
		}
		TAILQ_REMOVE(&door->waiting, first, place);
		first->state = TICKET_INSIDE;
		first->entered = now;
		door->in_flight++;
		if (door->enter(door->arg, first)) {
			door->free_from = mono_add_ns(now, door->gap_ns);
		} else {
			first->state = TICKET_IDLE;
			door->in_flight--;
		}
	}
}

void
admit_request(struct door *door, struct ticket *ticket, struct mono planned)
{
	ticket->state = TICKET_WAITING;
	ticket->planned = planned;
	ticket->door = door;
	TAILQ_INSERT_TAIL(&door->waiting, ticket, place);
	admit_serve(door);
}

bool
admit_claim(struct door *door, struct ticket *ticket)
{
	if (ticket->state == TICKET_INSIDE || door->in_flight >= door->max_in_flight)
		return false;
	if (ticket->state == TICKET_WAITING)
		admit_withdraw(ticket);
	ticket->state = TICKET_INSIDE;
	ticket->door = door;
	ticket->planned = ticket->entered = loop_now(door->loop);
	door->in_flight++;
	return true;
}

void
admit_leave(struct ticket *ticket)
{
	struct door *door = ticket->door;
	ticket->state = TICKET_IDLE;
	door->in_flight--;
	admit_serve(door);
}

void
admit_withdraw(struct ticket *ticket)
{
	TAILQ_REMOVE(&ticket->door->waiting, ticket, place);
	ticket->state = TICKET_IDLE;
}

void
admit_done(struct door *door)
{
	loop_timer_cancel(door->loop, &door->timer);
}
