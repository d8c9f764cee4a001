/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/clock.h"

#include <time.h>

struct mono
clock_mono(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct mono){ ts.tv_sec * NS_PER_SEC + ts.tv_nsec };
}

struct wall
clock_wall(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (struct wall){ ts.tv_sec * US_PER_SEC + ts.tv_nsec / NS_PER_US };
}

void
wall_format_rfc3339(struct buf *buf, struct wall t)
{
	int64_t fraction_us = (t.us % US_PER_SEC + US_PER_SEC) % US_PER_SEC; /* also before 1970 */
	time_t seconds = (time_t)((t.us - fraction_us) / US_PER_SEC);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	buf_printf(buf, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, (int)(fraction_us / 1000));
}

int64_t
wall_days_from_civil(int year, int month, int day)
{
	/* Years begin in March, so that the leap day is a year's last. */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}
