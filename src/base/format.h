/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as text, without printf's price and without the locale: for the metrics page, where a line costs less than one
 * printf. No NUL is written. Pure.
 */
#ifndef COMETCANARY_BASE_FORMAT_H
#define COMETCANARY_BASE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

enum { FORMAT_BYTES = 32 }; /* room that every number fits in */

/* All write at most FORMAT_BYTES at `at` and return how many. */
size_t format_u64(char *at, uint64_t number);
size_t format_i64(char *at, int64_t number);
/* Decimal seconds of a count of ns, exact, trailing zeros dropped: 1500000000 is 1.5. */
size_t format_seconds(char *at, int64_t ns);
/* The shortest text that reads back as the same double; NaN, +Inf, -Inf. */
size_t format_real(char *at, double number);

#endif
