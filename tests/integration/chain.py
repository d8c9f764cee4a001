# SPDX-License-Identifier: Apache-2.0
"""From the daemon to the person who is told: the shipped rules on Prometheus, the shipped routes on Alertmanager."""

import re
import time

from canary import Daemon
from harness import SOURCE, expect, expect_equal, wait_for
from monitoring import Alertmanager, Prometheus, Receiver

RULES = SOURCE / "dashboards/rules"
ROUTES = SOURCE / "dashboards/alertmanager/alertmanager.yml"
WITHIN_S = 120  # from the change to whoever is told
BEFORE_S = 30  # Prometheus has seen what is normal
CONFIG = """\
global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}
rule_files: [ "{rules}/*.yml" ]
scrape_configs:
  - job_name: cometcanary
    static_configs: [ {{ targets: [ "{daemon}" ] }} ]
alerting:
  alertmanagers:
    - static_configs: [ {{ targets: [ "{alertmanager}" ] }} ]
"""


def in_a_hurry(routes, url):
    """The shipped routes and inhibitions, with the waits of a test and one receiver for all."""
    routes = re.sub(r"(group_wait|group_interval): *\S+", r"\1: 1s", routes)
    receivers = sorted(set(re.findall(r"receiver: *([\w-]+)", routes)))
    told = "".join(f"  - name: {name}\n    webhook_configs: [ {{ url: \"{url}\" }} ]\n" for name in receivers)
    head, found, rest = routes.partition("\nreceivers:\n")
    expect(found, "no receivers in the sample")
    following = re.search(r"^\S", rest, re.MULTILINE)
    return head + found + told + (rest[following.start():] if following else "")


class Chain:
    """Everything that stands between a fault and the person who is told of it."""

    def __init__(self, stage, config):
        self.daemon = Daemon(stage, config)
        self.receiver = Receiver(stage)
        self.alertmanager = Alertmanager(stage, in_a_hurry(ROUTES.read_text(), self.receiver.url))
        self.prometheus = Prometheus(
            stage, CONFIG.format(rules=RULES, daemon=self.daemon.address, alertmanager=self.alertmanager.address)
        )
        scrapes = "min(count_over_time(cometcanary_probes_total[10m]))"
        wait_for("what is normal", lambda: (self.prometheus.value(scrapes) or 0) >= BEFORE_S, 90)
        groups = self.prometheus.ask("rules")["groups"]
        expect(len(groups) >= 3, f"only {len(groups)} groups of rules")
        sick = [rule["name"] for group in groups for rule in group["rules"] if rule["health"] == "err"]
        expect_equal("rules that cannot be evaluated", sick, [])

    def firing(self):
        return self.prometheus.alerts()

    def wait_told(self, name, patience_s=WITHIN_S, **labels):
        """The first alert of that name that the receiver gets with these labels."""
        began = time.monotonic()
        alert = wait_for(
            lambda: f"{name} {labels} at the receiver; Prometheus has {self.firing()}",
            lambda: next((a for a in self.receiver.of(name) if labels.items() <= a["labels"].items()), None),
            patience_s,
        )
        print(f"# {name}: told after {time.monotonic() - began:.0f} s")
        return alert
