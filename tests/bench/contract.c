/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a contract with a pinned baseline adds to the CPU time of a probe: the same pipeline with and without, in turns.
 */
#include "config.h"

#include "bench/bench.h"
#include "bench/load.h"
#include "bench/responder.h"

enum { ROUNDS = 15, IN_FLIGHT = 64, WARM = 300, REQUESTS = 1500 };

static double
cost_us(const struct load *load, bool contract)
{
	struct load with = *load;
	struct load_result result;
	with.setup.contract = contract;
	bench_in_child(piped_run, &with, &result, sizeof(result));
	if (result.failed)
		bench_die("%u requests failed", result.failed);
	return result.cpu_us;
}

static void
compare(const char *name, const struct load *load)
{
	double shares[ROUNDS], plain_us[ROUNDS], with_us[ROUNDS];
	for (size_t i = 0; i < ROUNDS; i++) {
		plain_us[i] = cost_us(load, false);
		with_us[i] = cost_us(load, true);
		shares[i] = (with_us[i] / plain_us[i] - 1) * 100;
	}
	double share = bench_quantile(shares, ROUNDS, 0.5);
	bench_print(&(struct bench_figure){ .name = name, .unit = "%", .value = share, .bound = AT_MOST, .target = 25 },
	    "%.1f µs beside %.1f µs; shares %.0f to %.0f %%", bench_quantile(with_us, ROUNDS, 0.5),
	    bench_quantile(plain_us, ROUNDS, 0.5), shares[0], shares[ROUNDS - 1]);
}

void
bench_contract(void)
{
	struct responder responder;
	responder_start(&responder);
	struct load load = { .setup = { .port = responder.port, .reuse = true },
		.in_flight = IN_FLIGHT,
		.warm = WARM,
		.requests = REQUESTS };
	compare("CPU that contract and baseline add to a probe, reused", &load);
	load.stream = true;
	compare("the same, a stream", &load);
	responder_stop(&responder);
}
