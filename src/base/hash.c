/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/hash.h"

/* FNV-1a mixes its low bits poorly over short names that differ in one digit; the finish of SplitMix64 spreads them. */
uint64_t
hash_str(uint64_t seed, struct str text)
{
	uint64_t h = seed ^ UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.at[i]) * UINT64_C(0x100000001b3);
	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	return h ^ (h >> 31);
}
