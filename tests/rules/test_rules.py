# SPDX-License-Identifier: Apache-2.0
"""promtool plays every alert: it fires, with these labels and texts, and ends; one failure, a canary that starts, is
offline or is gone raise nothing. test_rules.py [ALERT…]"""

import concurrent.futures
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

import cases
import cases_contract
import healthy

SOURCE = pathlib.Path(os.environ.get("TEST_SOURCE") or pathlib.Path(__file__).resolve().parents[2])
RULES = SOURCE / "dashboards/rules"
FILES = [RULES / "cometcanary.records.yml", RULES / "cometcanary.rules.yml"]
CASES = cases.CANARY + cases.ENDPOINTS + cases_contract.CONTRACT + cases_contract.DOCUMENTS + cases_contract.PROVIDER
INSTANCES = ("c:1", "c:2")
QUIET_MINUTES = 90
OFFLINE_AFTER_MINUTES = 5
SHORT_MINUTES_MAX = 250  # what a test of days would tell no better is told by shorter ones
PROMTOOL_SECONDS_MAX = 300
NAME = re.compile(r"[a-z][a-z0-9_:]*")


def load():
    """The groups as shipped, and the alerts in them by name."""
    groups = [group for path in FILES for group in yaml.safe_load(path.read_text())["groups"]]
    alerts = {}
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        alerts.setdefault(rule["alert"], []).append(rule)
    return groups, alerts


def words(rules):
    """Every name that the rules read, of metrics and of records."""
    texts = [text for rule in rules for text in (rule["expr"], str(rule.get("annotations")))]
    return {word for text in texts for word in NAME.findall(text)}


def needed(groups, alert):
    """The groups with this alert and the records that it builds on alone: promtool evaluates all that it is given."""
    rules = [rule for group in groups for rule in group["rules"]]
    kept = [rule for rule in rules if rule.get("alert") == alert]
    while True:
        names = words(kept)
        fresh = [rule for rule in rules if rule.get("record") in names and rule not in kept]
        if not fresh:
            break
        kept += fresh
    left = [{**group, "rules": [rule for rule in group["rules"] if rule in kept]} for group in groups]
    return [group for group in left if group["rules"]]


def number(value):
    return "_" if value is None else "stale" if value is math.nan else repr(value)


def values(timeline, span):
    """The minutes 0 to span in promtool's words; runs of one value or one slope in short."""
    points, text, at = [timeline(minute) for minute in range(span + 1)], [], 0
    while at <= span:
        first, end = points[at], at + 1
        if not isinstance(first, int):  # the slope of a real number would not end where the numbers do
            while end <= span and points[end] is first is None:
                end += 1
            text.append(f"_x{end - at}" if end - at > 1 else number(first))
            at = end
            continue
        slope = points[end] - first if end <= span and isinstance(points[end], int) else 0
        while end <= span and points[end] == first + slope * (end - at) and isinstance(points[end], int):
            end += 1
        text.append(f"{first}{slope:+d}x{end - at - 1}" if end - at > 1 else number(first))
        at = end
    return " ".join(text)


def page(faults, case, span, instances=INSTANCES[:1]):
    """The series of both canaries, the faults on those named."""
    series = []
    for instance in INSTANCES:
        timelines = healthy.canary(case.every, case.latencies)
        if instance in instances:
            timelines.update(faults)
        for name, timeline in timelines.items():
            family, _, pairs = name.partition("{")
            where = f'job="cometcanary",instance="{instance}"'
            full = f"{family}{{{where},{pairs}" if pairs else f"{family}{{{where}}}"
            series.append({"series": full, "values": (timeline, span)})
    return series


def play(name, series, exprs, expectations=()):
    """exprs: of firing() and silent(); expectations: [(minute, alert, [expected])]"""
    checks = [{"eval_time": f"{m}m", "alertname": alert, "exp_alerts": expected} for m, alert, expected in expectations]
    test = {"name": name, "interval": "1m", "input_series": series, "alert_rule_test": checks}
    return {**test, "promql_expr_test": exprs}


def alerts_of(name):
    return f'ALERTS{{alertstate="firing",alertname=~"{name}"}}'


