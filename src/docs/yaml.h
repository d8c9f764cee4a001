/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as JSON: the only user of libyaml, for the OpenAPI blocks of Markdown pages. Plain scalars are what YAML 1.2's core
 * schema says (null, true, 42, 1.5), all others text; keys are text. Aliases, depth and size have caps. Pure but for
 * allocation.
 */
#ifndef COMETCANARY_DOCS_YAML_H
#define COMETCANARY_DOCS_YAML_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"

/* Adds the first document of the text as JSON. False when it is no YAML, or passes a cap. */
bool yaml_to_json(struct str text, struct buf *out) ATTR_NODISCARD;

#endif
