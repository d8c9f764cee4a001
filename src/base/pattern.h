/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions of the operator (PCRE2, UTF, with match limits, so that no output can stall the loop).
 */
#ifndef COMETCANARY_BASE_PATTERN_H
#define COMETCANARY_BASE_PATTERN_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

struct pattern;

/* Returns owned, or NULL with a message for people in ret_error and the offset in the text. */
struct pattern *pattern_new(const char *text, char *ret_error, size_t error_bytes, size_t *ret_offset) ATTR_NODISCARD;
/* False also when a limit was hit. text is well-formed UTF-8. */
bool pattern_matches(const struct pattern *pattern, struct str text);
void pattern_free(struct pattern *pattern);

#endif
