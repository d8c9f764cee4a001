/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/parse.h"
#include "base/xalloc.h"
#include "bench/bench.h"

pid_t
bench_fork(void)
{
	pid_t parent = getpid();
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		bench_die("no process: %s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
	}
	return pid;
}

void
bench_come_first(void)
{
	if (sched_setscheduler(0, SCHED_RR, &(struct sched_param){ .sched_priority = 1 }) < 0)
		fputs("bench: no real-time priority: the times hold what else this machine does\n", stderr);
}

void
bench_call_me(const char *name)
{
	prctl(PR_SET_NAME, name);
}

void
bench_in_child(void (*fn)(const void *arg, void *ret_result), const void *arg, void *ret_result, size_t size)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		bench_die("no pipe: %s", strerror(errno));
	pid_t pid = bench_fork();
	if (pid == 0) {
		close(ends[0]);
		fn(arg, ret_result);
		bool told = write(ends[1], ret_result, size) == (ssize_t)size;
		_exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(ends[1]);
	bool heard = read(ends[0], ret_result, size) == (ssize_t)size;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	if (!heard)
		bench_die("a measurement came to an early end");
}

void *
bench_share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		bench_die("no memory to share: %s", strerror(errno));
	return memory;
}

pid_t
bench_spawn(char *const argv[], const char *output)
{
	pid_t pid = bench_fork();
	if (pid > 0)
		return pid;
	int out = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (out < 0 || in < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(out, STDERR_FILENO) < 0)
		bench_die("%s: %s", output, strerror(errno));
	execvp(argv[0], argv);
	bench_die("%s: %s", argv[0], strerror(errno));
}

void
bench_wait(pid_t pid)
{
	waitpid(pid, NULL, 0);
}

void
bench_end(pid_t pid)
{
	enum { PATIENCE_MS = 5000, LOOK_MS = 10 };
	kill(pid, SIGTERM);
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += LOOK_MS) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		poll(NULL, 0, LOOK_MS);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* /…/tests/bench/bench → /…/name */
char *
bench_program(const char *name)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		bench_die("/proc/self/exe: %s", strerror(errno));
	self[len] = '\0';
	for (int up = 0; up < 3; up++)
		*strrchr(self, '/') = '\0';
	auto_buf struct buf path = BUF_INIT(2 * sizeof(self));
	buf_printf(&path, "%s/%s", self, name);
	return xstrdup(buf_cstr(&path));
}

unsigned
bench_free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) < 0 || getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		bench_die("no port: %s", strerror(errno));
	close(fd);
	return ntohs(at.sin_port);
}

char *
bench_folder(void)
{
	char path[] = "/tmp/cometcanary-bench.XXXXXX";
	if (!mkdtemp(path))
		bench_die("%s: %s", path, strerror(errno));
	return xstrdup(path);
}

void
bench_folder_remove(char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	while (folder && (entry = readdir(folder)))
		unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	rmdir(path);
	free(path);
}

char *
bench_file(const char *folder, const char *name, const struct buf *text)
{
	auto_buf struct buf path = BUF_INIT(4096);
	buf_printf(&path, "%s/%s", folder, name);
	FILE *file = fopen(buf_cstr(&path), "we");
	if (!file || fwrite(text->at, 1, text->len, file) != text->len || fclose(file) != 0)
		bench_die("%s: %s", buf_cstr(&path), strerror(errno));
	return xstrdup(buf_cstr(&path));
}

double
bench_cpu_us(void)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static struct str
read_proc(pid_t pid, const char *file, char *room, size_t size)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd >= 0 ? read(fd, room, size) : -1;
	if (len < 0)
		bench_die("%s: %s", path, strerror(errno));
	close(fd);
	return str_span(room, (size_t)len);
}

double
bench_cpu_us_of(pid_t pid)
{
	enum { FIELD_UTIME = 14, FIELD_STIME = 15 };
	char room[1024];
	struct str stat = read_proc(pid, "stat", room, sizeof(room));
	uint64_t ticks = 0;
	for (int field = 1; field <= FIELD_STIME; field++) {
		uint64_t number = 0;
		struct str text = str_split(&stat, ' ');
		if (field >= FIELD_UTIME && parse_u64(text, &number))
			ticks += number;
	}
	return (double)ticks * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

double
bench_memory_kib(pid_t pid, const char *key)
{
	char room[4096];
	struct str status = read_proc(pid, "status", room, sizeof(room));
	uint64_t kib = 0;
	while (status.at) {
		struct str line = str_split(&status, '\n');
		struct str name = str_split(&line, ':');
		struct str number = str_trim(line);
		if (str_eq(name, str_of(key)) && parse_u64(str_split(&number, ' '), &kib))
			return (double)kib;
	}
	bench_die("no %s in /proc/%d/status", key, (int)pid);
}
