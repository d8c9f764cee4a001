/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/reference.h"

#include <stdbool.h>

#include "base/parse.h"

enum { POINTER_MAX_BYTES = 512, CHAIN_MAX = 8 };

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One step of a JSON pointer in a URI fragment (RFC 6901): ~0, ~1, %XX. */
static bool
decode_step(struct str step, char key[POINTER_MAX_BYTES])
{
	size_t len = 0;
	for (size_t i = 0; i < step.len && len + 1 < POINTER_MAX_BYTES; i++) {
		char c = step.at[i];
		if (c == '%' && i + 2 < step.len && hex_digit(step.at[i + 1]) >= 0 && hex_digit(step.at[i + 2]) >= 0) {
			c = (char)(hex_digit(step.at[i + 1]) << 4 | hex_digit(step.at[i + 2]));
			i += 2;
		} else if (c == '~' && i + 1 < step.len && (step.at[i + 1] == '0' || step.at[i + 1] == '1')) {
			c = step.at[++i] == '0' ? '~' : '/';
		}
		key[len++] = c;
	}
	key[len] = '\0';
	return len + 1 < POINTER_MAX_BYTES;
}

static struct json
follow_pointer(struct json root, struct str pointer)
{
	char key[POINTER_MAX_BYTES];
	struct json at = root;
	while (pointer.at && json_is_set(at)) {
		struct str step = str_split(&pointer, '/');
		uint64_t index;
		if (!decode_step(step, key))
			return JSON_NOTHING;
		if (at.kind == JSON_ARRAY)
			at = parse_u64(step, &index) ? json_at(at, (size_t)index) : JSON_NOTHING;
		else
			at = json_get(at, key);
	}
	return at;
}

struct json
reference_resolve(struct json root, struct json value)
{
	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		struct str name = json_str(json_get(value, "$ref"));
		if (!name.at)
			return value;
		if (!str_starts(name, STR("#/")) || name.len > POINTER_MAX_BYTES)
			return JSON_NOTHING;
		value = follow_pointer(root, str_span(name.at + 2, name.len - 2));
	}
	return JSON_NOTHING;
}
