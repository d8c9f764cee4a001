/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References inside an OpenAPI document: {"$ref": "#/components/…"}. Pure.
 */
#ifndef COMETCANARY_DOCS_REFERENCE_H
#define COMETCANARY_DOCS_REFERENCE_H

#include "base/json.h"

/* Where a value's $ref leads, and that one's; absent when it leads nowhere, or out of the document. A value without $ref
 * is itself. */
struct json reference_resolve(struct json root, struct json value);

#endif
