/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tiny server for tests of the transport: one thread that accepts, and one a connection that runs the test's own
 * function on it, with plain blocking calls. Optionally over TLS, with certificates made on the spot.
 */
#ifndef COMETCANARY_TESTS_TCP_SERVER_H
#define COMETCANARY_TESTS_TCP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tcp_server;

struct tcp_conn {
	struct tcp_server *server;
	int fd;
	unsigned number; /* from 1, in the order of accepting */
	void *tls;
	char request[65536]; /* the last one read, NUL-terminated */
	size_t request_len, body_len;
};

typedef void tcp_serve_fn(struct tcp_conn *conn, void *arg);

/* A certificate with its key in one PEM file each, made in `dir`; the name is its subject alternative name. */
struct tcp_certificate {
	char ca_file[512]; /* signs it; itself when self_signed */
	char cert_file[512], key_file[512];
	int64_t not_after_s; /* UTC */
};
void tcp_certificate_make(
    const char *dir, const char *name, bool expired, bool self_signed, struct tcp_certificate *ret_certificate);

/* On 127.0.0.1, any port. certificate NULL = no TLS; client_ca NULL = no client certificate is asked for. */
struct tcp_server *
tcp_server_start(tcp_serve_fn *serve, void *arg, const struct tcp_certificate *certificate, const char *client_ca);
int tcp_server_port(const struct tcp_server *server);
unsigned tcp_server_connections(const struct tcp_server *server);
/* Until all connections that it accepted are closed. */
void tcp_server_wait_idle(struct tcp_server *server);
/* Closes everything, waits for the threads, and returns how many whole requests were read, also from what had arrived
 * and nobody had looked at. */
unsigned tcp_server_stop(struct tcp_server *server);

/* A port on which nobody listens (held by a socket that *ret_fd must close). */
int tcp_closed_port(int *ret_fd);

/* Reads one request, body by its Content-Length included. False when the client closed before it was whole. */
bool tcp_read_request(struct tcp_conn *conn);
bool tcp_send(struct tcp_conn *conn, const char *text);
bool tcp_send_bytes(struct tcp_conn *conn, const void *bytes, size_t len);
/* Until the client closes, at most that long; true when it did. How a server is slow: without sleeping past the end. */
bool tcp_wait_closed(struct tcp_conn *conn, int max_ms);
/* Until something came that can be read. */
void tcp_wait_readable(struct tcp_conn *conn);
/* Closes with a reset instead of an orderly end. */
void tcp_reset(struct tcp_conn *conn);

#endif
