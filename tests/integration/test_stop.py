# SPDX-License-Identifier: Apache-2.0
"""How the daemon ends, and how its log moves house."""

import signal
import time

import harness
from canary import NEVER, OFTEN, Daemon, Sim, endpoint, log_lines, provider
from harness import expect, expect_equal, wait_for

SLOW_MS = 400


def start(stage, sim, **more):
    rows = [
        endpoint("good", probes=("sync", "stream"), **OFTEN),
        endpoint("slow", probes=("stream",), interval=NEVER, path="/v1/chat/completions", total="20s", **more),
    ]
    providers = [provider("p", sim.url)]
    return Daemon(stage, {"log": {"level": "debug"}, "web": {"lifecycle": True}, "providers": providers, "endpoints": rows})


def in_flight(daemon):
    daemon.probe_now("slow", "stream")
    daemon.wait_series("a stream in flight", lambda s: s.of("cometcanary_probes_in_flight") >= 1)


def drain(stage):
    """SIGTERM: streams under way end and are told, nothing new is sent, exit 0"""
    sim = Sim(stage)
    daemon = start(stage, sim)
    daemon.wait_runs(2)
    sim.fault({"fault": "latency-token", "ms": SLOW_MS}, {"fault": "say", "text": "one two three four five six"}, stream=True)
    in_flight(daemon)
    daemon.process.send(signal.SIGTERM)
    stopping = daemon.process.wait_until("the log line", lambda: daemon.log(signal=int(signal.SIGTERM)))
    expect(stopping[0]["in_flight"] >= 1, "nothing was under way")
    expect_equal("exit code", daemon.process.exit_code(), 0)
    finished = daemon.log(msg="probe finished", endpoint="slow")
    expect_equal("outcome of the stream", [entry["outcome"] for entry in finished], ["ok"])
    logged = {entry["request_id"] for entry in daemon.log(msg="probe finished")}
    asked = {entry["headers"]["x-request-id"] for entry in sim.journal()}
    expect_equal("requests without a log line", asked - logged, set())


def hanging(stage):
    """SIGTERM while a stream hangs: its deadline ends it, it is told, exit 0"""
    sim = Sim(stage)
    daemon = start(stage, sim, timeout={"idle": "1s"})
    sim.fault("hang-after-events", stream=True)
    in_flight(daemon)
    began = time.monotonic()
    daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", daemon.process.exit_code(), 0)
    took = time.monotonic() - began
    expect(took < 4, f"it took {took:.1f} s, the deadline is 1 s")
    told = [entry["outcome"] for entry in daemon.log(msg="probe finished", endpoint="slow")]
    expect_equal("outcome of the stream", told, ["timeout_idle"])


def second_signal(stage):
    """a second SIGTERM ends it at once, and says what was cut off"""
    sim = Sim(stage)
    daemon = start(stage, sim, timeout={"first_byte": "20s"})
    daemon.wait_runs(2)
    sim.fault("silent", stream=True)
    in_flight(daemon)
    daemon.process.send(signal.SIGTERM)
    daemon.process.wait_until("the log line", lambda: daemon.log(signal=int(signal.SIGTERM)))
    daemon.process.expect_running()
    began = time.monotonic()
    daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", daemon.process.exit_code(), 0)
    took = time.monotonic() - began
    expect(took < 3, f"it took {took:.1f} s")
    expect_equal("runs told of slow", daemon.log(msg="probe finished", endpoint="slow"), [])
    skipped = [entry for entry in daemon.log(reason="shutdown") if entry["endpoint"] == "slow"]
    expect_equal("runs told as cut off", len(skipped), 1)


def rotation(stage):
    """SIGUSR1 after a rotation: the log goes on in the new file, no line is lost, and the flight recorder is in it"""
    sim = Sim(stage)
    log, old = stage.folder / "canary.log", stage.folder / "canary.log.1"
    rows = [endpoint("good", probes=("sync", "stream"), interval="300ms", total="290ms")]
    config = {"log": {"file": str(log)}, "providers": [provider("p", sim.url)], "endpoints": rows}
    daemon = Daemon(stage, config)

    def finished(path):
        return log_lines(path.read_text(), msg="probe finished") if path.exists() else []

    wait_for("lines in the log", lambda: len(finished(log)) >= 3)
    expect_equal("mode of the log", log.stat().st_mode & 0o077, 0)
    log.rename(old)
    before = len(finished(old))
    wait_for("more lines in the renamed file", lambda: len(finished(old)) > before)
    daemon.process.send(signal.SIGUSR1)
    wait_for("lines in the new file", lambda: len(finished(log)) >= 3)
    before = old.read_text()
    daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", daemon.process.exit_code(), 0)
    expect_equal("the old file after SIGUSR1", old.read_text(), before)
    logged = [entry["request_id"] for entry in finished(old) + finished(log)]
    asked = [entry["headers"]["x-request-id"] for entry in sim.journal()]
    expect_equal("request ids of both files and of the journal", sorted(logged), sorted(asked))
    told = [entry for entry in log_lines(log.read_text()) if "flight" in entry["msg"]]
    expect(len(told) >= 3, f"the flight recorder was not dumped: {log_lines(log.read_text())[:5]}")


harness.run(drain, hanging, second_signal, rotation)
