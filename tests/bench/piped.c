/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole pipeline, as the daemon's engine runs it, without a schedule: each run that ends is counted and written to
 * the log, and starts the next one.
 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "app/drift.h"
#include "app/flight.h"
#include "app/pipeline.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "bench/bench.h"
#include "bench/load.h"
#include "config/load.h"
#include "record/latest.h"
#include "record/logline.h"
#include "record/metrics.h"
#include "transport/transport.h"

enum { LOG_PATIENCE_MS = 1000 };

struct piped {
	const struct load *load;
	struct loop *loop;
	struct config *config;
	struct pipeline *pipeline;
	struct metrics *metrics;
	struct latest *latest;
	struct drift *drift;
	struct flight flight;
	unsigned started, finished, failed;
	double cpu_us;
	struct mono begun;
};

static void
start(struct piped *piped)
{
	piped->started++;
	pipeline_start(piped->pipeline, piped->config, &piped->config->endpoints[0],
	    piped->load->stream ? PROBE_STREAM : PROBE_SYNC);
	metrics_in_flight(piped->metrics, pipeline_in_flight(piped->pipeline));
}

static const struct baseline *
on_baseline(void *arg, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct piped *piped = arg;
	return drift_baseline(piped->drift, endpoint, probe);
}

static void
on_inspect(void *arg, const struct endpoint *endpoint, const struct asked *asked, struct reply *reply, struct wall now)
{
	struct piped *piped = arg;
	drift_inspect(piped->drift, endpoint, asked, reply, now);
}

static void
on_done(void *arg, const struct record *record)
{
	struct piped *piped = arg;
	const struct load *load = piped->load;
	metrics_record(piped->metrics, record);
	latest_record(piped->latest, record);
	drift_record(piped->drift, record);
	logline_write(record);
	flight_run(&piped->flight, record);
	piped->finished++;
	if (record->verdict.outcome != OUTCOME_OK)
		piped->failed++;
	if (piped->finished == load->warm) {
		piped->cpu_us = bench_cpu_us();
		piped->begun = clock_mono();
	}
	if (piped->started < load->warm + load->requests)
		start(piped);
	else if (piped->finished == piped->started)
		loop_stop(piped->loop);
}

void
piped_run(const void *arg, void *ret_result)
{
	static const struct pipeline_hooks hooks = { .baseline = on_baseline, .inspect = on_inspect, .done = on_done };
	const struct load *load = arg;
	struct load_result *result = ret_result;
	bench_call_me("bench-piped");
	const char *why = "";
	char log_path[] = "/tmp/cometcanary-bench.XXXXXX";
	static struct piped piped;
	piped = (struct piped){ .load = load, .loop = loop_uv_new(), .metrics = metrics_new() };
	struct transport *transport = transport_multi_new(piped.loop, &why);
	if (!transport)
		bench_die("%s", why);
	int log_file = mkstemp(log_path);
	if (log_file < 0 || log_open(piped.loop, log_path, true, LOG_INFO) < 0)
		bench_die("%s cannot be written", log_path);
	unlink(log_path);
	piped.config = load_config(load);
	piped.latest = latest_new();
	piped.pipeline = pipeline_new(piped.loop, transport, &hooks, &piped);
	metrics_configure(piped.metrics, piped.config, clock_wall());
	latest_configure(piped.latest, piped.config);
	piped.drift = drift_new(piped.metrics, NULL);
	drift_configure(piped.drift, piped.config, clock_wall());
	for (unsigned i = 0; i < load->in_flight; i++)
		start(&piped);
	loop_run(piped.loop);
	log_close(LOG_PATIENCE_MS);
	result->cpu_us = (bench_cpu_us() - piped.cpu_us) / load->requests;
	result->wall_us = (double)mono_diff_ns(clock_mono(), piped.begun) / 1000 / load->requests;
	result->failed = piped.failed;
}
