/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an error means: its identifiers (code, type, status) where one is known, the HTTP status otherwise. Status codes
 * of gateways do not mean what they say (an unknown model is a 503, a malformed request a 500). Pure.
 */
#ifndef COMETCANARY_CLASSIFY_ERROR_H
#define COMETCANARY_CLASSIFY_ERROR_H

#include "model/reply.h"

/* Of a 4xx or 5xx response. */
enum outcome error_outcome(const struct reply *reply);
/* Of an error inside a 2xx: what an honest status would have given. A numeric code counts as that status. */
enum outcome error_underlying(const struct reply *reply);
/* Would an API that means what it says use this status for that outcome? */
bool error_status_is_honest(enum outcome outcome, int status);

#endif
