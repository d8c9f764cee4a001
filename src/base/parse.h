/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict readers of numbers and quantities: the whole text counts, nothing before, nothing after, no wrap-around. On
 * failure they answer false and leave the result alone. The writers print what the readers read. Pure, no locale.
 */
#ifndef COMETCANARY_BASE_PARSE_H
#define COMETCANARY_BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Decimal digits only. */
bool parse_u64(struct str text, uint64_t *ret_number);
/* Decimal digits, a minus sign before them. */
bool parse_i64(struct str text, int64_t *ret_number);
/* Digits and one unit: ms s m h d ("250ms", "30d"). At most 100,000 days. */
bool parse_duration(struct str text, int64_t *ret_ns);
/* Digits and one unit: B KiB MiB GiB ("64KiB"). */
bool parse_size(struct str text, size_t *ret_bytes);
/* "17:05", 00:00 to 23:59. */
bool parse_time_of_day(struct str text, int *ret_minute);
/* "2026-11-22", a day that exists. Days since 1970-01-01. */
bool parse_date(struct str text, int64_t *ret_days);

/* With the largest unit that needs no fraction; what is finer than 1 ms is cut. */
bool format_duration(struct buf *out, int64_t ns);
bool format_size(struct buf *out, size_t bytes);
/* days since 1970-01-01; 2026-11-22. */
bool format_date(struct buf *out, int64_t days);

#endif
