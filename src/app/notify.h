/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the service manager how the daemon is (the documented datagram protocol of sd_notify(3), without its library).
 * Without $NOTIFY_SOCKET every call is silent. Failures are ignored: there is nobody to tell. Loop thread.
 */
#ifndef COMETCANARY_APP_NOTIFY_H
#define COMETCANARY_APP_NOTIFY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"

struct notify {
	int fd; /* -1 = nobody listens */
	struct sockaddr_un address;
	socklen_t address_bytes;
	int64_t watchdog_ns; /* the manager's patience; 0 = no watchdog */
};

/* Reads $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID, and removes them from the environment. */
void notify_open(struct notify *notify);
/* status: one line for people, borrowed for the call. */
void notify_ready(const struct notify *notify, const char *status);
/* Followed by notify_ready(), whether the new configuration was taken or not. */
void notify_reloading(const struct notify *notify, struct mono now);
void notify_stopping(const struct notify *notify, const char *status);
void notify_status(const struct notify *notify, const char *status);
void notify_watchdog(const struct notify *notify);
void notify_close(struct notify *notify);

#endif
