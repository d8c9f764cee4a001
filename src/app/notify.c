/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/notify.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/parse.h"

enum { MESSAGE_MAX = 1024 };

/* A path, or @name for the abstract namespace. */
static bool
set_address(struct notify *notify, const char *socket_name)
{
	size_t len = strlen(socket_name);
	if ((socket_name[0] != '/' && socket_name[0] != '@') || len >= sizeof(notify->address.sun_path))
		return false;
	notify->address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(notify->address.sun_path, socket_name, len);
	if (socket_name[0] == '@')
		notify->address.sun_path[0] = '\0';
	notify->address_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (socket_name[0] == '/'));
	return true;
}

static int64_t
env_number(const char *name)
{
	int64_t value = 0;
	const char *text = getenv(name);
	return text && parse_i64(str_of(text), &value) ? value : 0;
}

void
notify_open(struct notify *notify)
{
	*notify = (struct notify){ .fd = -1 };
	const char *socket_name = getenv("NOTIFY_SOCKET");
	if (socket_name && set_address(notify, socket_name))
		notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int64_t patience_us = env_number("WATCHDOG_USEC"), pid = env_number("WATCHDOG_PID");
	if (notify->fd >= 0 && patience_us > 0 && patience_us < INT64_MAX / NS_PER_US && (pid == 0 || pid == getpid()))
		notify->watchdog_ns = patience_us * NS_PER_US;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* One datagram a message: the manager must not see its lines apart. */
static void
send_text(const struct notify *notify, struct str text)
{
	if (notify->fd < 0)
		return;
	(void)sendto(notify->fd, text.at, text.len, MSG_NOSIGNAL, (const struct sockaddr *)&notify->address,
	    notify->address_bytes);
}

static void
send_state(const struct notify *notify, const char *state, const char *status)
{
	auto_buf struct buf message = BUF_INIT(MESSAGE_MAX);
	buf_text(&message, state);
	if (status)
		buf_printf(&message, "%sSTATUS=%s", message.len ? "\n" : "", status);
	send_text(notify, buf_view(&message));
}

void
notify_ready(const struct notify *notify, const char *status)
{
	send_state(notify, "READY=1", status);
}

void
notify_reloading(const struct notify *notify, struct mono now)
{
	auto_buf struct buf message = BUF_INIT(MESSAGE_MAX);
	buf_printf(&message, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)(now.ns / NS_PER_US));
	send_text(notify, buf_view(&message));
}

void
notify_stopping(const struct notify *notify, const char *status)
{
	send_state(notify, "STOPPING=1", status);
}

void
notify_status(const struct notify *notify, const char *status)
{
	send_state(notify, "", status);
}

void
notify_watchdog(const struct notify *notify)
{
	send_state(notify, "WATCHDOG=1", NULL);
}

void
notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}
