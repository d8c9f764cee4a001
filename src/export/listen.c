/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128, HOST_BYTES = 256, PORT_BYTES = 8 };

#define UNIX_PREFIX "unix:"

static int
fail(struct buf *ret_error, const char *address, const char *what, int error)
{
	buf_printf(ret_error, "web.listen: %s: %s: %s", address, what, strerror(error));
	return -error;
}

static int
open_socket(const struct sockaddr *sa, socklen_t len, bool both_families)
{
	const int on = 1, off = 0;
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int error = 0;
	if (sa->sa_family != AF_UNIX && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		error = errno;
	if (sa->sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, both_families ? &off : &on, sizeof(on)) != 0)
		error = errno;
	if (!error && (bind(fd, sa, len) != 0 || listen(fd, BACKLOG) != 0))
		error = errno;
	if (!error)
		return fd;
	close(fd);
	return -error;
}

/* A socket file that nobody answers behind is left over from a process that was killed. */
static void
remove_stale(const struct sockaddr_un *sa)
{
	struct stat st;
	if (lstat(sa->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) != 0 && errno == ECONNREFUSED)
		unlink(sa->sun_path);
	close(fd);
}

static int
open_unix(const char *address, struct buf *ret_error)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const char *path = address + strlen(UNIX_PREFIX);
	if (strlen(path) >= sizeof(sa.sun_path))
		return fail(ret_error, address, "the path is too long", ENAMETOOLONG);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	remove_stale(&sa);
	mode_t mask = umask(0117); /* owner and group may connect */
	int fd = open_socket((const struct sockaddr *)&sa, sizeof(sa), false);
	umask(mask);
	return fd >= 0 ? fd : fail(ret_error, address, "cannot listen", -fd);
}

/* Splits at the last colon; the brackets of an IPv6 address go. False when a part does not fit. */
static bool
split_address(const char *address, char *ret_host, char *ret_port)
{
	const char *colon = strrchr(address, ':');
	if (!colon || strlen(colon + 1) >= PORT_BYTES)
		return false;
	struct str host = str_span(address, (size_t)(colon - address));
	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		host = str_span(host.at + 1, host.len - 2);
	if (host.len >= HOST_BYTES)
		return false;
	memcpy(ret_host, host.at, host.len);
	ret_host[host.len] = '\0';
	memcpy(ret_port, colon + 1, strlen(colon + 1) + 1);
	return true;
}

static int
open_resolved(const char *host, const char *port, int family)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	};
	struct addrinfo *list;
	int result = getaddrinfo(*host ? host : NULL, port, &hints, &list);
	if (result != 0)
		return result == EAI_SYSTEM ? -errno : -EADDRNOTAVAIL;
	int fd = open_socket(list->ai_addr, list->ai_addrlen, !*host);
	freeaddrinfo(list);
	return fd;
}

static int
open_inet(const char *address, struct buf *ret_error)
{
	char host[HOST_BYTES], port[PORT_BYTES];
	if (!split_address(address, host, port))
		return fail(ret_error, address, "write HOST:PORT, [IPV6]:PORT, :PORT, or unix:/PATH", EINVAL);
	int fd = open_resolved(host, port, *host ? AF_UNSPEC : AF_INET6);
	if (!*host && fd == -EAFNOSUPPORT) /* a kernel without IPv6 */
		fd = open_resolved(host, port, AF_INET);
	return fd >= 0 ? fd : fail(ret_error, address, "cannot listen", -fd);
}

int
listen_open(const char *address, struct buf *ret_error)
{
	if (str_starts(str_of(address), STR(UNIX_PREFIX)))
		return open_unix(address, ret_error);
	return open_inet(address, ret_error);
}

void
listen_describe(int fd, const char *address, struct buf *ret_text)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	char port[PORT_BYTES];
	const char *colon = strrchr(address, ':');
	bool inet = getsockname(fd, (struct sockaddr *)&sa, &len) == 0 && sa.ss_family != AF_UNIX;
	if (!inet || !colon ||
	    getnameinfo((struct sockaddr *)&sa, len, NULL, 0, port, sizeof(port), NI_NUMERICSERV) != 0) {
		buf_text(ret_text, address);
		return;
	}
	buf_add(ret_text, address, (size_t)(colon - address) + 1);
	buf_text(ret_text, port);
}

void
listen_close(int fd, const char *address)
{
	if (str_starts(str_of(address), STR(UNIX_PREFIX)))
		unlink(address + strlen(UNIX_PREFIX));
	close(fd);
}
