# SPDX-License-Identifier: Apache-2.0
"""Every expression of the shipped dashboards, recording rules and alerts has data on a real Prometheus that scrapes the
daemon: a healthy endpoint, one with every fault that a panel or alert is about, a canary that is offline, a week of history,
and the past of a canary that had every trouble."""

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
# A third canary, of which there is only the past: what takes hours, or a trouble that would end the test. Per series a
# function of (the time of a sample, now).
PAST = "past:1"
PAST_S, PAST_EVERY_S = 3900, 30
RATIOS, INCREASES = ("5m", "30m", "1h", "2h", "6h", "1d", "3d"), ("1h", "6h", "1d", "3d")
HAPPENED = {
    "cometcanary_scheduler_last_tick_timestamp_seconds": lambda when, now: now - 3000,
    'cometcanary_probe_last_run_timestamp_seconds{endpoint="old",probe="sync"}': lambda when, now: now - 3000,
    'cometcanary_probe_interval_seconds{endpoint="old",probe="sync"}': lambda when, now: 60,
    "process_start_time_seconds": lambda when, now: now - 86400,
    'cometcanary_store_writes_total{result="failed"}': lambda when, now: (when - now + PAST_S) / 10,
    "cometcanary_log_dropped_total": lambda when, now: (when - now + PAST_S) / 10,
    'cometcanary_tls_certificate_not_after_timestamp_seconds{provider="p"}': lambda when, now: now + 86400,
    'cometcanary_budget_spent{budget="b",unit="requests"}': lambda when, now: 100 + (when - now) / 100,
    'cometcanary_budget_limit{budget="b",unit="requests"}': lambda when, now: 110,
    'cometcanary_budget_reset_timestamp_seconds{budget="b"}': lambda when, now: now + 3600,
    **{
        f'{name}{{endpoint="{endpoint_name}"}}': lambda when, now, value=value: value
        for endpoint_name, interval in (("short", 60), ("long", 600))
        for name, value in (
            ("endpoint:cometcanary_probe_interval_seconds:max", interval),
            *((f"endpoint:cometcanary_probe_failures_per_probes:ratio_rate{w}", 0.5) for w in RATIOS),
            *((f"endpoint:cometcanary_probe_failures:increase{w}", 50) for w in INCREASES),
            *((f"endpoint:cometcanary_probes:increase{w}", 100) for w in INCREASES),
        )
    },
    'endpoint:cometcanary_time_to_first_token_seconds:p50_rate1h{endpoint="slow"}': lambda when, now: 3,
    'endpoint_probe:cometcanary_probe_duration_seconds:p50_rate1h{endpoint="slow",probe="sync"}': lambda when, now: 3,
}
ABSENT = "alert CometCanaryDown"  # is looked for where there are no samples at all
LONG_AGO = 1000000000
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


def labelled(series, instance):
    name, _, labels = series.partition("{")
    return f'{name}{{job="cometcanary",instance="{instance}"{"," + labels if labels else "}"}'


def history(daemon):
    """A week of what the rules record, and the past, as OpenMetrics text: a family at a time."""
    now = time.time()
    week = [now - ago for ago in range(DAYS * 86400, EVERY_S, -EVERY_S)]
    past = [now - ago for ago in range(PAST_S, -1, -PAST_EVERY_S)]
    families = {}
    for family, value in RECORDED.items():
        probe = ',probe="sync"' if family.startswith("endpoint_probe:") else ""
        for instance, name in ((daemon.address, "chat"), (daemon.address, "sick"), (PAST, "slow")):
            series = labelled(f'{family}{{endpoint="{name}"{probe}}}', instance)
            before = week if instance != PAST else [when for when in week if when < past[0]]
            families.setdefault(family, {}).setdefault(series, []).extend((when, value) for when in before)
    for series, value in HAPPENED.items():
        samples = families.setdefault(series.partition("{")[0], {}).setdefault(labelled(series, PAST), [])
        samples.extend((when, value(when, now)) for when in past)
    lines = []
    for family, rows in families.items():
        lines.append(f"# TYPE {family} gauge")
        lines += [f"{series} {value} {when:.0f}" for series, samples in rows.items() for when, value in samples]
    return "\n".join([*lines, "# EOF\n"])


def dashboard_queries():
    """(name, expression) of everything that a dashboard asks for; variables ask for labels, not for samples."""
    tool = [sys.executable, str(SOURCE / "tests/tools/dashboard-expressions"), "__rate_interval=1m", "__range=5m",
            "instance=127.+"]
    listed = subprocess.run(tool, capture_output=True, check=True, text=True).stdout
    rows = [json.loads(line) for line in listed.splitlines()]
    return [(f"{r['dashboard']}: {r['panel']}, {r['kind']} {r['target']}", r["expr"]) for r in rows if r["kind"] != "variable"]


def rule_queries(prometheus, kind):
    """Several rules of one name, such as one for each window, are one row a number."""
    groups = prometheus.ask("rules", type=kind)["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    return [(f"{kind} {rule['name']} {number}", rule["query"]) for number, rule in enumerate(rules)]


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
            if prometheus.query(expr, **({"time": LONG_AGO} if name.startswith(ABSENT) else {})):
                del waiting[name]
    for name in names:
        expr = waiting.get(name)
        Stage.point(name, expr and f"no data for: {expr}")


harness.run(every_expression)
