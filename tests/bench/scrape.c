/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /metrics of 1,000 endpoints with two probes each, all of which have run: what a series costs the process that serves it,
 * plain and with gzip, and how long the loop does nothing else meanwhile: a timer that is due in each turn of the loop
 * stands for the probes. The web server is the daemon's.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/pipeline.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "bench/bench.h"
#include "bench/client.h"
#include "bench/responder.h"
#include "config/load.h"
#include "export/httpd.h"
#include "record/latest.h"
#include "record/metrics.h"
#include "transport/transport.h"

enum { ENDPOINTS = 1000, IN_FLIGHT = 64, SCRAPES = 20, TURNS_MAX = 1000000 };

struct scraped {
	struct loop *loop;
	struct config *config;
	struct pipeline *pipeline;
	struct metrics *metrics;
	struct latest *latest;
	unsigned started, finished;
	struct loop_timer turn;
	double busy_ms;
	struct mono turned;
	double *busy, *gone; /* of each turn: CPU time and time that went by since the one before, in ms */
	size_t turns;
};

/* ---- counters that have counted ---- */

static void
start_next(struct scraped *scraped)
{
	const struct endpoint *endpoint = &scraped->config->endpoints[scraped->started / 2];
	pipeline_start(scraped->pipeline, scraped->config, endpoint, scraped->started % 2 ? PROBE_STREAM : PROBE_SYNC);
	scraped->started++;
}

static void
on_done(void *arg, const struct record *record)
{
	struct scraped *scraped = arg;
	metrics_record(scraped->metrics, record);
	latest_record(scraped->latest, record);
	if (record->verdict.outcome != OUTCOME_OK)
		bench_die("a probe failed");
	if (++scraped->finished == 2 * ENDPOINTS)
		loop_stop(scraped->loop);
	else if (scraped->started < 2 * ENDPOINTS)
		start_next(scraped);
}

static void
run_probes(struct scraped *scraped)
{
	static const struct pipeline_hooks hooks = { .done = on_done };
	const char *why = "";
	struct transport *transport = transport_multi_new(scraped->loop, &why);
	if (!transport)
		bench_die("%s", why);
	scraped->pipeline = pipeline_new(scraped->loop, transport, &hooks, scraped);
	for (unsigned i = 0; i < IN_FLIGHT; i++)
		start_next(scraped);
	loop_run(scraped->loop);
	pipeline_free(scraped->pipeline);
	transport_free(transport);
}

/* ---- the page ---- */

static const struct config *
give_config(void *arg)
{
	return ((struct scraped *)arg)->config;
}

static bool
say_yes(void *arg)
{
	(void)arg;
	return true;
}

