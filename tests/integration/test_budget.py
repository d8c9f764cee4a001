# SPDX-License-Identifier: Apache-2.0
"""What may be spent, by the journal of who is paid: many at once, a crash loop, and tenants with keys of their own."""

import os
import random
import select

import harness
from canary import KEY, NEVER, Daemon, Sim, command, endpoint, provider
from harness import expect, expect_equal

PARALLEL = 200
LIMIT = 10
LIVES = 100  # a minute of a crash loop
LIFE_S = (0.0, 0.15)
EX_BUDGET = 5
TEAMS = {"a": "key-of-team-a", "b": "key-of-team-b"}
NEGATIVE = ("missing_auth", "invalid_auth", "invalid_model")


def config(stage, sim, rows, **more):
    basis = {"store": {"path": str(stage.folder / "canary.db")}, "web": {"lifecycle": True}, "log": {"level": "debug"}}
    budgets = ({"name": "few", "window": "month", "max_requests": LIMIT},)
    return {**basis, "budgets": budgets, "providers": [provider("p", sim.url, max_in_flight=256)], "endpoints": rows, **more}


def parallel(stage):
    """200 runs at once, a budget of 10 requests: exactly 10 leave, and 190 are skipped"""
    sim = Sim(stage)
    rows = [endpoint(f"e{i}", interval=NEVER, budget="few") for i in range(PARALLEL)]
    daemon = Daemon(stage, config(stage, sim, rows))
    for row in rows:
        daemon.probe_now(row["name"])
    series = daemon.wait_series(
        "all to be skipped or sent",
        lambda now: now.sum("cometcanary_probes_skipped_total", reason="budget") == PARALLEL - LIMIT
        and now.sum("cometcanary_probes_total") == LIMIT,
    )
    expect_equal("requests in the journal", len(sim.journal()), LIMIT)
    expect_equal("denied", series.of("cometcanary_budget_denied_total", budget="few"), PARALLEL - LIMIT)
    expect_equal("spent", series.of("cometcanary_budget_spent", budget="few", unit="requests"), LIMIT)


def crash_loop(stage):
    """killed -9 and started again, with requests under way: the journal never has more than the budget allows"""
    sim = Sim(stage)
    seed = int.from_bytes(os.urandom(4), "big")
    dice = random.Random(seed)
    rows = [endpoint(f"e{i}", interval=NEVER, budget="few") for i in range(3)]
    for life in range(LIVES):
        daemon = Daemon(stage, config(stage, sim, rows), name=f"life-{life}")
        for row in rows:
            daemon.probe_now(row["name"])
        select.select([], [], [], dice.uniform(*LIFE_S))
        daemon.process.expect_running()
        daemon.process.kill()
        expect(len(sim.journal()) <= LIMIT, f"life {life}, seed {seed}: {len(sim.journal())} requests, {LIMIT} allowed")
    daemon = Daemon(stage, config(stage, sim, rows), name="last-life")
    spent = daemon.wait_series(
        "all of it to be spent",
        lambda now: now.of("cometcanary_budget_spent", budget="few", unit="requests") == LIMIT,
    )
    expect_equal("spent", spent.of("cometcanary_budget_spent", budget="few", unit="requests"), LIMIT)
    daemon.probe_now("e0")
    daemon.wait_series("it to be refused", lambda now: now.of("cometcanary_budget_denied_total", budget="few") == 1)
    expect(1 <= len(sim.journal()) <= LIMIT, f"{len(sim.journal())} requests")


def tenants(stage):
    """each endpoint asks with its own tenant's key and no other, whatever the probe"""
    keys = [arg for name, value in TEAMS.items() for arg in ("--key", f"{name}={value}")]
    sim = Sim(stage, *keys)
    owners = {"chat-a": "a", "chat-b": "b", "chat": "test"}
    more = {"interval": NEVER, "negative_interval": NEVER, "negative": NEGATIVE}
    rows = [
        endpoint(name, **more, **({"tenant": owner} if owner in TEAMS else {})) for name, owner in owners.items()
    ]
    teams = [{"name": name, "secret": {"env": f"KEY_{name.upper()}"}} for name in TEAMS]
    environment = {f"KEY_{name.upper()}": value for name, value in TEAMS.items()}
    daemon = Daemon(stage, config(stage, sim, rows, tenants=teams, defaults={"budget": "wide"}, budgets=(
        {"name": "wide", "window": "day", "max_requests": 1000},)), env=environment)
    for name, owner in owners.items():
        for probe in ("sync", *NEGATIVE):
            before = len(sim.journal())
            line = daemon.run_of(name, probe)
            expect_equal(f"outcome of {name} {probe}", line["outcome"], "ok")
            expect_equal("the tenant in the log", line.get("tenant"), owner if owner in TEAMS else None)
            (entry,) = sim.journal()[before:]
            expect_equal(f"a key in {name} {probe}", entry["key_present"], probe != "missing_auth")
            named = entry.get("key")
            if probe in ("missing_auth", "invalid_auth"):
                expect(named not in owners.values(), f"{name} {probe} has the key {named}")
            else:
                expect_equal(f"the key of {name} {probe}", named, owner)
    text = daemon.process.stderr() + daemon.get("/metrics").text
    for value in (KEY, *TEAMS.values()):
        expect(value not in text, "a key is in the log or on the page")
    expect('tenant="a"' in text, "endpoint_info does not name the tenant")


def by_hand(stage):
    """`cometcanary probe` draws on the same budget, and leaves with 5 when there is no room"""
    sim = Sim(stage)
    rows = [endpoint("chat", interval=NEVER, budget="few")]
    for turn in range(LIMIT + 1):
        result = command(stage, config(stage, sim, rows), "probe", "chat", name=f"probe-{turn}")
        expect_equal(f"exit code {turn}", result.exit_code(), 0 if turn < LIMIT else EX_BUDGET)
    expect("has no room" in result.stderr(), result.stderr())
    expect_equal("requests in the journal", len(sim.journal()), LIMIT)


harness.run(parallel, crash_loop, tenants, by_hand)
