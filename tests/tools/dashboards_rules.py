# SPDX-License-Identifier: Apache-2.0
"""What our dashboards have to be beyond the linter's rules. A rule takes all dashboards by stem, and a Catalogue; it
yields complaints."""

import json
import pathlib
import re
import subprocess

import dashboards as model

RULES = {}
SOURCES = model.FOLDER + "/src"
COLUMNS = 24
PANELS = ("timeseries", "stat", "table", "state-timeline", "heatmap", "row")
BUILT_IN = re.compile(r"__\w+$")


def rule(function):
    RULES[function.__name__.replace("_", "-")] = function
    return function


def each_query(shipped):
    for stem, dashboard in shipped.items():
        for query in model.queries(dashboard):
            yield f"{stem}: {query.panel} [{query.index}]", dashboard, query


@rule
def identity(shipped, _catalogue):
    """What makes an import safe, and a link stable."""
    for stem, dashboard in shipped.items():
        if dashboard.get("uid") != stem or not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", stem):
            yield f"{stem}: the uid must be the file's name, of at most 40 letters, digits, _ and -"
        if dashboard.get("schemaVersion") not in range(36, 40):
            yield f"{stem}: schemaVersion must be one of 36 to 39"
        if "cometcanary" not in dashboard.get("tags", []):
            yield f"{stem}: the tag cometcanary is missing"
        for key in ("id", "version", "__inputs", "__requires"):
            if key in dashboard:
                yield f"{stem}: a file that is provisioned must not have {key}"
        for key in ("title", "description", "refresh", "time", "timezone", "graphTooltip"):
            if not dashboard.get(key):
                yield f"{stem}: {key} is missing"
    titles = [dashboard.get("title") for dashboard in shipped.values()]
    for title in sorted({t for t in titles if titles.count(t) > 1}):
        yield f"two dashboards have the title {title}"


@rule
def panel_fields(shipped, _catalogue):
    for stem, dashboard in shipped.items():
        ids = [p.get("id") for p in model.panels(dashboard, rows=True)]
        titles = [p.get("title") for p in model.panels(dashboard)]
        for what, values in (("id", ids), ("title", titles)):
            for value in sorted({v for v in values if values.count(v) > 1}):
                yield f"{stem}: two panels have the {what} {value}"
        for panel in model.panels(dashboard):
            defaults = panel.get("fieldConfig", {}).get("defaults", {})
            if panel.get("type") not in PANELS:
                yield f"{stem}: {panel.get('title')}: {panel.get('type')} is none of the core panels that we keep to"
            if not defaults.get("noValue"):
                yield f"{stem}: {panel.get('title')}: noValue is missing: say what an empty panel means"
            if not defaults.get("thresholds", {}).get("steps"):
                yield f"{stem}: {panel.get('title')}: thresholds are missing"
            if panel.get("type") in ("stat", "table") and not all(t.get("instant") for t in panel.get("targets", [])):
                yield f"{stem}: {panel.get('title')}: a query of a {panel['type']} should be instant"


@rule
def grid(shipped, _catalogue):
    for stem, dashboard in shipped.items():
        placed = [(p.get("title"), p.get("gridPos", {})) for p in model.panels(dashboard, rows=True)]
        for title, at in placed:
            if not all(isinstance(at.get(k), int) for k in "xywh") or at["w"] < 1 or at["h"] < 1:
                yield f"{stem}: {title}: has no place"
                return
            if at["x"] < 0 or at["x"] + at["w"] > COLUMNS:
                yield f"{stem}: {title}: is wider than the grid of {COLUMNS}"
        for i, (title, a) in enumerate(placed):
            for other, b in placed[:i]:
                if a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]:
                    yield f"{stem}: {title}: lies on {other}"


def urls(dashboard):
    """Every address that the dashboard leads to, wherever in it that is written."""
    todo = [dashboard]
    while todo:
        thing = todo.pop()
        if isinstance(thing, dict):
            if isinstance(thing.get("url"), str) and thing["url"]:
                yield thing["url"]
            todo.extend(thing.values())
        elif isinstance(thing, list):
            todo.extend(thing)


