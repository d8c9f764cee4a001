/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of Markdown (MDX too) as normalised prose and facts. Pure.
 */
#ifndef COMETCANARY_DOCS_MARKDOWN_H
#define COMETCANARY_DOCS_MARKDOWN_H

#include "docs/builder.h"

/* NULL, or why it is no such page. */
const char *markdown_read(struct builder *builder, struct str body) ATTR_NODISCARD;

#endif
