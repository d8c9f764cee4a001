/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/loop.h"

/* A simulated loop at a known time, a scratch file, and stderr kept aside. */
struct fixture {
	struct loop *loop;
	char path[64];
	int saved_stderr;
};

static int
setup(void **state)
{
	static struct fixture f;
	f.loop = loop_sim_new((struct mono){ NS_PER_SEC }, (struct wall){ INT64_C(1795341600123000) });
	snprintf(f.path, sizeof(f.path), "test_log.%d.tmp", (int)getpid());
	f.saved_stderr = dup(STDERR_FILENO);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	log_close(0);
	dup2(f->saved_stderr, STDERR_FILENO);
	close(f->saved_stderr);
	unlink(f->path);
	loop_free(f->loop);
	return 0;
}

static struct str
read_all(int fd, char *at, size_t room)
{
	size_t len = 0;
	ssize_t n;
	while (len < room && (n = read(fd, at + len, room - len)) > 0)
		len += (size_t)n;
	return str_span(at, len);
}

static void
expect_file(const char *path, const char *want)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	struct str got = read_all(fd, text, sizeof(text) - 1);
	close(fd);
	text[got.len] = '\0';
	assert_string_equal(text, want);
}

static void
test_json_line(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(log_open(f->loop, f->path, true, LOG_INFO), 0);
	log_msg(LOG_INFO, "hello", LOG_F_TEXT("text", "a\"b"), LOG_F_TEXT("gone", NULL), LOG_F_INT("n", -4),
	    LOG_F_BOOL("yes", true), ((struct log_field){ .key = "r", .type = LOG_REAL, .real = 0.25 }));
	log_msg(LOG_DEBUG, "not wanted", LOG_F_INT("n", 1));
	expect_file(f->path, ""); /* not from inside the caller's callback */
	loop_sim_settle(f->loop);
	expect_file(f->path,
	    "{\"time\":\"2026-11-22T10:00:00.123Z\",\"level\":\"info\",\"msg\":\"hello\",\"text\":\"a\\\"b\",\"n\":-4,"
	    "\"yes\":true,\"r\":0.25}\n");
}

static void
test_logfmt_line(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(log_open(f->loop, f->path, false, LOG_INFO), 0);
	log_msg(LOG_WARN, "probe finished", LOG_F_TEXT("text", "a b"), LOG_F_TEXT("gone", NULL), LOG_F_BOOL("yes", 0));
	loop_sim_settle(f->loop);
	expect_file(
	    f->path, "time=2026-11-22T10:00:00.123Z level=warn msg=\"probe finished\" text=\"a b\" yes=false\n");
}

static void
test_reopen_after_rotation(void **state)
{
	struct fixture *f = *state;
	char rotated[80];
	snprintf(rotated, sizeof(rotated), "%s.1", f->path);
	assert_int_equal(log_open(f->loop, f->path, false, LOG_INFO), 0);
	log_msg(LOG_INFO, "one", LOG_F_INT("n", 1));
	rename(f->path, rotated);
	assert_int_equal(log_reopen(), 0);
	log_msg(LOG_INFO, "two", LOG_F_INT("n", 2));
	loop_sim_settle(f->loop);
	expect_file(rotated, "time=2026-11-22T10:00:00.123Z level=info msg=one n=1\n");
	expect_file(f->path, "time=2026-11-22T10:00:00.123Z level=info msg=two n=2\n");
	unlink(rotated);
}

static void
test_open_fails(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(log_open(f->loop, "no/such/folder/x.log", false, LOG_INFO), -ENOENT);
}

static void
test_full_disk(void **state)
{
	struct fixture *f = *state;
	uint64_t before = log_stats().dropped;
	assert_int_equal(log_open(f->loop, "/dev/full", true, LOG_INFO), 0);
	for (int i = 0; i < 3; i++) {
		log_msg(LOG_INFO, "lost", LOG_F_INT("n", i));
		loop_sim_settle(f->loop);
	}
	assert_int_equal(log_stats().dropped - before, 3);
}

static void
test_closed_pipe_and_recovery(void **state)
{
	struct fixture *f = *state;
	char text[512];
	assert_int_equal(mkfifo(f->path, 0600), 0);
	int reader = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	uint64_t before = log_stats().dropped;
	assert_int_equal(log_open(f->loop, f->path, false, LOG_INFO), 0);
	close(reader);
	log_msg(LOG_INFO, "lost", LOG_F_INT("n", 1));
	loop_sim_settle(f->loop);
	assert_int_equal(log_stats().dropped - before, 1);
	reader = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	log_msg(LOG_INFO, "back", LOG_F_INT("n", 2));
	loop_sim_settle(f->loop);
	struct str got = read_all(reader, text, sizeof(text));
	assert_true(str_eq(got, STR("time=2026-11-22T10:00:00.123Z level=info msg=back n=2\n")));
	close(reader);
}

/* Nobody reads: the pipe fills, then our buffer, then lines are dropped whole; afterwards the rest arrives unharmed. */
static void
test_slow_reader(void **state)
{
	struct fixture *f = *state;
	static char text[1 << 20];
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	uint64_t before = log_stats().dropped;
	assert_int_equal(log_open(f->loop, "", false, LOG_INFO), 0);
	assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0);
	const int lines = 10000;
	for (int i = 0; i < lines; i++) {
		log_msg(LOG_INFO, "line", LOG_F_INT("n", i));
		loop_sim_settle(f->loop);
	}
	uint64_t dropped = log_stats().dropped - before;
	assert_in_range(dropped, 1, lines - 1);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	size_t len = 0;
	for (int i = 0; i < 100; i++) {
		len += read_all(ends[0], text + len, sizeof(text) - len).len;
		loop_sim_advance(f->loop, NS_PER_SEC);
	}
	uint64_t whole = 0;
	struct str rest = str_span(text, len);
	while (rest.len > 0) {
		struct str line = str_split(&rest, '\n');
		assert_true(str_starts(line, STR("time=2026-11-22T10:0")));
		whole++;
	}
	assert_int_equal(whole + dropped, lines);
	close(ends[0]);
}

static void
test_shared_socket_stays_blocking(void **state)
{
	struct fixture *f = *state;
	char text[256];
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	dup2(ends[1], STDERR_FILENO);
	assert_int_equal(log_open(f->loop, "", false, LOG_INFO), 0);
	log_msg(LOG_INFO, "one", LOG_F_INT("n", 1));
	loop_sim_settle(f->loop);
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	assert_true(recv(ends[0], text, sizeof(text), MSG_DONTWAIT) > 0);
	uint64_t before = log_stats().dropped;
	close(ends[0]);
	log_msg(LOG_INFO, "lost", LOG_F_INT("n", 2));
	loop_sim_settle(f->loop);
	assert_int_equal(log_stats().dropped - before, 1);
	close(ends[1]);
}

static void
test_without_a_loop(void **state)
{
	struct fixture *f = *state;
	uint64_t before = log_stats().messages[LOG_ERROR];
	assert_int_equal(log_open(NULL, f->path, false, LOG_ERROR), 0);
	log_msg(LOG_ERROR, "now", LOG_F_INT("n", 1));
	log_msg(LOG_WARN, "not wanted", LOG_F_INT("n", 1));
	char text[256];
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	struct str got = read_all(fd, text, sizeof(text));
	close(fd);
	assert_true(str_ends(got, STR(" level=error msg=now n=1\n")));
	assert_int_equal(log_stats().messages[LOG_ERROR] - before, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_json_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_logfmt_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reopen_after_rotation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_closed_pipe_and_recovery, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shared_socket_stays_blocking, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_a_loop, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
