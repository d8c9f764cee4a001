/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this answer the document at all? Everything that can be said before the body is taken apart: status, host, media
 * type, size, encoding, pages that stand in for another (errors, logins, captchas). Pure.
 */
#ifndef COMETCANARY_DOCS_GATE_H
#define COMETCANARY_DOCS_GATE_H

#include "docs/version.h"

/* NULL, or why it is not: static, for people. */
const char *gate_answer(const struct doc_answer *answer) ATTR_NODISCARD;
/* The same of a page's title, or of its first line where it has none. */
const char *gate_title(struct str title) ATTR_NODISCARD;
/* What stands between scheme and path, and what after it (without query and fragment). */
struct str url_host(struct str url);
struct str url_path(struct str url);

#endif
