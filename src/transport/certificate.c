/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/certificate.h"

#include <string.h>

#include "base/attr.h"

static int
digits(const char *at, size_t count)
{
	int value = 0;
	for (size_t i = 0; i < count; i++) {
		char c = at[i] == ' ' && i == 0 ? '0' : at[i]; /* days below ten are padded with a space */
		if (c < '0' || c > '9')
			return -1;
		value = 10 * value + (c - '0');
	}
	return value;
}

struct wall
certificate_date(struct str text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const struct wall none = { 0 };
	if (text.len != strlen("Nov 22 11:48:00 2027 GMT") || !str_ends(text, STR(" GMT")))
		return none;
	int month = 0;
	while (month < 12 && memcmp(months + 3 * month, text.at, 3) != 0)
		month++;
	int day = digits(text.at + 4, 2), hour = digits(text.at + 7, 2), minute = digits(text.at + 10, 2);
	int second = digits(text.at + 13, 2), year = digits(text.at + 16, 4);
	if (month == 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60 || year < 1970)
		return none;
	int64_t seconds = wall_days_from_civil(year, month + 1, day) * 86400 + hour * 3600 + minute * 60 + second;
	return (struct wall){ seconds * US_PER_SEC };
}

struct wall
certificate_not_after(CURL *easy)
{
	struct curl_certinfo *info = NULL;
	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || !info || info->num_of_certs < 1)
		return (struct wall){ 0 };
	for (const struct curl_slist *line = info->certinfo[0]; line; line = line->next) {
		struct str text = str_of(line->data), prefix = STR("Expire date:");
		if (str_starts(text, prefix))
			return certificate_date(str_trim((struct str){ text.at + prefix.len, text.len - prefix.len }));
	}
	return (struct wall){ 0 };
}
