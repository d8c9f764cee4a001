# SPDX-License-Identifier: Apache-2.0
"""Every expression of the shipped dashboards, recording rules and alerts has data on a real Prometheus that scrapes the
daemon: a healthy endpoint, one with every fault that a panel or alert is about, a canary that is offline, and a week of
history."""

import json
import subprocess
import sys
import time

import harness
from canary import MODEL, Daemon, Sim, endpoint, provider
from chain import RULES
from harness import SOURCE, Stage, expect, expect_equal, http, wait_for
from monitoring import Prometheus

SICK = "gpt-4o-mini"
UNLISTED = "some-model"
PAGE = "/docs/api/text/chat.md"
EVERY_S = 300  # between two samples of the history
DAYS = 8
PATIENCE_S = 150
CONFIG = """\
global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}
rule_files: [ "{rules}/*.yml" ]
scrape_configs:
  - job_name: cometcanary
    static_configs: [ {{ targets: [ "{daemon}", "{offline}", "{dead}" ] }} ]
"""
# What a rule had recorded by now, had it run for a week: its value for each endpoint.
RECORDED = {
    "endpoint:cometcanary_probes:increase1h": 60,
    "endpoint:cometcanary_probe_failures:increase1h": 1,
    "endpoint:cometcanary_time_to_first_token_seconds:p50_rate1h": 0.2,
    "endpoint:cometcanary_time_to_first_token_seconds:p50_rate6h": 0.2,
    "endpoint_probe:cometcanary_probe_duration_seconds:p50_rate1h": 0.5,
    "endpoint_probe:cometcanary_probe_duration_seconds:p50_rate6h": 0.5,
}
# Alerts that need hours, another machine's trouble, or a canary that does not answer: promtool plays them, as it does all
# others, in tests/rules.
ELSEWHERE = {
    "CometCanaryDown", "CometCanarySchedulerStuck", "CometCanaryProbeStale", "CometCanaryStoreWritesFailing",
    "CometCanaryLogLinesDropped", "CometCanaryErrorBudgetFastBurn", "CometCanaryErrorBudgetSlowBurn",
    "CometCanaryFirstTokenSlow", "CometCanaryLatencyHigh", "CometCanaryBudgetNearlySpent",
    "CometCanaryCertificateExpiring",
}
# Families that no daemon of this version feeds.
NOT_FED = ("cometcanary_fleet_",)


def configuration(stage, sim):
    often = {"interval": "1s", "total": "900ms", "negative_interval": "5s"}
    areas = ("auth", "errors", "limits", "request", "path", "response")
    evidence = [{"area": area, "status": "observed", "accessed": "2026-01-02"} for area in areas[:-1]]
    evidence[0] = {**evidence[0], "doc": "page", "must_mention": ("no such phrase",)}
    chat = endpoint("chat", probes=("sync", "stream"), negative=("missing_auth", "invalid_model"), contract="c",
                    budget="day", expect={"usage": "documented"}, **often)
    sick = endpoint("sick", probes=("sync", "stream"), negative=("missing_auth",), model=SICK, contract="c",
                    fallback="standard", budget="day", expect={"usage": "documented"}, **often)
    tls = endpoint("tls", "tls", probes=("sync",), budget="hour", model="gpt-4.1-nano", **often)
    poor = endpoint("poor", model=SICK, fallback="poor", budget="day", **often)
    backup = endpoint("backup", model="gemini-2.5-flash", budget="day", interval="60s", total="900ms")
    rare = endpoint("rare", probes=("sync", "stream"), interval="20m", total="900ms", budget="day", model=UNLISTED)
    return {
        "web": {"lifecycle": True},
        "store": {"path": str(stage.folder / "canary.db")},
        "providers": [
            provider("p", sim.url, models_path="/v1/models", models_interval="1m"),
            provider("tls", sim.tls_url, tls={"ca_file": str(sim.ca)}),
        ],
        "contracts": [{"name": "c", "required": ("id:string",), "evidence": evidence,
                       "baseline": {"mode": "learn", "samples": 3}}],
        "endpoints": [chat, sick, tls, poor, backup, rare],
        "fallback_policies": [
            {"name": "standard", "mode": "exercise", "allow": ("capacity", "server_error"), "targets": ("backup",),
             "cooldown": "1s", "retry": {"max": 1, "base": "10ms", "cap": "50ms"}},
            {"name": "poor", "mode": "exercise", "allow": ("capacity", "server_error"), "targets": ("tls",),
             "cooldown": "1s"},
        ],
        "budgets": [{"name": "day", "window": "day", "max_requests": 1000000},
                    {"name": "hour", "window": "hour", "max_requests": 10, "max_tokens": 100000}],
        "docs": [{"name": "page", "url": sim.url + PAGE, "kind": "markdown", "interval": "2s", "endpoints": ("chat",)},
                 {"name": "gone", "url": sim.url + "/docs/gone.md", "kind": "markdown", "interval": "2s"}],
        "self_check": {"anchors": (f"tcp://{sim.url.partition('//')[2]}",), "interval": "2s"},
    }


