# SPDX-License-Identifier: Apache-2.0
"""The 17 rules of Grafana's dashboard-linter, by their names there, for dashboards over one Prometheus.

A rule takes a dashboard and yields (panel, target, complaint): the panel's title, "" = the dashboard; the index of the
target, None = the panel. Exclusions are in dashboards/grafana/.lint, which the linter itself reads too: JSON below comments
with #, which is YAML.
"""

import functools
import json
import pathlib
import re

import dashboards as model

LINT_FILE = model.FOLDER + "/.lint"
RULES = {}
WITH_QUERIES = ("stat", "singlestat", "graph", "table", "timeseries", "gauge", "state-timeline", "heatmap")
# As many of Grafana's ids as dashboards of ours may use.
UNITS = ("none", "string", "short", "percentunit", "bytes", "s", "ms", "ops", "reqps", "currencyUSD", "dateTimeFromNow",
         "dateTimeAsIso", "bool", "bool_yes_no", "bool_on_off")
DATASOURCES = ("$datasource", "${datasource}")


def rule(name):
    def register(function):
        RULES[name] = function
        return function
    return register


def about(query, complaint):
    return query.panel, query.index, complaint


def selectors_of(dashboard):
    for query in model.panel_queries(dashboard):
        for selector in model.selectors(query.expr):
            yield query, selector


def datasource_of(thing):
    source = thing.get("datasource") or {}
    return source.get("uid", "") if isinstance(source, dict) else source


# --- Variables -----------------------------------------------------------------------------------------------------------

@rule("template-datasource-rule")
def template_datasource(dashboard):
    sources = [v for v in model.variables(dashboard).values() if v.get("type") == "datasource"]
    if not sources:
        yield "", None, "no variable chooses the data source"
    for source in sources:
        alone = [("datasource", "Data source")] if len(sources) == 1 else []
        if (source.get("name"), source.get("label")) not in [("prometheus_datasource", "Prometheus data source")] + alone:
            yield "", None, f"the data source variable is {source.get('name')}, labelled {source.get('label')!r}"


def target_variable(dashboard, name):
    variable = model.variables(dashboard).get(name)
    if variable is None:
        yield "", None, f"no variable {name}"
        return
    wanted = {"type": "query", "label": name.capitalize(), "multi": True, "allValue": ".+"}
    for key, value in wanted.items():
        if variable.get(key) != value:
            yield "", None, f"variable {name}: {key} is {variable.get(key)!r}, and should be {value!r}"
    if datasource_of(variable) not in DATASOURCES:
        yield "", None, f"variable {name} does not use $datasource"


@rule("template-label-promql-rule")
def template_label(dashboard):
    for name, variable in model.variables(dashboard).items():
        if variable.get("type") != "query":
            continue
        function, selector, _ = model.variable_query(variable)
        if not function:
            yield "", None, f"variable {name}: write label_values(SELECTOR, LABEL)"
        elif error := parse_error(selector):
            yield "", None, f"variable {name}: {error}"


@rule("template-on-time-change-reload-rule")
def template_reload(dashboard):
    for name, variable in model.variables(dashboard).items():
        if variable.get("type") == "query" and variable.get("refresh") != 2:
            yield "", None, f"variable {name} must be refreshed when the time range changes: refresh 2"


# --- Panels --------------------------------------------------------------------------------------------------------------

@rule("panel-datasource-rule")
def panel_datasource(dashboard):
    for panel in model.panels(dashboard):
        for i, thing in enumerate([panel] + panel.get("targets", [])):
            if datasource_of(thing) not in DATASOURCES:
                yield panel.get("title", ""), i - 1 if i else None, f"uses the data source {datasource_of(thing)!r}"


@rule("panel-title-description-rule")
def panel_title(dashboard):
    for panel in model.panels(dashboard):
        if not panel.get("title") or not panel.get("description"):
            yield panel.get("title", ""), None, f"panel {panel.get('id')} needs a title and a description"


@rule("panel-units-rule")
def panel_units(dashboard):
    for panel in model.panels(dashboard):
        config = panel.get("fieldConfig", {})
        units = [config.get("defaults", {}).get("unit")]
        units += [p.get("value") for o in config.get("overrides", []) for p in o.get("properties", []) if p.get("id") == "unit"]
        for unit in units:
            if panel.get("type") in WITH_QUERIES and unit not in UNITS:
                yield panel.get("title", ""), None, f"no unit that we know: {unit!r}"


