# SPDX-License-Identifier: Apache-2.0
"""A daemon that lacks something: room for its log, a reader of it, file descriptors."""

import fcntl
import http.client
import json
import os
import resource
import time

import harness
from canary import OFTEN, Daemon, Sim, endpoint, parse_series, provider
from harness import expect, expect_equal, wait_for

CPU_SHARE_MAX = 0.25
ENDPOINTS = 6


def config(sim, **more):
    rows = [endpoint(f"good{i}", probes=("sync", "stream"), **OFTEN) for i in range(ENDPOINTS)]
    return {"providers": [provider("p", sim.url)], "endpoints": rows, **more}


def expect_probing(daemon, runs=2 * ENDPOINTS):
    """So many more runs, all of them ok."""
    seen = daemon.series().sum("cometcanary_probes_total")
    series = daemon.wait_runs(seen + runs)
    expect_equal("outcomes", set(series.by("cometcanary_probe_outcomes_total", "outcome")), {"ok"})
    return series


def full_disk(stage):
    """a log on a full disk: probes go on, and what is lost is counted"""
    daemon = Daemon(stage, config(Sim(stage), log={"file": "/dev/full"}))
    daemon.wait_series("dropped lines", lambda s: s.of("cometcanary_log_dropped_total") > 0)
    series = expect_probing(daemon)
    dropped = series.of("cometcanary_log_dropped_total")
    daemon.wait_series("more dropped lines", lambda s: s.of("cometcanary_log_dropped_total") > dropped)


def closed_pipe(stage):
    """nobody reads standard error any more: no death by SIGPIPE, probes go on, what is lost is counted"""
    reader, writer = os.pipe()
    daemon = Daemon(stage, config(Sim(stage)), stderr=writer)
    os.close(writer)
    daemon.wait_runs(2)
    os.close(reader)
    daemon.wait_series("dropped lines", lambda s: s.of("cometcanary_log_dropped_total") > 0)
    expect_probing(daemon)


def stuck_pipe(stage):
    """the reader of standard error hangs: probes go on; when it reads again, whole lines arrive"""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    daemon = Daemon(stage, config(Sim(stage)), stderr=writer)
    os.close(writer)
    daemon.wait_series("a full pipe and 30 runs", lambda s: s.sum("cometcanary_probes_total") >= 30)
    expect_probing(daemon)
    os.set_blocking(reader, False)
    text = b""

    def read_on():
        nonlocal text
        try:
            text += os.read(reader, 65536)
        except BlockingIOError:
            pass
        return text.count(b"\n") >= 30

    daemon.process.wait_until("the log to flow again", read_on)
    for line in text.splitlines()[:-1]:
        expect(json.loads(line)["msg"], f"no line of the log: {line!r}")
    os.close(reader)


def no_descriptors(stage):
    """no file descriptors: local_error without a spin, and all is well again when there are some"""
    daemon = Daemon(stage, config(Sim(stage)))
    daemon.wait_runs(2)
    scraper = http.client.HTTPConnection(daemon.address)

    def scrape():
        scraper.request("GET", "/metrics")
        return parse_series(scraper.getresponse().read().decode())

    scrape()  # this connection is there when the descriptors go
    before = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (3, before[1]))
    daemon.process.wait_until(
        "local_error", lambda: len(daemon.log(msg="probe finished", outcome="local_error")) >= 2
    )
    waiting = http.client.HTTPConnection(daemon.address)
    waiting.request("GET", "/-/ready")  # in the backlog: nobody can accept it now
    cpu, began = daemon.process.cpu_s(), time.monotonic()
    told = len(daemon.log(msg="probe finished"))
    daemon.process.wait_until("10 more runs", lambda: len(daemon.log(msg="probe finished")) >= told + 10)
    share = (daemon.process.cpu_s() - cpu) / (time.monotonic() - began)
    expect(share < CPU_SHARE_MAX, f"it uses {share:.0%} of a core")
    series = scrape()
    expect_equal("outcomes", set(series.by("cometcanary_probe_outcomes_total", "outcome")), {"ok", "local_error"})
    expect(series.sum("cometcanary_probe_failures_total", **{"class": "local"}) >= 10, "not counted as local")

    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, before)
    wait_for("success again", lambda: scrape().of("cometcanary_probe_success", endpoint="good0", probe="sync") == 1)
    expect_equal("status of the request that waited", waiting.getresponse().status, 200)
    expect_probing_again(daemon)
    for connection in (scraper, waiting):
        connection.close()


def expect_probing_again(daemon):
    good = daemon.series().sum("cometcanary_probe_outcomes_total", outcome="ok")
    daemon.wait_series("ok again", lambda s: s.sum("cometcanary_probe_outcomes_total", outcome="ok") >= good + 2 * ENDPOINTS)


harness.run(full_disk, closed_pipe, stuck_pipe, no_descriptors)
