/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the simulator's "chance" comes from: numbers that depend on the seed and on what was asked, on nothing else.
 * Not for secrets. Pure.
 */
#ifndef COMETCANARY_SIM_DRAW_H
#define COMETCANARY_SIM_DRAW_H

#include <stdint.h>

#include "base/str.h"

/* One step of splitmix64: well-mixed bits from any two numbers. */
static inline uint64_t
draw_mix(uint64_t seed, uint64_t number)
{
	uint64_t x = seed + (number + 1) * UINT64_C(0x9E3779B97F4A7C15);
	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}

/* FNV-1a over the bytes, started from the seed. */
static inline uint64_t
draw_hash(uint64_t seed, struct str bytes)
{
	uint64_t hash = seed ^ UINT64_C(0xCBF29CE484222325);
	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ (unsigned char)bytes.at[i]) * UINT64_C(0x100000001B3);
	return draw_mix(hash, bytes.len);
}

/* Evenly in 0 … below - 1. */
static inline unsigned
draw_below(uint64_t bits, unsigned below)
{
	return (unsigned)((bits >> 32) * below >> 32);
}

/* In [0, 1). */
static inline double
draw_unit(uint64_t bits)
{
	return (double)(bits >> 11) / (double)(UINT64_C(1) << 53);
}

/* Writes len letters and digits and a NUL. */
static inline void
draw_name(uint64_t seed, char *ret_text, unsigned len)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	for (unsigned i = 0; i < len; i++)
		ret_text[i] = alphabet[draw_below(draw_mix(seed, i), sizeof(alphabet) - 1)];
	ret_text[len] = '\0';
}

#endif
