/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same POST by Debian's prometheus-blackbox-exporter: what a probe costs its process, the HTTP request that asks for
 * it and the page that answers included, because there is no probe without them. Ours is the pipeline with its log line.
 */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "bench/bench.h"
#include "bench/client.h"
#include "bench/load.h"
#include "bench/responder.h"

enum { ROUNDS = 5, IN_FLIGHT = 64, WARM = 200, PROBES = 600, OUR_WARM = 300, OUR_PROBES = 1500 };

static const char program[] = "/usr/bin/prometheus-blackbox-exporter";

static const char modules[] =
    "modules:\n"
    "  chat:\n"
    "    prober: http\n"
    "    timeout: 10s\n"
    "    http:\n"
    "      method: POST\n"
    "      preferred_ip_protocol: ip4\n"
    "      valid_status_codes: [200]\n"
    "      headers: { Content-Type: application/json, Accept: application/json }\n"
    "      fail_if_body_not_matches_regexp: ['\"total_tokens\":']\n"
    "      body: '{\"model\":\"bench-model\",\"messages\":[{\"role\":\"user\",\"content\":\"Reply with the word ok and no "
    "other text.\"}],\"max_tokens\":16,\"stream\":false}'\n";

struct blackbox {
	pid_t pid;
	unsigned port;
	char path[160];
};

static double
blackbox_cpu_us(const struct blackbox *blackbox, unsigned probes)
{
	struct client_errand errand = { .port = blackbox->port,
		.path = blackbox->path,
		.headers = "",
		.connections = IN_FLIGHT,
		.requests = probes };
	auto_buf struct buf answer = BUF_INIT(1 << 20);
	double before_us = bench_cpu_us_of(blackbox->pid);
	unsigned good = client_run(&errand, &answer);
	if (good != probes || client_sample(&answer, "probe_success ") < 1)
		bench_die("the blackbox exporter's probes fail: %.1000s", buf_cstr(&answer));
	return (bench_cpu_us_of(blackbox->pid) - before_us) / probes;
}

static void
compare(const struct blackbox *blackbox, unsigned port)
{
	struct load load = {
		.setup = { .port = port }, .in_flight = IN_FLIGHT, .warm = OUR_WARM, .requests = OUR_PROBES
	};
	double ratios[ROUNDS], ours_us[ROUNDS], theirs_us[ROUNDS];
	blackbox_cpu_us(blackbox, WARM);
	for (size_t i = 0; i < ROUNDS; i++) {
		struct load_result ours;
		theirs_us[i] = blackbox_cpu_us(blackbox, PROBES);
		bench_in_child(piped_run, &load, &ours, sizeof(ours));
		if (ours.failed)
			bench_die("%u of our probes failed", ours.failed);
		ours_us[i] = ours.cpu_us;
		ratios[i] = theirs_us[i] / ours.cpu_us;
	}
	double ratio = bench_quantile(ratios, ROUNDS, 0.5);
	bench_print(&(struct bench_figure){ .name = "CPU of a probe by the blackbox exporter, beside ours, fresh",
			.unit = "×",
			.value = ratio,
			.bound = AT_LEAST,
			.target = 4 },
	    "%.0f µs beside %.1f µs; ratios %.1f to %.1f", bench_quantile(theirs_us, ROUNDS, 0.5),
	    bench_quantile(ours_us, ROUNDS, 0.5), ratios[0], ratios[ROUNDS - 1]);
}

void
bench_blackbox(void)
{
	struct responder responder;
	struct blackbox blackbox = { .port = bench_free_port() };
	char listen[64], config[512];
	if (access(program, X_OK) < 0) {
		bench_skip("CPU of a probe by the blackbox exporter",
		    "Debian's prometheus-blackbox-exporter is not installed");
		return;
	}
	char *folder = bench_folder();
	auto_buf struct buf text = BUF_INIT(4096);
	buf_text(&text, modules);
	auto_free char *file = bench_file(folder, "blackbox.yml", &text);
	snprintf(listen, sizeof(listen), "--web.listen-address=127.0.0.1:%u", blackbox.port);
	snprintf(config, sizeof(config), "--config.file=%s", file);
	responder_start(&responder);
	snprintf(blackbox.path, sizeof(blackbox.path),
	    "/probe?module=chat&target=http%%3A%%2F%%2F127.0.0.1%%3A%u%%2Fv1%%2Fchat%%2Fcompletions", responder.port);
	blackbox.pid = bench_spawn((char *[]){ (char *)(uintptr_t)program, listen, config, NULL }, "/dev/null");
	compare(&blackbox, responder.port);
	bench_end(blackbox.pid);
	responder_stop(&responder);
	bench_folder_remove(folder);
}
