/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of dialects. A new API family is a file in this folder and a line here.
 * DIALECT_LIST(X): X(name of the struct without its prefix)
 */
#ifndef COMETCANARY_DIALECT_TABLE_H
#define COMETCANARY_DIALECT_TABLE_H

#include "model/dialect.h"

#define DIALECT_LIST(X) \
	X(openai_chat) \
	X(openai_responses) \
	X(anthropic_messages) \
	X(gemini) \
	X(openai_embeddings) \
	X(openai_images) \
	X(openai_models) \
	X(json_get)

#define DIALECT_DECLARE(name) extern const struct dialect dialect_##name;
DIALECT_LIST(DIALECT_DECLARE)
#undef DIALECT_DECLARE

#endif
