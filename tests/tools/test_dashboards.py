# SPDX-License-Identifier: Apache-2.0
"""check-dashboards finds what it looks for: each rule gets the shipped dashboards with one planted fault, and names it."""

import copy
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import dashboards
import dashboards_lint
import dashboards_rules

ROOT = os.environ.get("TEST_SOURCE", ".")
SHIPPED = dashboards.load(ROOT)
CATALOGUE = dashboards.Catalogue(ROOT)
EXCLUDED = dashboards_lint.exclusions(ROOT)
OVERVIEW, ENDPOINT, CONTRACT, CANARY = (f"cometcanary-{n}" for n in ("overview", "endpoint", "contract", "canary"))


def panel(shipped, stem, title):
    return next(p for p in dashboards.panels(shipped[stem]) if p["title"] == title)


def target(shipped, stem, title, index=0):
    return panel(shipped, stem, title)["targets"][index]


def edit(stem, title, old, new):
    """A fault: old becomes new in the panel's first query."""
    def plant(shipped):
        query = target(shipped, stem, title)
        assert old in query["expr"], query["expr"]
        query["expr"] = query["expr"].replace(old, new)
    return plant


def put(stem, title, value, *path):
    """A fault: the value at that path of the panel, or of the dashboard where there is no title; None removes."""
    def plant(shipped):
        thing = panel(shipped, stem, title) if title else shipped[stem]
        for key in path[:-1]:
            thing = thing[key]
        if value is None:
            del thing[path[-1]]
        else:
            thing[path[-1]] = value
    return plant


def variable(which, **values):
    def plant(shipped):
        dashboards.variables(shipped[OVERVIEW])[which].update(values)
    return plant


def loki(expr):
    return put(OVERVIEW, "Endpoints failing", {"datasource": {"type": "loki", "uid": "$datasource"}, "expr": expr}, "targets", 0)


