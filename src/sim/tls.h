/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS as a byte stream under a connection, and the certificates for it, made in memory when the store is made: a good
 * one signed by a CA of our own, and three bad ones. The only user of GnuTLS. Loop thread.
 */
#ifndef COMETCANARY_SIM_TLS_H
#define COMETCANARY_SIM_TLS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/str.h"

enum tls_certificate { TLS_GOOD, TLS_EXPIRED, TLS_WRONG_NAME, TLS_SELF_SIGNED, TLS_CERTIFICATES };

struct tls_store;
struct tls_session;

/* Returns owned; NULL when the TLS library refuses. */
struct tls_store *tls_store_new(struct wall now) ATTR_NODISCARD;
void tls_store_free(struct tls_store *store);
/* The CA's certificate, PEM. Borrowed. */
struct str tls_store_ca(const struct tls_store *store);

/* fd stays the caller's. Returns owned; NULL when the TLS library refuses. */
struct tls_session *tls_open(const struct tls_store *store, enum tls_certificate certificate, int fd) ATTR_NODISCARD;
void tls_free(struct tls_session *session);

/* All: -EAGAIN = later, see tls_wants_write(); another negative number = broken. */
int tls_handshake(struct tls_session *session);
ssize_t tls_read(struct tls_session *session, void *to, size_t room);
ssize_t tls_write(struct tls_session *session, const void *from, size_t len);
/* Says goodbye; never waits. */
void tls_bye(struct tls_session *session);
bool tls_wants_write(const struct tls_session *session);

#endif
