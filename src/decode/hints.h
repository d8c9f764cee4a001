/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retry-After, x-should-retry and the rate-limit headers in the forms that providers write them. What cannot be read is
 * absent. Pure.
 */
#ifndef COMETCANARY_DECODE_HINTS_H
#define COMETCANARY_DECODE_HINTS_H

#include "decode/head.h"
#include "model/hints.h"

/* date: of the answer, from which times of day are counted; us 0 = unknown: then they are absent. */
void hints_read(const struct head *head, struct wall date, struct hints *ret_hints);

#endif
