/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all measurements share: figures and their verdicts, processes that come and go, CPU time, and configurations by
 * the thousand. A measurement is one function in bench_measurements[] (bench.c); it runs in a process of its own and
 * prints a row for each of its figures. Faults of the bench itself end the program: there is nothing to save.
 */
#ifndef COMETCANARY_BENCH_BENCH_H
#define COMETCANARY_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "model/conf.h"

void bench_die(const char *format, ...) ATTR_PRINTF(1, 2) ATTR_NORETURN;

/* ---- figures ---- */

enum bench_bound { AT_MOST, AT_LEAST, NO_TARGET };

/* One row of the table. how: what it was measured beside, or "". */
struct bench_figure {
	const char *name, *unit;
	double value, target;
	enum bench_bound bound;
};
void bench_print(const struct bench_figure *figure, const char *how, ...) ATTR_PRINTF(2, 3);

/* A row for what could not be measured here, and why. */
void bench_skip(const char *name, const char *why);

int bench_compare_doubles(const void *a, const void *b);
/* Sorts. share: 0.5 = the median, 0.99 = the 99th percentile. */
double bench_quantile(double *values, size_t count, double share);

/* ---- processes ---- */

/* Like fork(), but the child dies with its parent. */
pid_t bench_fork(void);
/* Before times by the clock are taken: this process and its children come before everything else on the machine, as far
 * as the kernel lets them, or what else it does would be measured. */
void bench_come_first(void);
/* The process's name for ps and perf. */
void bench_call_me(const char *name);
/* Runs fn in a process of its own, which writes its result; the caller waits for it. */
void bench_in_child(void (*fn)(const void *arg, void *ret_result), const void *arg, void *ret_result, size_t size);
/* Zeroed memory that a child shares with its parent. Never released. */
void *bench_share(size_t size) ATTR_NODISCARD;
/* Starts a program, found like a shell finds it, with its output in the file `output`. */
pid_t bench_spawn(char *const argv[], const char *output);
void bench_wait(pid_t pid);
/* SIGTERM, and SIGKILL for who does not hear. */
void bench_end(pid_t pid);
/* A path of a program beside this one (in the build folder). Returns owned. */
char *bench_program(const char *name) ATTR_NODISCARD;

/* A port of 127.0.0.1 that nobody listens on now. */
unsigned bench_free_port(void);
/* A new folder under /tmp, and its end with all files in it. Returns owned. */
char *bench_folder(void) ATTR_NODISCARD;
void bench_folder_remove(char *path);
/* A file in it. Returns owned: its path. */
char *bench_file(const char *folder, const char *name, const struct buf *text) ATTR_NODISCARD;

/* CPU time of this process (user and system), and of another one in steps of the kernel's clock. */
double bench_cpu_us(void);
double bench_cpu_us_of(pid_t pid);
/* A line of /proc/PID/status in KiB: "VmRSS", "VmHWM". */
double bench_memory_kib(pid_t pid, const char *key);

/* ---- configurations ---- */

struct bench_setup {
	unsigned port; /* of the responder */
	unsigned web_port;
	unsigned endpoints, providers, max_in_flight;
	const char *interval; /* "60s" */
	const char *total; /* deadline; NULL = the default */
	const char *probes; /* "\"sync\"" */
	bool reuse;
	const char *ca_file; /* the server speaks TLS and wants a key, which is in $BENCH_KEY; NULL = it does not */
	bool contract; /* with a contract, and a baseline of 20 samples */
	const char *model; /* NULL = the responder's */
	void (*path)(struct buf *out, unsigned index); /* of an endpoint; NULL = one that answers at once */
};

void bench_write_config(struct buf *out, const struct bench_setup *setup);
/* Returns owned. */
struct config *bench_config(const struct bench_setup *setup) ATTR_NODISCARD;

/* ---- the measurements ---- */

typedef void bench_fn(void);
bench_fn bench_blackbox, bench_contract, bench_cpu, bench_daemon, bench_scrape, bench_small, bench_timing, bench_tls;
bench_fn bench_exposition; /* exposition.c */

#endif
