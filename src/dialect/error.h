/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error envelopes of all families: nested {"error": {message, type, param, code}}, flat {code, message}, a string, a
 * list with one of these. Takes them apart into struct api_error; what they mean is classify/error.c's. Pure.
 */
#ifndef COMETCANARY_DIALECT_ERROR_H
#define COMETCANARY_DIALECT_ERROR_H

#include "model/dialect.h"

/* Does this value, where a success was due, say that it is an error? */
bool error_is_envelope(struct json root);
/* A gateway that wraps an upstream's stream error answers with a list: its first element; else the value itself. */
struct json error_unlisted(struct json root);
/* Takes the parts of an error body or error event into reply->error, once: later errors of a stream change nothing. */
void error_read(struct reply *reply, const struct asked *asked, struct json root);

#endif
