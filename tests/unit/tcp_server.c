/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tcp_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/str.h"
#include "base/xalloc.h"

struct served {
	struct tcp_conn conn;
	pthread_t thread;
	struct served *next;
};

struct tcp_server {
	int fd, port;
	tcp_serve_fn *serve;
	void *arg;
	gnutls_certificate_credentials_t credentials;
	bool ask_client;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t closed;
	unsigned open;
	struct served *served;
	atomic_uint connections, bodies;
};

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

/* ---- one connection ---- */

static ssize_t
receive(struct tcp_conn *conn, char *at, size_t room)
{
	if (conn->tls)
		return gnutls_record_recv(conn->tls, at, room);
	return recv(conn->fd, at, room, 0);
}

bool
tcp_send_bytes(struct tcp_conn *conn, const void *bytes, size_t len)
{
	const char *at = bytes;
	while (len > 0) {
		ssize_t n = conn->tls ? gnutls_record_send(conn->tls, at, len) : send(conn->fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

bool
tcp_send(struct tcp_conn *conn, const char *text)
{
	return tcp_send_bytes(conn, text, strlen(text));
}

/* Of the head that ends at `end`; 0 without a Content-Length. */
static size_t
content_length(const char *head, const char *end)
{
	const char *at = strcasestr(head, "\r\nContent-Length: ");
	size_t length = 0;
	if (at && at < end)
		for (at += strlen("\r\nContent-Length: "); *at >= '0' && *at <= '9'; at++)
			length = 10 * length + (size_t)(*at - '0');
	return length;
}

bool
tcp_read_request(struct tcp_conn *conn)
{
	conn->request_len = conn->body_len = 0;
	for (;;) {
		conn->request[conn->request_len] = '\0';
		const char *end = strstr(conn->request, "\r\n\r\n");
		if (end) {
			size_t head = (size_t)(end - conn->request) + 4;
			conn->body_len = content_length(conn->request, end);
			if (conn->request_len >= head + conn->body_len)
				break;
		}
		ssize_t n =
		    receive(conn, conn->request + conn->request_len, sizeof(conn->request) - 1 - conn->request_len);
		if (n <= 0)
			return false;
		conn->request_len += (size_t)n;
	}
	atomic_fetch_add(&conn->server->bodies, 1);
	return true;
}

bool
tcp_wait_closed(struct tcp_conn *conn, int max_ms)
{
	struct timespec start, now;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		int left = max_ms - (int)((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000);
		struct pollfd pollfd = { .fd = conn->fd, .events = POLLIN };
		if (left <= 0 || poll(&pollfd, 1, left) <= 0)
			return false;
		char rest[4096];
		if (recv(conn->fd, rest, sizeof(rest), 0) <= 0)
			return true;
	}
}

void
tcp_wait_readable(struct tcp_conn *conn)
{
	struct pollfd pollfd = { .fd = conn->fd, .events = POLLIN };
	poll(&pollfd, 1, -1);
}

void
tcp_reset(struct tcp_conn *conn)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static bool
begin_tls(struct tcp_conn *conn)
{
	struct tcp_server *server = conn->server;
	gnutls_session_t session;
	gnutls_init(&session, GNUTLS_SERVER);
	gnutls_set_default_priority(session);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, server->credentials);
	if (server->ask_client)
		gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
	gnutls_transport_set_int(session, conn->fd);
	conn->tls = session;
	int rc;
	do
		rc = gnutls_handshake(session);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	unsigned status = 0;
	return rc == 0 &&
	    (!server->ask_client || (gnutls_certificate_verify_peers2(session, &status) == 0 && status == 0));
}

static void *
connection_thread(void *arg)
{
	struct served *served = arg;
	struct tcp_conn *conn = &served->conn;
	struct tcp_server *server = conn->server;
	if (!server->credentials || begin_tls(conn))
		server->serve(conn, server->arg);
	if (conn->tls) {
		gnutls_bye(conn->tls, GNUTLS_SHUT_WR);
		gnutls_deinit(conn->tls);
	}
	pthread_mutex_lock(&server->lock);
	close(conn->fd);
	conn->fd = -1;
	server->open--;
	pthread_cond_broadcast(&server->closed);
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

/* ---- the server ---- */

static void *
accept_thread(void *arg)
{
	struct tcp_server *server = arg;
	for (;;) {
		int fd = accept(server->fd, NULL, NULL);
		if (fd < 0)
			return NULL;
		struct served *served = xcalloc(1, sizeof(*served));
		served->conn.server = server;
		served->conn.fd = fd;
		served->conn.number = atomic_fetch_add(&server->connections, 1) + 1;
		pthread_mutex_lock(&server->lock);
		served->next = server->served;
		server->served = served;
		server->open++;
		must(pthread_create(&served->thread, NULL, connection_thread, served) == 0, "thread");
		pthread_mutex_unlock(&server->lock);
	}
}

static int
bind_loopback(int *ret_port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(fd >= 0, "socket");
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	must(bind(fd, (struct sockaddr *)&address, len) == 0, "bind");
	must(getsockname(fd, (struct sockaddr *)&address, &len) == 0, "getsockname");
	*ret_port = ntohs(address.sin_port);
	return fd;
}

struct tcp_server *
tcp_server_start(tcp_serve_fn *serve, void *arg, const struct tcp_certificate *certificate, const char *client_ca)
{
	struct tcp_server *server = xcalloc(1, sizeof(*server));
	server->serve = serve;
	server->arg = arg;
	server->fd = bind_loopback(&server->port);
	must(listen(server->fd, 1024) == 0, "listen");
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->closed, NULL);
	if (certificate) {
		gnutls_certificate_allocate_credentials(&server->credentials);
		must(gnutls_certificate_set_x509_key_file(
			 server->credentials, certificate->cert_file, certificate->key_file, GNUTLS_X509_FMT_PEM) == 0,
		    "certificate");
		if (client_ca)
			gnutls_certificate_set_x509_trust_file(server->credentials, client_ca, GNUTLS_X509_FMT_PEM);
		server->ask_client = client_ca != NULL;
	}
	must(pthread_create(&server->thread, NULL, accept_thread, server) == 0, "thread");
	return server;
}

int
tcp_server_port(const struct tcp_server *server)
{
	return server->port;
}

unsigned
tcp_server_connections(const struct tcp_server *server)
{
	return atomic_load(&server->connections);
}

void
tcp_server_wait_idle(struct tcp_server *server)
{
	pthread_mutex_lock(&server->lock);
	while (server->open > 0)
		pthread_cond_wait(&server->closed, &server->lock);
	pthread_mutex_unlock(&server->lock);
}

unsigned
tcp_server_stop(struct tcp_server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	pthread_mutex_lock(&server->lock);
	for (struct served *served = server->served; served; served = served->next)
		if (served->conn.fd >= 0)
			shutdown(served->conn.fd, SHUT_RDWR);
	pthread_mutex_unlock(&server->lock);
	while (server->served) {
		struct served *served = server->served;
		server->served = served->next;
		pthread_join(served->thread, NULL);
		free(served);
	}
	if (server->credentials)
		gnutls_certificate_free_credentials(server->credentials);
	pthread_cond_destroy(&server->closed);
	pthread_mutex_destroy(&server->lock);
	unsigned bodies = atomic_load(&server->bodies);
	free(server);
	return bodies;
}

int
tcp_closed_port(int *ret_fd)
{
	int port;
	*ret_fd = bind_loopback(&port);
	return port;
}

/* ---- certificates ---- */

static void
write_file(const char *path, const gnutls_datum_t *text)
{
	FILE *file = fopen(path, "w");
	must(file != NULL, path);
	must(fwrite(text->data, 1, text->size, file) == text->size, path);
	must(fclose(file) == 0, path);
}

static gnutls_x509_privkey_t
new_key(void)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_privkey_init(&key);
	must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) ==
		0,
	    "key");
	return key;
}