@rule
def links(shipped, _catalogue):
    tags = {tag for dashboard in shipped.values() for tag in dashboard.get("tags", [])}
    for stem, dashboard in shipped.items():
        lists = [link for link in dashboard.get("links", []) if link.get("type") == "dashboards"]
        if not lists:
            yield f"{stem}: no list of the other dashboards"
        for link in lists:
            if not set(link.get("tags", [])) & tags:
                yield f"{stem}: no dashboard has a tag of {link.get('tags')}"
            if not (link.get("includeVars") and link.get("keepTime") and link.get("asDropdown")):
                yield f"{stem}: the list of the other dashboards must be a dropdown that keeps variables and time"
        for url in urls(dashboard):
            match = re.match(r"/d/([\w-]+)/", url)
            if not match or match[1] not in shipped:
                yield f"{stem}: {url} leads to no dashboard of ours"
                continue
            known = set(model.variables(shipped[match[1]]))
            for name in re.findall(r"[?&]var-(\w+)=", url) + re.findall(r"\$\{(\w+):queryparam\}", url):
                if name not in known:
                    yield f"{stem}: {url}: {match[1]} has no variable {name}"


@rule
def variables(shipped, _catalogue):
    """Every variable that is used exists; each that exists is used."""
    for stem, dashboard in shipped.items():
        known, used = set(model.variables(dashboard)), set(model.variables_in(json.dumps(dashboard)))
        used = {name for name in used if not BUILT_IN.match(name)}
        for name in sorted(used - known):
            yield f"{stem}: there is no variable {name}"
        for name in sorted(known - used):
            yield f"{stem}: variable {name} is used by nothing"


@rule
def metrics(shipped, catalogue):
    for place, _, query in each_query(shipped):
        for selector in model.selectors(query.expr):
            if selector.metric not in catalogue.labels:
                yield f"{place}: src/model/metric.def has no {selector.metric}"


@rule
def labels(shipped, catalogue):
    """Labels that a query matches, sums by, or shows: they are the metric's."""
    for place, _, query in each_query(shipped):
        known = set(model.TARGET_LABELS)
        for selector in model.selectors(query.expr):
            own = set(catalogue.labels.get(selector.metric, [])) | set(model.TARGET_LABELS)
            known |= own
            for matcher in selector.matchers:
                if matcher.label not in own:
                    yield f"{place}: {selector.metric} has no label {matcher.label}"
        by = {name for _, names in model.grouping_labels(query.expr) for name in names}
        shown = set(re.findall(r"\{\{(\w+)\}\}", query.legend))
        for name in sorted((by | shown) - known):
            yield f"{place}: no metric of the query has a label {name}"
        for name in sorted(shown & known - by if query.kind != "variable" else ()):
            yield f"{place}: the label {name} is shown, and nothing is summed by it"


@rule
def values(shipped, catalogue):
    for place, _, query in each_query(shipped):
        for selector in model.selectors(query.expr):
            for matcher in selector.matchers:
                if matcher.label in model.FREE_LABELS or selector.metric in model.FOREIGN:
                    continue
                known = catalogue.values(selector.metric, matcher.label)
                if known is None:
                    yield f"{place}: no table says what {matcher.label} of {selector.metric} can be"
                    continue
                for value in matcher.value.split("|") if matcher.op in ("=~", "!~") else [matcher.value]:
                    if value not in known:
                        yield f'{place}: {matcher.label}="{value}" is no value of {selector.metric}'


@rule
def coverage(shipped, catalogue):
    used = {catalogue.family(s.metric) for _, _, query in each_query(shipped) for s in model.selectors(query.expr)}
    for name in sorted(set(catalogue.families) - used):
        yield f"{name} is on no dashboard"


def unguarded(expr):
    """What of an expression can be 0/0: a division by something else than a number or (... > 0), a bare quantile."""
    found = model.tokens(expr)
    for i, token in enumerate(found):
        if token == ("sign", "/"):
            at = i + 1
            while at < len(found) and found[at][1] in model.GROUPING:
                at = model.closing(found, at + 1) + 1
            if at < len(found) and found[at][0] == "number" and float(re.match(r"[\d.]+", found[at][1])[0]) > 0:
                continue
            end = model.closing(found, at) if model.sign_at(found, at, "(") else 0
            if [text for _, text in found[end - 2:end]] != [">", "0"]:
                yield "divides by what may be 0: write / (... > 0)"
        elif token == ("name", "histogram_quantile"):
            end = model.closing(found, i + 1)
            if [text for _, text in found[end + 1:end + 3]] != [">=", "0"]:
                yield "a quantile of nothing is NaN: write histogram_quantile(...) >= 0"


