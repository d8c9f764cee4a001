# SPDX-License-Identifier: Apache-2.0
"""The operator's commands against the simulator: what they print, for whom, and their exit codes."""

import json

import harness
from canary import COMMAND, EX_CONFIG, KEY, MODEL, Daemon, Sim, command, endpoint, provider
from harness import expect, expect_equal

EX_USAGE, EX_UNAVAILABLE = 64, 69
ESCAPE = "\033"


def config_for(sim):
    rows = [endpoint("chat", probes=("sync", "stream"), negative=("missing_auth",))]
    return {"web": {"lifecycle": True}, "providers": [provider("p", sim.url)], "endpoints": rows}


def probe_tells(stage):
    """probe: request, head, events, phases and verdict in this order, the key as <secret>, no colour into a file"""
    sim = Sim(stage)
    told = command(stage, config_for(sim), "probe", "chat", "--probe", "stream")
    expect_equal("exit code", told.exit_code(), 0)
    text = told.stdout()
    at = [text.find(word) for word in ("POST ", "<secret>", " head ", " event ", "terminal marker", "reached at", "outcome")]
    expect(-1 not in at and at == sorted(at), f"steps at {at} in\n{text}")
    expect("first text" in text, f"no first text in\n{text}")
    expect(KEY not in text, "the key is shown")
    expect(ESCAPE not in text, "escape sequences in a file")
    expect_equal("requests", len(sim.journal()), 1)


def probe_json(stage):
    """probe --format json: one object with snake_case keys, and exit 1 when the outcome is not ok"""
    sim = Sim(stage)
    good = command(stage, config_for(sim), "probe", "chat", "--format", "json", name="good")
    expect_equal("exit code", good.exit_code(), 0)
    run = json.loads(good.stdout())
    expect_equal("outcome", (run["endpoint"], run["probe"], run["outcome"], run["http_status"]), ("chat", "sync", "ok", 200))
    expect(0 < run["sent_ms"] <= run["first_byte_ms"] <= run["end_ms"], f"stamps out of order: {run}")
    sim.fault("silent")
    config = config_for(sim)
    config["endpoints"][0]["timeout"] = {"total": "300ms"}
    bad = command(stage, config, "probe", "chat", "--format", "json", name="bad")
    expect_equal("exit code", bad.exit_code(), 1)
    expect_equal("class", json.loads(bad.stdout())["class"], "timeout")


def plan_sends_nothing(stage):
    """plan: figures of a day and every request with the key masked, and nothing is sent"""
    sim = Sim(stage)
    figures = command(stage, config_for(sim), "plan", "--format", "json", "--show-requests", name="json")
    expect_equal("exit code", figures.exit_code(), 0)
    plan = json.loads(figures.stdout())
    rows = {row["probe"]: row for row in plan["probes"]}
    expect_equal("probes", sorted(rows), ["missing_auth", "stream", "sync"])
    expect_equal("requests a day", [rows[p]["requests_per_day"] for p in ("sync", "missing_auth")], [8640, 96])
    expect_equal("their sum", plan["requests_per_day"], 2 * 8640 + 96)
    expect_equal("tokens of a request without a key", rows["missing_auth"]["tokens_per_day"], 0)
    expect("<secret>" in rows["sync"]["request"], "no masked key")
    expect("<secret>" not in rows["missing_auth"]["request"], "a key where none is sent")
    expect(KEY not in figures.stdout(), "the key is shown")
    expect_equal("requests", sim.journal(), [])
    daemon = Daemon(stage, config_for(sim))
    expect(plan["series"] <= len(daemon.series()), f"{plan['series']} series planned, {len(daemon.series())} on the page")


