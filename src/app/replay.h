/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded responses through the same reader and classifier as live ones, without a network. A recording is one raw
 * HTTP/1.1 response as received: status line, head, blank line, body already de-chunked and decompressed. A file that
 * stops short is a response that ended there. The command `replay` and the fixture tests call this.
 */
#ifndef COMETCANARY_APP_REPLAY_H
#define COMETCANARY_APP_REPLAY_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/request.h"

/* Judges one file against what was asked and appends the verdict to `out`: a JSON object on one line, or text for
 * people. 0; -errno when the file cannot be read; -EBADMSG when it begins as no HTTP response. */
int replay_file(const char *path, const struct asked *asked, bool json, struct buf *out);

/* What the configuration's defaults ask for: caps and expectations of an endpoint that sets none. */
extern const struct caps replay_default_caps;
extern const struct expectation replay_default_expectation;

#endif
