/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/xalloc.h"

enum { DAY_S = 24 * 3600, KEY_BITS = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) };

struct tls_store {
	gnutls_x509_privkey_t ca_key, key; /* one key for all leaves: what differs is what they say */
	gnutls_x509_crt_t ca;
	gnutls_datum_t ca_pem;
	gnutls_certificate_credentials_t credentials[TLS_CERTIFICATES];
};

struct tls_session {
	gnutls_session_t session;
	size_t unsent; /* of a write that is to be resumed */
};

/* What a certificate says. */
struct claims {
	const char *name;
	bool is_ca, self_signed, for_elsewhere;
	int64_t from_s, until_s; /* since 1970 */
	unsigned char serial;
};

static int
set_names(gnutls_x509_crt_t crt, const struct claims *claims)
{
	static const unsigned char v4[4] = { 127, 0, 0, 1 };
	static const unsigned char v6[16] = { [15] = 1 };
	if (claims->is_ca)
		return 0;
	const char *host = claims->for_elsewhere ? "elsewhere.invalid" : "localhost";
	int rc = gnutls_x509_crt_set_subject_alt_name(
	    crt, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host), GNUTLS_FSAN_SET);
	if (rc == 0 && !claims->for_elsewhere)
		rc =
		    gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, v4, sizeof(v4), GNUTLS_FSAN_APPEND);
	if (rc == 0 && !claims->for_elsewhere)
		rc =
		    gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, v6, sizeof(v6), GNUTLS_FSAN_APPEND);
	return rc;
}

static int
set_key_ids(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	unsigned char id[64];
	size_t len = sizeof(id);
	int rc = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA1, id, &len);
	if (rc == 0)
		rc = gnutls_x509_crt_set_subject_key_id(crt, id, len);
	len = sizeof(id);
	if (rc == 0)
		rc = gnutls_x509_crt_get_key_id(issuer, GNUTLS_KEYID_USE_SHA1, id, &len);
	return rc == 0 ? gnutls_x509_crt_set_authority_key_id(crt, id, len) : rc;
}

/* Everything that a certificate says but its times and names. */
static int
describe(gnutls_x509_crt_t crt, const struct claims *claims, gnutls_x509_privkey_t key)
{
	unsigned usage = claims->is_ca ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE;
	int rc;
	if ((rc = gnutls_x509_crt_set_version(crt, 3)) < 0 || (rc = gnutls_x509_crt_set_key(crt, key)) < 0 ||
	    (rc = gnutls_x509_crt_set_serial(crt, &claims->serial, 1)) < 0 ||
	    (rc = gnutls_x509_crt_set_dn_by_oid(
		 crt, GNUTLS_OID_X520_COMMON_NAME, 0, claims->name, (unsigned)strlen(claims->name))) < 0 ||
	    (rc = gnutls_x509_crt_set_basic_constraints(crt, claims->is_ca, -1)) < 0)
		return rc;
	return gnutls_x509_crt_set_key_usage(crt, usage);
}

/* On 0, *ret_crt is owned. */
static int
make_certificate(const struct tls_store *store, const struct claims *claims, gnutls_x509_crt_t *ret_crt)
{
	gnutls_x509_crt_t crt = NULL;
	bool own = claims->is_ca || claims->self_signed;
	gnutls_x509_privkey_t key = claims->is_ca ? store->ca_key : store->key;
	int rc = gnutls_x509_crt_init(&crt);
	if (rc < 0)
		return rc;
	gnutls_x509_crt_t issuer = own ? crt : store->ca;
	gnutls_x509_crt_set_activation_time(crt, (time_t)claims->from_s);
	gnutls_x509_crt_set_expiration_time(crt, (time_t)claims->until_s);
	if ((rc = describe(crt, claims, key)) < 0 || (rc = set_names(crt, claims)) < 0 ||
	    (rc = set_key_ids(crt, issuer)) < 0 ||
	    (rc = gnutls_x509_crt_sign2(crt, issuer, own ? key : store->ca_key, GNUTLS_DIG_SHA256, 0)) < 0) {
		gnutls_x509_crt_deinit(crt);
		return rc;
	}
	*ret_crt = crt;
	return 0;
}

static int
make_credentials(struct tls_store *store, enum tls_certificate which, const struct claims *claims)
{
	gnutls_x509_crt_t crt;
	int rc = gnutls_certificate_allocate_credentials(&store->credentials[which]);
	if (rc < 0 || (rc = make_certificate(store, claims, &crt)) < 0)
		return rc;
	rc = gnutls_certificate_set_x509_key(store->credentials[which], &crt, 1, store->key); /* copies both */
	gnutls_x509_crt_deinit(crt);
	return rc;
}

static int
make_key(gnutls_x509_privkey_t *ret_key)
{
	int rc = gnutls_x509_privkey_init(ret_key);
	return rc < 0 ? rc : gnutls_x509_privkey_generate(*ret_key, GNUTLS_PK_ECDSA, KEY_BITS, 0);
}

