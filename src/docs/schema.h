/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON schema (OpenAPI 2, 3.0, 3.1) as facts: one for each place in a document that it describes. References inside the
 * document are followed; one that leads back to where it came from, or outside, is named and not followed.
 *
 *   allOf          all of them hold: types and enums that all allow, required where one requires
 *   oneOf, anyOf   one of them holds: types and enums that one allows, required where all require
 *
 * so that a field has one fact however the schema is put together. A schema that unfolds beyond the caps makes the
 * version full. Pure but for the builder.
 */
#ifndef COMETCANARY_DOCS_SCHEMA_H
#define COMETCANARY_DOCS_SCHEMA_H

#include "base/json.h"
#include "docs/builder.h"

struct schema_reader {
	struct builder *builder;
	struct json root; /* the document that references lead into */
	unsigned visits; /* schemas seen so far, references followed */
};

/* Adds "PREFIX PATH" facts for the schema, whose own place is `path`. */
void schema_read(struct schema_reader *reader, struct json schema, struct str prefix, struct str path, bool required);

#endif
