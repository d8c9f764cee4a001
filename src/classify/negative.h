/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Negative probes: was the bad request refused in the right way? Pure.
 */
#ifndef COMETCANARY_CLASSIFY_NEGATIVE_H
#define COMETCANARY_CLASSIFY_NEGATIVE_H

#include "model/dialect.h"

/* plain: how the same answer to a positive probe would end; underlying: of error_in_200 and stream_error.
 * Adds the findings about authentication. */
enum outcome
negative_judge(struct reply *reply, const struct asked *asked, enum outcome plain, enum outcome underlying);

#endif