def firing(alert, minute):
    return {
        "expr": f"count({alerts_of(alert)}) > bool 0",
        "eval_time": f"{minute}m",
        "exp_samples": [{"labels": "{}", "value": 1}],
    }


def silent(alert, since, until):
    """At none of these minutes, the last one included."""
    expr = f"count_over_time({alerts_of(alert)}[{(until - since) * 60 + 30}s])"
    return {"expr": expr, "eval_time": f"{until}m", "exp_samples": []}


def expected(case, rules):
    alerts = []
    for severity, pairs, description in case.expect:
        where = {"job": "cometcanary", "instance": "c:1", "severity": severity, **pairs}
        rule = next(r for r in rules[case.alert] if r["labels"].items() <= where.items())
        texts = {**rule["annotations"], "description": description}
        named = {key: value for key, value in where.items() if value is not None}
        alerts.append({"exp_labels": named, "exp_annotations": texts})
    return alerts


def of_case(case, rules):
    """The tests of one case; what each proves is in its name."""
    on = INSTANCES if case.both else INSTANCES[:1]
    last = max(case.fires, case.resolves or 0)
    quiet_span = max(case.quiet_minutes, last)
    told = [(case.fires, case.alert, expected(case, rules))]
    exprs = [silent(case.alert, 0, case.first - 1), firing(case.alert, case.first)]
    exprs += [] if case.resolves is None else [silent(case.alert, case.resolves, case.resolves)]
    yield play(f"{case.alert}: fires and resolves", page(case.faults, case, last, on), exprs, told)

    never = [silent(case.alert, 0, quiet_span)]
    if case.once is not None:
        yield play(f"{case.alert}: one failure", page(case.once, case, quiet_span, on), never)
    for what, faults in case.quiet.items():
        yield play(f"{case.alert}: {what}", page(faults, case, quiet_span), never)

    shortest = min(other.fires for other in CASES if other.alert == case.alert)
    if case.fires > max(shortest, SHORT_MINUTES_MAX):
        return
    offline = {"cometcanary_self_online": steady_offline}
    faults = case.offline or {**(offline if case.own else {**case.faults, **offline})}
    yield play(f"{case.alert}: self offline", page(faults, case, last), [silent(case.alert, 0, last)])
    if not case.own and case.fires <= SHORT_MINUTES_MAX:
        yield from of_return(case, on)

    everything = {**healthy.canary(case.every, case.latencies), **case.faults}
    faults = case.gone or {name: cases.ends_at(case.fires, timeline) for name, timeline in everything.items()}
    span = case.fires + 10
    gone = [silent(case.alert, 0 if case.gone else case.fires + 1, span)]
    yield play(f"{case.alert}: data gone", page(faults, case, span, on), gone)


def of_return(case, on):
    """Who was offline is silent for five minutes more, and no longer."""
    online = "cometcanary_self_online"
    lately = {**case.faults, online: lambda minute: int(minute > case.fires - 4)}
    never = [silent(case.alert, 0, case.fires)]
    yield play(f"{case.alert}: offline until lately", page(lately, case, case.fires, on), never)
    span = case.first + OFFLINE_AFTER_MINUTES + 1
    before = {**case.faults, online: lambda minute: int(minute > 0)}
    yield play(f"{case.alert}: offline at first", page(before, case, span, on), [firing(case.alert, span)])


def of_others(case, rules):
    """What raises one alert raises no other; but for a test of days, which would take all rules minutes."""
    others = [name for name in rules if name != case.alert and name not in case.also]
    if case.fires <= SHORT_MINUTES_MAX:
        on = INSTANCES if case.both else INSTANCES[:1]
        never = [silent("|".join(others), case.fires, case.fires)]
        yield play(f"{case.alert}: alone", page(case.faults, case, case.fires, on), never)


def steady_offline(_minute):
    return 0


def born_at(begin, timelines):
    """A canary that is not there before `begin`; its clock and its counters start there."""

    def shifted(name, timeline):
        stamp = "timestamp" in name or "start_time" in name

        def at(minute):
            value = timeline(minute - begin) if minute >= begin else None
            return value + begin * 60 if stamp and value is not None else value

        return at

    return {name: shifted(name, timeline) for name, timeline in timelines.items()}


