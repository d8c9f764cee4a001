/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the server's certificate expires, from what libcurl kept of the handshake. Pure but for libcurl.
 */
#ifndef COMETCANARY_TRANSPORT_CERTIFICATE_H
#define COMETCANARY_TRANSPORT_CERTIFICATE_H

#include <curl/curl.h>

#include "base/clock.h"
#include "base/str.h"

/* Of the leaf; us 0 when none was seen. The handle was set up with CURLOPT_CERTINFO. */
struct wall certificate_not_after(CURL *easy);
/* "Nov 22 11:48:00 2027 GMT", as libcurl writes it; us 0 when it is none. */
struct wall certificate_date(struct str text);

#endif