def plan_of_the_worst(stage):
    """plan: every key of its JSON, on a day without failures and on the worst one; a run too dear for its budget is refused"""
    policy = {"name": "asks", "mode": "exercise", "targets": ("spare",), "allow": ("timeout",), "cooldown": "1h"}
    config = {
        "providers": [provider("p", "https://p.example", models_path="/v1/models", models_interval="6h")],
        "endpoints": [
            endpoint("chat", interval="60s", budget="own", fallback=("asks", "quiet"), negative=("missing_auth",)),
            endpoint("spare", enabled=False, budget="theirs"),
        ],
        "docs": [{"name": "page", "url": "https://docs.example/a.md", "kind": "markdown", "interval": "6h", "endpoints": ("chat",)}],
        "fallback_policies": [{**policy, "retry": {"max": 1}}, {"name": "quiet"}],
        "prices": [{"model": MODEL, "input_usd_per_million": 1.0, "output_usd_per_million": 10.0}],
        "budgets": [
            {"name": "own", "window": "day", "max_requests": 1536},
            {"name": "theirs", "window": "month", "max_usd": 0.5},
        ],
    }
    told = command(stage, config, "plan", "--format", "json", name="json")
    expect_equal("exit code", told.exit_code(), 0)
    plan = json.loads(told.stdout())
    prompt, answer, runs, refusals, falls = 108, 16, 1440, 96, 25
    usd = (prompt * 1.0 + answer * 10.0) / 1e6
    figures = {
        "requests_per_day": runs, "tokens_per_day": runs * (prompt + answer), "usd_per_day": runs * usd,
        "worst_requests_per_day": 2 * runs, "worst_tokens_per_day": 2 * runs * (prompt + answer),
        "worst_usd_per_day": 2 * runs * usd,
    }  # fmt: skip
    of_targets = {"requests": falls, "tokens": falls * (prompt + answer), "usd": falls * usd}

    def expect_day(what, got, wanted):
        expect_equal(f"keys of {what}", sorted(got), sorted(wanted))
        for key, value in wanted.items():
            same = abs(got[key] - value) < 1e-6 if isinstance(value, float) else got[key] == value
            expect(same, f"{key} of {what}: got {got[key]!r}, wanted {value!r}")

    def plus(wanted, **more):
        return {key: value + more.get(key, 0) for key, value in wanted.items()}

    with_targets = plus(figures, **{f"worst_{unit}_per_day": value for unit, value in of_targets.items()})
    shape = {"endpoint": "chat", "input_tokens_per_request": prompt, "output_tokens_per_request": answer}
    lists = {"requests_per_day": refusals + 4, "worst_requests_per_day": refusals + 4}
    (sync, refused), (own, theirs) = plan.pop("probes"), plan.pop("budgets")
    expect_day("sync", sync, {**shape, "probe": "sync", "interval_seconds": 60.0, "attempts_per_run": 2,
        "targets_per_run": 1, "fallbacks_per_day": falls, **with_targets})  # fmt: skip
    nothing = {key: 0 if isinstance(value, int) else 0.0 for key, value in figures.items()}
    expect_day("missing_auth", refused, {**shape, "probe": "missing_auth", "interval_seconds": 900.0,
        "attempts_per_run": 1, "targets_per_run": 0, "fallbacks_per_day": 0, "input_tokens_per_request": 0,
        "output_tokens_per_request": 0, **nothing, "requests_per_day": refusals, "worst_requests_per_day": refusals})  # fmt: skip
    expect_day("own", own, {"budget": "own", "window": "day", "lasts_days": 1.0, "lasts_its_window": True,
        "worst_lasts_days": 1536 / (2 * runs + refusals), "worst_lasts_its_window": False,
        **plus(figures, requests_per_day=refusals, worst_requests_per_day=refusals)})  # fmt: skip
    expect_day("theirs", theirs, {"budget": "theirs", "window": "month", "lasts_days": 31.0, "lasts_its_window": True,
        "worst_lasts_days": 31.0, "worst_lasts_its_window": True, **nothing,
        **{f"worst_{unit}_per_day": value for unit, value in of_targets.items()}})  # fmt: skip
    expect_equal("model lists", plan.pop("model_lists"), [
        {"provider": "p", "interval_seconds": 21600.0, "requests_per_day": 4}])  # fmt: skip
    expect_equal("fallbacks", plan.pop("fallbacks"), [
        {"endpoint": "chat", "in_force": "asks", "mode": "exercise", "compared": ["quiet"]}])  # fmt: skip
    expect_equal("documents", plan.pop("docs"), [
        {"doc": "page", "url": "https://docs.example/a.md", "interval_seconds": 21600.0, "requests_per_day": 4,
         "endpoints": 1}])  # fmt: skip
    expect(plan.pop("series") > 0, "no series")
    expect_day("all", plan, plus(with_targets, **lists))

    text = command(stage, config, "plan", name="text").stdout()
    rows = [line.split() for line in text.splitlines()]
    expect(["worst", "case", str(2 * runs + falls), str(with_targets["worst_tokens_per_day"]), "0.778540"] in rows, text)
    expect(["worst", "case", "12.4", "h", str(2 * runs + refusals), str(figures["worst_tokens_per_day"]), "0.771840"] in rows, text)
    expect("chat: policy asks (exercise); compared with quiet" in text, text)

    config["budgets"][0] = {"name": "own", "window": "day", "max_requests": 1}
    refused = command(stage, config, "plan", name="refused")
    expect_equal("exit code", refused.exit_code(), EX_CONFIG)
    expect("one run of chat may send 2 requests" in refused.stderr(), refused.stderr())


