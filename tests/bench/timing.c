/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether reported times are true: 1,000 streams at once, each with a head and a first token that the responder delays by
 * amounts of its own, and tokens after them, so that the loop has work all the time.
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "app/pipeline.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "bench/bench.h"
#include "bench/responder.h"
#include "config/load.h"
#include "transport/transport.h"

enum { STREAMS = 1000, START_GAP_US = 1000, GAP_US = 100000, LENGTH_US = 5000000 };

struct timing {
	struct loop *loop;
	struct config *config;
	struct pipeline *pipeline;
	const struct responder_seen *seen;
	struct loop_timer starter;
	struct mono begun;
	unsigned started, finished, failed;
	size_t most_in_flight;
	double wait_ms[STREAMS], content_ms[STREAMS], path_ms[STREAMS], late_ms[STREAMS];
};

struct delays {
	int64_t head_us, first_us;
};

/* The same in each run: 1.2 to 2.2 s, and 0.3 to 1.3 s. */
static struct delays
delays_of(unsigned index)
{
	uint64_t noise = (index + 1) * UINT64_C(0x9E3779B97F4A7C15);
	return (
	    struct delays){ 1200000 + (int64_t)((noise >> 40) % 1000000), 300000 + (int64_t)((noise >> 20) % 1000000) };
}

static void
write_path(struct buf *out, unsigned index)
{
	struct delays delays = delays_of(index);
	int64_t events = (LENGTH_US - delays.head_us - delays.first_us) / GAP_US;
	buf_printf(out, "/at/%u/%lld/%lld/%lld/%d", index, (long long)delays.head_us, (long long)delays.first_us,
	    (long long)events, GAP_US);
}

static double
to_ms(int64_t ns)
{
	return (double)ns / NS_PER_MS;
}

static void
on_done(void *arg, const struct record *record)
{
	struct timing *timing = arg;
	const struct timeline *at = &record->exchange->at;
	size_t i = record->endpoint->index;
	struct delays delays = delays_of((unsigned)i);
	const struct responder_stamps *really = &timing->seen->streams[i];
	if (record->verdict.outcome != OUTCOME_OK)
		timing->failed++;
	int64_t wait_ns = mono_diff_ns(at->first_byte, at->sent),
		content_ns = mono_diff_ns(at->first_content, at->sent);
	timing->wait_ms[i] = fabs(to_ms(wait_ns - delays.head_us * NS_PER_US));
	timing->content_ms[i] = fabs(to_ms(content_ns - (delays.head_us + delays.first_us) * NS_PER_US));
	timing->path_ms[i] = fabs(to_ms(at->first_content.ns - really->first));
	timing->late_ms[i] = fabs(to_ms(really->first - really->read - (delays.head_us + delays.first_us) * NS_PER_US));
	if (++timing->finished == STREAMS)
		loop_stop(timing->loop);
}

static void
start_next(void *arg)
{
	struct timing *timing = arg;
	pipeline_start(timing->pipeline, timing->config, &timing->config->endpoints[timing->started++], PROBE_STREAM);
	timing->most_in_flight = pipeline_in_flight(timing->pipeline);
	if (timing->started < STREAMS)
		loop_timer_set(timing->loop, &timing->starter,
		    mono_add_ns(timing->begun, timing->started * START_GAP_US * NS_PER_US), start_next, timing);
}

static void
print_error(const char *name, double *errors_ms)
{
	double p99_ms = bench_quantile(errors_ms, STREAMS, 0.99);
	bench_print(
	    &(struct bench_figure){ .name = name, .unit = "ms", .value = p99_ms, .bound = AT_MOST, .target = 2 },
	    "median %.2f ms, worst %.2f ms", errors_ms[STREAMS / 2], errors_ms[STREAMS - 1]);
}

void
bench_timing(void)
{
	static const struct pipeline_hooks hooks = { .done = on_done };
	const char *why = "";
	struct responder responder;
	bench_come_first();
	responder_start(&responder);
	struct timing *timing = xcalloc(1, sizeof(*timing));
	timing->loop = loop_uv_new();
	timing->seen = responder.seen;
	timing->config = bench_config(&(struct bench_setup){ .port = responder.port,
	    .endpoints = STREAMS,
	    .interval = "60s",
	    .probes = "\"stream\"",
	    .path = write_path });
	struct transport *transport = transport_multi_new(timing->loop, &why);
	if (!transport)
		bench_die("%s", why);
	timing->pipeline = pipeline_new(timing->loop, transport, &hooks, timing);
	timing->begun = clock_mono();
	start_next(timing);
	loop_run(timing->loop);
	if (timing->failed || timing->most_in_flight < STREAMS)
		bench_die(
		    "%u streams of %d failed; %zu were in flight", timing->failed, STREAMS, timing->most_in_flight);
	print_error("error of the wait for the first byte, 1,000 streams in flight, p99", timing->wait_ms);
	print_error("error of the time to the first content, the same streams, p99", timing->content_ms);
	bench_print(&(struct bench_figure){ .name = "of that: how late the responder itself was, p99",
			.unit = "ms",
			.value = bench_quantile(timing->late_ms, STREAMS, 0.99),
			.bound = NO_TARGET },
	    "from its send of the first content to our stamp p99 %.2f ms",
	    bench_quantile(timing->path_ms, STREAMS, 0.99));
	pipeline_free(timing->pipeline);
	transport_free(transport);
	responder_stop(&responder);
}
