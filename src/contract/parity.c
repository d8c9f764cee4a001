/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/parity.h"

#include "base/hash.h"

enum { INTERVALS_APART = 2 };

static uint64_t
hash_kept(const struct kept *kept)
{
	struct str text = kept_str(kept);
	return text.len > 0 ? hash_str(1, text) | 1 : 0;
}

static struct parity_answer
answer_of(const struct reply *reply)
{
	return (struct parity_answer){ .input_tokens = reply->usage.input_tokens,
		.finish = hash_kept(&reply->finish_reason),
		.model = hash_kept(&reply->model) };
}

void
parity_note_sync(struct parity *parity, const struct reply *reply, struct wall now)
{
	parity->at = now;
	parity->sync = answer_of(reply);
	parity->paired = false;
}

static bool
is_near(const struct parity *parity, int64_t interval_ns, struct wall now)
{
	int64_t apart_us = now.us - parity->at.us;
	return parity->at.us > 0 && apart_us >= 0 && apart_us <= INTERVALS_APART * (interval_ns / NS_PER_US);
}

/* 0 = they agree, or one of them is not told. The order counts: a pool that takes turns swaps the sides. */
static uint64_t
difference_of(uint64_t sync, uint64_t stream)
{
	return sync && stream && sync != stream ? (sync ^ (stream << 1 | stream >> 63)) | 1 : 0;
}

static uint64_t
finish_difference(const struct parity_answer *sync, const struct parity_answer *stream)
{
	return sync->model == stream->model ? difference_of(sync->finish, stream->finish) : 0;
}

static uint64_t
model_difference(const struct parity_answer *sync, const struct parity_answer *stream)
{
	return difference_of(sync->model, stream->model);
}

static struct parity_streak
lengthen(struct parity_streak streak, uint64_t difference)
{
	bool same = difference && difference == streak.difference;
	unsigned length = same ? streak.length + (streak.length < PARITY_STREAK) : difference != 0;
	return (struct parity_streak){ difference, length };
}

void
parity_check_stream(const struct parity *parity, const struct dialect *dialect, struct reply *reply,
    int64_t interval_ns, struct wall now)
{
	const struct parity_answer *sync = &parity->sync, stream = answer_of(reply);
	if (!is_near(parity, interval_ns, now))
		return;
	if (sync->input_tokens > 0 && stream.input_tokens > 0 && sync->input_tokens != stream.input_tokens)
		findings_add(&reply->findings, RULE_USAGE_DIFFERS_BY_MODE, SOURCE_DIALECT, STR("$.usage"));
	if (parity->paired)
		return;
	if (lengthen(parity->finish, finish_difference(sync, &stream)).length == PARITY_STREAK)
		findings_add(&reply->findings, RULE_FINISH_REASON_DIFFERS_BY_MODE, SOURCE_DIALECT,
		    str_of(dialect->completion_path));
	if (lengthen(parity->model, model_difference(sync, &stream)).length == PARITY_STREAK)
		findings_add(&reply->findings, RULE_BACKEND_CHANGED, SOURCE_DIALECT, dialect_model_path(dialect));
}

void
parity_note_stream(struct parity *parity, const struct reply *reply, int64_t interval_ns, struct wall now)
{
	const struct parity_answer stream = answer_of(reply);
	if (parity->paired || !is_near(parity, interval_ns, now))
		return;
	parity->finish = lengthen(parity->finish, finish_difference(&parity->sync, &stream));
	parity->model = lengthen(parity->model, model_difference(&parity->sync, &stream));
	parity->paired = true;
}
