/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU time a probe, beside a bare loop that makes the same requests. The two take turns, so that what else the machine
 * does falls on both; the median of the ratios of neighbours counts.
 */
#include "config.h"

#include <stdio.h>

#include "bench/bench.h"
#include "bench/load.h"
#include "bench/responder.h"

enum { ROUNDS = 15, IN_FLIGHT = 64, WARM = 300, REQUESTS = 1500 };

struct comparison {
	const char *name;
	bool reuse, stream;
	enum bench_bound bound;
	double target;
};

static void
compare(const struct comparison *comparison, unsigned port)
{
	struct load load = {
		.setup = { .port = port, .reuse = comparison->reuse },
		.stream = comparison->stream,
		.in_flight = IN_FLIGHT,
		.warm = WARM,
		.requests = REQUESTS,
	};
	double ratios[ROUNDS], ours_us[ROUNDS], bare_us[ROUNDS];
	for (size_t i = 0; i < ROUNDS; i++) {
		struct load_result bare, ours;
		bench_in_child(naive_run, &load, &bare, sizeof(bare));
		bench_in_child(piped_run, &load, &ours, sizeof(ours));
		if (bare.failed || ours.failed)
			bench_die("%u of the bare loop's requests failed, and %u of ours", bare.failed, ours.failed);
		ratios[i] = ours.cpu_us / bare.cpu_us;
		ours_us[i] = ours.cpu_us;
		bare_us[i] = bare.cpu_us;
	}
	double ratio = bench_quantile(ratios, ROUNDS, 0.5);
	bench_print(&(struct bench_figure){ .name = comparison->name,
			.unit = "×",
			.value = ratio,
			.bound = comparison->bound,
			.target = comparison->target },
	    "%.1f µs beside %.1f µs; ratios %.2f to %.2f", bench_quantile(ours_us, ROUNDS, 0.5),
	    bench_quantile(bare_us, ROUNDS, 0.5), ratios[0], ratios[ROUNDS - 1]);
}

void
bench_cpu(void)
{
	static const struct comparison comparisons[] = {
		{ "CPU a probe beside the bare loop, fresh connections, 64 in flight", false, false, AT_MOST, 2.0 },
		{ "CPU a probe beside the bare loop, connections reused, 64 in flight", true, false, AT_MOST, 2.5 },
		{ "a stream, fresh", false, true, NO_TARGET, 0 },
		{ "a stream, reused", true, true, NO_TARGET, 0 },
	};
	struct responder responder;
	responder_start(&responder);
	for (size_t i = 0; i < ARRAY_LEN(comparisons); i++)
		compare(&comparisons[i], responder.port);
	responder_stop(&responder);
}
