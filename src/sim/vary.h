/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a healthy provider may do differently from one answer to the next, for long runs that must raise no alarm:
 * optional members come and go, unknown ones and unknown events appear, framing changes. Chance depends on the seed and
 * the request's number alone. Providers ask while they write; respond.c varies headers, events and bytes. Pure.
 */
#ifndef COMETCANARY_SIM_VARY_H
#define COMETCANARY_SIM_VARY_H

#include <stdbool.h>

#include "base/str.h"

struct answer;
struct ask;
struct jsonw;
struct wire;

/* True in one of `of` answers, and never when nothing is to vary. `what` tells the chances of one answer apart. */
bool vary_chance(const struct ask *ask, const char *what, unsigned of);
/* Whether this answer does without an optional member. */
bool vary_omits(const struct ask *ask, const char *member);
/* Takes one token off *rest, or a few at once. */
struct str vary_next_piece(const struct ask *ask, struct str *rest);
/* Adds members that no documentation names, or none, to the open object. */
void vary_extend(const struct ask *ask, struct jsonw *w, const char *place);

/* Before the answer is made: reasoning text, the name of the model. */
void vary_shape(struct ask *ask);
/* To a successful answer: headers, unknown events, comments, line ends. */
void vary_answer(const struct ask *ask, struct answer *answer);
void vary_wire(const struct ask *ask, struct wire *wire);

#endif
