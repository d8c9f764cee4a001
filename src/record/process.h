/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process as the kernel sees it, for the process_* families. Reads only what is visible under ProcSubset=pid.
 */
#ifndef COMETCANARY_RECORD_PROCESS_H
#define COMETCANARY_RECORD_PROCESS_H

#include <stdint.h>

enum { PROCESS_UNKNOWN = -1 };

struct process_stats {
	int64_t cpu_ns;
	int64_t resident_bytes, virtual_bytes; /* PROCESS_UNKNOWN without /proc */
	int64_t open_fds, max_fds; /* likewise; also when there is no limit */
};

struct process_stats process_stats(void);

#endif
