/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usage verdict: judged apart from the outcome, because an answer can be operationally fine and financially
 * unusable. Pure.
 */
#ifndef COMETCANARY_CLASSIFY_USAGE_H
#define COMETCANARY_CLASSIFY_USAGE_H

#include "model/dialect.h"

/* Sets reply->usage.verdict and fault, and adds the findings about usage. outcome: of the attempt. */
void usage_judge(struct reply *reply, const struct asked *asked, enum outcome outcome);

#endif
