/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same requests by two programs: the bare loop of libcurl and json-c, and the whole pipeline. Each runs in a process
 * of its own and tells what a request cost it.
 */
#ifndef COMETCANARY_BENCH_LOAD_H
#define COMETCANARY_BENCH_LOAD_H

#include <stdbool.h>

#include "bench/bench.h"

struct load {
	struct bench_setup setup; /* where to, and how; one endpoint with both probes is added */
	bool stream;
	unsigned in_flight;
	unsigned warm; /* requests before the measured ones */
	unsigned requests;
};

struct load_result {
	double cpu_us; /* a request */
	double wall_us;
	unsigned failed; /* must be 0, or the figure is worth nothing */
};

/* Of load->setup. Returns owned. */
struct config *load_config(const struct load *load) ATTR_NODISCARD;
/* const void *: a struct load; void *: a struct load_result. */
void naive_run(const void *arg, void *ret_result);
void piped_run(const void *arg, void *ret_result);

#endif
