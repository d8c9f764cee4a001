/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a request body that several families write in the same words. Pure.
 */
#ifndef COMETCANARY_DIALECT_ASK_H
#define COMETCANARY_DIALECT_ASK_H

#include "base/jsonw.h"
#include "model/conf.h"

/* "messages": one of the user, with the prompt. */
void ask_messages(struct jsonw *body, const struct request_config *request);
/* The cap on output tokens in the configured field, and the temperature, where they are set. */
void ask_limits(struct jsonw *body, const struct request_config *request);

#endif
