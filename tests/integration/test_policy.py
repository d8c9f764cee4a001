# SPDX-License-Identifier: Apache-2.0
"""Negative probes, retries and fallback on the wire: the simulator's journal counts what was sent, and with which key."""

import harness
from canary import KEY, NEVER, Daemon, Sim, endpoint, provider
from harness import expect_equal

NEGATIVE = ("missing_auth", "invalid_auth", "invalid_model", "malformed_json", "missing_field", "wrong_path")
OURS = ("timeout", "stream_abort", "rate_limit")
ABORTS = 5
WORST_CASE_TOKENS = 124  # of the endpoint that canary.py makes, by `cometcanary plan`
KEYLESS = ("missing_auth", "invalid_auth")
POLICY = {
    "name": "standard",
    "mode": "exercise",
    "allow": ("timeout", "server_error", "capacity", "rate_limit", "connection", "stream_disconnect"),
    "targets": ("backup",),
    "cooldown": "0s",
    "duplicates_ok": True,
    "retry": {"max": 2, "base": "10ms", "cap": "50ms"},
}


def configured(sim, other, **more):
    rows = [
        endpoint("chat", interval=NEVER, negative_interval=NEVER, fallback="standard", **more),
        endpoint("backup", "q", enabled=False, interval=NEVER),
    ]
    providers = [
        provider("p", sim.url, max_in_flight=16),
        {"name": "q", "base_url": other.url, "auth": {"secret": {"env": "OTHER_KEY"}}},
    ]
    return {"web": {"lifecycle": True}, "providers": providers, "endpoints": rows, "fallback_policies": [POLICY]}


def start(stage, **more):
    sim, other = Sim(stage), Sim(stage, name="other", key="other-key-of-its-own")
    daemon = Daemon(stage, configured(sim, other, **more), env={"OTHER_KEY": "other-key-of-its-own"})
    return sim, other, daemon


def sent(sim, before):
    """What came since then."""
    return sim.journal()[before:]


def run_of(daemon, probe="sync"):
    """One run at once, and the line of its end."""
    run_id = daemon.probe_now("chat", probe)
    return daemon.process.wait_until(probe, lambda: daemon.log(run_id=run_id, msg="probe finished"))[0]


def sent_once(stage):
    """each negative probe is sent once, with the key that it should have, under a policy that repeats and exercises"""
    sim, other, daemon = start(stage, negative=(*NEGATIVE, *OURS), negative_timeout="200ms")
    for probe in (*NEGATIVE, *OURS):
        before = len(sim.journal())
        if probe == "timeout":
            sim.fault("silent")
        line = run_of(daemon, probe)
        sim.heal()
        requests = sent(sim, before)
        expect_equal(f"{probe}: outcome", line["outcome"], "ok")
        expect_equal(f"{probe}: requests", len(requests), 1)
        expect_equal(f"{probe}: its key", requests[0].get("key"), None if probe in KEYLESS else "test")
    expect_equal("requests to the other provider", len(other.journal()), 0)


def failing_once(stage):
    """a negative probe that meets a broken server is neither repeated nor sent elsewhere"""
    sim, other, daemon = start(stage, negative=(*NEGATIVE, *OURS))
    sim.fault({"fault": "status", "status": 500})
    for probe in (*NEGATIVE, *OURS):
        before = len(sim.journal())
        run_of(daemon, probe)
        expect_equal(f"{probe}: requests", len(sent(sim, before)), 1)
    expect_equal("requests to the other provider", len(other.journal()), 0)


def own_key(stage):
    """retries stay with their provider; the target is asked once, with its own key"""
    sim, other, daemon = start(stage)
    before = len(sim.journal())
    sim.fault({"fault": "error", "name": "openai_server_error"})
    line = run_of(daemon)
    expect_equal("retries", line["retry_count"], 2)
    expect_equal("the decision", line["fallback_decision"], "exercised")
    expect_equal("requests to the provider", [row.get("key") for row in sent(sim, before)], ["test"] * 3)
    daemon.wait_series(
        "the answer of the target",
        lambda series: series.of(
            "cometcanary_fallback_attempts_total", endpoint="chat", policy="standard", target="backup", result="ok"
        )
        == 1,
    )
    expect_equal("requests to the target", [row.get("key") for row in other.journal()], ["test"])


def kill_switch(stage):
    """POST /-/fallback stops the exercise at once, and lets it go on"""
    sim, other, daemon = start(stage)
    sim.fault({"fault": "error", "name": "openai_server_error"})
    for enabled, decision in (("0", "denied"), ("1", "exercised")):
        reply = harness.http(f"{daemon.url}/-/fallback?policy=standard&enabled={enabled}", method="POST")
        expect_equal("POST /-/fallback", reply.status, 200)
        series = daemon.series()
        expect_equal("the switch", series.of("cometcanary_fallback_enabled", policy="standard"), float(enabled))
        expect_equal("the decision", run_of(daemon)["fallback_decision"], decision)
    daemon.process.wait_until("the target's request", lambda: len(other.journal()) == 1)


def abort_leaves_nothing(stage):
    """a stream that we close leaves no connection behind, here or there, and is paid as the worst case"""
    budgets = ({"name": "all", "window": "month", "max_tokens": ABORTS * WORST_CASE_TOKENS},)
    row = endpoint("chat", interval=NEVER, negative_interval=NEVER, negative=("stream_abort",), connection="reuse", budget="all")
    sim = Sim(stage)
    settings = {"web": {"lifecycle": True}, "budgets": budgets, "providers": [provider("p", sim.url)], "endpoints": [row]}
    daemon = Daemon(stage, settings)
    sim.fault({"fault": "latency-token", "ms": 20})  # there is more to come when we close

    def left():
        series = daemon.series()
        return series.of("process_open_fds"), series.of("cometcanary_budget_spent", budget="all", unit="tokens")

    expect_equal("outcome", run_of(daemon, "stream_abort")["outcome"], "ok")
    held = left()[0]  # with what a first request leaves open for good
    for runs in range(2, ABORTS + 1):
        expect_equal("outcome", run_of(daemon, "stream_abort")["outcome"], "ok")
        daemon.process.wait_until("our end", lambda: left() == (held, runs * WORST_CASE_TOKENS))
        daemon.process.wait_until("their end", lambda: sim.ask("stats")["open_connections"] == 1)  # the one that asks
    daemon.probe_now("chat", "stream_abort")
    daemon.wait_series("nothing to be left", lambda series: series.of("cometcanary_budget_denied_total", budget="all") == 1)


harness.run(abort_leaves_nothing, sent_once, failing_once, own_key, kill_switch)
