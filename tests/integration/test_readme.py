# SPDX-License-Identifier: Apache-2.0
"""What the README says to copy and paste works, on what make install installs."""

import os
import re
import subprocess

import harness
from harness import BUILD, SOURCE, expect, expect_equal

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(kind):
    found = [text for language, text in BLOCK.findall((SOURCE / "README.md").read_text()) if language == kind]
    expect(found, f"no block of {kind} in README.md")
    return found


def install(stage):
    """Everything in a folder; the paths of the README below it."""
    root = stage.folder / "root"
    make = ["make", "-C", str(BUILD), "install", "prefix=/usr", "sysconfdir=/etc", f"DESTDIR={root}",
            f"systemdsystemunitdir={'/usr/lib/systemd/system'}"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE") and key != "MFLAGS"}
    done = subprocess.run(make, capture_output=True, check=False, text=True, env=environment)
    expect_equal(f"make install: {done.stderr[-2000:]}", done.returncode, 0)
    return root


def below(root, text):
    return re.sub(r"(?<![\w/:])/(usr|etc)/", rf"{root}/\1/", text)


def copied(stage):
    """the blocks for Prometheus, its alerts and Grafana work on an installed tree"""
    root = install(stage)
    config = below(root, blocks("yaml")[0])
    check = subprocess.run(["promtool", "check", "config", stage.write("prometheus.yml", config)], capture_output=True,
                           check=False, text=True)
    expect_equal(f"promtool: {check.stdout}{check.stderr}", check.returncode, 0)
    expect(re.search(r"SUCCESS: [1-9][0-9]+ rules found", check.stdout), f"no rules found: {check.stdout}")
    for block in blocks("sh"):
        script = stage.write("block.sh", "set -e\n" + below(root, block))
        done = subprocess.run(["sh", script], capture_output=True, check=False, text=True)
        expect_equal(f"{block}{done.stderr}", done.returncode, 0)
    rules = (root / "usr/share/cometcanary/rules/cometcanary.rules.yml").read_text()
    expect("runbook_url: https://YOUR-WIKI/runbook.md#cometcanary" in rules, "the address is not in front of the runbook's")
    expect("runbook_url: runbook.md" not in rules, "a runbook_url is still relative")
    provider = (root / "etc/grafana/provisioning/dashboards/cometcanary-dashboards.yml").read_text()
    folder = root / re.search(r"path: /(\S+)", provider)[1]
    expect_equal("dashboards", len(list(folder.glob("cometcanary-*.json"))), 4)
    expect((root / "etc/grafana/provisioning/datasources/cometcanary-datasource.yml").exists(), "no data source")


harness.run(copied)
