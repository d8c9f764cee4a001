# SPDX-License-Identifier: Apache-2.0
"""Reads both forms of the metrics page with prometheus_client and complains where they differ or are not as promised."""
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text


def samples(families):
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def main(text_path, openmetrics_path):
    with open(text_path, encoding="utf-8") as file:
        text_page = file.read()
    with open(openmetrics_path, encoding="utf-8") as file:
        openmetrics_page = file.read()
    families = list(parse_openmetrics(openmetrics_page))
    text, openmetrics = samples(parse_text(text_page)), samples(families)
    for series in sorted(text.keys() ^ openmetrics.keys()):
        print(f"{series}: in one form only")
    for series in sorted(text.keys() & openmetrics.keys()):
        if text[series] != openmetrics[series]:
            print(f"{series}: {text[series]} and {openmetrics[series]}")
    names = [f.name for f in families]
    if names != sorted(names):
        print("families are not sorted by name")
    for family in families:
        if not family.documentation:
            print(f"{family.name}: no HELP")
        suffix = family.name.rsplit("_", 1)[-1]
        if suffix in ("seconds", "bytes", "ratio") and family.unit != suffix:
            print(f"{family.name}: unit {family.unit!r}")
    with_exemplars = {f.name for f in families for s in f.samples if s.exemplar}
    wanted = {
        "cometcanary_probe_failures",
        "cometcanary_probe_duration_seconds",
        "cometcanary_time_to_first_token_seconds",
    }
    if with_exemplars - wanted or "cometcanary_probe_failures" not in with_exemplars:
        print(f"exemplars on {with_exemplars}")
    models = {labels["model"] for name, pairs in openmetrics for labels in [dict(pairs)] if "model" in labels}
    if 'a"b\\c' not in models:
        print(f"a label value did not survive: {models}")
    if "_created" in openmetrics_page:
        print("_created series")


main(*sys.argv[1:])
