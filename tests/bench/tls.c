/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same probe over TLS, a new connection and handshake each time, with the simulator at the other end. The bare loop
 * leaves libcurl's own settings alone, as bare loops do.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "bench/bench.h"
#include "bench/load.h"

enum { ROUNDS = 5, IN_FLIGHT = 8, WARM = 20, REQUESTS = 150, PATIENCE_MS = 10000, LOOK_MS = 20 };

/* The simulator writes it once it has all that it needs. */
static void
wait_for_file(const char *path)
{
	for (int waited_ms = 0; access(path, R_OK) < 0; waited_ms += LOOK_MS) {
		if (waited_ms > PATIENCE_MS)
			bench_die("the simulator does not start");
		poll(NULL, 0, LOOK_MS);
	}
}

static void
compare(const struct load *load)
{
	double ratios[ROUNDS], ours_us[ROUNDS], bare_us[ROUNDS];
	for (size_t i = 0; i < ROUNDS; i++) {
		struct load_result bare, ours;
		bench_in_child(naive_run, load, &bare, sizeof(bare));
		bench_in_child(piped_run, load, &ours, sizeof(ours));
		if (bare.failed || ours.failed)
			bench_die("%u of the bare loop's requests failed, and %u of ours", bare.failed, ours.failed);
		ratios[i] = ours.cpu_us / bare.cpu_us;
		ours_us[i] = ours.cpu_us;
		bare_us[i] = bare.cpu_us;
	}
	bench_print(&(struct bench_figure){ .name = "over TLS, fresh, 8 in flight",
			.unit = "×",
			.value = bench_quantile(ratios, ROUNDS, 0.5),
			.bound = NO_TARGET },
	    "%.0f µs beside %.0f µs, with libcurl's own settings", bench_quantile(ours_us, ROUNDS, 0.5),
	    bench_quantile(bare_us, ROUNDS, 0.5));
}

void
bench_tls(void)
{
	char listen[64], control[64], ca_option[512];
	auto_free char *program = bench_program("cometcanary-sim");
	char *folder = bench_folder();
	auto_buf struct buf ca_file = BUF_INIT(256);
	buf_printf(&ca_file, "%s/ca.pem", folder);
	struct load load = {
		.setup = { .port = bench_free_port(), .ca_file = buf_cstr(&ca_file), .model = "gpt-5.4-mini" },
		.in_flight = IN_FLIGHT,
		.warm = WARM,
		.requests = REQUESTS,
	};
	snprintf(listen, sizeof(listen), "--tls-listen=127.0.0.1:%u", load.setup.port);
	snprintf(control, sizeof(control), "--listen=127.0.0.1:%u", bench_free_port());
	snprintf(ca_option, sizeof(ca_option), "--ca-file=%s", load.setup.ca_file);
	setenv("BENCH_KEY", "sk-bench", 1);
	pid_t pid = bench_spawn(
	    (char *[]){ program, listen, control, ca_option, (char *)(uintptr_t) "--any-key", NULL }, "/dev/null");
	wait_for_file(load.setup.ca_file);
	compare(&load);
	bench_end(pid);
	bench_folder_remove(folder);
}
