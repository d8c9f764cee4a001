# SPDX-License-Identifier: Apache-2.0
"""A daemon that was stopped for a while, as by a suspended machine, and one whose resolver hangs."""

import os
import signal
import subprocess
import time
from datetime import datetime

import harness
from canary import OFTEN, Daemon, Sim, endpoint, outcomes, provider
from harness import expect, expect_equal

SLOTS_LOST = 4
# libcurl resolves on a thread of its own by getaddrinfo(): this one never answers for the top-level domain "test".
# A black hole in /etc/resolv.conf does the same, but wants a mount namespace, which not every container may have.
HANGING_RESOLVER = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
	    (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo");
	size_t len = node ? strlen(node) : 0;
	if (len > 5 && strcmp(node + len - 5, ".test") == 0)
		for (;;)
			pause();
	return real(node, service, hints, ret);
}
"""
LATE_S = 0.2  # of a process that only sleeps: then everybody is late


def suspend(stage):
    """stopped for some intervals: lost slots are counted as missed, each probe goes on once, not in a burst"""
    sim = Sim(stage)
    rows = [endpoint(f"e{i}", probes=("sync", "stream"), **OFTEN) for i in range(4)]
    config = {"providers": [provider("p", sim.url, max_in_flight=100)], "endpoints": rows}
    daemon = Daemon(stage, config)
    clock = Daemon(stage, config, name="clock")  # its runs say how many slots went by
    daemon.wait_runs(8)
    clock.wait_runs(8)
    daemon.process.send(signal.SIGSTOP)
    series = clock.series()
    clock.wait_runs(series.sum("cometcanary_probes_total") + 8 * SLOTS_LOST)
    told = len(daemon.log(msg="probe finished"))
    daemon.process.send(signal.SIGCONT)
    daemon.wait_series(
        "missed slots",
        lambda s: all(
            (s.of("cometcanary_probes_skipped_total", endpoint=row["name"], probe=probe, reason="missed") or 0)
            >= SLOTS_LOST - 1
            for row in rows
            for probe in ("sync", "stream")
        ),
    )
    after = daemon.wait_runs(series.sum("cometcanary_probes_total") + 24)
    expect(told >= 8, "nothing was told before")
    ends = {}
    for entry in daemon.log(msg="probe finished")[told:]:
        when = datetime.fromisoformat(entry["time"]).timestamp()
        ends.setdefault((entry["endpoint"], entry["probe"]), []).append(when)
    for key, times in ends.items():
        gaps = [b - a for a, b in zip(times, times[1:])]
        expect(min(gaps, default=1) > 0.4, f"runs of {key} in a burst: {gaps}")
    for row in rows:
        lost = after.sum("cometcanary_probes_skipped_total", endpoint=row["name"], reason="missed")
        expect(lost <= 2 * (SLOTS_LOST + 4), f"{row['name']}: {lost} slots counted as missed")
        skipped = after.by("cometcanary_probes_skipped_total", "reason", endpoint=row["name"])
        expect(set(skipped) == {"missed"}, f"{row['name']} skipped for {skipped}")
        # a run that was under way when time stood still may have met its deadline
        seen = outcomes(after, row["name"])
        expect(seen["ok"] >= sum(seen.values()) - 2, f"{row['name']}: {seen}")


def hanging_resolver(stage):
    """names that never resolve: timeout_connect on time, all other probes on time, and a quick end"""
    source = stage.write("hang.c", HANGING_RESOLVER)
    compiler = (os.environ.get("TEST_CC") or "gcc").split()
    subprocess.run([*compiler, "-shared", "-fPIC", "-o", stage.folder / "hang.so", source, "-ldl"], check=True)
    sim = Sim(stage)
    rows = [endpoint(f"lost{i}", "lost", interval="1s", total="400ms", connection="fresh") for i in range(10)]
    rows += [endpoint(f"good{i}", **OFTEN) for i in range(4)]
    providers = [provider("p", sim.url), provider("lost", "https://nowhere.test", max_in_flight=100)]
    preload = {"LD_PRELOAD": str(stage.folder / "hang.so"), "ASAN_OPTIONS": "verify_asan_link_order=0"}
    daemon = Daemon(stage, {"providers": providers, "endpoints": rows}, env=preload)
    metronome = harness.Metronome(stage, LATE_S)
    for row in rows:
        daemon.wait_runs(3, endpoint=row["name"])
    series, machine_late = daemon.series(), metronome.stop()
    for row in rows:
        wanted = {"timeout_connect" if row["name"].startswith("lost") else "ok"}
        expect_equal(f"outcomes of {row['name']}", set(outcomes(series, row["name"])), wanted)
        skipped = series.by("cometcanary_probes_skipped_total", "reason", endpoint=row["name"])
        expect_equal(f"skipped of {row['name']}", harness.unexcused(skipped, machine_late), {})
    for family in ("cometcanary_scheduler_lag_seconds", "cometcanary_event_loop_lag_seconds"):
        late = series.of(family + "_count") - series.of(family + "_bucket", le="0.1")
        expect(late <= series.of(family + "_count") / 20, f"{family}: {late} times over 0.1 s")
    began = time.monotonic()
    daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", daemon.process.exit_code(), 0)
    expect(time.monotonic() - began < 4, "it took long to end")


harness.run(suspend, hanging_resolver)