ERRORS, MEMORY = "Error rate by endpoint", "Memory"
UP = "histogram_quantile(0.9, sum by (le) (up))"
# (rule, words of its complaint, the fault)
FAULTS = [
    ("template-datasource-rule", "no variable chooses", variable("datasource", type="custom")),
    ("template-datasource-rule", "labelled 'Source'", variable("datasource", label="Source")),
    ("template-job-rule", "multi is False", variable("job", multi=False)),
    ("template-job-rule", "no variable job", variable("job", name="task")),
    ("template-instance-rule", "allValue is '.*'", variable("instance", allValue=".*")),
    ("template-instance-rule", "does not use $datasource", variable("instance", datasource={"uid": "prom"})),
    ("template-label-promql-rule", "variable job: write label_values", variable("job", query="up")),
    ("template-label-promql-rule", "parse error", variable("job", query="label_values(up{, job)")),
    ("template-on-time-change-reload-rule", "variable job", variable("job", refresh=1)),
    ("panel-datasource-rule", "'prom'", put(OVERVIEW, ERRORS, "prom", "datasource", "uid")),
    ("panel-datasource-rule", "Errors".lower(), put(OVERVIEW, ERRORS, {"uid": "errors"}, "targets", 0, "datasource")),
    ("panel-title-description-rule", "title and a description", put(OVERVIEW, ERRORS, "", "description")),
    ("panel-units-rule", "'furlong'", put(OVERVIEW, ERRORS, "furlong", "fieldConfig", "defaults", "unit")),
    ("panel-no-targets-rule", "has no query", put(OVERVIEW, ERRORS, [], "targets")),
    ("target-logql-rule", "stream selector", loki("rate([$__auto])")),
    ("target-logql-auto-rule", "[5m] should be", loki('rate({app="x"}[5m])')),
    ("target-promql-rule", "parse error", edit(CANARY, MEMORY, "max by", "max bye")),
    ("target-promql-rule", "must be set", put(CANARY, MEMORY, "", "targets", 0, "expr")),
    ("target-rate-interval-rule", "[5m]", edit(CANARY, "CPU", "$__rate_interval", "5m")),
    ("target-job-rule", "no matcher job", edit(CANARY, MEMORY, 'job=~"$job", ', "")),
    ("target-instance-rule", "no matcher instance", edit(CANARY, MEMORY, 'instance=~"$instance"', 'instance="$instance"')),
    ("target-counter-agg-rule", "is in no rate()", edit(CANARY, "CPU", "rate", "deriv")),
    ("uneditable-dashboard", "must not be editable", put(CANARY, "", True, "editable")),
    ("identity", "the uid must be", put(CANARY, "", "canary", "uid")),
    ("identity", "schemaVersion", put(CANARY, "", 42, "schemaVersion")),
    ("identity", "tag cometcanary", put(CANARY, "", [], "tags")),
    ("identity", "must not have __inputs", put(CANARY, "", [], "__inputs")),
    ("identity", "refresh is missing", put(CANARY, "", None, "refresh")),
    ("identity", "two dashboards have the title", put(CANARY, "", SHIPPED[OVERVIEW]["title"], "title")),
    ("panel-fields", "two panels have the title CPU", put(CANARY, MEMORY, "CPU", "title")),
    ("panel-fields", "two panels have the id 1", put(CANARY, MEMORY, 1, "id")),
    ("panel-fields", "none of the core panels", put(CANARY, MEMORY, "news", "type")),
    ("panel-fields", "noValue is missing", put(CANARY, MEMORY, None, "fieldConfig", "defaults", "noValue")),
    ("panel-fields", "thresholds are missing", put(CANARY, MEMORY, None, "fieldConfig", "defaults", "thresholds")),
    ("panel-fields", "should be instant", put(CANARY, "Up", False, "targets", 0, "instant")),
    ("grid", "lies on", put(CANARY, MEMORY, {"x": 0, "y": 1, "w": 8, "h": 8}, "gridPos")),
    ("grid", "wider than the grid", put(CANARY, MEMORY, 20, "gridPos", "x")),
    ("grid", "has no place", put(CANARY, MEMORY, None, "gridPos", "w")),
    ("links", "no list of the other", put(CANARY, "", [], "links")),
    ("links", "no dashboard has a tag", put(CANARY, "", ["other"], "links", 0, "tags")),
    ("links", "keeps variables and time", put(CANARY, "", False, "links", 0, "keepTime")),
    ("links", "leads to no dashboard", put(CANARY, MEMORY, [{"url": "/d/other/x"}], "links")),
    ("links", "has no variable doc", put(CANARY, MEMORY, [{"url": f"/d/{CANARY}/x?var-doc=a"}], "links")),
    ("variables", "there is no variable tenant", edit(CANARY, MEMORY, "$job", "$tenant")),
    ("variables", "min_step2 is used by nothing", variable("min_step", name="min_step2")),
    ("metrics", "has no cometcanary_fleet_size", edit(CANARY, "Members", "fleet_members", "fleet_size")),
    ("labels", "has no label endpoint", edit(CANARY, "Members", "{job", '{endpoint="a", job')),
    ("labels", "has a label probe", edit(CANARY, "Members", "by (instance)", "by (instance, probe)")),
    ("labels", "nothing is summed by it", edit(CANARY, "Members", "by (instance)", "by (job)")),
    ("labels", "variable job [0]: no metric of the query has a label task",
     variable("job", query="label_values(cometcanary_build_info, task)")),
    ("values", 'probe="strean"', edit(OVERVIEW, ERRORS, "sync|stream", "sync|strean")),
    ("values", "no table says", edit(CONTRACT, "Checks, by result", "doc_checks_total{", 'doc_checks_total{le="1", ')),
    ("coverage", "cometcanary_fleet_members is on no", edit(CANARY, "Members", "fleet_members", "fleet_endpoints_owned")),
    ("no-nan", "divides by what may be 0", edit(CANARY, "Open files", " > 0", "")),
    ("no-nan", "divides by what may be 0", edit(CANARY, MEMORY, "max by", "1 / 0 * max by")),
    ("no-nan", "is NaN", put(CANARY, MEMORY, UP, "targets", 0, "expr")),
    ("min-step", "needs a min step", put(OVERVIEW, ERRORS, None, "targets", 0, "interval")),
    ("windows", "shows every point", edit(CANARY, "CPU", "$__rate_interval", "$__range")),
    ("windows", "[5m] fits one choice", edit(CANARY, "CPU", "$__rate_interval", "5m")),
    ("instances", "not aggregated", edit(CANARY, "Members", "max by (instance)", "")),
    ("thousand-endpoints", "a thousand lines", edit(CONTRACT, "Drift by endpoint", "topk(10, ", "(")),
    ("events", "no annotations", put(CANARY, "", [], "annotations", "list")),
    ("events", "1000 * max by", put(CANARY, "", False, "annotations", "list", 0, "useValueForTime")),
    ("events", "another data source", put(CANARY, "", False, "annotations", "list", 0, "enable")),
    ("generated", "differs from", put(CANARY, MEMORY, 9, "gridPos", "h")),
    ("generated", "has a source or a file", lambda shipped: shipped.update(other=shipped.pop(CANARY))),
]