static gnutls_x509_crt_t
new_certificate(const char *name, gnutls_x509_privkey_t key, bool authority, time_t from, time_t to)
{
	static atomic_uint serial = 1;
	gnutls_x509_crt_t crt;
	gnutls_x509_crt_init(&crt);
	gnutls_x509_crt_set_version(crt, 3);
	uint32_t number = htonl(atomic_fetch_add(&serial, 1));
	gnutls_x509_crt_set_serial(crt, &number, sizeof(number));
	gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name));
	gnutls_x509_crt_set_activation_time(crt, from);
	gnutls_x509_crt_set_expiration_time(crt, to);
	gnutls_x509_crt_set_key(crt, key);
	gnutls_x509_crt_set_basic_constraints(crt, authority, -1);
	if (authority)
		gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN);
	else
		gnutls_x509_crt_set_subject_alt_name(
		    crt, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name), GNUTLS_FSAN_SET);
	return crt;
}

void
tcp_certificate_make(
    const char *dir, const char *name, bool expired, bool self_signed, struct tcp_certificate *ret_certificate)
{
	static atomic_uint count;
	unsigned n = atomic_fetch_add(&count, 1);
	snprintf(ret_certificate->ca_file, sizeof(ret_certificate->ca_file), "%s/ca%u.pem", dir, n);
	snprintf(ret_certificate->cert_file, sizeof(ret_certificate->cert_file), "%s/cert%u.pem", dir, n);
	snprintf(ret_certificate->key_file, sizeof(ret_certificate->key_file), "%s/key%u.pem", dir, n);
	time_t now = time(NULL), to = expired ? now - 86400 : now + 86400;
	ret_certificate->not_after_s = to;
	gnutls_x509_privkey_t ca_key = new_key(), key = new_key();
	gnutls_x509_crt_t ca = new_certificate("canary test authority", ca_key, true, now - 864000, now + 864000);
	gnutls_x509_crt_t crt = new_certificate(name, key, false, now - 864000, to);
	must(gnutls_x509_crt_sign2(ca, ca, ca_key, GNUTLS_DIG_SHA256, 0) == 0, "sign");
	must(gnutls_x509_crt_sign2(crt, self_signed ? crt : ca, self_signed ? key : ca_key, GNUTLS_DIG_SHA256, 0) == 0,
	    "sign");
	gnutls_datum_t text;
	gnutls_x509_crt_export2(ca, GNUTLS_X509_FMT_PEM, &text);
	write_file(ret_certificate->ca_file, &text);
	gnutls_free(text.data);
	gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &text);
	write_file(ret_certificate->cert_file, &text);
	gnutls_free(text.data);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &text);
	write_file(ret_certificate->key_file, &text);
	gnutls_free(text.data);
	gnutls_x509_crt_deinit(ca);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(ca_key);
	gnutls_x509_privkey_deinit(key);
}
