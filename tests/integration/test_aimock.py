# SPDX-License-Identifier: Apache-2.0
"""A provider that nobody here wrote: aimock from npm as a process of its own, its journal beside our counters."""

import collections
import json
import re
import signal

import harness
from canary import KEY, NEVER, OFTEN, Daemon, endpoint, outcomes, provider
from harness import NODE, NPM, expect, expect_equal, http

PROBES = {"chat": ("sync", "stream"), "embeddings": ("sync",), "models": ("sync",), "page": ("sync",)}
JOURNALLED = ("chat", "embeddings")  # it keeps no entry of a GET
CHAOS = {
    "drop": "server_error",
    "malformed": "malformed_json",
    "disconnect": "connection_closed",
    "ratelimit": "rate_limited",
}
# It answers to any model: a probe that wants a refusal must see that.
NEGATIVE = {
    "missing_auth": "ok",
    "invalid_auth": "ok",
    "malformed_json": "ok",
    "missing_field": "ok",
    "wrong_path": "ok",
    "invalid_model": "unexpected_accept",
}


class Aimock:
    """keys: what it takes; none: whatever comes, and its journal shows what came in a header that it does not know."""

    def __init__(self, stage, name="aimock", keys=(KEY,)):
        fixtures = {"fixtures": [{"match": {"userMessage": "Reply with"}, "response": {"content": "ok"}}]}
        argv = [NODE, NPM / "node_modules/@copilotkit/aimock/dist/cli.js", "--port", "0"]
        argv += ["--fixtures", stage.write("fixtures.json", json.dumps(fixtures)), "--journal-max", "0"]
        self.key = keys[0] if keys else None
        self.process = stage.start(name, argv, env={"AIMOCK_API_KEYS": ",".join(keys)} if keys else {})
        said = self.process.wait_until("its address", lambda: re.search(r"http://[\d.]+:\d+", self.output()))
        self.url = said[0]

    def output(self):
        return self.process.stdout() + self.process.stderr()

    def journal(self):
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return json.loads(http(self.url + "/__aimock/journal", headers=headers).text)

    def ids(self, path="/v1/"):
        """What we sent as X-Request-ID, of the requests that were journalled."""
        return [e["headers"]["x-request-id"] for e in self.journal() if e["path"].startswith(path)]


def embeddings(name, provider_name, **more):
    more = {"dialect": "openai-embeddings", "path": "/v1/embeddings", "model": "text-embedding-3-small", **more}
    return endpoint(name, provider_name, **more)


def everything_is_counted_once(stage):
    """chat, stream, embeddings, models and a page are ok; its journal has each counted run once, and no other"""
    aimock = Aimock(stage)
    daemon = Daemon(
        stage,
        {
            "providers": [provider("p", aimock.url)],
            "endpoints": [
                endpoint("chat", probes=PROBES["chat"], expect={"usage": "documented", "output": "^ok$"}, **OFTEN),
                embeddings("embeddings", "p", expect={"usage": "documented"}, **OFTEN),
                endpoint("models", dialect="openai-models", path="/v1/models", **OFTEN),
                endpoint("page", dialect="json-get", path="/health", **OFTEN),
            ],
        },
    )

    def quiet():
        """Counters and journal of a moment at which nothing is under way."""
        before = daemon.series()
        journal = aimock.journal()
        after = daemon.series()
        still = before.sum("cometcanary_probes_total") == after.sum("cometcanary_probes_total")
        idle = before.of("cometcanary_probes_in_flight") == after.of("cometcanary_probes_in_flight") == 0
        return (after, journal) if still and idle else None

    for name, probes in PROBES.items():
        for probe in probes:
            daemon.wait_runs(4, endpoint=name, probe=probe)
    series, journal = daemon.process.wait_until("a quiet moment", quiet)
    paths = collections.Counter(entry["path"] for entry in journal if "__aimock" not in entry["path"])
    for name, path in (("chat", "/v1/chat/completions"), ("embeddings", "/v1/embeddings")):
        runs = series.sum("cometcanary_probes_total", endpoint=name)
        expect_equal(f"requests of {name} in the journal", paths[path], runs)
    for name in PROBES:
        runs = series.sum("cometcanary_probes_total", endpoint=name)
        expect_equal(f"outcomes of {name}", outcomes(series, name), {"ok": runs})
    expect_equal("failures", series.sum("cometcanary_probe_failures_total"), 0)
    expect_equal("skipped", series.sum("cometcanary_probes_skipped_total"), 0)
    documented = series.sum("cometcanary_usage_expected_total", endpoint="chat")
    expect(documented >= 8, f"usage is documented and was seen {documented} times")
    expect_equal("missing usage", series.sum("cometcanary_usage_missing_total"), 0)
    expect(series.of("cometcanary_tokens_total", endpoint="chat", probe="sync", type="input") > 0, "no tokens of chat")

    daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", daemon.process.exit_code(), 0)
    logged = [e["request_id"] for e in daemon.log(msg="probe finished") if e["endpoint"] in JOURNALLED]
    expect_equal("request ids of log and journal", sorted(logged), sorted(aimock.ids()))
    expect_equal("different request ids", len(set(logged)), len(logged))