static int
fill_store(struct tls_store *store, int64_t now_s)
{
	const struct claims ca = { .name = "cometcanary-sim CA",
		.is_ca = true,
		.from_s = now_s - DAY_S,
		.until_s = now_s + 3650 * (int64_t)DAY_S,
		.serial = 1 };
	const struct claims leaves[TLS_CERTIFICATES] = {
		[TLS_GOOD] = { .name = "localhost",
		    .from_s = now_s - DAY_S,
		    .until_s = now_s + 365 * DAY_S,
		    .serial = 2 },
		[TLS_EXPIRED] = { .name = "localhost",
		    .from_s = now_s - 60 * DAY_S,
		    .until_s = now_s - 30 * DAY_S,
		    .serial = 3 },
		[TLS_WRONG_NAME] = { .name = "elsewhere.invalid",
		    .for_elsewhere = true,
		    .from_s = now_s - DAY_S,
		    .until_s = now_s + 365 * DAY_S,
		    .serial = 4 },
		[TLS_SELF_SIGNED] = { .name = "localhost",
		    .self_signed = true,
		    .from_s = now_s - DAY_S,
		    .until_s = now_s + 365 * DAY_S,
		    .serial = 5 },
	};
	int rc;
	if ((rc = make_key(&store->ca_key)) < 0 || (rc = make_key(&store->key)) < 0 ||
	    (rc = make_certificate(store, &ca, &store->ca)) < 0 ||
	    (rc = gnutls_x509_crt_export2(store->ca, GNUTLS_X509_FMT_PEM, &store->ca_pem)) < 0)
		return rc;
	for (unsigned i = 0; i < TLS_CERTIFICATES; i++)
		if ((rc = make_credentials(store, (enum tls_certificate)i, &leaves[i])) < 0)
			return rc;
	return 0;
}

struct tls_store *
tls_store_new(struct wall now)
{
	struct tls_store *store = xcalloc(1, sizeof(*store));
	if (fill_store(store, now.us / US_PER_SEC) == 0)
		return store;
	tls_store_free(store);
	return NULL;
}

void
tls_store_free(struct tls_store *store)
{
	if (!store)
		return;
	for (unsigned i = 0; i < TLS_CERTIFICATES; i++)
		if (store->credentials[i])
			gnutls_certificate_free_credentials(store->credentials[i]);
	gnutls_free(store->ca_pem.data);
	if (store->ca)
		gnutls_x509_crt_deinit(store->ca);
	if (store->ca_key)
		gnutls_x509_privkey_deinit(store->ca_key);
	if (store->key)
		gnutls_x509_privkey_deinit(store->key);
	free(store);
}

struct str
tls_store_ca(const struct tls_store *store)
{
	return str_span((const char *)store->ca_pem.data, store->ca_pem.size);
}

struct tls_session *
tls_open(const struct tls_store *store, enum tls_certificate certificate, int fd)
{
	unsigned char http[] = "http/1.1";
	const gnutls_datum_t alpn = { http, sizeof(http) - 1 }; /* copied */
	struct tls_session *self = xcalloc(1, sizeof(*self));
	if (gnutls_init(&self->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0) {
		free(self);
		return NULL;
	}
	if (gnutls_set_default_priority(self->session) < 0 ||
	    gnutls_credentials_set(self->session, GNUTLS_CRD_CERTIFICATE, store->credentials[certificate]) < 0 ||
	    gnutls_alpn_set_protocols(self->session, &alpn, 1, 0) < 0) {
		tls_free(self);
		return NULL;
	}
	gnutls_transport_set_int(self->session, fd);
	return self;
}

void
tls_free(struct tls_session *session)
{
	if (!session)
		return;
	gnutls_deinit(session->session);
	free(session);
}

static int
to_errno(ssize_t rc)
{
	return rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED ? -EAGAIN : -EPROTO;
}

int
tls_handshake(struct tls_session *session)
{
	int rc;
	do
		rc = gnutls_handshake(session->session);
	while (rc < 0 && rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc));
	return rc == 0 ? 0 : to_errno(rc);
}

ssize_t
tls_read(struct tls_session *session, void *to, size_t room)
{
	ssize_t rc = gnutls_record_recv(session->session, to, room);
	return rc >= 0 ? rc : rc == GNUTLS_E_PREMATURE_TERMINATION ? 0 : to_errno(rc);
}

/* A write that could not finish is resumed without data; it then has sent what it was given first. */
ssize_t
tls_write(struct tls_session *session, const void *from, size_t len)
{
	ssize_t rc = session->unsent ? gnutls_record_send(session->session, NULL, 0)
				     : gnutls_record_send(session->session, from, len);
	if (rc >= 0) {
		session->unsent = 0;
		return rc;
	}
	if (to_errno(rc) == -EAGAIN && !session->unsent)
		session->unsent = len;
	return to_errno(rc);
}

void
tls_bye(struct tls_session *session)
{
	(void)gnutls_bye(session->session, GNUTLS_SHUT_WR);
}

bool
tls_wants_write(const struct tls_session *session)
{
	return gnutls_record_get_direction(session->session) == 1;
}
