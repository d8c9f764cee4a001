/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

size_t
format_u64(char *at, uint64_t number)
{
	if (number < 10) {
		*at = (char)('0' + number);
		return 1;
	}
	char text[20];
	size_t from = sizeof(text);
	while (number >= 100) {
		from -= 2;
		memcpy(text + from, pairs + number % 100 * 2, 2);
		number /= 100;
	}
	if (number >= 10) {
		from -= 2;
		memcpy(text + from, pairs + number * 2, 2);
	} else {
		text[--from] = (char)('0' + number);
	}
	memcpy(at, text + from, sizeof(text) - from);
	return sizeof(text) - from;
}

size_t
format_i64(char *at, int64_t number)
{
	if (number >= 0)
		return format_u64(at, (uint64_t)number);
	*at = '-';
	return 1 + format_u64(at + 1, 0 - (uint64_t)number);
}

/* whole + "." + the last `digits` of fraction, zeros at the end dropped. */
static size_t
format_decimal(char *at, uint64_t whole, uint64_t fraction, unsigned digits)
{
	size_t len = format_u64(at, whole);
	if (fraction == 0)
		return len;
	for (; fraction % 10 == 0; fraction /= 10)
		digits--;
	at[len] = '.';
	for (unsigned i = digits; i > 0; i--) {
		at[len + i] = (char)('0' + fraction % 10);
		fraction /= 10;
	}
	return len + 1 + digits;
}

size_t
format_seconds(char *at, int64_t ns)
{
	const uint64_t second = 1000000000;
	size_t sign = ns < 0;
	uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	if (sign)
		*at = '-';
	return sign + format_decimal(at + sign, size / second, size % second, 9);
}

/* n / 10^k is rounded once when both are exact doubles, and so is the reader's decimal: equal means it reads back. */
static size_t
format_short(char *at, double size)
{
	static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9 };
	const double exact = 9007199254740992.0; /* 2^53 */
	for (unsigned k = 0; k < sizeof(powers) / sizeof(powers[0]); k++) {
		double scaled = size * powers[k];
		if (scaled >= exact)
			break;
		uint64_t n = (uint64_t)(scaled + 0.5);
		if ((double)n / powers[k] < size || (double)n / powers[k] > size)
			continue;
		uint64_t unit = (uint64_t)powers[k];
		return format_decimal(at, n / unit, n % unit, k);
	}
	return 0;
}

static size_t
format_word(char *at, const char *word)
{
	size_t len = strlen(word);
	memcpy(at, word, len);
	return len;
}

size_t
format_real(char *at, double number)
{
	if (isnan(number))
		return format_word(at, "NaN");
	if (isinf(number))
		return format_word(at, number > 0 ? "+Inf" : "-Inf");
	size_t sign = signbit(number) ? 1 : 0;
	if (sign)
		*at = '-';
	size_t len = format_short(at + sign, fabs(number));
	if (len)
		return sign + len;
	char text[FORMAT_BYTES];
	for (int digits = 15; digits <= 17; digits++) {
		len = (size_t)snprintf(text, sizeof(text), "%.*g", digits, number);
		double back = strtod(text, NULL);
		if (memcmp(&back, &number, sizeof(back)) == 0)
			break;
	}
	memcpy(at, text, len);
	return len;
}
