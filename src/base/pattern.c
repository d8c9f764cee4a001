/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/xalloc.h"

/* A probe's output is a few words; what needs more than this is a pattern that backtracks without end. */
enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KIB = 1024 };

struct pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
};

struct pattern *
pattern_new(const char *text, char *ret_error, size_t error_bytes, size_t *ret_offset)
{
	int error;
	PCRE2_SIZE offset;
	/* \C could split a character: no pattern may leave the text ill-formed for the next step. */
	pcre2_code *code = pcre2_compile(
	    (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &error, &offset, NULL);
	if (!code) {
		pcre2_get_error_message(error, (PCRE2_UCHAR *)ret_error, error_bytes);
		*ret_offset = offset;
		return NULL;
	}
	struct pattern *pattern = xcalloc(1, sizeof(*pattern));
	pattern->code = code;
	pattern->limits = pcre2_match_context_create(NULL);
	if (!pattern->limits)
		abort();
	pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(pattern->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT_KIB);
	return pattern;
}

bool
pattern_matches(const struct pattern *pattern, struct str text)
{
	pcre2_match_data *match = pcre2_match_data_create_from_pattern(pattern->code, NULL);
	if (!match)
		abort();
	/* NO_UTF_CHECK would be undefined behaviour on ill-formed text; the check is cheap beside a run. */
	int result =
	    pcre2_match(pattern->code, (PCRE2_SPTR)(text.at ? text.at : ""), text.len, 0, 0, match, pattern->limits);
	pcre2_match_data_free(match);
	return result >= 0;
}

void
pattern_free(struct pattern *pattern)
{
	if (!pattern)
		return;
	pcre2_code_free(pattern->code);
	pcre2_match_context_free(pattern->limits);
	free(pattern);
}