def plan_is_true(stage):
    """plan --show-requests: method, path and length are those of the request that probe then sends"""
    sim = Sim(stage)
    config = config_for(sim)
    plan = json.loads(command(stage, config, "plan", "--format", "json", "--show-requests", name="plan").stdout())
    for row in plan["probes"]:
        command(stage, config, "probe", "chat", "--probe", row["probe"], name=row["probe"])
        head, _, body = row["request"].replace("\r\n", "\n").partition("\n\n")
        seen = sim.journal()[-1]
        expect_equal("request line", head.splitlines()[0], f"{seen['method']} {seen['path']} HTTP/1.1")
        expect_equal(f"bytes of the body of {row['probe']}", len(body.strip().encode()), seen["body_bytes"])
        expect_equal(f"key in {row['probe']}", "<secret>" in head, seen["key_present"])


def status_screen(stage):
    """status: a line for each probe of a running daemon, the daemon's own JSON, and 69 when nobody answers"""
    sim = Sim(stage)
    daemon = Daemon(stage, config_for(sim))
    daemon.run_of("chat", "sync")
    screen = stage.run("status", [COMMAND, "status", "--url", daemon.url + "/"])
    expect_equal("exit code", screen.exit_code(), 0)
    lines = [line.split() for line in screen.stdout().splitlines() if line.startswith("chat ")]
    expect_equal("probes", [line[1] for line in lines], ["sync", "stream", "missing_auth"])
    expect_equal("outcome of sync", lines[0][2], "ok")
    expect(ESCAPE not in screen.stdout(), "escape sequences in a file")
    machine = stage.run("machine", [COMMAND, "status", "--url", daemon.url, "--format", "json"])
    expect_equal("endpoints", [row["name"] for row in json.loads(machine.stdout())["endpoints"]], ["chat"])
    nobody = stage.run("nobody", [COMMAND, "status", "--url", f"http://127.0.0.1:{stage.port()}"])
    expect_equal("exit code", nobody.exit_code(), EX_UNAVAILABLE)
    expect("no answer" in nobody.stderr(), nobody.stderr())


def usage(stage):
    """help on stdout with exit 0; what is not there or not yet there is exit 64 and says so on stderr"""
    for name in ("check", "plan", "probe", "replay", "status"):
        told = stage.run(f"help.{name}", [COMMAND, name, "--help"])
        expect_equal(f"{name} --help", (told.exit_code(), told.stderr()), (0, ""))
        expect(told.stdout().startswith(f"Usage: cometcanary {name} "), told.stdout())
    for words, says in (
        (("gate",), "not implemented in this version"),
        (("frob",), "there is no command 'frob'"),
        (("plan", "--frob"), "unrecognized option '--frob'"),
        (("probe",), "ENDPOINT is missing"),
        (("status", "--format", "xml"), "'xml' is none of: text json"),
    ):
        told = stage.run(f"bad.{words[0]}", [COMMAND, *words])
        expect_equal(" ".join(words), (told.exit_code(), told.stdout()), (EX_USAGE, ""))
        expect(says in told.stderr(), f"{says!r} is not in {told.stderr()!r}")


harness.run(probe_tells, probe_json, plan_sends_nothing, plan_of_the_worst, plan_is_true, status_screen, usage)
