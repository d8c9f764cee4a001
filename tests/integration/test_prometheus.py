# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes the daemon in both formats, and strict readers read its live pages."""

import gzip
import subprocess
import time

from prometheus_client.openmetrics.parser import text_string_to_metric_families

import harness
from canary import Daemon, endpoint, provider
from harness import answers, expect, expect_equal, wait_for
from monitoring import Prometheus
from nginx import ANSWERING, answer, start_nginx

OPENMETRICS = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75"
SCRAPES = """\
global: { scrape_interval: 300ms, scrape_timeout: 300ms }
scrape_configs:
  - job_name: openmetrics
    static_configs: [ { targets: [ "DAEMON" ] } ]
  - job_name: text
    static_configs: [ { targets: [ "NGINX" ] } ]
"""
# Prometheus always prefers OpenMetrics; this takes that away from it.
TEXT_ONLY = """\
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_set_header Accept "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
      proxy_pass http://{daemon};
    }}
  }}
"""


def start_daemon(stage):
    """An endpoint that works and one that never does, both often."""
    port, dead, door = stage.port(), stage.port(), stage.port()
    often = {"interval": "300ms", "total": "290ms"}
    daemon = Daemon(
        stage,
        {
            "providers": [provider("p", f"http://127.0.0.1:{port}"), provider("dead", f"http://127.0.0.1:{dead}")],
            "endpoints": [endpoint("good", **often), endpoint("bad", "dead", probes=("sync", "stream"), **often)],
        },
        wait=False,
    )
    servers = ANSWERING.format(port=port, answer=answer()) + TEXT_ONLY.format(port=door, daemon=daemon.address)
    start_nginx(stage, [port, door], servers)
    daemon.process.wait_until("ready", lambda: answers(daemon.url + "/-/ready"))
    return daemon, f"127.0.0.1:{door}"


def scraped(stage):
    """both scrapes are up, have the same series, and see them rise; exemplars arrive with OpenMetrics"""
    daemon, text_address = start_daemon(stage)
    prometheus = Prometheus(stage, SCRAPES.replace("DAEMON", daemon.address).replace("NGINX", text_address))
    rise = 'increase(cometcanary_probes_total{job="%s",endpoint="good",probe="sync"}[10s])'
    for job in ("openmetrics", "text"):
        wait_for(f"the counter to rise in {job}", lambda job=job: (prometheus.value(rise % job) or 0) > 1)
    targets = prometheus.ask("targets")["activeTargets"]
    expect_equal("targets", [(t["health"], t["lastError"]) for t in targets], [("up", ""), ("up", "")])
    for job in ("openmetrics", "text"):
        expect_equal(f"worst up of {job}", prometheus.value(f'min_over_time(up{{job="{job}"}}[1m])'), 1)
    expect_equal("names in the two formats", prometheus.names("openmetrics"), prometheus.names("text"))
    for family in ("cometcanary_probes_total", "cometcanary_build_info", "process_resident_memory_bytes"):
        expect(family in prometheus.names("text"), f"{family} did not arrive")

    expect_equal("gap between counters", prometheus.value(
        'max(sum by (endpoint, probe, job) (cometcanary_probe_failures_total)'
        ' + on (endpoint, probe, job) cometcanary_probe_outcomes_total{outcome="ok"}'
        ' - on (endpoint, probe, job) cometcanary_probes_total)'
    ), 0)
    median = 'histogram_quantile(0.5, sum by (le) (rate(cometcanary_probe_duration_seconds_bucket{job="%s"}[10s])))'
    for job in ("openmetrics", "text"):
        expect(0 < (prometheus.value(median % job) or 0) < 1, f"no median duration from {job}")

    kinds = {}
    for row in prometheus.ask("targets/metadata", match_target='{job="openmetrics"}'):
        expect(row["help"], f"no HELP for {row['metric']}")
        kinds[row["metric"]] = row["type"]
    expect_equal("type of probes", kinds["cometcanary_probes"], "counter")
    expect_equal("type of probe_duration", kinds["cometcanary_probe_duration_seconds"], "histogram")
    expect_equal("type of probe_success", kinds["cometcanary_probe_success"], "gauge")

    window = {"start": time.time() - 300, "end": time.time() + 300}
    exemplars = prometheus.ask("query_exemplars", query='cometcanary_probe_failures_total{endpoint="bad"}', **window)
    ids = {e["labels"]["request_id"] for row in exemplars for e in row["exemplars"]}
    logged = {e["request_id"] for e in daemon.log(msg="probe finished", endpoint="bad")}
    expect(ids and ids <= logged, f"exemplars {ids} are not request ids of failed runs")
    expect_equal("jobs with exemplars", {row["seriesLabels"]["job"] for row in exemplars}, {"openmetrics"})


def readable(stage):
    """promtool has nothing to say about the live text page, and the strict OpenMetrics parser takes the live page"""
    daemon, _ = start_daemon(stage)
    daemon.wait_runs(2, endpoint="good")
    daemon.wait_runs(2, endpoint="bad")
    text = daemon.get("/metrics", headers={"Accept": "text/plain;version=0.0.4"})
    expect_equal("type of the text form", text.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
    page = stage.write("metrics.txt", text.text)
    with page.open() as given:
        check = subprocess.run(["promtool", "check", "metrics"], stdin=given, capture_output=True, check=False)
    expect_equal("promtool check metrics", (check.returncode, check.stdout + check.stderr), (0, b""))

    strict = daemon.get("/metrics", headers={"Accept": OPENMETRICS})
    told = strict.headers["Content-Type"]
    expect(told.startswith("application/openmetrics-text; version=1.0.0; charset=utf-8"), f"OpenMetrics as {told}")
    families = {family.name: family for family in text_string_to_metric_families(strict.text)}
    expect_equal("type of probes", families["cometcanary_probes"].type, "counter")
    with_exemplar = {s.name for f in families.values() for s in f.samples if s.exemplar}
    wanted = {"cometcanary_probe_failures_total", "cometcanary_probe_duration_seconds_bucket"}
    expect(wanted <= with_exemplar, f"exemplars only on {with_exemplar}")
    packed = daemon.get("/metrics", headers={"Accept": OPENMETRICS, "Accept-Encoding": "gzip"})
    expect_equal("encoding", packed.headers["Content-Encoding"], "gzip")
    unpacked = gzip.decompress(packed.body).decode()
    expect(unpacked.endswith("# EOF\n"), "the compressed page lacks its end")


harness.run(scraped, readable)
