# SPDX-License-Identifier: Apache-2.0
"""What is known of a contract, by the daemon and by the commands that read its store."""

import contextlib
import json
import re
import signal
import sqlite3

import harness
from canary import COMMAND, NEVER, Daemon, Sim, config_text, endpoint, provider
from harness import expect, expect_equal

SAMPLES = 3
EVIDENCE = {
    "area": "path",
    "status": "documented",
    "title": "Create a chat completion | v1",
    "url": "https://docs.example/chat",
    "accessed": "2026-11-20",
}


def config_for(stage, sim, **contract):
    ledger = {"name": "c", "evidence": (EVIDENCE,), "baseline": {"mode": "learn", "samples": SAMPLES}, **contract}
    row = endpoint("chat", probes=("sync",), negative=("missing_auth",), interval=NEVER, negative_interval=NEVER, contract="c")
    return {
        "web": {"lifecycle": True},
        "store": {"path": str(stage.folder / "canary.db")},
        "providers": [provider("p", sim.url)],
        "contracts": [ledger],
        "endpoints": [row],
    }


class Bed:
    """A daemon that probes when it is told to, its simulator, and commands beside it."""

    def __init__(self, stage, **contract):
        self.stage = stage
        self.sim = Sim(stage)
        self.config = config_for(stage, self.sim, **contract)
        self.daemon = Daemon(stage, self.config)
        self.count = 0

    def runs(self, count, probe="sync"):
        for _ in range(count):
            self.daemon.run_of("chat", probe)

    def told(self, *words):
        """A command without any key in its environment."""
        self.count += 1
        path = self.stage.write(f"told.{self.count}.conf", config_text(self.config))
        return self.stage.run(f"told.{self.count}", [COMMAND, "--config.file", path, *words])

    def json(self, *words):
        return json.loads(self.told(*words, "--format", "json").stdout())

    def state(self):
        return self.json("baseline", "show", "chat")["probes"][0]["baseline"]["state"]


def ledger_of_a_ticket(stage):
    """ledger: evidence, and what a probe verified and when, as text, Markdown and JSON; a table that is whole"""
    bed = Bed(stage)
    bed.runs(1)
    bed.runs(1, "missing_auth")
    bed.daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", bed.daemon.process.exit_code(), 0)
    areas = {row["area"]: row for row in bed.json("ledger")["contracts"][0]["areas"]}
    verified = {area: row.get("verified_by") for area, row in areas.items()}
    wanted = {"path": "missing_auth", "auth": "missing_auth", "errors": "missing_auth"}
    wanted.update({"request": "sync", "response": "sync", "limits": "sync"})
    expect_equal("verified by", verified, wanted)
    expect_equal("evidence", (areas["path"]["evidence"], areas["auth"]["evidence"]), ("documented", "missing"))
    text = bed.told("ledger", "chat", "--format", "markdown")
    expect_equal("exit code", text.exit_code(), 0)
    rows = [line for line in text.stdout().splitlines() if line.startswith("|")]
    expect_equal("rows", len(rows), 8)
    cells = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    expect_equal("cells in each row", cells, {8})
    expect("[Create a chat completion \\| v1](<https://docs.example/chat>)" in text.stdout(), text.stdout())
    expect("verified 20" in bed.told("ledger").stdout(), "no date in the text")
    expect_equal("no such endpoint", bed.told("ledger", "nobody").exit_code(), 64)


def drift_is_told_and_acknowledged(stage):
    """drift: exit 1 while a finding above info is active; ack prints lines that a configuration takes, and it is 0"""
    bed = Bed(stage)
    bed.runs(SAMPLES)
    expect_equal("before", (bed.told("drift").exit_code(), bed.told("drift").stdout()), (0, "no active findings\n"))
    bed.sim.fault("id-missing")
    bed.runs(1)
    told = bed.told("drift")
    expect_equal("exit code", told.exit_code(), 1)
    expect("breaking id-missing at $.id, by sync since 20" in told.stdout(), told.stdout())
    page = json.loads(bed.daemon.get("/api/v1/contracts").text)["contracts"][0]
    expect_equal("drift on the page", page["drift"], {"info": 0, "warning": 0, "breaking": 1})
    words = ("drift", "ack", "chat", "id-missing", "$.id", "--until", "2099-12-31", "--reason", 'a "known" \\ thing')
    ack = bed.told(*words)
    expect_equal("ack", ack.exit_code(), 0)
    expect("no such finding" not in ack.stderr(), ack.stderr())
    text = config_text(bed.config).replace("name = \"c\";", "name = \"c\";\n" + ack.stdout())
    bed.daemon.configure(text)
    expect_equal("reload", bed.daemon.get("/-/reload", method="POST").status, 200)
    series = bed.daemon.series()
    expect_equal("drift", series.of("cometcanary_contract_drift", endpoint="chat", severity="breaking"), 0)
    expect_equal("finding", series.sum("cometcanary_contract_finding", endpoint="chat", rule="id-missing"), 1)
    path = stage.write("acknowledged.conf", text)
    quiet = stage.run("acknowledged", [COMMAND, "--config.file", path, "drift"])
    expect_equal("exit code", quiet.exit_code(), 0)
    expect("acknowledged" in quiet.stdout(), quiet.stdout())
    for bad in (("ack", "chat", "no-such-rule", "--until", "2099-12-31", "--reason", "x"), ("ack", "chat", "id-missing")):
        expect_equal(" ".join(bad), bed.told("drift", *bad).exit_code(), 64)


