# SPDX-License-Identifier: Apache-2.0
"""The documentation watch beside the simulator's documentation: every change that it can make is seen for what it is."""

import concurrent.futures
import json

import harness
from canary import Daemon, Sim, command, endpoint, provider
from harness import Stage, expect, expect_equal, wait_for

WORKERS = 12
PAGES = {"page": "/docs/api/text/chat.md", "spec": "/docs/api/openapi/text/post-chat-completions.openapi.json",
         "index": "/docs/llms.txt"}
KINDS = {"page": "markdown", "spec": "openapi", "index": "index"}
PHRASE = "count their thoughts too"
PAGE_ONLY = {"prose": {"page": {"prose"}, "spec": set(), "index": set()}}
# Where the kind of a change does not say what is seen of it. In an index a title is no fact, and the same title at
# another place has moved. What a page lost when it was cut cannot be told from what its writers took out.
SPECIAL = {
    "moved": {"page": {"moved"}, "spec": set(), "index": {"moved"}},
    "moved-relative": {"page": {"moved"}, "spec": set(), "index": {"moved"}},
    "index-renamed": {"page": set(), "spec": set(), "index": set()},
    "truncated": {"page": {"contract"}, "spec": set(), "index": set()},
    "index-removed": {"page": set(), "spec": set(), "index": {"index"}},
    "index-added": {"page": set(), "spec": set(), "index": {"index"}},
}
STILL_THERE = {"slow", "flapping", "wrong-type"}  # troubles that leave something to look at
ARGUMENTS = {"mention-removed": PHRASE, "rate-limited": "1"}
OF_PAGE = {"url-to-base64": "images", "index-added": "rerank"}  # the others are of the page chat


def doc(name, url, kind, **more):
    return {"name": name, "url": url, "kind": kind, "interval": "1s", **more}


def configuration(sims, extra=None):
    docs = [
        doc(f"{what}-{i}", sim.url + path, KINDS[what], **({"must_mention": (PHRASE,)} if what == "page" else {}))
        for i, sim in enumerate(sims)
        for what, path in PAGES.items()
    ]
    row = endpoint("chat", probes=("sync",), interval="1h", contract="c")
    return {
        "providers": [provider("p", sims[0].url)],
        "contracts": [{"name": "c", "required": ("id:string",)}],
        "endpoints": [row],
        "docs": docs,
        **(extra or {}),
    }


class Watched:
    """The three documents of one simulator."""

    def __init__(self, daemon, sim, number):
        self.daemon, self.sim, self.names = daemon, sim, {what: f"{what}-{number}" for what in PAGES}

    def rows(self):
        rows = {row["name"]: row for row in json.loads(self.daemon.get("/api/v1/docs").text)["docs"]}
        return {what: rows[name] for what, name in self.names.items()}

    def changes(self):
        series = self.daemon.series()
        return {what: series.by("cometcanary_doc_changes_total", "kind", doc=name) for what, name in self.names.items()}

    def looks(self):
        return {
            what: row["unchanged_checks"] + row["changed_checks"] + row["inconclusive_checks"]
            for what, row in self.rows().items()
        }

    def wait_looks(self, more):
        """Until each document was looked at so many times more, and nothing waits to be confirmed."""
        before = self.looks()

        def done():
            looks, rows = self.looks(), self.rows()
            return all(looks[what] >= before[what] + more for what in PAGES) and not any(
                "unconfirmed_sightings" in row for row in rows.values()
            )

        wait_for(lambda: f"{more} more looks: {self.rows()}", done, 60)

    def settle(self):
        self.sim.ask("docs", "DELETE")
        wait_for(
            lambda: f"all as it was: {self.rows()}",
            lambda: all(row.get("last_result") == "unchanged" for row in self.rows().values()),
            60,
        )
        self.wait_looks(2)


def newer(before, after):
    return {what: {kind for kind, count in after[what].items() if count > before[what].get(kind, 0)} for what in PAGES}


def expect_seen(watched, change, before, inconclusive):
    kind, name = change["kind"], change["name"]
    seen = newer(before, watched.changes())
    nothing = {what: set() for what in PAGES}
    if name == "url-to-base64":  # of another page than the ones that are watched
        expect_equal("changes", seen, nothing)
    elif kind == "contract":
        expect_equal("changes", seen, {"page": seen["page"] | {"contract"}, "spec": {"contract"}, "index": set()})
        expect(seen["page"] <= {"contract", "prose"}, f"changes of the page: {seen['page']}")
    elif kind == "prose":
        expect_equal("changes", seen, PAGE_ONLY["prose"])
    elif name in SPECIAL:
        expect_equal("changes", seen, SPECIAL[name])
    else:
        expect_equal("changes", seen, nothing)
    failed = sum(row["inconclusive_checks"] for row in watched.rows().values()) - inconclusive
    expect_equal("could not look", failed > 0, kind == "trouble" and name not in STILL_THERE)


