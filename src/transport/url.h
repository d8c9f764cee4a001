/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs taken apart and put together by libcurl's own rules, so that what is compared is what would be asked. Pure but
 * for allocation.
 */
#ifndef COMETCANARY_TRANSPORT_URL_H
#define COMETCANARY_TRANSPORT_URL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* Where a Location leads that came from `base`: absolute, without a fragment. False when that is no http(s) URL, has a
 * password in it, or leads from https to http. ret_url is emptied first. */
bool url_resolve(const char *base, struct str location, struct buf *ret_url);
/* Scheme, host and port are the same. */
bool url_same_origin(const char *a, const char *b);

#endif
