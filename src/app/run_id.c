/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/run_id.h"

#include "base/random.h"

static void
write_base32(char *to, size_t count, uint64_t number)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	for (size_t i = count; i > 0; i--, number >>= 5)
		to[i - 1] = digits[number & 31];
}

void
run_id_make(char ret_id[RUN_ID_BYTES], struct wall now, struct random *random)
{
	write_base32(ret_id, 10, (uint64_t)(now.us / 1000));
	write_base32(ret_id + 10, 8, random_next(random));
	write_base32(ret_id + 18, 8, random_next(random));
	ret_id[RUN_ID_BYTES - 1] = '\0';
}