static double
thread_ms(void)
{
	struct timespec used;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

static void
on_turn(void *arg)
{
	struct scraped *scraped = arg;
	struct mono now = clock_mono();
	double busy_ms = thread_ms();
	if (scraped->turns < TURNS_MAX) {
		scraped->busy[scraped->turns] = busy_ms - scraped->busy_ms;
		scraped->gone[scraped->turns++] = (double)mono_diff_ns(now, scraped->turned) / NS_PER_MS;
	}
	scraped->busy_ms = busy_ms;
	scraped->turned = now;
	loop_timer_set(scraped->loop, &scraped->turn, now, on_turn, scraped);
}

static void
on_child(void *arg, int signo)
{
	(void)signo;
	loop_stop(((struct scraped *)arg)->loop);
}

/* Scrapes from another process; returns the CPU time that one cost this one. */
static double
scrape_us(struct scraped *scraped, unsigned port, const char *headers)
{
	struct client_errand errand = {
		.port = port, .path = "/metrics", .headers = headers, .connections = 1, .requests = SCRAPES
	};
	int status = 0;
	pid_t pid = bench_fork();
	if (pid == 0)
		_exit(client_run(&errand, NULL) == SCRAPES ? EXIT_SUCCESS : EXIT_FAILURE);
	double before_us = bench_cpu_us();
	loop_run(scraped->loop);
	double used_us = bench_cpu_us() - before_us;
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		bench_die("a scrape failed");
	return used_us / SCRAPES;
}

/* All lines that are no comments. */
static size_t
count_series(struct scraped *scraped, unsigned port)
{
	size_t *count = bench_share(sizeof(*count));
	pid_t pid = bench_fork();
	if (pid == 0) {
		struct buf page = BUF_INIT(0);
		client_get(port, "/metrics", &page);
		struct str rest = buf_view(&page);
		str_split(&rest, '\n');
		while (rest.at) {
			struct str line = str_split(&rest, '\n');
			*count += str_starts(line, STR("cometcanary_")) || str_starts(line, STR("process_"));
		}
		_exit(EXIT_SUCCESS);
	}
	loop_run(scraped->loop);
	bench_wait(pid);
	return *count;
}

static void
print_cost(const char *name, double us, size_t series, double target_ns)
{
	bench_print(&(struct bench_figure){ .name = name,
			.unit = "ns",
			.value = us * 1000 / (double)series,
			.bound = AT_MOST,
			.target = target_ns },
	    "%zu series, %.1f ms CPU a scrape", series, us / 1000);
}

static void
print_stall(struct scraped *scraped, unsigned port)
{
	scraped->busy = xcalloc(TURNS_MAX, sizeof(double));
	scraped->gone = xcalloc(TURNS_MAX, sizeof(double));
	on_turn(scraped);
	scraped->turns = 0;
	scrape_us(scraped, port, "");
	scrape_us(scraped, port, "Accept-Encoding: gzip\r\n");
	double worst_busy = bench_quantile(scraped->busy, scraped->turns, 1);
	double worst_gone = bench_quantile(scraped->gone, scraped->turns, 1);
	bench_print(&(struct bench_figure){ .name = "longest turn of the loop while /metrics is served",
			.unit = "ms",
			.value = worst_busy,
			.bound = AT_MOST,
			.target = 2 },
	    "CPU time, of %zu turns in %d scrapes, half of them with gzip; by the clock %.2f ms", scraped->turns,
	    2 * SCRAPES, worst_gone);
}

static void
serve(struct scraped *scraped, unsigned port)
{
	struct export_view view = { .metrics = scraped->metrics,
		.latest = scraped->latest,
		.version = PACKAGE_VERSION,
		.config = give_config,
		.healthy = say_yes,
		.ready = say_yes,
		.arg = scraped };
	auto_buf struct buf trouble = BUF_INIT(4096);
	struct httpd *httpd = httpd_new(scraped->loop, &view);
	if (!httpd || httpd_configure(httpd, &scraped->config->web, &trouble) < 0 ||
	    loop_signal(scraped->loop, SIGCHLD, on_child, scraped) < 0)
		bench_die("no web server: %s", buf_cstr(&trouble));
	size_t series = count_series(scraped, port);
	print_cost("a series of /metrics, plain", scrape_us(scraped, port, ""), series, 250);
	print_cost("a series of /metrics, gzip", scrape_us(scraped, port, "Accept-Encoding: gzip\r\n"), series, 700);
	print_stall(scraped, port);
	httpd_free(httpd);
}

void
bench_scrape(void)
{
	struct responder responder;
	struct scraped scraped = { .loop = loop_uv_new(), .metrics = metrics_new(), .latest = latest_new() };
	bench_come_first();
	responder_start(&responder);
	struct bench_setup setup = { .port = responder.port,
		.web_port = bench_free_port(),
		.endpoints = ENDPOINTS,
		.interval = "60s",
		.probes = "\"sync\", \"stream\"" };
	scraped.config = bench_config(&setup);
	metrics_configure(scraped.metrics, scraped.config, clock_wall());
	latest_configure(scraped.latest, scraped.config);
	run_probes(&scraped);
	responder_stop(&responder);
	serve(&scraped, setup.web_port);
}
