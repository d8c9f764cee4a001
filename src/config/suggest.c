/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/loading.h"

enum { WORD_MAX = 64 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits (insert, drop, replace, swap two neighbours) from one word to the other; both at most WORD_MAX long. */
static unsigned
distance_of(struct str a, struct str b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];
	for (unsigned j = 0; j <= b.len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = a.at[i - 1] == b.at[j - 1];
			now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + !same);
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		unsigned *oldest = before;
		before = last;
		last = now;
		now = oldest;
	}
	return last[b.len];
}

void
suggest_try(struct str written, const char *candidate, unsigned *distance, const char **ret_best)
{
	struct str word = str_of(candidate);
	if (written.len == 0 || written.len > WORD_MAX || word.len > WORD_MAX)
		return;
	bool begun = written.len >= 4 && str_starts(word, written);
	unsigned edits = str_eq_nocase(written, word) ? 0 : begun ? 1 : distance_of(written, word);
	unsigned longer = (unsigned)(written.len > word.len ? written.len : word.len);
	unsigned allowed = longer < 4 ? 1 : longer < 9 ? 2 : 3;
	if (edits > allowed || edits >= *distance)
		return;
	*distance = edits;
	*ret_best = candidate;
}

const char *
suggest_word(struct str written, const char *const *words)
{
	unsigned distance = SUGGEST_START;
	const char *best = NULL;
	for (; *words; words++)
		suggest_try(written, *words, &distance, &best);
	return best;
}
