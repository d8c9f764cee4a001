/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/hints.h"

#include "base/attr.h"
#include "base/parse.h"

/* Seconds since 1970 from here on are a moment, not a duration: about 30 years. */
#define EPOCH_SECONDS_MIN (INT64_C(1000000000) * NS_PER_SEC)

static const struct {
	const char *remaining, *reset;
	enum limit_unit unit;
} limits[] = {
	{ "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", LIMIT_REQUESTS },
	{ "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", LIMIT_TOKENS },
	{ "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset", LIMIT_REQUESTS },
	{ "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset", LIMIT_TOKENS },
	{ "x-ratelimit-remaining", "x-ratelimit-reset", LIMIT_REQUESTS },
};

static int64_t
until_ns(struct wall then, struct wall date)
{
	if (then.us == 0 || date.us == 0)
		return HINT_ABSENT;
	int64_t us = then.us > date.us ? then.us - date.us : 0;
	return us < INT64_MAX / NS_PER_US ? us * NS_PER_US : INT64_MAX;
}

/* 2026-11-22T10:00:05Z, a fraction of a second too; us 0 when it is none. */
static struct wall
read_rfc3339(struct str text)
{
	const struct wall none = { 0 };
	int64_t days, second_ns;
	int minute;
	if (text.len < 20 || text.at[10] != 'T' || text.at[16] != ':' || text.at[text.len - 1] != 'Z')
		return none;
	if (!parse_date(str_span(text.at, 10), &days) || !parse_time_of_day(str_span(text.at + 11, 5), &minute) ||
	    !head_decimal_ns(str_span(text.at + 17, text.len - 18), NS_PER_SEC, &second_ns) ||
	    second_ns > 60 * NS_PER_SEC)
		return none;
	return (struct wall){ (days * 24 * 60 + minute) * 60 * US_PER_SEC + second_ns / NS_PER_US };
}

/* The unit at the start of a text, taken off it; 0 when there is none. */
static int64_t
take_unit(struct str *rest)
{
	static const struct {
		struct str name;
		int64_t ns;
	} units[] = {
		{ { "ms", 2 }, NS_PER_MS },
		{ { "s", 1 }, NS_PER_SEC },
		{ { "m", 1 }, 60 * NS_PER_SEC },
		{ { "h", 1 }, 3600 * NS_PER_SEC },
		{ { "d", 1 }, 86400 * NS_PER_SEC },
	};
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!str_starts(*rest, units[i].name))
			continue;
		*rest = str_span(rest->at + units[i].name.len, rest->len - units[i].name.len);
		return units[i].ns;
	}
	return 0;
}

/* 6m0s, 1.5s, 20ms; HINT_ABSENT when it is none. */
static int64_t
read_duration(struct str rest)
{
	int64_t sum_ns = 0;
	do {
		size_t digits = 0;
		while (
		    digits < rest.len && ((rest.at[digits] >= '0' && rest.at[digits] <= '9') || rest.at[digits] == '.'))
			digits++;
		struct str number = str_span(rest.at, digits);
		rest = str_span(rest.at + digits, rest.len - digits);
		int64_t unit_ns = take_unit(&rest), part_ns;
		if (unit_ns == 0 || !head_decimal_ns(number, unit_ns, &part_ns) || part_ns > INT64_MAX - sum_ns)
			return HINT_ABSENT;
		sum_ns += part_ns;
	} while (rest.len > 0);
	return sum_ns;
}

/* A duration, a moment, or a number: seconds to go, or seconds since 1970. */
static int64_t
read_reset(struct str text, struct wall date)
{
	int64_t ns;
	if (!text.at)
		return HINT_ABSENT;
	if (head_decimal_ns(text, NS_PER_SEC, &ns))
		return ns < EPOCH_SECONDS_MIN ? ns : until_ns((struct wall){ ns / NS_PER_US }, date);
	struct wall then = read_rfc3339(text);
	return then.us ? until_ns(then, date) : read_duration(text);
}

static enum should_retry
read_should_retry(struct str text)
{
	if (str_eq_nocase(text, STR("true")))
		return SHOULD_RETRY_YES;
	return str_eq_nocase(text, STR("false")) ? SHOULD_RETRY_NO : SHOULD_RETRY_UNSAID;
}

void
hints_read(const struct head *head, struct wall date, struct hints *ret_hints)
{
	struct hints hints = HINTS_NONE;
	int64_t ns;
	if (head_retry_after(head, date, &ns) == RETRY_AFTER_GIVEN)
		hints.retry_after_ns = ns;
	hints.should_retry = read_should_retry(head_find(head, "x-should-retry"));
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		int64_t remaining;
		if (hints.remaining[limits[i].unit] != HINT_ABSENT ||
		    !parse_i64(head_find(head, limits[i].remaining), &remaining) || remaining < 0)
			continue;
		hints.remaining[limits[i].unit] = remaining;
		hints.reset_ns[limits[i].unit] = read_reset(head_find(head, limits[i].reset), date);
	}
	*ret_hints = hints;
}