def start_offline(stage, sim):
    """A second canary, whose own network does not work, and which was given a configuration that it refuses."""
    config = {
        "web": {"lifecycle": True},
        "providers": [provider("p", sim.url)],
        "endpoints": [endpoint("chat", interval="10s")],
        "self_check": {"anchors": (f"tcp://127.0.0.1:{stage.port()}",), "interval": "1s"},
    }
    daemon = Daemon(stage, config, name="offline")
    daemon.configure("nonsense = true;\n")
    expect_equal("status of a reload", http(daemon.url + "/-/reload", method="POST").status, 500)
    return daemon


def history(daemon):
    """A week of what the rules record, as OpenMetrics text."""
    now = time.time()
    times = [now - ago for ago in range(DAYS * 86400, EVERY_S, -EVERY_S)]
    lines = []
    for family, value in RECORDED.items():
        lines.append(f"# TYPE {family} gauge")
        probe = ',probe="sync"' if family.startswith("endpoint_probe:") else ""
        for name in ("chat", "sick"):
            labels = f'job="cometcanary",instance="{daemon.address}",endpoint="{name}"{probe}'
            lines += [f"{family}{{{labels}}} {value} {when:.0f}" for when in times]
    return "\n".join([*lines, "# EOF\n"])


def dashboard_queries():
    """(name, expression) of everything that a dashboard asks for; variables ask for labels, not for samples."""
    tool = [sys.executable, str(SOURCE / "tests/tools/dashboard-expressions"), "__rate_interval=1m", "__range=5m"]
    listed = subprocess.run(tool, capture_output=True, check=True, text=True).stdout
    rows = [json.loads(line) for line in listed.splitlines()]
    return [(f"{r['dashboard']}: {r['panel']}, {r['kind']} {r['target']}", r["expr"]) for r in rows if r["kind"] != "variable"]


def rule_queries(prometheus, kind):
    """Several rules of one name, such as one for each window, are one row a number."""
    groups = prometheus.ask("rules", type=kind)["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    return [
        (f"{kind} {rule['name']} {number}", rule["query"])
        for number, rule in enumerate(rules)
        if rule["name"] not in ELSEWHERE
    ]


def break_things(sim, turn):
    """Every fault that something is drawn of, one after the other."""
    faults = (
        {"fault": "error", "name": "openai_overloaded"},
        {"fault": "error", "name": "openai_invalid_key"},
        "usage-missing", {"fault": "usage-odd", "text": "total"}, "cut-stream", {"fault": "error", "name": "openai_overloaded"},
        "model-renamed", "hang-after-head",
    )
    sim.heal()
    sim.fault(faults[turn % len(faults)], model=SICK)
    sim.fault({"fault": "error", "name": "openai_rate_limit"}, {"fault": "header", "text": "retry-after: 1"},
              model=SICK, count=2)
    sim.fault("accept-any-model", model=UNLISTED)
    sim.fault("accept-any-key", {"fault": "say", "text": "ok, and a few words more"},
              {"fault": "header", "text": "x-ratelimit-remaining-requests: 17"}, model=MODEL)


def every_expression(stage):
    """each expression of dashboards and rules returned data, and none an error"""
    sim = Sim(stage, "--latency", "head=20ms,first=30ms,token=10ms")
    daemon = Daemon(stage, configuration(stage, sim))
    stage.write("history.txt", history(daemon))
    made = stage.run("promtool", ["promtool", "tsdb", "create-blocks-from", "openmetrics", "history.txt", "data"])
    expect_equal("exit of promtool", made.exit_code(), 0)
    offline = start_offline(stage, sim)
    targets = {"daemon": daemon.address, "offline": offline.address, "dead": f"127.0.0.1:{stage.port()}"}
    prometheus = Prometheus(stage, CONFIG.format(rules=RULES, **targets))
    wait_for("a first scrape", lambda: prometheus.value('count(cometcanary_probe_interval_seconds{endpoint="sick",probe="sync"})'))
    queries = dict(dashboard_queries() + rule_queries(prometheus, "record") + rule_queries(prometheus, "alert"))
    expect(len(queries) > 150, f"only {len(queries)} expressions")
    waiting = {name: expr for name, expr in queries.items() if not any(family in expr for family in NOT_FED)}
    print(f"# nothing feeds in this version: {', '.join(queries.keys() - waiting.keys())}")
    names, turn, changed_at, deadline = list(waiting), 0, 0.0, time.monotonic() + PATIENCE_S
    while waiting and time.monotonic() < deadline:
        if time.monotonic() - changed_at > 6:
            break_things(sim, turn)
            sim.ask("docs", "DELETE")
            if turn % 2 == 0:
                sim.ask("docs", "POST", {"page": "chat", "changes": ["field-removed:id"]})
            for probe in ("sync", "stream"):
                daemon.run_of("rare", probe)
            turn, changed_at = turn + 1, time.monotonic()
        for name, expr in list(waiting.items()):
            if prometheus.query(expr):
                del waiting[name]
    for name in names:
        expr = waiting.get(name)
        Stage.point(name, expr and f"no data for: {expr}")


harness.run(every_expression)
