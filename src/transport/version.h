/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The libraries behind the transport, as they are loaded. Static texts.
 */
#ifndef COMETCANARY_TRANSPORT_VERSION_H
#define COMETCANARY_TRANSPORT_VERSION_H

const char *transport_version_libcurl(void);
/* libcurl's TLS library with its version; "none" when it has none. */
const char *transport_version_tls(void);

#endif
