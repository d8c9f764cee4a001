/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/tokens.h"

int64_t
tokens_estimate(struct str text)
{
	int64_t ascii = 0, others = 0;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		ascii += c < 0x80;
		others += c >= 0xC0; /* the first byte of a character */
	}
	int64_t tokens = (ascii + 3) / 4 + others;
	return tokens > 0 ? tokens : 1;
}
