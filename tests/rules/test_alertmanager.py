# SPDX-License-Identifier: Apache-2.0
"""The sample for Alertmanager, in Debian's Alertmanager: who gets which alert, and which alerts silence which."""

import json
import pathlib
import sys

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

# pylint: disable=wrong-import-position
import harness
from harness import SOURCE, answers, expect, expect_equal, http, wait_for

CONFIG = SOURCE / "dashboards/alertmanager/alertmanager.yml"
RULES = SOURCE / "dashboards/rules/cometcanary.rules.yml"
RECEIVERS = {"critical": "pager", "warning": "tickets", "info": "nobody"}
CANARY = {"job": "cometcanary", "instance": "c:1"}


def alerts():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def named(name, severity="warning", **labels):
    return {"alertname": "CometCanary" + name, "severity": severity, **CANARY, **labels}


# (what speaks, what it silences, what it must not silence)
INHIBITIONS = [
    (
        named("SelfOffline", "critical"),
        [named("ProbeFailing", "critical", endpoint="chat"), named("DocumentUnreachable", doc="spec")],
        [{**named("ProbeFailing", "critical", endpoint="chat"), "instance": "c:2"}],
    ),
    (
        {"alertname": "CometCanaryDown", "severity": "critical", "job": "cometcanary"},
        [named("ProbeStale", endpoint="chat", probe="sync"), {**named("InstanceUnreachable"), "instance": "c:2"}],
        [{**named("ProbeStale", endpoint="chat", probe="sync"), "job": "elsewhere"}],
    ),
    (
        named("InstanceUnreachable"),
        [named("ProbeStale", endpoint="chat", probe="sync"), named("ProbeStale", endpoint="chat", probe="stream")],
        [{**named("ProbeStale", endpoint="chat", probe="sync"), "instance": "c:2"}],
    ),
    (named("InstanceUnreachable"), [named("SchedulerStuck", "critical")], [named("ReloadFailed")]),
    (
        named("SchedulerStuck", "critical"),
        [named("ProbeStale", endpoint="chat", probe="sync")],
        [named("ReloadFailed")],
    ),
    (
        named("DriftAfterDocumentationChange", "critical", endpoint="chat"),
        [
            named("ContractDriftBreaking", "critical", endpoint="chat"),
            named("ContractDriftWarning", endpoint="chat"),
            named("ProbeFailing", "critical", endpoint="chat", probe="sync"),
        ],
        [
            named("ContractDriftBreaking", "critical", endpoint="other"),
            named("AuthAccepted", "critical", endpoint="chat", probe="missing_auth"),
            {**named("ContractDriftBreaking", "critical", endpoint="chat"), "instance": "c:2"},
        ],
    ),
    (
        named("AuthBroken", "critical", endpoint="chat", probe="sync"),
        [named("ProbeFailing", "critical", endpoint="chat", probe="sync")],
        [named("ProbeFailing", "critical", endpoint="other", probe="sync")],
    ),
    (
        named("ErrorBudgetFastBurn", "critical", endpoint="chat", long="1h", short="5m"),
        [named("ErrorBudgetSlowBurn", endpoint="chat", long="1d", short="2h")],
        [named("ErrorBudgetSlowBurn", endpoint="other", long="1d", short="2h")],
    ),
    (
        named("BudgetExhausted", "critical", budget="day"),
        [named("BudgetNearlySpent", budget="day", unit="usd")],
        [named("BudgetNearlySpent", budget="month", unit="usd")],
    ),
    (
        named("CertificateExpiring", "critical", provider="p"),
        [named("CertificateExpiring", provider="p")],
        [named("CertificateExpiring", provider="q")],
    ),
]


class Alertmanager:
    def __init__(self, stage):
        port = stage.port()
        self.url = f"http://127.0.0.1:{port}"
        argv = ["prometheus-alertmanager", "--config.file", CONFIG, "--storage.path", "data"]
        argv += ["--cluster.listen-address", ""]  # alone
        self.process = stage.start("alertmanager", argv + ["--web.listen-address", f"127.0.0.1:{port}"])
        self.process.wait_until("ready", lambda: answers(self.url + "/-/ready"))

    def post(self, *labels, ended=False):
        """Alerts as Prometheus sends them; ended: they are resolved."""
        ends = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-01-01T00:00:01Z"} if ended else {}
        body = json.dumps([{"labels": one, **ends} for one in labels]).encode()
        reply = http(self.url + "/api/v2/alerts", body, {"Content-Type": "application/json"})
        expect_equal(f"answer to alerts: {reply.text}", reply.status, 200)

    def inhibited(self):
        """{labels: whether another alert silences it} of all active alerts."""
        rows = json.loads(http(self.url + "/api/v2/alerts").text)
        return {frozenset(row["labels"].items()): bool(row["status"]["inhibitedBy"]) for row in rows}


def inhibits(stage):
    """each cause silences its effects, in its own scope, and only while it lasts"""
    manager = Alertmanager(stage)
    for source, silenced, heard in INHIBITIONS:
        what = source["alertname"]
        effects = {frozenset(one.items()): True for one in silenced} | {frozenset(one.items()): False for one in heard}

        manager.post(*silenced, *heard)
        wait_for(f"the effects of {what}", lambda wanted=effects: wanted.keys() <= manager.inhibited().keys())
        silent = [dict(labels) for labels, silenced_now in manager.inhibited().items() if silenced_now]
        expect_equal(f"silenced without {what}", silent, [])

        manager.post(source)
        key = frozenset(source.items())
        wanted = {**effects, key: False}
        wait_for(f"{what} to silence", lambda wanted=wanted: manager.inhibited() == wanted)

        manager.post(source, *silenced, *heard, ended=True)
        wait_for(f"{what} to end", lambda: not manager.inhibited())


def routed(stage):
    """every alert reaches the receiver of its severity"""
    for alert, severity in sorted({(rule["alert"], rule["labels"]["severity"]) for rule in alerts()}):
        argv = ["amtool", "config", "routes", "test", "--config.file", CONFIG]
        argv += [f"alertname={alert}", f"severity={severity}"]
        amtool = stage.run(f"amtool.{alert}.{severity}", argv)
        expect_equal(f"receiver of {alert}", amtool.stdout().strip(), RECEIVERS[severity])


def valid(stage):
    """amtool and promtool take the samples"""
    amtool = stage.run("amtool", ["amtool", "check-config", CONFIG])
    expect_equal("amtool check-config", amtool.exit_code(), 0)
    installed = "/usr/share/cometcanary/rules"
    sample = (SOURCE / "dashboards/prometheus.yml").read_text()
    expect(installed in sample, f"dashboards/prometheus.yml does not load {installed}")
    here = stage.write("prometheus.yml", sample.replace(installed, str(RULES.parent)))
    promtool = stage.run("promtool", ["promtool", "check", "config", here])
    expect_equal("promtool check config", promtool.exit_code(), 0)
    expect("2 rule files found" in promtool.stdout(), "the sample does not find both rule files")


harness.run(valid, routed, inhibits)