def chaos_has_its_outcome(stage):
    """each chaos that it offers leads to its outcome, and nothing is sent again behind our back"""
    aimock = Aimock(stage)
    chaos = {name: [{"name": f"X-AIMock-Chaos-{name}", "value": "1"}] for name in CHAOS}
    chaos["late"] = [{"name": "X-AIMock-Chaos-Latency", "value": "3000"}]
    wanted = {**CHAOS, "late": "timeout_first_byte"}
    daemon = Daemon(
        stage,
        {
            "web": {"lifecycle": True},
            "providers": [provider(name, aimock.url, headers=headers) for name, headers in chaos.items()],
            "endpoints": [
                endpoint(
                    name, name, interval=NEVER, probes=("sync", "stream"), timeout={"first_byte": "1s"} if name == "late" else {}
                )
                for name in chaos
            ],
        },
    )
    for name in chaos:
        for probe in ("sync", "stream"):
            daemon.probe_now(name, probe)
    series = daemon.wait_runs(2 * len(chaos))
    for name, outcome in wanted.items():
        expect_equal(f"outcomes under {name}", outcomes(series, name), {outcome: 2})
    # what we gave up on may or may not reach its journal
    logged = [e["request_id"] for e in daemon.log(msg="probe finished") if e["endpoint"] != "late"]
    late = {e["request_id"] for e in daemon.log(msg="probe finished", endpoint="late")}
    journal = aimock.ids()
    expect_equal("request ids of log and journal", sorted(set(journal) - late), sorted(logged))
    expect_equal("different request ids", len(set(journal)), len(journal))


def refusals_are_judged(stage):
    """negative probes: its refusals are right, and a model that it should refuse is an unexpected_accept"""
    aimock = Aimock(stage)
    daemon = Daemon(
        stage,
        {
            "web": {"lifecycle": True},
            "providers": [provider("p", aimock.url)],
            "endpoints": [endpoint("chat", interval=NEVER, negative_interval=NEVER, negative=tuple(NEGATIVE))],
        },
    )
    for probe in NEGATIVE:
        daemon.probe_now("chat", probe)
    series = daemon.wait_runs(len(NEGATIVE))
    for probe, outcome in NEGATIVE.items():
        expect_equal(f"outcome of {probe}", outcomes(series, "chat", probe), {outcome: 1})


TEAMS = {"team-a": "key-of-team-a", "team-b": "key-of-team-b"}
KEY_HEADER = "X-Team-Key"
ASKED = ("sync", "stream", "missing_auth", "invalid_auth", "invalid_model")


