/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Negative probes: was the bad request refused in the right way, and did what we end ourselves end as it should? Pure.
 */
#ifndef COMETCANARY_CLASSIFY_NEGATIVE_H
#define COMETCANARY_CLASSIFY_NEGATIVE_H

#include "model/dialect.h"
#include "model/exchange.h"

/* plain: how the same answer to a positive probe would end; underlying: of error_in_200 and stream_error.
 * Adds the findings about authentication. */
enum outcome negative_judge(const struct exchange *exchange, struct reply *reply, const struct asked *asked,
    enum outcome plain, enum outcome underlying);

#endif