@rule("panel-no-targets-rule")
def panel_targets(dashboard):
    for panel in model.panels(dashboard):
        if panel.get("type") in WITH_QUERIES and not panel.get("targets"):
            yield panel.get("title", ""), None, "has no query"


# --- Queries -------------------------------------------------------------------------------------------------------------

def loki_targets(dashboard):
    for panel in model.panels(dashboard):
        for i, target in enumerate(panel.get("targets", [])):
            if (target.get("datasource") or {}).get("type") == "loki":
                yield panel.get("title", ""), i, target.get("expr", "")


@rule("target-logql-rule")
def target_logql(dashboard):
    for panel, i, expr in loki_targets(dashboard):
        if not re.search(r"\{[^}]*\w+\s*(=|!=|=~|!~)\s*[\"`]", expr):
            yield panel, i, "a LogQL query needs a stream selector"


@rule("target-logql-auto-rule")
def target_logql_auto(dashboard):
    for panel, i, expr in loki_targets(dashboard):
        for window in re.findall(r"\[([^\]]+)\]", expr):
            if window != "$__auto":
                yield panel, i, f"[{window}] should be [$__auto]"


@functools.lru_cache(maxsize=None)
def parse_error(expr):
    filled = model.fill_in(expr)
    return model.parse_errors([filled]).get(filled, "")


@rule("target-promql-rule")
def target_promql(dashboard):
    found = [q for q in model.queries(dashboard) if q.kind != "variable"]
    errors = model.parse_errors([model.fill_in(query.expr) for query in found])
    for query in found:
        if error := errors.get(model.fill_in(query.expr)):
            yield about(query, error)


@rule("target-rate-interval-rule")
def target_rate_interval(dashboard):
    for query, selector in selectors_of(dashboard):
        if selector.function in ("rate", "irate", "increase") and selector.range != "$__rate_interval":
            yield about(query, f"{selector.function}({selector.metric}[{selector.range}]) should use [$__rate_interval]")


def target_matcher(dashboard, label):
    for query, selector in selectors_of(dashboard):
        if model.Matcher(label, "=~", f"${label}") not in selector.matchers:
            yield about(query, f'{selector.metric} has no matcher {label}=~"${label}"')


for target_label in ("job", "instance"):
    rule(f"template-{target_label}-rule")(functools.partial(target_variable, name=target_label))
    rule(f"target-{target_label}-rule")(functools.partial(target_matcher, label=target_label))


@rule("target-counter-agg-rule")
def target_counter(dashboard):
    for query, selector in selectors_of(dashboard):
        if selector.metric.endswith("_total") and not (
                selector.range and selector.function in ("rate", "irate", "increase")):
            yield about(query, f"the counter {selector.metric} is in no rate(), irate() or increase()")


@rule("uneditable-dashboard")
def uneditable(dashboard):
    if dashboard.get("editable") is not False:
        yield "", None, "must not be editable: the file would have the last word anyway"


# --- Exclusions ----------------------------------------------------------------------------------------------------------

def exclusions(root):
    text = pathlib.Path(root, LINT_FILE).read_text(encoding="utf-8")
    return json.loads(re.sub(r"^#.*$", "", text, flags=re.MULTILINE))["exclusions"]


def lint(name, shipped, excluded):
    """The complaints of a rule about all dashboards, after its exclusions, and about those that exclude nothing."""
    rows = excluded.get(name, {})
    unused = [(row.get("dashboard"), row.get("panel"), row.get("targetIdx", "")) for row in rows.get("entries", [])]
    if name in excluded and (not rows.get("reason") or not unused):
        yield f"{LINT_FILE}: {name}: give the reason, and the panels"
    entries = list(unused)
    for stem, dashboard in shipped.items():
        for panel, target, complaint in RULES[name](dashboard):
            places = [(dashboard.get("title"), panel, ""), (dashboard.get("title"), panel, str(target))]
            hits = [place for place in places if place in entries]
            unused = [entry for entry in unused if entry not in hits]
            if not hits:
                yield f"{stem}: {panel}{'' if target is None else f' [{target}]'}: {complaint}"
    for entry in unused:
        yield f"{LINT_FILE}: {name}: {' / '.join(filter(None, entry))} excludes nothing any more, remove it"
