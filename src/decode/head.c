/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/head.h"

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

struct wall
head_date(struct str text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct wall none = { 0 };
	/* Sun, 06 Nov 1994 08:49:37 GMT */
	if (text.len != 29 || !str_eq(str_span(text.at + 25, 4), STR(" GMT")))
		return none;
	int day, year, hour, minute, second, month = 0;
	while (month < 12 && !str_eq(str_span(text.at + 8, 3), str_span(months + (ptrdiff_t)month * 3, 3)))
		month++;
	bool ok = month < 12 && read_digits(str_span(text.at + 5, 2), 2, &day) &&
	    read_digits(str_span(text.at + 12, 4), 4, &year) && read_digits(str_span(text.at + 17, 2), 2, &hour) &&
	    read_digits(str_span(text.at + 20, 2), 2, &minute) && read_digits(str_span(text.at + 23, 2), 2, &second);
	if (!ok || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return none;
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
