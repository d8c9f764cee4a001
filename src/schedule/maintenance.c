/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "schedule/maintenance.h"

enum { DAYS_PER_WEEK = 7, EPOCH_WEEKDAY = 3 /* 1970-01-01 was a Thursday; Monday is 0 */ };

#define US_PER_DAY (86400 * US_PER_SEC)
#define US_PER_WEEK (DAYS_PER_WEEK * US_PER_DAY)

static int64_t
into_week(int64_t us)
{
	int64_t rest = us % US_PER_WEEK;
	return rest < 0 ? rest + US_PER_WEEK : rest;
}

bool
maintenance_covers(const struct maintenance_window *window, struct wall now)
{
	int64_t since_monday = into_week(now.us + EPOCH_WEEKDAY * US_PER_DAY);
	for (int day = 0; day < DAYS_PER_WEEK; day++) {
		if (!(window->days & (1u << day)))
			continue;
		int64_t start = day * US_PER_DAY + window->start_minute * 60 * US_PER_SEC;
		if (into_week(since_monday - start) < window->duration_ns / NS_PER_US)
			return true;
	}
	return false;
}

static bool
names_endpoint(const struct maintenance_window *window, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < window->endpoint_count; i++)
		if (window->endpoints[i] == endpoint)
			return true;
	return window->endpoint_count == 0;
}

bool
maintenance_applies(const struct config *config, const struct endpoint *endpoint, struct wall now)
{
	for (size_t i = 0; i < config->maintenance_count; i++)
		if (names_endpoint(&config->maintenance[i], endpoint) &&
		    maintenance_covers(&config->maintenance[i], now))
			return true;
	return false;
}
