/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/head.h"

#include <string.h>

#include "base/attr.h"
#include "base/parse.h"

size_t
head_length(struct str bytes)
{
	size_t line_start = 0;
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.at[i] != '\n')
			continue;
		bool blank = i == line_start || (i == line_start + 1 && bytes.at[line_start] == '\r');
		if (blank && line_start > 0)
			return i + 1;
		line_start = i + 1;
	}
	return 0;
}

static bool
read_digits(struct str text, size_t count, int *ret_number)
{
	if (text.len < count)
		return false;
	int number = 0;
	for (size_t i = 0; i < count; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		number = number * 10 + (text.at[i] - '0');
	}
	*ret_number = number;
	return true;
}

bool
head_parse(struct str bytes, struct head *ret_head)
{
	struct str rest = bytes;
	struct str line = str_trim(str_split(&rest, '\n'));
	if (!str_starts(line, STR("HTTP/")))
		return false;
	(void)str_split(&line, ' ');
	line = line.at ? str_trim(line) : STR("");
	int status;
	if (!read_digits(line, 3, &status) || (line.len > 3 && line.at[3] != ' ') || status < 100)
		return false;
	*ret_head = (struct head){ .status = status, .fields = rest };
	return true;
}

bool
head_next(struct str *rest, struct str *ret_name, struct str *ret_value)
{
	while (rest->at) {
		struct str line = str_split(rest, '\n');
		bool folded = line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
		struct str value = line;
		struct str name = str_split(&value, ':');
		if (folded || !value.at)
			continue;
		*ret_name = str_trim(name);
		*ret_value = str_trim(value);
		return true;
	}
	return false;
}

struct str
head_find(const struct head *head, const char *name)
{
	struct str rest = head->fields, field, value;
	while (head_next(&rest, &field, &value))
		if (str_eq_nocase(field, str_of(name)))
			return value;
	return STR_NONE;
}

struct str
head_media_type(const struct head *head)
{
	struct str type = head_find(head, "content-type");
	return type.at ? str_trim(str_split(&type, ';')) : STR_NONE;
}

enum { DATE_WORDS = 8 };

/* The words of a date, without the day of the week: "06 Nov 1994 08 49 37 GMT", in whichever form it is written. */
static size_t
split_date(struct str text, struct str words[DATE_WORDS])
{
	size_t count = 0, at = 0;
	while (at < text.len && text.at[at] != ' ')
		at++;
	while (at < text.len && count < DATE_WORDS) {
		size_t from = at;
		while (at < text.len && !strchr(" -:", text.at[at]))
			at++;
		if (at > from)
			words[count++] = str_span(text.at + from, at - from);
		else if (text.at[at] != ' ')
			return 0;
		at++;
	}
	return at < text.len ? 0 : count;
}

static int
month_of(struct str name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int month = 0;
	while (month < 12 && !str_eq(name, str_span(months + (ptrdiff_t)month * 3, 3)))
		month++;
	return month;
}

static bool
read_number(struct str word, size_t most_digits, int *ret_number)
{
	return word.len > 0 && word.len <= most_digits && read_digits(word, word.len, ret_number);
}

/* Sun, 06 Nov 1994 08:49:37 GMT; and, of old, Sunday, 06-Nov-94 08:49:37 GMT and Sun Nov  6 08:49:37 1994 */
struct wall
head_date(struct str text)
{
	enum { DAY, MONTH, YEAR, HOUR, MINUTE, SECOND, ZONE, WORDS };
	struct wall none = { 0 };
	struct str words[DATE_WORDS];
	size_t count = split_date(text, words);
	if (count == WORDS - 1) { /* of old: the year comes last, the month first, and there is no zone */
		const struct str of_old[] = { words[1], words[0], words[5], words[2], words[3], words[4], STR("GMT") };
		memcpy(words, of_old, sizeof(of_old));
		count = WORDS;
	}
	if (count != WORDS || !str_eq(words[ZONE], STR("GMT")))
		return none;
	int day, year, hour, minute, second, month = month_of(words[MONTH]);
	bool ok = month < 12 && read_number(words[DAY], 2, &day) && read_number(words[YEAR], 4, &year) &&
	    read_number(words[HOUR], 2, &hour) && read_number(words[MINUTE], 2, &minute) &&
	    read_number(words[SECOND], 2, &second);
	if (!ok || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return none;
	if (words[YEAR].len == 2)
		year += year < 70 ? 2000 : 1900;
	int64_t days = wall_days_from_civil(year, month + 1, day);
	return (struct wall){ ((days * 24 + hour) * 60 + minute) * 60 * US_PER_SEC + second * US_PER_SEC };
}

bool
head_decimal_ns(struct str text, int64_t unit_ns, int64_t *ret_ns)
{
	struct str fraction = text;
	struct str whole = str_split(&fraction, '.');
	uint64_t units;
	if (!parse_u64(whole, &units) || units > (uint64_t)(INT64_MAX / unit_ns) - 1)
		return false;
	int64_t ns = (int64_t)units * unit_ns;
	for (size_t i = 0; i < fraction.len; i++) {
		if (fraction.at[i] < '0' || fraction.at[i] > '9')
			return false;
		unit_ns /= 10;
		ns += (fraction.at[i] - '0') * unit_ns;
	}
	*ret_ns = ns;
	return true;
}

enum retry_after
head_retry_after(const struct head *head, struct wall date, int64_t *ret_ns)
{
	struct str ms = head_find(head, "retry-after-ms"), text = head_find(head, "retry-after");
	*ret_ns = 0;
	if (!ms.at && !text.at)
		return RETRY_AFTER_ABSENT;
	if (ms.at && head_decimal_ns(ms, NS_PER_MS, ret_ns))
		return RETRY_AFTER_GIVEN;
	if (text.at && head_decimal_ns(text, NS_PER_SEC, ret_ns))
		return RETRY_AFTER_GIVEN;
	struct wall then = text.at ? head_date(text) : (struct wall){ 0 };
	if (then.us == 0)
		return RETRY_AFTER_BAD;
	if (date.us > 0 && then.us > date.us)
		*ret_ns = then.us - date.us < INT64_MAX / NS_PER_US ? (then.us - date.us) * NS_PER_US : INT64_MAX;
	return RETRY_AFTER_GIVEN;
}