def one_change(watched, change):
    """None, or what is wrong."""
    name, argument = change["name"], ARGUMENTS.get(change["name"])
    try:
        watched.settle()
        before = watched.changes()
        inconclusive = sum(row["inconclusive_checks"] for row in watched.rows().values())
        watched.sim.ask("docs", "POST", {
            "page": OF_PAGE.get(name, "chat"), "changes": [f"{name}:{argument}" if argument else name],
        })
        watched.wait_looks(4 if change["kind"] in ("look", "trouble") else 3)
        expect_seen(watched, change, before, inconclusive)
        if name == "mention-removed":
            expect_equal("missing", watched.rows()["page"]["missing_phrases"], [PHRASE])
    except harness.Failure as failure:
        return str(failure)
    return None


def every_change(stage):
    """the documents of the simulator are watched while it makes every change"""
    sims = [Sim(stage, name=f"sim{i}") for i in range(WORKERS)]
    daemon = Daemon(stage, configuration(sims))
    free = [Watched(daemon, sim, i) for i, sim in enumerate(sims)]
    changes = sims[0].ask("docs")["changes"]
    expect(len(changes) > 40, f"only {len(changes)} changes in the catalogue")

    def play(change):
        watched = free.pop()
        complaint = one_change(watched, change)
        free.append(watched)
        return complaint

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        complaints = list(pool.map(play, changes))
    for change, complaint in zip(changes, complaints):
        Stage.point(f"{change['name']} ({change['kind']}): {change['what']}", complaint)
    for sim in sims:
        looks = [entry for entry in sim.journal() if entry["path"].startswith("/docs/")]
        expect(looks, f"no look in the journal of {sim.url}")
        expect_equal("looks with a key", [entry for entry in looks if entry["key_present"]], [])


def drift(stage):
    """a change of documentation and contract: the probes run at once, findings name both, the commands tell it"""
    sim = Sim(stage)
    row = endpoint("chat", probes=("sync", "stream"), negative=("missing_auth",), interval="1h", contract="c")
    config = {
        "store": {"path": str(stage.folder / "canary.db")},
        "providers": [provider("p", sim.url)],
        "contracts": [{
            "name": "c",
            "required": ("id:string",),
            "evidence": [{"area": "request", "status": "observed", "doc": "spec", "must_mention": ("max_tokens", "nonsense")}],
        }],
        "endpoints": [row],
        "docs": [doc("spec", sim.url + PAGES["spec"], "openapi")],
    }
    daemon = Daemon(stage, config)
    daemon.wait_series("a first look", lambda s: s.of("cometcanary_doc_evidence_missing", doc="spec") == 1)
    sim.ask("docs", "POST", {"page": "chat", "changes": ["field-removed:id"]})
    sim.fault("id-missing", path="/v1/chat/completions")
    daemon.wait_series(
        "a failed revalidation",
        lambda s: s.of("cometcanary_revalidations_total", endpoint="chat", trigger="doc_change", result="failed") == 1,
    )
    series = daemon.series()
    rules = series.by("cometcanary_contract_finding", "rule", endpoint="chat", severity="breaking")
    expect({"required-field-missing", "id-missing"} <= set(rules), f"active: {rules}")
    expect_equal("pending", series.of("cometcanary_revalidation_pending", endpoint="chat"), 0)
    findings = json.loads(daemon.get("/api/v1/endpoints/chat").text)["findings"]
    expect("docs" in {f["source"] for f in findings}, f"no finding has the source docs: {findings}")

    shown = command(stage, config, "docs", "diff", "spec", name="diff")
    expect_equal("exit of docs diff", shown.exit_code(), 0)
    expect("- contract  POST /v1/chat/completions 200 $.id: string, required" in shown.stdout(), shown.stdout())
    listed = json.loads(command(stage, config, "docs", "list", "--format=json", name="list").stdout())["docs"]
    expect_equal("docs list", [(d["name"], d["versions"], d["missing_phrases"]) for d in listed], [("spec", 2, ["nonsense"])])
    facts = json.loads(command(stage, config, "docs", "show", "spec", "--format=json", name="show").stdout())["facts"]
    expect({"key": "POST /v1/chat/completions request $.model", "value": "string, required"} in facts, f"{facts[:40]}")
    told = command(stage, config, "ledger", name="ledger").stdout()
    expect('lacks "nonsense"' in told, told)
    wrong = command(stage, config, "docs", "diff", "nothing", name="wrong")
    expect_equal("exit for an unknown document", wrong.exit_code(), 64)
    expect_equal("exit without a name", command(stage, config, "docs", "diff", name="nameless").exit_code(), 64)
    expect_equal("exit with nothing that old", command(stage, config, "docs", "diff", "spec", "--back=7", name="old").exit_code(), 66)


harness.run(every_change, drift)
