/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function for each output grammar; every text that is not a literal goes through one of them. Invalid UTF-8
 * becomes U+FFFD, control characters are escaped or replaced. Pure. All return false when the buffer is full.
 */
#ifndef COMETCANARY_BASE_ESCAPE_H
#define COMETCANARY_BASE_ESCAPE_H

#include "base/buf.h"

bool escape_json(struct buf *out, struct str text); /* with the quotes */
bool escape_logfmt(struct buf *out, struct str text); /* quotes only where needed */
bool escape_label(struct buf *out, struct str text); /* Prometheus label value, without the quotes */
bool escape_help_text(struct buf *out, struct str text); /* HELP in text 0.0.4: quotes stay */
bool escape_help_openmetrics(struct buf *out, struct str text); /* HELP in OpenMetrics: quotes escaped */
bool escape_html(struct buf *out, struct str text); /* text and attribute values in double quotes */
bool escape_url(struct buf *out, struct str text); /* one segment of a path or value of a query; bytes as they are */
bool escape_terminal(struct buf *out, struct str text); /* no control characters, no escape sequences */

#endif