def teams(providers):
    """A configuration with an endpoint for each team, and one that asks with the provider's own key."""
    more = {"interval": NEVER, "negative_interval": NEVER, "probes": ("sync", "stream"), "negative": ASKED[2:]}
    rows = [endpoint(f"of-{team}", providers[team]["name"], tenant=team, **more) for team in TEAMS]
    rows.append(endpoint("of-nobody", providers[None]["name"], **more))
    return {
        "web": {"lifecycle": True},
        "providers": list({row["name"]: row for row in providers.values()}.values()),
        "endpoints": rows,
        "tenants": [{"name": team, "secret": {"env": team.upper().replace("-", "_")}} for team in TEAMS],
    }


def environment():
    return {team.upper().replace("-", "_"): key for team, key in TEAMS.items()}


def each_tenant_has_its_key(stage):
    """tenants: its journal has each request once, with the key of its own tenant, none, or one that is not real"""
    aimock = Aimock(stage, keys=())
    auth = {"header": KEY_HEADER, "scheme": "", "secret": {"env": "TEST_KEY"}}
    open_door = {"name": "open", "base_url": aimock.url, "auth": auth}
    daemon = Daemon(stage, teams(dict.fromkeys((*TEAMS, None), open_door)), env=environment())
    real = {"of-team-a": TEAMS["team-a"], "of-team-b": TEAMS["team-b"], "of-nobody": KEY}
    sent = {}
    for name in real:
        for probe in ASKED:
            line = daemon.run_of(name, probe)
            sent[line["request_id"]] = (name, probe)
            # it takes any key and any model: what should be refused is not, and that is what we say
            expect_equal(f"{name} {probe}", line["outcome"], "ok" if probe in PROBES["chat"] else "unexpected_accept")
            level = {"missing_auth": "error", "invalid_auth": "error", "invalid_model": "warn"}.get(probe, "info")
            expect_equal(f"the level of {name} {probe}", line["level"], level)
    journal = [entry["headers"] for entry in aimock.journal() if entry["path"] == "/v1/chat/completions"]
    expect_equal("requests, each once", sorted(row["x-request-id"] for row in journal), sorted(sent))
    for row in journal:
        name, probe = sent[row["x-request-id"]]
        key = row.get(KEY_HEADER.lower())
        expect("authorization" not in row, f"{name} {probe} has an Authorization of its own")
        if probe == "missing_auth":
            expect_equal(f"the key of {name} {probe}", key, None)
        elif probe == "invalid_auth":
            expect(key and key not in real.values(), f"the key of {name} {probe} is {key!r}")
        else:
            expect_equal(f"the key of {name} {probe}", key, real[name])
    said = daemon.process.stderr() + daemon.process.stdout() + daemon.get("/metrics").text
    for key in real.values():
        expect(key not in said, "a key is in the log or on the page")


def no_tenant_enters_elsewhere(stage):
    """tenants: servers that take one team's key and no other let every request in, and refuse what is to be refused"""
    doors = {team: Aimock(stage, team, (key,)) for team, key in {**TEAMS, None: KEY}.items() if team}
    doors[None] = Aimock(stage)
    daemon = Daemon(
        stage, teams({team: provider(f"door-{team or 'own'}", door.url) for team, door in doors.items()}), env=environment()
    )
    for team, door in doors.items():
        name = f"of-{team or 'nobody'}"
        entered = []
        for probe in ASKED:
            line = daemon.run_of(name, probe)
            expect_equal(f"{name} {probe}", line["outcome"], "unexpected_accept" if probe == "invalid_model" else "ok")
            entered += [line["request_id"]] if probe not in ("missing_auth", "invalid_auth") else []
        expect_equal(f"who entered at {name}", sorted(door.ids("/v1/chat")), sorted(entered))


harness.run(
    everything_is_counted_once,
    chaos_has_its_outcome,
    refusals_are_judged,
    each_tenant_has_its_key,
    no_tenant_enters_elsewhere,
)