def complaints(name, shipped, excluded=None):
    if name in dashboards_lint.RULES:
        return list(dashboards_lint.lint(name, shipped, EXCLUDED if excluded is None else excluded))
    return list(dashboards_rules.RULES[name](shipped, CATALOGUE))


def fault_is_found(name, words, plant):
    shipped = copy.deepcopy(SHIPPED)
    plant(shipped)
    said = complaints(name, shipped)
    return any(words in text for text in said), said


def exclusions_are_watched():
    """An exclusion without effect, and one without a reason, are complained about; one that is taken away is missed."""
    name = "target-job-rule"
    row, reason = EXCLUDED[name]["entries"][0], EXCLUDED[name]["reason"]
    more = {name: {"reason": reason, "entries": [row, {**row, "panel": "Memory"}]}}
    yield "Memory excludes nothing any more", complaints(name, SHIPPED, more)
    yield "give the reason", complaints(name, SHIPPED, {name: {"entries": [row]}})
    yield "ALERTS has no matcher job", complaints(name, SHIPPED, {})


def program(folder, *path):
    """check-dashboards on another tree, and with another PATH: its exit code and what it says."""
    tool = pathlib.Path(__file__).with_name("check-dashboards")
    env = {**os.environ, "PATH": os.pathsep.join(path)} if path else None
    run = subprocess.run([sys.executable, tool, folder], env=env, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def programs(folder):
    """(what, true or not, what was said): on a tree of its own, the program as make check calls it, and its sources."""
    tree = pathlib.Path(folder, "tree")
    for part in (dashboards.FOLDER, "src/model"):
        shutil.copytree(pathlib.Path(ROOT, part), tree / part)
    code, said = program(tree)
    yield "passes what is shipped", code == 0 and "not ok" not in said, said
    code, said = program(tree, folder)
    yield "does not pass without jsonnet", code == 99 and said.startswith("Bail out! jsonnet is not installed"), said
    for fault, file, old, new in (
        ("a file edited by hand", f"{CANARY}.json", '"refresh": "1m"', '"refresh": "2m"'),
        ("a source that does not run", "src/canary.jsonnet", "lib.dashboard(", "lib.dashbord("),
        ("a source that is not formatted", "src/canary.jsonnet", "local q =", "local  q ="),
    ):
        path = tree / dashboards.FOLDER / file
        good = path.read_text(encoding="utf-8")
        assert old in good
        path.write_text(good.replace(old, new), encoding="utf-8")
        found = list(dashboards_rules.RULES["generated"](dashboards.load(tree), dashboards.Catalogue(tree)))
        yield f"finds {fault}", found, "no complaint"
        path.write_text(good, encoding="utf-8")
    shutil.rmtree(tree / dashboards.FOLDER)
    yield "does not pass without dashboards", program(tree)[0] == 99, ""


def points():
    for name, words, plant in FAULTS:
        found, said = fault_is_found(name, words, plant)
        yield f"{name} finds: {words}", found, said
    for words, said in exclusions_are_watched():
        yield f"exclusions: {words}", any(words in text for text in said), said
    rules = set(dashboards_lint.RULES) | set(dashboards_rules.RULES)
    untried = sorted(rules - {name for name, _, _ in FAULTS})
    yield "every rule has a fault that it finds", not untried, untried
    yield "the linter has 17 rules", len(dashboards_lint.RULES) == 17, sorted(dashboards_lint.RULES)
    with tempfile.TemporaryDirectory() as folder:
        for what, good, said in programs(folder):
            yield f"check-dashboards {what}", good, said.splitlines()


def main():
    failed = number = 0
    for number, (what, good, said) in enumerate(points(), 1):
        for line in [] if good else said:
            print("#", line)
        print(f"{'ok' if good else 'not ok'} {number} - {what}")
        failed += not good
    print(f"1..{number}")
    return int(failed > 0)


sys.exit(main())
