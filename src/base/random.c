/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/random.h"

#include <sys/random.h>

#include "base/clock.h"

uint64_t
random_seed(void)
{
	uint64_t seed;
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
		seed = (uint64_t)clock_wall().us; /* early boot: only jitter hangs on it */
	return seed;
}

uint64_t
random_next(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
random_below(struct random *random, uint64_t limit)
{
	return limit ? random_next(random) % limit : 0;
}
