/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/negotiate.h"

/* One element of a list: its name, and its quality in thousandths. */
struct preference {
	struct str name;
	struct str version; /* absent = any */
	int quality;
};

/* 0, 1, 0.5, 0.333 …; anything else counts as 1. */
static int
parse_quality(struct str text)
{
	int quality = 0, unit = 1000;
	if (text.len == 0 || text.len > 5 || (text.at[0] != '0' && text.at[0] != '1'))
		return 1000;
	for (size_t i = 0; i < text.len; i++) {
		if (i == 1) {
			if (text.at[1] != '.')
				return 1000;
			continue;
		}
		if (text.at[i] < '0' || text.at[i] > '9')
			return 1000;
		quality += (text.at[i] - '0') * unit;
		unit /= 10;
	}
	return quality <= 1000 ? quality : 1000;
}

static struct preference
parse_element(struct str element)
{
	struct preference preference = { .version = STR_NONE, .quality = 1000 };
	preference.name = str_trim(str_split(&element, ';'));
	while (element.at) {
		struct str value = str_split(&element, ';');
		struct str key = str_trim(str_split(&value, '='));
		value = str_trim(value);
		if (str_eq_nocase(key, STR("q")))
			preference.quality = parse_quality(value);
		else if (str_eq_nocase(key, STR("version")))
			preference.version = value;
	}
	return preference;
}

static bool
is_version(struct preference preference, struct str version)
{
	return !preference.version.at || str_eq(preference.version, version);
}

/* How closely an element names the text format: 0 not at all. */
static int
text_closeness(struct preference p)
{
	if (str_eq_nocase(p.name, STR("text/plain")))
		return is_version(p, STR("0.0.4")) ? 3 : 0;
	if (str_eq_nocase(p.name, STR("text/*")))
		return 2;
	return str_eq(p.name, STR("*/*")) ? 1 : 0;
}

enum exposition_format
negotiate_format(struct str accept)
{
	int text = 0, text_closest = 0, openmetrics = 0;
	while (accept.at) {
		struct preference p = parse_element(str_split(&accept, ','));
		int closeness = text_closeness(p);
		if (closeness > text_closest || (closeness && closeness == text_closest && p.quality > text)) {
			text_closest = closeness;
			text = p.quality;
		}
		if (str_eq_nocase(p.name, STR("application/openmetrics-text")) && is_version(p, STR("1.0.0")) &&
		    p.quality > openmetrics)
			openmetrics = p.quality;
	}
	return openmetrics > 0 && openmetrics >= text ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT;
}

bool
negotiate_gzip(struct str accept_encoding)
{
	int named = -1, any = -1;
	while (accept_encoding.at) {
		struct preference p = parse_element(str_split(&accept_encoding, ','));
		if (str_eq_nocase(p.name, STR("gzip")) || str_eq_nocase(p.name, STR("x-gzip")))
			named = p.quality;
		else if (str_eq(p.name, STR("*")))
			any = p.quality;
	}
	return named >= 0 ? named > 0 : any > 0;
}