def restarted(at, timelines):
    again = born_at(at, timelines)
    return {
        name: lambda minute, of=timeline, then=again[name]: of(minute) if minute < at - 2 else then(minute)
        for name, timeline in timelines.items()
    }


def of_all(every):
    """What holds for every alert at once: it is silent."""
    case = cases.Case("", {}, 0, 0, [], every=every)
    never = [silent(".*", 0, QUIET_MINUTES)]
    beginning, again = born_at(10, healthy.canary(every)), restarted(50, healthy.canary(every))
    for faults in (beginning, again):
        faults["up"] = lambda minute: 1
    only_up = [{"series": 'up{job="cometcanary",instance="c:1"}', "values": (healthy.steady(1), QUIET_MINUTES)}]
    yield play("start-up", page(beginning, case, QUIET_MINUTES, INSTANCES), never)
    yield play("restart", page(again, case, QUIET_MINUTES), never)
    yield play("no data", only_up, never)
    yield play("in good order", page({}, case, QUIET_MINUTES), never)


def promtool(path, groups, tests):
    """What promtool has to say; nothing when all tests hold."""
    names = words(rule for group in groups for rule in group["rules"])
    for test in tests:
        read = [row for row in test["input_series"] if row["series"].partition("{")[0] in names]
        test["input_series"] = [{"series": row["series"], "values": values(*row["values"])} for row in read]
    rules = path.with_suffix(".rules")
    rules.write_text(json.dumps({"groups": groups}))  # JSON is YAML
    order = [group["name"] for group in groups]
    path.write_text(json.dumps({
        "rule_files": [str(rules)], "evaluation_interval": "1m", "group_eval_order": order, "tests": tests,
    }))
    try:
        argv = ["promtool", "test", "rules", path]
        run = subprocess.run(argv, capture_output=True, text=True, timeout=PROMTOOL_SECONDS_MAX, check=False)
    except FileNotFoundError:
        raise SystemExit("Bail out! promtool is not installed (Debian: apt-get install prometheus)") from None
    except subprocess.TimeoutExpired:
        return f"promtool did not end within {PROMTOOL_SECONDS_MAX} s"
    return "" if run.returncode == 0 else run.stdout + run.stderr


def proofs(alert):
    """Which kinds of test an alert has, over all its cases."""
    mine = [case for case in CASES if case.alert == alert]
    return {
        "fires": any(case.expect for case in mine),
        "resolves": any(case.resolves is not None for case in mine),
        "one failure": any(case.once is not None for case in mine),
    }


def main():
    os.nice(10)  # minutes of computing, beside tests that look at the clock
    groups, rules = load()
    chosen = sys.argv[1:] or list(rules)
    points, jobs = [], {}
    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = pathlib.Path(name)
        for alert in chosen:
            lacking = [kind for kind, there in proofs(alert).items() if not there]
            points.append((f"{alert} has a test of each kind", [f"it has none for: {kind}" for kind in lacking]))
            mine = [case for case in CASES if case.alert == alert]
            tests = [test for case in mine for test in of_case(case, rules)]
            jobs[f"{alert}: {len(tests)} tests"] = pool.submit(
                promtool, folder / f"{alert}.yml", needed(groups, alert), tests
            )
            full = [test for case in mine for test in of_others(case, rules)]
            if full:
                jobs[f"{alert} fires alone"] = pool.submit(promtool, folder / f"{alert}.alone.yml", groups, full)
        for every in () if sys.argv[1:] else (1, 15):
            tests = list(of_all(every))
            jobs[f"nothing fires without a cause, a run every {every} min"] = pool.submit(
                promtool, folder / f"all.{every}.yml", groups, tests
            )
        for title, job in jobs.items():
            points.append((title, job.result().splitlines()))
    strangers = {case.alert for case in CASES} - set(rules)
    points.append(("every case is about an alert", [f"no rule is named {alert}" for alert in sorted(strangers)]))
    for index, (title, complaints) in enumerate(points, 1):
        for line in complaints:
            print(f"# {line}")
        print(f"{'not ok' if complaints else 'ok'} {index} - {title}")
    print(f"1..{len(points)}")
    sys.exit(any(complaints for _, complaints in points))


main()
