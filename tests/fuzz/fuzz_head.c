/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/head.h"

#include "fuzz.h"

/* Property: everything that is found lies inside the input, and a head without its blank line is not longer than one with. */

static void
require_inside(struct str part, struct str whole)
{
	if (part.at)
		FUZZ_REQUIRE(part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = fuzz_input(data, size);
	size_t length = head_length(bytes);
	FUZZ_REQUIRE(length <= size);
	/* the end of the head is found in the head alone, and nowhere before */
	if (length > 0) {
		FUZZ_REQUIRE(head_length(str_span(bytes.at, length)) == length);
		FUZZ_REQUIRE(head_length(str_span(bytes.at, length - 1)) == 0);
	}
	struct head head;
	if (!head_parse(str_span(bytes.at, length ? length : size), &head))
		return 0;
	FUZZ_REQUIRE(head.status >= 0 && head.status <= 999);
	require_inside(head.fields, bytes);
	require_inside(head_media_type(&head), bytes);
	require_inside(head_find(&head, "x-request-id"), bytes);
	struct str rest = head.fields, name, value;
	size_t fields = 0;
	while (head_next(&rest, &name, &value)) {
		require_inside(name, bytes);
		require_inside(value, bytes);
		FUZZ_REQUIRE(++fields <= size);
		(void)head_date(value);
	}
	(void)head_date(bytes);
	return 0;
}
