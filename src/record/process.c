/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static int64_t
timeval_ns(struct timeval t)
{
	return t.tv_sec * NS_PER_SEC + t.tv_usec * NS_PER_US;
}

/* The first two numbers of /proc/self/statm: total and resident pages. */
static void
read_memory(struct process_stats *stats)
{
	char text[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t len = read(fd, text, sizeof(text));
	close(fd);
	int64_t pages[2] = { 0, 0 };
	unsigned field = 0;
	for (ssize_t i = 0; i < len && field < 2; i++) {
		if (text[i] >= '0' && text[i] <= '9')
			pages[field] = pages[field] * 10 + (text[i] - '0');
		else
			field++;
	}
	if (field < 2)
		return;
	int64_t page_bytes = sysconf(_SC_PAGESIZE);
	stats->virtual_bytes = pages[0] * page_bytes;
	stats->resident_bytes = pages[1] * page_bytes;
}

static int64_t
count_fds(void)
{
	struct stat st;
	if (stat("/proc/self/fd", &st) == 0 && st.st_size > 0)
		return st.st_size; /* Linux 6.2 and later */
	DIR *dir = opendir("/proc/self/fd");
	if (!dir)
		return PROCESS_UNKNOWN;
	int64_t count = -3; /* ".", "..", and the folder itself */
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

struct process_stats
process_stats(void)
{
	struct process_stats stats = {
		.resident_bytes = PROCESS_UNKNOWN,
		.virtual_bytes = PROCESS_UNKNOWN,
		.open_fds = count_fds(),
		.max_fds = PROCESS_UNKNOWN,
	};
	struct rusage usage;
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		stats.cpu_ns = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
	read_memory(&stats);
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		stats.max_fds = (int64_t)limit.rlim_cur;
	return stats;
}
