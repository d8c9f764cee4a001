/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /metrics of 1,000 endpoints with two probes each, all of which have run: what a series costs the process that serves it,
 * plain and with gzip, and how long one turn of the loop takes meanwhile, which is what a probe may have to wait. The web
 * server is the daemon's. The process that scrapes is older than all the data, so that the two share no memory: a page
 * that is written after a fork is copied first.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
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

static const char count_errand = 'c', plain_errand = 'p', gzip_errand = 'g';

struct scraped {
	pid_t scraper;
	int ask, hear; /* ends of the pipes to it */
	struct loop *loop;
	struct config *config;
	struct pipeline *pipeline;
	struct metrics *metrics;
	struct latest *latest;
	unsigned started, finished;
	struct loop_defer turn;
	bool watched; /* each turn is noted */
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

static const char *
say_nothing(void *arg)
{
	(void)arg;
	return NULL;
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
	loop_defer(scraped->loop, &scraped->turn, on_turn, scraped);
}

static void
begin_turns(struct scraped *scraped)
{
	scraped->busy_ms = thread_ms();
	scraped->turned = clock_mono();
	loop_defer(scraped->loop, &scraped->turn, on_turn, scraped);
}

/* ---- the process that scrapes ---- */

/* All lines that are no comments. */
static size_t
count_series(unsigned port)
{
	size_t count = 0;
	auto_buf struct buf page = BUF_INIT(0);
	client_get(port, "/metrics", &page);
	struct str rest = buf_view(&page);
	while (rest.at) {
		struct str line = str_split(&rest, '\n');
		count += str_starts(line, STR("cometcanary_")) || str_starts(line, STR("process_"));
	}
	return count;
}

static void
scrape_on_demand(unsigned port, int hear, int tell)
{
	char errand;
	while (read(hear, &errand, 1) == 1) {
		struct client_errand scrapes = { .port = port,
			.path = "/metrics",
			.headers = errand == gzip_errand ? "Accept-Encoding: gzip\r\n" : "",
			.connections = 1,
			.requests = SCRAPES };
		size_t answer = errand == count_errand ? count_series(port) : client_run(&scrapes, NULL);
		if (write(tell, &answer, sizeof(answer)) < 0)
			break;
	}
	_exit(EXIT_SUCCESS);
}

static void
start_scraper(struct scraped *scraped, unsigned port)
{
	int there[2], back[2];
	if (pipe(there) < 0 || pipe(back) < 0)
		bench_die("no pipe");
	scraped->scraper = bench_fork();
	if (scraped->scraper == 0) {
		close(there[1]);
		scrape_on_demand(port, there[0], back[1]);
	}
	scraped->ask = there[1];
	scraped->hear = back[0];
}

static void
on_answer(void *arg, int fd, unsigned events)
{
	(void)fd, (void)events;
	loop_stop(((struct scraped *)arg)->loop);
}

/* Serves until the errand is done. */
static size_t
send_on(struct scraped *scraped, char errand)
{
	size_t answer;
	struct loop_watch *watch = loop_watch_new(scraped->loop, scraped->hear, LOOP_READ, on_answer, scraped);
	if (!watch || write(scraped->ask, &errand, 1) != 1)
		bench_die("the process that scrapes is gone");
	if (scraped->watched)
		begin_turns(scraped);
	loop_run(scraped->loop);
	loop_watch_free(watch);
	loop_defer_cancel(scraped->loop, &scraped->turn);
	if (read(scraped->hear, &answer, sizeof(answer)) != sizeof(answer))
		bench_die("the process that scrapes is gone");
	return answer;
}

/* Returns the CPU time that a scrape costs this process. */
static double
scrape_us(struct scraped *scraped, char errand)
{
	double before_us = bench_cpu_us();
	if (send_on(scraped, errand) != SCRAPES)
		bench_die("a scrape failed");
	return (bench_cpu_us() - before_us) / SCRAPES;
}

/* ---- figures ---- */

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
print_stall(struct scraped *scraped)
{
	scraped->busy = xcalloc(TURNS_MAX, sizeof(double));
	scraped->gone = xcalloc(TURNS_MAX, sizeof(double));
	scraped->watched = true;
	scrape_us(scraped, plain_errand);
	scrape_us(scraped, gzip_errand);
	double worst_busy = bench_quantile(scraped->busy, scraped->turns, 1);
	double clock_ms = bench_quantile(scraped->gone, scraped->turns, 0.999);
	bench_print(&(struct bench_figure){ .name = "longest turn of the loop while /metrics is served",
			.unit = "ms",
			.value = worst_busy,
			.bound = AT_MOST,
			.target = 2 },
	    "CPU time, of %zu turns in %d scrapes, half of them with gzip; by the clock p99.9 %.2f ms", scraped->turns,
	    2 * SCRAPES, clock_ms);
}

static void
serve(struct scraped *scraped)
{
	struct export_view view = { .metrics = scraped->metrics,
		.latest = scraped->latest,
		.version = PACKAGE_VERSION,
		.config = give_config,
		.trouble = say_nothing,
		.ready = say_yes,
		.arg = scraped };
	auto_buf struct buf trouble = BUF_INIT(4096);
	struct httpd *httpd = httpd_new(scraped->loop, &view);
	if (!httpd || httpd_configure(httpd, &scraped->config->web, &trouble) < 0)
		bench_die("no web server: %s", buf_cstr(&trouble));
	size_t series = send_on(scraped, count_errand);
	print_cost("a series of /metrics, plain", scrape_us(scraped, plain_errand), series, 250);
	print_cost("a series of /metrics, gzip", scrape_us(scraped, gzip_errand), series, 700);
	print_stall(scraped);
	httpd_free(httpd);
}

void
bench_scrape(void)
{
	struct responder responder;
	struct scraped scraped = { 0 };
	responder_start(&responder);
	struct bench_setup setup = { .port = responder.port,
		.web_port = bench_free_port(),
		.endpoints = ENDPOINTS,
		.interval = "60s",
		.probes = "\"sync\", \"stream\"" };
	start_scraper(&scraped, setup.web_port);
	scraped.loop = loop_uv_new();
	scraped.metrics = metrics_new();
	scraped.latest = latest_new();
	scraped.config = bench_config(&setup);
	metrics_configure(scraped.metrics, scraped.config, clock_wall());
	latest_configure(scraped.latest, scraped.config);
	run_probes(&scraped);
	responder_stop(&responder);
	serve(&scraped);
	close(scraped.ask);
	bench_wait(scraped.scraper);
}
