/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `cometcanary plan` says of the documentation watch. Pure.
 */
#ifndef COMETCANARY_APP_PLAN_DOCS_H
#define COMETCANARY_APP_PLAN_DOCS_H

#include <stdbool.h>

#include "base/jsonw.h"
#include "model/conf.h"

/* The array "docs". */
void plan_docs_write(struct jsonw *w, const struct config *config, bool show_requests);
/* A table for people; nothing without documents. */
void plan_docs_tell(const struct config *config, struct buf *out);
/* Every byte that is sent to look at it. */
void plan_docs_print_request(const struct doc *doc, struct buf *out);

#endif
