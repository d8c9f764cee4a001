/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cheap HTTP client that asks the same thing many times over connections that it keeps: it drives the blackbox
 * exporter, and it scrapes. Blocking: for a process that has nothing else to do.
 */
#ifndef COMETCANARY_BENCH_CLIENT_H
#define COMETCANARY_BENCH_CLIENT_H

#include "base/buf.h"

struct client_errand {
	unsigned port; /* of 127.0.0.1; waits until somebody listens there */
	const char *path;
	const char *headers; /* whole lines, or "" */
	unsigned connections, requests;
};

/* Returns how many answers were 200. ret_answer: the last one, head and all; may be NULL. */
unsigned client_run(const struct client_errand *errand, struct buf *ret_answer);
/* One GET; ends the program when the answer is not 200. */
void client_get(unsigned port, const char *path, struct buf *ret_answer);
/* The sum of the samples of a page whose lines begin so: name{labels or name and a blank. Absent ones are 0. */
double client_sample(const struct buf *page, const char *prefix);

#endif
