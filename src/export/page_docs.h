/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The watched documents as JSON: a list for the status page; the page itself is in page.h. Loop thread.
 */
#ifndef COMETCANARY_EXPORT_PAGE_DOCS_H
#define COMETCANARY_EXPORT_PAGE_DOCS_H

#include "base/jsonw.h"
#include "export/view.h"

/* doc_book's: arg is the view. */
const struct doc_evidence *page_docs_find(void *arg, const char *doc);
void page_docs_write_list(struct jsonw *w, const char *key, const struct export_view *view);

#endif
