/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OpenAPI document (2, 3.0, 3.1) as facts:
 *
 *   server URL
 *   METHOD PATH                              that there is the operation
 *   METHOD PATH auth                         what it takes: "bearer, or header x-api-key", "none"
 *   METHOD PATH query|header|path|cookie NAME…
 *   METHOD PATH request                      media types; "required"
 *   METHOD PATH request $…                   a place in the body (schema.h)
 *   METHOD PATH STATUS                       media types
 *   METHOD PATH STATUS header NAME
 *   METHOD PATH STATUS $…
 *
 * A body that is not JSON has its media type before the $. Names of schemas and security schemes are no facts. Pure.
 */
#ifndef COMETCANARY_DOCS_OPENAPI_H
#define COMETCANARY_DOCS_OPENAPI_H

#include "base/json.h"
#include "docs/builder.h"

/* Is it one at all? */
bool openapi_is(struct json root);
void openapi_read(struct builder *builder, struct json root);

#endif
