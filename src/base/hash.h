/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash that is the same on every machine and in every version, for whatever is derived from names and must not move
 * with a restart: phases, shards. Not for hostile keys, not for secrets. Pure.
 */
#ifndef COMETCANARY_BASE_HASH_H
#define COMETCANARY_BASE_HASH_H

#include <stdint.h>

#include "base/str.h"

/* seed: 0, or the hash of what comes before. All 64 bits are well mixed. */
uint64_t hash_str(uint64_t seed, struct str text);

#endif
