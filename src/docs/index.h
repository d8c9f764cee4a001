/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index of a documentation site (llms.txt) as facts:
 *
 *   page URL    title, or "title (unavailable)" where its line says so
 *   spec URL    the same, for what ends in .json, .yaml or .yml
 *
 * Pure.
 */
#ifndef COMETCANARY_DOCS_INDEX_H
#define COMETCANARY_DOCS_INDEX_H

#include "docs/builder.h"

/* NULL, or why it is no index. */
const char *index_read(struct builder *builder, struct str body) ATTR_NODISCARD;

#endif
