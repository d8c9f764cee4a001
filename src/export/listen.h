/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listening sockets by the addresses of the configuration: "127.0.0.1:10077", "[::1]:10077", ":10077" (all addresses,
 * both families), "unix:/path". Loop thread.
 */
#ifndef COMETCANARY_EXPORT_LISTEN_H
#define COMETCANARY_EXPORT_LISTEN_H

#include "base/buf.h"

/* A file descriptor (non-blocking, close on exec), or -errno with a line for people in ret_error. */
int listen_open(const char *address, struct buf *ret_error);
/* The address with the port that the kernel chose, when the configured one was 0. */
void listen_describe(int fd, const char *address, struct buf *ret_text);
/* Closes, and removes the file of a Unix socket. */
void listen_close(int fd, const char *address);

#endif
