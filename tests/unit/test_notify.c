/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include <unistd.h>

#include "app/notify.h"

/* A manager's socket: at a path, or in the abstract namespace when the name begins with @. */
static int
listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	assert_return_code(bind(fd, (struct sockaddr *)&address, bytes), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void
expect_datagram(int fd, const char *text)
{
	char bytes[2048];
	ssize_t len = recv(fd, bytes, sizeof(bytes) - 1, 0);
	assert_true(len >= 0);
	bytes[len] = '\0';
	assert_string_equal(bytes, text);
}

static void
talk(int fd)
{
	struct notify notify;
	notify_open(&notify);
	assert_null(getenv("NOTIFY_SOCKET"));
	notify_ready(&notify, "2 endpoints");
	expect_datagram(fd, "READY=1\nSTATUS=2 endpoints");
	notify_reloading(&notify, (struct mono){ 5 * NS_PER_SEC + 7 });
	expect_datagram(fd, "RELOADING=1\nMONOTONIC_USEC=5000000");
	notify_ready(&notify, NULL);
	expect_datagram(fd, "READY=1");
	notify_status(&notify, "fine");
	expect_datagram(fd, "STATUS=fine");
	notify_watchdog(&notify);
	expect_datagram(fd, "WATCHDOG=1");
	notify_stopping(&notify, "draining");
	expect_datagram(fd, "STOPPING=1\nSTATUS=draining");
	notify_close(&notify);
	close(fd);
}

static void
test_path(void **state)
{
	(void)state;
	char folder[] = "/tmp/test_notify.XXXXXX", name[64];
	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/notify", folder);
	talk(listen_at(name));
	unlink(name);
	rmdir(folder);
}

static void
test_abstract(void **state)
{
	(void)state;
	char name[64];
	snprintf(name, sizeof(name), "@cometcanary-test-%d", (int)getpid());
	talk(listen_at(name));
}

static void
test_nobody_listens(void **state)
{
	(void)state;
	const char *const names[] = { NULL, "", "relative/path", "/no/such/socket" };
	for (size_t i = 0; i < 4; i++) {
		unsetenv("NOTIFY_SOCKET");
		if (names[i])
			setenv("NOTIFY_SOCKET", names[i], 1);
		struct notify notify;
		notify_open(&notify);
		notify_ready(&notify, "to nobody");
		notify_watchdog(&notify);
		notify_close(&notify);
	}
}

static void
test_watchdog(void **state)
{
	(void)state;
	char own[32], other[32];
	snprintf(own, sizeof(own), "%d", (int)getpid());
	snprintf(other, sizeof(other), "%d", (int)getpid() + 1);
	const struct {
		const char *usec, *pid;
		int64_t ns;
	} rows[] = {
		{ "30000000", own, 30 * NS_PER_SEC },
		{ "30000000", NULL, 30 * NS_PER_SEC },
		{ "30000000", other, 0 },
		{ "0", own, 0 },
		{ "-5", own, 0 },
		{ "much", own, 0 },
		{ NULL, own, 0 },
	};
	for (size_t i = 0; i < 7; i++) {
		setenv("NOTIFY_SOCKET", "/nowhere", 1);
		if (rows[i].usec)
			setenv("WATCHDOG_USEC", rows[i].usec, 1);
		if (rows[i].pid)
			setenv("WATCHDOG_PID", rows[i].pid, 1);
		struct notify notify;
		notify_open(&notify);
		assert_int_equal(notify.watchdog_ns, rows[i].ns);
		assert_null(getenv("WATCHDOG_USEC"));
		assert_null(getenv("WATCHDOG_PID"));
		notify_close(&notify);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_abstract),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_watchdog),
	};
	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