def the_operator_pins(stage):
    """baseline: learns, shows, differs; a pin beside the running daemon is taken within seconds, and outlives it"""
    bed = Bed(stage, baseline={"mode": "pinned", "samples": SAMPLES})
    bed.runs(2)
    expect_equal("state", bed.state(), "learning")
    pinned = bed.told("baseline", "pin", "chat")
    expect_equal("pin", pinned.exit_code(), 0)
    expect("pinned (2 samples)" in pinned.stdout(), pinned.stdout())
    bed.daemon.process.wait_until("the daemon to pin", lambda: bed.daemon.log(msg="baseline pinned by the operator"))
    expect_equal("state", bed.state(), "pinned")
    shown = bed.json("baseline", "show", "chat", "--probe", "sync")["probes"][0]
    expect("$.choices[].message.content" in [row["path"] for row in shown["paths"]], shown["paths"])
    bed.sim.fault({"fault": "set", "path": "novelty", "text": "1"})
    bed.runs(2)
    rules = {row["rule"] for row in bed.json("baseline", "diff", "chat")["probes"][0]["differences"]}
    expect("field-added" in rules, f"differences: {rules}")
    bed.daemon.process.kill()
    expect_equal("state after a kill", bed.state(), "pinned")
    again = bed.told("baseline", "pin", "chat")
    expect("learning (0 of 3 samples)" in again.stdout(), again.stdout())


def what_cannot_be_read(stage):
    """no store yet: told, and never taken for no drift; the ledger is what the configuration says"""
    sim = Sim(stage)
    config = config_for(stage, sim)
    path = stage.write("none.conf", config_text(config))
    for words in (("drift",), ("baseline", "show", "chat")):
        told = stage.run(f"none.{words[0]}", [COMMAND, "--config.file", path, *words])
        expect_equal(f"{words[0]} without a store", (told.exit_code(), told.stdout()), (66, ""))
        expect("there is no store yet" in told.stderr(), told.stderr())
    told = stage.run("none.ledger", [COMMAND, "--config.file", path, "ledger"])
    expect_equal("exit code of ledger", told.exit_code(), 0)
    expect("there is no store yet" in told.stderr(), told.stderr())
    expect("verified never" in told.stdout() and "findings are not known" in told.stdout(), told.stdout())


def what_is_damaged(stage):
    """a baseline that is corrupt or too new is inconclusive: told by daemon and command, not learned over, until a pin"""
    bed = Bed(stage)
    bed.runs(SAMPLES)
    expect_equal("state", bed.state(), "pinned")
    for name, was, becomes in (("corrupt", '"samples":3', '"samples":4'), ("newer", '"version":1', '"version":9')):
        bed.daemon.process.kill()
        path = stage.folder / "canary.db"
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            changed = database.execute("UPDATE item SET value = CAST(replace(CAST(value AS TEXT), ?, ?) AS BLOB) WHERE key = 'chat/sync'", (was, becomes)).rowcount
        expect(changed > 0, "no baseline in the store")
        expect_equal(f"state when {name}", bed.state(), "inconclusive")
        expect(name in bed.told("baseline", "show", "chat").stdout(), "it does not say why")
        bed.daemon = Daemon(stage, bed.config, name=f"daemon.{name}")
        expect(bed.daemon.log(level="error", endpoint="chat"), "the daemon says nothing")
        bed.runs(SAMPLES + 1)
        expect_equal(f"state after good answers, {name}", bed.state(), "inconclusive")
        bed.told("baseline", "pin", "chat")
        bed.daemon.process.wait_until("the pin", lambda: bed.daemon.log(msg="baseline pinned by the operator"))
        bed.runs(SAMPLES)
        expect_equal(f"state after a pin, {name}", bed.state(), "pinned")


harness.run(ledger_of_a_ticket, drift_is_told_and_acknowledged, the_operator_pins, what_cannot_be_read, what_is_damaged)
