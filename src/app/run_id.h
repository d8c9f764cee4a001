/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of runs: 26 characters that sort by time (10 of milliseconds, 16 random, in Crockford's base 32). They travel
 * in the request id header, so that a provider's log and ours can be laid side by side. Pure.
 */
#ifndef COMETCANARY_APP_RUN_ID_H
#define COMETCANARY_APP_RUN_ID_H

#include "base/clock.h"
#include "model/request.h"

struct random;

void run_id_make(char ret_id[RUN_ID_BYTES], struct wall now, struct random *random);

#endif
