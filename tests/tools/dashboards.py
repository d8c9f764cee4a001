# SPDX-License-Identifier: Apache-2.0
"""Our Grafana dashboards as data: what their checkers, and tests that run their queries, share."""

import collections
import json
import pathlib
import re
import subprocess
import tempfile

FOLDER = "dashboards/grafana"

# One expression of a dashboard. kind: range, instant, annotation, or variable; index: of the target in its panel.
Query = collections.namedtuple("Query", "panel index kind expr legend step")
# One selector of an expression. range: the text in [ ], "" = none; function: the call that it is the argument of.
Selector = collections.namedtuple("Selector", "metric matchers range function")
Matcher = collections.namedtuple("Matcher", "label op value")

# What Grafana itself puts in place of its own variables, and what stands for a choice: enough to make an expression whole.
SAMPLE_VALUES = {
    "__rate_interval": "4m", "__interval": "1m", "__range": "6h", "__range_s": "21600", "__range_ms": "21600000",
    "job": ".+", "instance": ".+", "endpoint": ".+", "doc": ".+",
}


def load(root):
    """The shipped dashboards by the stem of their file."""
    files = sorted(pathlib.Path(root, FOLDER).glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def panels(dashboard, rows=False):
    """Panels in the order of the file, those inside collapsed rows too; headlines only when asked for."""
    for panel in dashboard.get("panels", []):
        if panel.get("type") != "row" or rows:
            yield panel
        if panel.get("type") == "row":
            yield from panel.get("panels", [])


def variables(dashboard):
    return {variable.get("name"): variable for variable in dashboard.get("templating", {}).get("list", [])}


def annotations(dashboard):
    return dashboard.get("annotations", {}).get("list", [])


def panel_queries(dashboard):
    for panel in panels(dashboard):
        for i, target in enumerate(panel.get("targets", [])):
            kind = "instant" if target.get("instant") else "range"
            yield Query(panel.get("title", ""), i, kind, target.get("expr", ""), target.get("legendFormat", ""),
                        target.get("interval", ""))


def queries(dashboard):
    """Every expression: of panels, of annotations, and the selectors that variables get their values from."""
    yield from panel_queries(dashboard)
    for annotation in annotations(dashboard):
        yield Query("annotation " + annotation.get("name", ""), 0, "annotation", annotation.get("expr", ""),
                    annotation.get("textFormat", ""), annotation.get("step", ""))
    for name, variable in variables(dashboard).items():
        if variable.get("type") == "query":
            function, selector, label = variable_query(variable)
            if function:
                yield Query(f"variable {name}", 0, "variable", selector, "{{" + label + "}}", "")


def variable_query(variable):
    """("label_values", selector, label), or ("", "", "") where it is none that we know."""
    match = re.fullmatch(r"(label_values)\((.+), *(\w+)\)", variable.get("query", ""))
    return match.groups() if match else ("", "", "")


VARIABLE = re.compile(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))")


def variables_in(text):
    return [braced or bare for braced, bare in VARIABLE.findall(text)]


def fill_in(expr, values=None):
    """The expression with every variable replaced: by values, else by one that makes it whole."""
    known = {**SAMPLE_VALUES, **(values or {})}
    return VARIABLE.sub(lambda m: known.get(m[1] or m[2], m[0]), expr)


# --- Expressions -------------------------------------------------------------------------------------------------------

TOKEN = re.compile(r"""
    (?P<space>\s+|\#[^\n]*) | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') | (?P<number>[0-9][0-9.]*(?:e[+-]?[0-9]+|[a-z0-9]+)?)
    | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*) | (?P<variable>\$\{?\w+\}?) | (?P<sign>=~|!~|!=|==|<=|>=|.)
""", re.VERBOSE | re.DOTALL)
GROUPING = ("by", "without", "on", "ignoring", "group_left", "group_right")
WORDS = ("and", "or", "unless", "bool", "offset", "start", "end", "inf", "nan")


def tokens(expr):
    return [(m.lastgroup, m.group()) for m in TOKEN.finditer(expr) if m.lastgroup != "space"]


def closing(found, at):
    """The index of what closes the bracket at that index."""
    depth = 0
    for i in range(at, len(found)):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(found[i][1], 0)
        if depth == 0:
            return i
    return len(found)


def sign_at(found, at, sign):
    return at < len(found) and found[at] == ("sign", sign)


def grouping_labels(expr):
    """Labels by which an expression sums or matches: [(word, [label, ...]), ...]"""
    found = tokens(expr)
    return [(text, [name for kind, name in found[i + 2:closing(found, i + 1)] if kind == "name"])
            for i, (kind, text) in enumerate(found) if kind == "name" and text in GROUPING and sign_at(found, i + 1, "(")]


def matchers_of(found):
    """found: what is between { and }"""
    parts = [token for token in found if token != ("sign", ",")]
    return [Matcher(parts[i][1], parts[i + 1][1], parts[i + 2][1][1:-1]) for i in range(0, len(parts) - 2, 3)]


