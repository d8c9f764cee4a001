/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phases of one request, cut from its timeline. A phase that was not reached, or did not take place (a reused
 * connection, plain HTTP), has no duration at all, which is not the same as 0. Pure.
 */
#ifndef COMETCANARY_MODEL_PHASE_H
#define COMETCANARY_MODEL_PHASE_H

#include <stdint.h>

#include "model/exchange.h"

enum phase { PHASE_DNS, PHASE_CONNECT, PHASE_TLS, PHASE_SEND, PHASE_WAIT, PHASE_TRANSFER, PHASE_COUNT };

enum { PHASE_ABSENT = -1 };

/* ret_ns: PHASE_COUNT durations, PHASE_ABSENT where there is none. */
void phase_durations(const struct timeline *at, int64_t *ret_ns);
/* Start to end; PHASE_ABSENT when the request was never started. */
int64_t phase_total_ns(const struct timeline *at);
/* Start to first visible content; PHASE_ABSENT when there was none. */
int64_t phase_first_content_ns(const struct timeline *at);
const char *phase_name(enum phase phase);

#endif
