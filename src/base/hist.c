/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/hist.h"

size_t
hist_observe(struct hist *hist, const struct hist_bounds *bounds, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	size_t bucket = 0;
	while (bucket < bounds->count && ns > bounds->ns[bucket])
		bucket++;
	hist->counts[bucket]++;
	hist->sum_ns += ns;
	return bucket;
}

uint64_t
hist_count(const struct hist *hist)
{
	uint64_t count = 0;
	for (size_t i = 0; i <= HIST_BOUNDS_MAX; i++)
		count += hist->counts[i];
	return count;
}
