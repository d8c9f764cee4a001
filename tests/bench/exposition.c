/* SPDX-License-Identifier: Apache-2.0 */
/* What a scrape costs at 1,000 endpoints: the CPU time of each series, plain and compressed, without a network. */
#include "config.h"

#include "bench/bench.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "export/gzip.h"
#include "record/exposition.h"
#include "record/metrics.h"

enum { ENDPOINTS = 1000, RUNS_PER_PROBE = 20, REPEATS = 9, SLICE_BYTES = 32 * 1024 };

struct scrape {
	double ns_a_series, bytes_a_series, worst_slice_ms, snapshot_ms;
	size_t series;
};

/* Runs of all kinds, so that numbers have more than one digit. */
static void
fill(struct metrics *metrics, const struct config *config)
{
	struct exchange exchange = { .status = 200, .head_whole = true };
	static struct reply reply;
	unsigned seed = 1;
	reply.usage = (struct usage){ .verdict = USAGE_VERDICT_PRESENT, .input_tokens = 17, .output_tokens = 1 };
	struct record record = {
		.request_id = STR("01JDXR0000000000000000TEST"), .exchange = &exchange, .reply = &reply
	};
	for (size_t i = 0; i < config->endpoint_count; i++) {
		record.endpoint = &config->endpoints[i];
		for (size_t run = 0; run < record.endpoint->probe_count * RUNS_PER_PROBE; run++) {
			seed = seed * 1664525 + 1013904223;
			int64_t start = NS_PER_SEC, first = start + seed % 900000000, end = first + seed % 77777777;
			record.probe = record.endpoint->probes[run % record.endpoint->probe_count];
			record.finished = (struct wall){ INT64_C(1795341600000000) + seed };
			record.verdict.outcome = seed >> 28 ? OUTCOME_OK : OUTCOME_SERVER_ERROR;
			exchange.at = (struct timeline){ .start = { start },
				.dns = { start + seed % 999999 },
				.connect = { start + seed % 9999999 },
				.sent = { start + seed % 9999999 },
				.first_byte = { first },
				.first_content = { first },
				.end = { end } };
			metrics_record(metrics, &record);
		}
	}
}

static size_t
count_series(struct str page)
{
	size_t count = 0;
	while (page.len > 0)
		count += !str_starts(str_split(&page, '\n'), STR("#"));
	return count;
}

/* CPU time: what others do on this machine is not the page's price. */
static double
cpu_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* One scrape as the web server does it. */
static void
scrape(const struct metrics *metrics, bool compress, struct buf *page, struct scrape *ret)
{
	struct buf slice = BUF_INIT(1 << 20), packed = BUF_INIT(1 << 20);
	struct gzip *gzip = compress ? gzip_new() : NULL;
	size_t bytes = 0;
	double ns = 0, worst_ns = 0, begin = cpu_ns();
	struct exposition *x = exposition_new(metrics, EXPOSITION_OPENMETRICS);
	ns = cpu_ns() - begin;
	ret->snapshot_ms = ns / 1e6;
	for (bool more = true; more;) {
		begin = cpu_ns();
		buf_reset(&slice);
		buf_reset(&packed);
		more = exposition_render(x, &slice, SLICE_BYTES);
		if (gzip)
			gzip_add(gzip, buf_view(&slice), !more, &packed);
		double took = cpu_ns() - begin;
		ns += took;
		worst_ns = took > worst_ns ? took : worst_ns;
		bytes += gzip ? packed.len : slice.len;
		if (page)
			buf_str(page, buf_view(&slice));
	}
	exposition_free(x);
	gzip_free(gzip);
	buf_done(&slice);
	buf_done(&packed);
	ret->worst_slice_ms = worst_ns / 1e6;
	ret->ns_a_series = ns / (double)ret->series;
	ret->bytes_a_series = (double)bytes / (double)ret->series;
}

static struct scrape
measure(const struct metrics *metrics, bool compress, size_t series)
{
	struct scrape best = { .ns_a_series = 1e9, .series = series };
	double ns[REPEATS];
	for (size_t i = 0; i < REPEATS; i++) {
		struct scrape one = { .series = series };
		scrape(metrics, compress, NULL, &one);
		ns[i] = one.ns_a_series;
		if (one.ns_a_series < best.ns_a_series)
			best = one;
	}
	best.ns_a_series = bench_quantile(ns, REPEATS, 0.5);
	return best;
}

void
bench_exposition(void)
{
	struct bench_setup setup = {
		.port = 1, .web_port = 2, .endpoints = ENDPOINTS, .providers = 1, .max_in_flight = 8
	};
	setup.interval = "60s";
	setup.probes = "\"sync\", \"stream\"";
	struct config *config = bench_config(&setup);
	struct metrics *metrics = metrics_new();
	metrics_configure(metrics, config, clock_wall());
	fill(metrics, config);
	struct buf page = BUF_INIT(256 << 20);
	struct scrape whole = { .series = 1 };
	scrape(metrics, false, &page, &whole);
	size_t series = count_series(buf_view(&page));
	buf_done(&page);
	struct scrape plain = measure(metrics, false, series), packed = measure(metrics, true, series);
	struct bench_figure figure = { "a series rendered alone, plain", "ns", plain.ns_a_series, 0, NO_TARGET };
	bench_print(&figure, "%zu series, %.0f bytes each", series, plain.bytes_a_series);
	figure = (struct bench_figure){ "a series rendered alone, gzip", "ns", packed.ns_a_series, 0, NO_TARGET };
	bench_print(&figure, "%.1f bytes each", packed.bytes_a_series);
	figure = (struct bench_figure){ "longest slice of it", "ms", packed.worst_slice_ms, 0, NO_TARGET };
	bench_print(&figure, "snapshot %.2f ms", packed.snapshot_ms);
	metrics_free(metrics);
}
