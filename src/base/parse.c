/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/parse.h"

#include <inttypes.h>

#include "base/attr.h"
#include "base/clock.h"

enum { DURATION_DAYS_MAX = 100000 };

struct unit {
	struct str name;
	uint64_t factor;
};

/* From small to large: the writers look from the end. */
static const struct unit durations[] = {
	{ { "ms", 2 }, 1 },
	{ { "s", 1 }, 1000 },
	{ { "m", 1 }, 60 * 1000 },
	{ { "h", 1 }, 3600 * 1000 },
	{ { "d", 1 }, 86400 * 1000 },
};

static const struct unit sizes[] = {
	{ { "B", 1 }, 1 },
	{ { "KiB", 3 }, UINT64_C(1) << 10 },
	{ { "MiB", 3 }, UINT64_C(1) << 20 },
	{ { "GiB", 3 }, UINT64_C(1) << 30 },
};

static size_t
digits(struct str text)
{
	size_t n = 0;
	while (n < text.len && text.at[n] >= '0' && text.at[n] <= '9')
		n++;
	return n;
}

bool
parse_u64(struct str text, uint64_t *ret_number)
{
	if (text.len == 0 || digits(text) != text.len)
		return false;
	uint64_t number = 0;
	for (size_t i = 0; i < text.len; i++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(text.at[i] - '0'), &number))
			return false;
	*ret_number = number;
	return true;
}

bool
parse_i64(struct str text, int64_t *ret_number)
{
	bool minus = text.len > 0 && text.at[0] == '-';
	uint64_t number;
	if (!parse_u64(minus ? str_span(text.at + 1, text.len - 1) : text, &number))
		return false;
	if (number > (uint64_t)INT64_MAX + minus)
		return false;
	*ret_number = (int64_t)(minus ? 0 - number : number);
	return true;
}

/* Digits and one of the units, together at most `max`. */
static bool
parse_quantity(struct str text, const struct unit *units, size_t count, uint64_t max, uint64_t *ret_amount)
{
	size_t n = digits(text);
	struct str unit = str_span(text.at + n, text.len - n);
	uint64_t number;
	if (!parse_u64(str_span(text.at, n), &number))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(unit, units[i].name))
			continue;
		if (number > max / units[i].factor)
			return false;
		*ret_amount = number * units[i].factor;
		return true;
	}
	return false;
}

bool
parse_duration(struct str text, int64_t *ret_ns)
{
	uint64_t ms;
	if (!parse_quantity(text, durations, ARRAY_LEN(durations), UINT64_C(86400) * 1000 * DURATION_DAYS_MAX, &ms))
		return false;
	*ret_ns = (int64_t)ms * NS_PER_MS;
	return true;
}

bool
parse_size(struct str text, size_t *ret_bytes)
{
	uint64_t bytes;
	if (!parse_quantity(text, sizes, ARRAY_LEN(sizes), SIZE_MAX, &bytes))
		return false;
	*ret_bytes = (size_t)bytes;
	return true;
}

bool
parse_time_of_day(struct str text, int *ret_minute)
{
	uint64_t hour, minute;
	if (text.len != 5 || text.at[2] != ':' || !parse_u64(str_span(text.at, 2), &hour) ||
	    !parse_u64(str_span(text.at + 3, 2), &minute) || hour > 23 || minute > 59)
		return false;
	*ret_minute = (int)(hour * 60 + minute);
	return true;
}

bool
parse_date(struct str text, int64_t *ret_days)
{
	uint64_t year, month, day;
	if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-' || !parse_u64(str_span(text.at, 4), &year) ||
	    !parse_u64(str_span(text.at + 5, 2), &month) || !parse_u64(str_span(text.at + 8, 2), &day) || month < 1 ||
	    month > 12 || day < 1)
		return false;
	int64_t first = wall_days_from_civil((int)year, (int)month, 1);
	int64_t next = month == 12 ? wall_days_from_civil((int)year + 1, 1, 1)
				   : wall_days_from_civil((int)year, (int)month + 1, 1);
	int64_t days = first + (int64_t)day - 1;
	if (days >= next)
		return false;
	*ret_days = days;
	return true;
}

static bool
format_quantity(struct buf *out, uint64_t amount, const struct unit *units, size_t count)
{
	size_t i = count - 1;
	while (i > 0 && (amount == 0 || amount % units[i].factor != 0))
		i--;
	return buf_printf(out, "%" PRIu64 "%.*s", amount / units[i].factor, STR_ARG(units[i].name));
}

bool
format_duration(struct buf *out, int64_t ns)
{
	uint64_t ms = ns > 0 ? (uint64_t)(ns / NS_PER_MS) : 0;
	return format_quantity(out, ms, durations, ARRAY_LEN(durations));
}

bool
format_size(struct buf *out, size_t bytes)
{
	return format_quantity(out, bytes, sizes, ARRAY_LEN(sizes));
}

bool
format_date(struct buf *out, int64_t days)
{
	auto_buf struct buf stamp = BUF_INIT(64);
	wall_format_rfc3339(&stamp, (struct wall){ days * 86400 * US_PER_SEC });
	return buf_add(out, stamp.at, strlen("2026-11-22"));
}