def selectors(expr):
    """Every selector of the expression, where it stands in it first."""
    found, calls, result, i = tokens(expr), [], [], 0
    while i < len(found):
        kind, text = found[i]
        if kind == "name" and text in GROUPING and sign_at(found, i + 1, "("):
            i = closing(found, i + 1)
        elif text == "(":
            calls.append(found[i - 1][1] if i and found[i - 1][0] == "name" else "")
        elif text == ")" and calls:
            calls.pop()
        elif kind == "name" and text not in WORDS and not sign_at(found, i + 1, "(") and \
                not (i + 1 < len(found) and found[i + 1][1] in ("by", "without")):
            matchers, between = [], ""
            if sign_at(found, i + 1, "{"):
                end = closing(found, i + 1)
                matchers, i = matchers_of(found[i + 2:end]), end
            if sign_at(found, i + 1, "["):
                end = closing(found, i + 1)
                between, i = "".join(token for _, token in found[i + 2:end]), end
            result.append(Selector(text, matchers, between, calls[-1] if calls else ""))
        i += 1
    return result


def parse_errors(exprs):
    """{expression: what promtool says of it}, for those that do not parse. Variables must have been replaced."""
    wanted = list(dict.fromkeys(exprs))
    rules = [{"record": f"expression:{i}", "expr": expr} for i, expr in enumerate(wanted)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        json.dump({"groups": [{"name": "expressions", "rules": rules}]}, file)  # JSON is YAML
        file.flush()
        run = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, check=False)
    said = run.stdout + run.stderr
    errors = {wanted[int(i)]: text.strip() for i, text in re.findall(r'"expression:(\d+)"[:,](.*)', said)}
    if run.returncode and not errors:
        raise RuntimeError(f"promtool check rules: {said}")
    return errors


# --- What there is to query ----------------------------------------------------------------------------------------------

# Of Prometheus itself, and its labels beyond job and instance.
FOREIGN = {
    "up": [], "scrape_samples_scraped": [], "scrape_duration_seconds": [],
    "ALERTS": ["alertname", "alertstate", "severity", "endpoint", "probe", "doc", "provider", "budget"],
}
TARGET_LABELS = ["job", "instance"]
# Where the closed values of a label are: of one family, or of any; a table of rows, or the names after a line of C.
VALUES = {
    ("", "probe"): ("src/model/probe.def", ""),
    ("", "outcome"): ("src/model/outcome.def", ""),
    ("", "rule"): ("src/model/finding.def", ""),
    ("", "class"): ("src/model/outcome.c", "\noutcome_class_name("),
    ("", "severity"): ("src/model/finding.c", "\nseverity_name("),
    ("", "area"): ("src/model/finding.c", "\ncontract_area_name("),
    ("", "phase"): ("src/model/phase.c", "\nphase_name("),
    ("", "status"): ("src/model/contract.c", " status_names["),
    ("", "kind"): ("src/model/doc.c", " changes["),
    ("", "cause"): ("src/model/policy.c", "\nfallback_denial_name("),
    ("cometcanary_doc_checks_total", "result"): ("src/model/doc.c", " results["),
    ("cometcanary_probes_skipped_total", "reason"): ("src/model/skip.def", ""),
    ("cometcanary_fallbacks_total", "reason"): ("src/model/outcome.c", "\nfallback_reason_name("),
    ("cometcanary_usage_invalid_total", "reason"): ("src/model/reply.c", "\nusage_fault_name("),
}
# Names of the operator's, and of alerts.
FREE_LABELS = ("job", "instance", "endpoint", "doc", "policy", "budget", "provider", "alertname", "alertstate")


class Catalogue:
    """The metrics that src/model/metric.def has, with their labels and the closed values of these."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        row = r'^METRIC\(\w+, "([^"]+)", (\w+), "[^"]*", "([^"]*)",'
        self.families = {}  # name: labels
        self.labels = {name: list(labels) for name, labels in FOREIGN.items()}  # of samples
        for name, kind, labels in re.findall(row, self.read("src/model/metric.def"), re.MULTILINE):
            self.families[name] = labels.split()
            if kind == "HISTOGRAM":
                self.labels.update({name + "_sum": labels.split(), name + "_count": labels.split(),
                                    name + "_bucket": labels.split() + ["le"]})
            else:
                self.labels[name] = labels.split()

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def family(self, metric):
        short = re.sub(r"_(sum|count|bucket)$", "", metric)
        return short if short in self.families else metric

    def values(self, metric, label):
        """The closed values, or None where there is no table of them."""
        path, anchor = VALUES.get((metric, label)) or VALUES.get(("", label)) or ("", "")
        if not path:
            return None
        text = self.read(path)
        if not anchor:
            return re.findall(r'^[A-Z]+\(\w+, "([^"]+)"', text, re.MULTILINE)
        body = re.search(r"= \{(.*?)\};", text[text.index(anchor):], re.DOTALL)
        return re.findall(r'"([^"]+)"', body[1])