@rule
def no_nan(shipped, _catalogue):
    for place, _, query in each_query(shipped):
        for complaint in unguarded(query.expr):
            yield f"{place}: {complaint}"


@rule
def min_step(shipped, catalogue):
    """Probes and documents are slower than scrapes: a window of scrapes would be empty, or jump."""
    for place, _, query in each_query(shipped):
        paced = [s for s in model.selectors(query.expr) if s.range == "$__rate_interval" and
                 {"endpoint", "doc"} & set(catalogue.labels.get(s.metric, []))]
        if query.kind == "range" and paced and not query.step:
            yield f"{place}: $__rate_interval of {paced[0].metric} needs a min step"


@rule
def windows(shipped, _catalogue):
    """The whole time range is the window of what is asked once, or the same for every point: @ end()."""
    for place, _, query in each_query(shipped):
        for window, rest in re.findall(r"\[([^\]]+)\]( @ end\(\))?", query.expr):
            if window == "$__range" and query.kind != "instant" and not rest:
                yield f"{place}: a graph over [$__range] shows every point before its time: use [$__rate_interval]"
            elif window not in ("$__range", "$__rate_interval"):
                yield f"{place}: [{window}] fits one choice of the probes' interval: use [$__rate_interval] or [$__range]"


@rule
def instances(shipped, _catalogue):
    """With two instances, what is not aggregated comes twice."""
    for place, _, query in each_query(shipped):
        if query.kind != "variable" and not re.search(r"\b(sum|min|max|avg|count|topk)\b", query.expr):
            yield f"{place}: is not aggregated over instances"


@rule
def thousand_endpoints(shipped, _catalogue):
    """A graph has a line an endpoint only where one endpoint is chosen, or the worst ten are."""
    for place, dashboard, query in each_query(shipped):
        chosen = model.variables(dashboard).get("endpoint", {"multi": True}).get("multi") is False
        by = {name for word, names in model.grouping_labels(query.expr) if word == "by" for name in names}
        if query.kind in ("range", "annotation") and "{{endpoint}}" in query.legend and "endpoint" in by and not chosen and \
                not re.search(r"\btopk\(", query.expr):
            yield f"{place}: a thousand endpoints would be a thousand lines: use topk(), or a table"


@rule
def events(shipped, _catalogue):
    """Annotations are placed at the time that their query says, in milliseconds, and never at 1970."""
    for stem, dashboard in shipped.items():
        found = model.annotations(dashboard)
        if not found:
            yield f"{stem}: no annotations"
        for annotation in found:
            if annotation.get("datasource", {}).get("uid") != "${datasource}" or not annotation.get("enable"):
                yield f"{stem}: annotation {annotation.get('name')}: uses another data source, or is off"
            if not annotation.get("useValueForTime") or not re.search(r"1000 \* max by .*> 0\)", annotation.get("expr", "")):
                yield f"{stem}: annotation {annotation.get('name')}: write 1000 * max by (...) (... > 0), useValueForTime"


@rule
def generated(shipped, catalogue):
    """The files that are shipped are what their sources say, and each has a source."""
    folder = catalogue.root / SOURCES
    sources = {"cometcanary-" + path.stem: path for path in sorted(folder.glob("*.jsonnet"))}
    for stem in sorted(set(shipped) ^ set(sources)):
        yield f"{stem}: has a source or a file, and not both"
    for stem in sorted(set(shipped) & set(sources)):
        run = subprocess.run(["jsonnet", str(sources[stem])], capture_output=True, text=True, check=False)
        text = pathlib.Path(catalogue.root, model.FOLDER, stem + ".json").read_text(encoding="utf-8")
        if run.returncode:
            yield f"{sources[stem]}: {run.stderr.strip()}"
        elif run.stdout != text or json.loads(text) != shipped[stem]:
            yield f"{stem}: differs from {SOURCES}: run make dashboards"
    for path in sorted(folder.glob("*sonnet")):
        command = ["jsonnetfmt", "--test", "--max-blank-lines", "2", str(path)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            yield f"{path.relative_to(catalogue.root)}: run jsonnetfmt -i --max-blank-lines 2"
