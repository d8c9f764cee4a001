/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/deadline.h"

/* A timer that is as late as this has waited for the loop, and so has what the server sent. */
#define LATE_NS (10 * NS_PER_MS)

static void
earlier(struct deadline *best, struct mono since, int64_t limit_ns, enum exchange_end end)
{
	if (limit_ns <= 0)
		return;
	struct mono due = mono_add_ns(since, limit_ns);
	if (best->due.ns == 0 || mono_before(due, best->due))
		*best = (struct deadline){ due, end };
}

struct deadline
deadline_next(const struct deadline_watch *watch)
{
	const struct deadlines *limits = watch->limits;
	const struct timeline *at = watch->at;
	struct deadline best = { { 0 }, END_TIMEOUT_TOTAL };
	if (watch->linger.ns) {
		earlier(&best, watch->linger, DEADLINE_LINGER_NS, END_COMPLETE);
		earlier(&best, at->start, limits->total_ns, END_COMPLETE);
		return best;
	}
	if (!watch->connected.ns)
		earlier(&best, at->start, limits->connect_ns, END_TIMEOUT_CONNECT);
	if (at->sent.ns && !at->head.ns) /* half a head is no head */
		earlier(&best, at->sent, limits->first_byte_ns, END_TIMEOUT_FIRST_BYTE);
	if (at->sent.ns && watch->stream && !at->first_content.ns)
		earlier(&best, at->sent, limits->first_token_ns, END_TIMEOUT_FIRST_TOKEN);
	bool begun = mono_before(at->head, watch->last_byte);
	if (at->head.ns && (begun || !watch->stream)) /* an open stream that has not begun waits for its first token */
		earlier(&best, watch->last_byte, limits->idle_ns, END_TIMEOUT_IDLE);
	earlier(&best, at->start, limits->total_ns, END_TIMEOUT_TOTAL);
	return best;
}

static void on_timer(void *arg);

static void
arm(struct deadline_watch *watch, struct mono due)
{
	watch->armed = due;
	loop_timer_set(watch->loop, &watch->timer, due, on_timer, watch);
}

static void
on_timer(void *arg)
{
	struct deadline_watch *watch = arg;
	struct mono now = loop_now(watch->loop);
	int64_t late_ns = mono_diff_ns(now, watch->armed);
	struct deadline next = deadline_next(watch);
	watch->armed = (struct mono){ 0 };
	if (next.due.ns == 0)
		return;
	if (mono_before(now, next.due)) {
		watch->second_look = false;
		arm(watch, next.due);
		return;
	}
	/* The loop was busy: what came in time may still lie in the socket. It is read before the next look. */
	if (late_ns > LATE_NS && !watch->second_look) {
		watch->second_look = true;
		arm(watch, mono_add_ns(now, NS_PER_MS));
		return;
	}
	watch->expired(watch->arg, next.end);
}

void
deadline_update(struct deadline_watch *watch)
{
	struct deadline next = deadline_next(watch);
	if (next.due.ns && (watch->armed.ns == 0 || mono_before(next.due, watch->armed)))
		arm(watch, next.due);
}

void
deadline_stop(struct deadline_watch *watch)
{
	loop_timer_cancel(watch->loop, &watch->timer);
	watch->armed = (struct mono){ 0 };
}

static void
note_content(struct timeline *at, struct mono now)
{
	if (at->first_content.ns) {
		int64_t gap_ns = mono_diff_ns(now, at->last_content);
		if (gap_ns > at->max_content_gap_ns)
			at->max_content_gap_ns = gap_ns;
	} else {
		at->first_content = now;
	}
	at->last_content = now;
}

static void
linger(struct deadline_watch *watch, struct mono now)
{
	if (watch->linger.ns)
		return;
	watch->linger = now;
	deadline_update(watch);
}

bool
deadline_obey(struct deadline_watch *watch, enum sink_wants wants, struct mono now)
{
	switch (wants) {
	case SINK_STOP:
		return false;
	case SINK_CONTENT:
		note_content(watch->at, now);
		break;
	case SINK_LINGER:
		linger(watch, now);
		break;
	case SINK_CONTENT_LINGER:
		note_content(watch->at, now);
		linger(watch, now);
		break;
	case SINK_MORE:
		break;
	}
	return true;
}
