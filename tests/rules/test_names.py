# SPDX-License-Identifier: Apache-2.0
"""The rules speak of what there is: metrics, labels and values of the source; alerts say what a person needs, and the
runbook has a section for each. test_names.py [ROOT]"""

import os
import pathlib
import re
import subprocess
import sys

import yaml

HERE = os.environ.get("TEST_SOURCE") or pathlib.Path(__file__).resolve().parents[2]
ROOT = pathlib.Path(sys.argv[1] if sys.argv[1:] else HERE)
RULES = ROOT / "dashboards/rules"
SEVERITIES = {"critical", "warning", "info"}
TARGET_LABELS = {"job", "instance"}
RECORD = re.compile(r"(endpoint|endpoint_probe|instance):cometcanary_[a-z_]+:[a-z0-9_]+")
SELECTOR = re.compile(r"\b([a-z_:][a-z0-9_:]*)\{([^}]*)\}")
MATCHER = re.compile(r'([a-z_]+)(=~|!~|!=|=)"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|without|on|group_left|group_right) \(([^)]*)\)")
METRIC = re.compile(r"\b(?:cometcanary|process)_[a-z0-9_]+|\bup\b")
RECORDED = re.compile(r"\b[a-z_]+:[a-z0-9_]+:[a-z0-9_]+")


def rows(path):
    """The arguments of each X-macro, texts without their quotes."""
    for line in (ROOT / path).read_text().splitlines():
        found = re.fullmatch(r"[A-Z]+\((.*)\)", line)
        if found:
            yield [part.strip('"') for part in re.split(r", (?=[A-Z\"]|true|false)", found[1])]


def texts(path, begin):
    """The texts in quotes of a table in C, from the line that has `begin` in it to the table's end."""
    part = (ROOT / path).read_text().partition(begin)[2].partition("};")[0]
    return set(re.findall(r'"([a-z_]+)"', part))


def catalogue():
    """{metric as it is exposed: its label keys}"""
    metrics = {"up": set()}
    for row in rows("src/model/metric.def"):
        name, kind, keys = row[1], row[2], set(row[4].split())
        if kind == "HISTOGRAM":
            metrics.update({name + "_bucket": keys | {"le"}, name + "_count": keys, name + "_sum": keys})
        else:
            metrics[name] = keys
    return metrics


def closed_lists():
    """{(metric or None, label): values that it can have}"""
    outcomes = list(rows("src/model/outcome.def"))
    return {
        (None, "outcome"): {row[1] for row in outcomes},
        (None, "class"): {row[2].lower() for row in outcomes} - {"ok"},
        (None, "probe"): {row[1] for row in rows("src/model/probe.def")},
        (None, "rule"): {row[1] for row in rows("src/model/finding.def")},
        (None, "severity"): {row[2].lower() for row in rows("src/model/finding.def")},
        (None, "cause"): texts("src/model/policy.c", "fallback_denial_name"),
        (None, "status"): texts("src/model/contract.c", "status_names[]"),
        ("cometcanary_probes_skipped_total", "reason"): {row[1] for row in rows("src/model/skip.def")},
        ("cometcanary_fallback_attempts_total", "result"): texts("src/record/fallback_families.c", "results[] ="),
        ("cometcanary_store_writes_total", "result"): texts("src/record/families.c", "results[WRITES_RESULTS] ="),
        ("cometcanary_doc_checks_total", "result"): texts("src/model/doc.c", "[DOC_UNCHANGED]"),
        ("cometcanary_revalidations_total", "result"): {"passed", "failed", "inconclusive"},
        ("cometcanary_revalidations_total", "trigger"): {"doc_change", "reload", "manual"},
        (None, "job"): {"cometcanary"},
    }


def judge_names(rules, metrics, lists):
    """Complaints about names that are nowhere."""
    recorded = {rule["record"] for rule in rules if "record" in rule}
    for rule in rules:
        title, expr = rule.get("record") or rule["alert"], rule["expr"]
        for name in sorted(set(RECORDED.findall(expr)) - recorded):
            yield f"{title}: {name} is recorded nowhere"
        keys = set(TARGET_LABELS)
        for name in sorted(set(METRIC.findall(RECORDED.sub("", expr)))):
            if name not in metrics:
                yield f"{title}: {name} is not in src/model/metric.def"
            keys |= metrics.get(name, set())
        for name in RECORDED.findall(expr):
            keys |= {"endpoint", "probe"}
        for grouping in GROUPING.findall(expr):
            for key in filter(None, re.split(r",\s*", grouping.strip())):
                if key not in keys:
                    yield f"{title}: no metric in it has a label {key}"
        yield from judge_selectors(title, expr, metrics, lists)


def judge_selectors(title, expr, metrics, lists):
    for name, inside in SELECTOR.findall(expr):
        for key, operator, value in MATCHER.findall(inside):
            if key not in metrics.get(name, set()) | TARGET_LABELS:
                yield f"{title}: {name} has no label {key}"
            known = lists.get((name, key), lists.get((None, key)))
            if known is None:
                yield f"{title}: the values of {name}'s label {key} are in no closed list"
                continue
            for word in value.split("|") if "~" in operator else [value]:
                if word not in known:
                    yield f"{title}: {name}'s label {key} is never {word!r}"


def judge_counters(rules, page):
    """What a rule takes an increase of exists at 0: the golden page has the outcomes that it names for every probe."""
    probes = set(re.findall(r"^cometcanary_probes_total(\{.*\}) ", page, re.M))
    for rule in rules:
        for name, inside in SELECTOR.findall(rule["expr"]):
            for key, _, value in MATCHER.findall(inside):
                if name != "cometcanary_probe_outcomes_total" or key != "outcome":
                    continue
                for probe in sorted(probes):
                    for word in value.split("|"):
                        if f'{name}{probe[:-1]},outcome="{word}"}} ' not in page:
                            yield f"{word} does not exist at 0 for {probe}: src/record/families.c, outcomes_from_start"


def judge_texts(rules, runbook):
    """Complaints about what an alert says."""
    sections = re.findall(r"^## (\S+)$", runbook, re.M)
    for rule in (rule for rule in rules if "alert" in rule):
        name, says = rule["alert"], rule.get("annotations", {})
        summary, description = says.get("summary", ""), says.get("description", "")
        if not re.fullmatch(r"CometCanary([A-Z][a-z]+)+", name):
            yield f"{name}: names are CometCanary and words"
        if rule.get("labels", {}).get("severity") not in SEVERITIES:
            yield f"{name}: its severity is none of {sorted(SEVERITIES)}"
        if "{{" in summary or not re.fullmatch(r"[A-Z].*\.", summary):
            yield f"{name}: the summary is one sentence without a template"
        if "{{" not in description and name != "CometCanaryDown":
            yield f"{name}: the description says neither place nor value"
        if says.get("runbook_url") != f"runbook.md#{name.lower()}":
            yield f"{name}: runbook_url is not runbook.md#{name.lower()}"
        if name not in sections:
            yield f"{name}: no section in dashboards/runbook.md"
    for section in sorted(set(sections) - {rule.get("alert") for rule in rules}):
        yield f"dashboards/runbook.md: no alert is named {section}"
    for anchor in re.findall(r"\]\(#(\w+)\)", runbook):
        if anchor not in {section.lower() for section in sections}:
            yield f"dashboards/runbook.md: no section #{anchor}"
    for section in re.split(r"^## ", runbook, flags=re.M)[1:]:
        if "\nLook at:\n" not in section or "\nDo:\n" not in section:
            yield f"dashboards/runbook.md: {section.split()[0]} does not say what to look at and what to do"


def judge_records(rules):
    for rule in (rule for rule in rules if "record" in rule):
        if not RECORD.fullmatch(rule["record"]):
            yield f"{rule['record']}: not level:metric:operations"
        if "/" in rule["expr"] and "> 0)" not in rule["expr"]:
            yield f"{rule['record']}: what it divides by can be 0"


def lint(files):
    try:
        argv = ["promtool", "check", "rules", "--lint=all", "--lint-fatal", *files]
        run = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SystemExit("Bail out! promtool is not installed (Debian: apt-get install prometheus)") from None
    return [] if run.returncode == 0 else (run.stdout + run.stderr).splitlines()


def planted(metrics, lists, page):
    """Each judge names what is planted for it."""
    outcomes = "cometcanary_probe_outcomes_total"
    names = [
        ("is not in src/model/metric.def", "cometcanary_nothing > 0"),
        ("has no label colour", outcomes + '{colour="red"}'),
        ("is never 'fine'", outcomes + '{outcome="fine"}'),
        ("has a label colour", f"sum by (colour) ({outcomes})"),
        ("is recorded nowhere", "endpoint:cometcanary_x:rate1h"),
    ]
    bad = [(words, judge_names, {"alert": "A", "expr": expr}, metrics, lists) for words, expr in names] + [
        ("does not exist at 0", judge_counters, {"alert": "A", "expr": outcomes + '{outcome="tls_error"}'}, page),
        ("without a template", judge_texts, {"alert": "A", "annotations": {"summary": "{{ $value }}."}}, ""),
        ("no section in", judge_texts, {"alert": "A"}, ""),
        ("no alert is named B", judge_texts, {"alert": "A"}, "## B\n"),
        ("can be 0", judge_records, {"record": "endpoint:cometcanary_x:ratio_rate1h", "expr": "a / b"}),
    ]
    for words, judge, rule, *more in bad:
        if not any(words in complaint for complaint in judge([rule], *more)):
            yield f"{judge.__name__} does not say: {words}"


def main():
    files = sorted(RULES.glob("*.yml"))
    groups = [group for path in files for group in yaml.safe_load(path.read_text())["groups"]]
    rules = [rule for group in groups for rule in group["rules"]]
    metrics, lists = catalogue(), closed_lists()
    page = (ROOT / "tests/golden/metrics.txt").read_text()
    runbook = (ROOT / "dashboards/runbook.md").read_text()
    empty = [f"the values of {key} were not found in the source" for key, values in lists.items() if not values]
    points = [
        ("promtool has nothing to say about the rules", lint(files)),
        ("closed lists are read from the source", empty),
        ("metrics, labels and their values exist", judge_names(rules, metrics, lists)),
        ("outcomes that rules name exist at 0", judge_counters(rules, page)),
        ("records are named and guarded", judge_records(rules)),
        ("alerts say what a person needs, and the runbook has them", judge_texts(rules, runbook)),
        ("what is planted is found", planted(metrics, lists, page)),
    ]
    failed = False
    for index, (title, complaints) in enumerate(points, 1):
        complaints = list(complaints)
        failed = failed or bool(complaints)
        for line in complaints:
            print(f"# {line}")
        print(f"{'not ok' if complaints else 'ok'} {index} - {title}")
    print(f"1..{len(points)}")
    sys.exit(failed)


main()
