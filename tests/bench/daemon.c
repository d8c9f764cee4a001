/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real daemon: 10,000 endpoints at 60 s (how late do runs start, what does an endpoint cost at rest), and 50 of them
 * with 8 runs in flight (how large is a small one), beside a program that only starts the same libraries.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "bench/bench.h"
#include "bench/client.h"
#include "bench/responder.h"

enum {
	MANY = 10000,
	MANY_PROVIDERS = 10,
	LAG_SECONDS = 40,
	SMALL = 50,
	SMALL_IN_FLIGHT = 8,
	CONFIG_BYTES_MAX = 64 << 20
};

struct daemon_run {
	pid_t pid;
	unsigned port;
	char *folder;
};

static void
start_daemon(struct daemon_run *run, struct bench_setup *setup)
{
	auto_buf struct buf config = BUF_INIT(CONFIG_BYTES_MAX);
	auto_free char *program = bench_program("cometcanaryd");
	run->folder = bench_folder();
	run->port = setup->web_port = bench_free_port();
	bench_write_config(&config, setup);
	auto_free char *file = bench_file(run->folder, "bench.conf", &config);
	auto_free char *log = bench_file(run->folder, "log", &BUF_INIT(0));
	run->pid = bench_spawn((char *[]){ program, (char *)(uintptr_t) "--config.file", file, NULL }, log);
	auto_buf struct buf page = BUF_INIT(0);
	client_get(run->port, "/-/ready", &page);
}

static void
end_daemon(struct daemon_run *run)
{
	bench_end(run->pid);
	bench_folder_remove(run->folder);
}

static double
rss_of_one(const struct responder *responder)
{
	struct daemon_run run;
	struct bench_setup setup = { .port = responder->port, .endpoints = 1, .interval = "60s", .probes = "\"sync\"" };
	start_daemon(&run, &setup);
	poll(NULL, 0, 1000);
	double kib = bench_memory_kib(run.pid, "VmRSS");
	end_daemon(&run);
	return kib;
}

static double
le(const struct buf *page, const char *bound)
{
	char prefix[128];
	snprintf(prefix, sizeof(prefix), "cometcanary_scheduler_lag_seconds_bucket{le=\"%s\"}", bound);
	return client_sample(page, prefix);
}

void
bench_daemon(void)
{
	struct responder responder;
	struct daemon_run run;
	bench_come_first();
	responder_start(&responder);
	double one_kib = rss_of_one(&responder);
	struct bench_setup setup = { .port = responder.port,
		.endpoints = MANY,
		.providers = MANY_PROVIDERS,
		.interval = "60s",
		.probes = "\"sync\"" };
	start_daemon(&run, &setup);
	double at_start_kib = bench_memory_kib(run.pid, "VmRSS");
	double cpu_us = bench_cpu_us_of(run.pid);
	poll(NULL, 0, LAG_SECONDS * 1000);
	cpu_us = bench_cpu_us_of(run.pid) - cpu_us;
	double many_kib = bench_memory_kib(run.pid, "VmRSS");
	auto_buf struct buf page = BUF_INIT(0);
	client_get(run.port, "/metrics", &page);
	double probes = client_sample(&page, "cometcanary_probes_total{");
	double failures = client_sample(&page, "cometcanary_probe_failures_total{");
	double starts = le(&page, "+Inf");
	if (failures > 0 || starts < 1)
		bench_die("%.0f of %.0f probes failed", failures, probes);
	bench_print(
	    &(struct bench_figure){ .name = "runs that start within 5 ms (p99 ≤ 5 ms), 10,000 endpoints at 60 s",
		.unit = "%",
		.value = 100 * le(&page, "0.005") / starts,
		.bound = AT_LEAST,
		.target = 99 },
	    "of %.0f in %d s, %.0f later than 25 ms; within 1 ms %.1f %%; %.0f µs CPU a probe", starts, LAG_SECONDS,
	    starts - le(&page, "0.025"), 100 * le(&page, "0.001") / starts, cpu_us / probes);
	bench_print(&(struct bench_figure){ .name = "memory of an endpoint and probe, 10,000 endpoints",
			.unit = "KiB",
			.value = (many_kib - one_kib) / (MANY - 1),
			.bound = AT_MOST,
			.target = 8 },
	    "%.1f MiB, and %.1f MiB with one endpoint; at the start %.1f MiB; after a scrape %.1f MiB", many_kib / 1024,
	    one_kib / 1024, at_start_kib / 1024, bench_memory_kib(run.pid, "VmRSS") / 1024);
	end_daemon(&run);
	responder_stop(&responder);
}

static void
late_path(struct buf *out, unsigned index)
{
	(void)index;
	buf_text(out, "/late/3000000");
}

static double
rss_of_libraries(void)
{
	auto_free char *program = bench_program("tests/bench/bare");
	char *folder = bench_folder();
	auto_free char *output = bench_file(folder, "rss", &BUF_INIT(0));
	pid_t pid = bench_spawn((char *[]){ program, NULL }, output);
	bench_wait(pid);
	FILE *file = fopen(output, "re");
	char line[64] = "";
	if (!file || !fgets(line, sizeof(line), file))
		bench_die("%s says nothing", program);
	fclose(file);
	bench_folder_remove(folder);
	return strtod(line, NULL);
}

void
bench_small(void)
{
	enum { PATIENCE_S = 30 };
	struct responder responder;
	struct daemon_run run;
	responder_start(&responder);
	struct bench_setup setup = { .port = responder.port,
		.endpoints = SMALL,
		.interval = "10s",
		.total = "9s",
		.probes = "\"sync\"",
		.max_in_flight = SMALL_IN_FLIGHT,
		.path = late_path };
	start_daemon(&run, &setup);
	double in_flight = 0;
	for (int second = 0; second < PATIENCE_S && (in_flight < SMALL_IN_FLIGHT || second < 10); second++) {
		auto_buf struct buf page = BUF_INIT(0);
		poll(NULL, 0, 1000);
		client_get(run.port, "/metrics", &page);
		in_flight = client_sample(&page, "cometcanary_probes_in_flight ");
	}
	bench_print(&(struct bench_figure){ .name = "memory of a daemon with 50 endpoints, 8 runs in flight",
			.unit = "MiB",
			.value = bench_memory_kib(run.pid, "VmRSS") / 1024,
			.bound = AT_MOST,
			.target = 20 },
	    "%.0f in flight; at its highest %.1f MiB; the bare libraries %.1f MiB", in_flight,
	    bench_memory_kib(run.pid, "VmHWM") / 1024, rss_of_libraries() / 1024);
	end_daemon(&run);
	responder_stop(&responder);
}
