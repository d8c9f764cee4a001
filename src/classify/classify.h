/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgement of one attempt: exchange and reply in, outcome out. Never fails; every pair gets an outcome. Pure.
 */
#ifndef COMETCANARY_CLASSIFY_CLASSIFY_H
#define COMETCANARY_CLASSIFY_CLASSIFY_H

#include "model/dialect.h"
#include "model/exchange.h"
#include "model/verdict.h"

/* Adds to reply->findings what can be said only of the whole, and sets the usage verdict. */
struct verdict classify(const struct exchange *exchange, struct reply *reply, const struct asked *asked);

#endif
