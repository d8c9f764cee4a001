# SPDX-License-Identifier: Apache-2.0
"""The status page in Chromium, as a person sees it. UPDATE_PICTURE=1 also takes the picture of the README."""

import os
import re
import struct
import subprocess

import harness
from canary import MODEL, Daemon, Sim, endpoint, provider
from harness import SOURCE, expect, expect_equal

PICTURE = SOURCE / "dashboards/status-page.png"
SIZE = (1180, 640)
SPEC = "/docs/api/openapi/text/post-chat-completions.openapi.json"
CHROMIUM = [
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", f"--window-size={SIZE[0]},{SIZE[1]}",
]


def browse(stage, *how):
    """What Chromium prints."""
    profile = f"--user-data-dir={stage.folder / 'chromium'}"
    done = subprocess.run([*CHROMIUM, profile, *how], capture_output=True, check=False, timeout=harness.PATIENCE_S * 2)
    expect_equal(f"exit of Chromium: {done.stderr.decode()[-500:]}", done.returncode, 0)
    return done.stdout.decode()


def a_bad_day(stage):
    """A daemon after the documentation of one endpoint and its answers have changed."""
    sim = Sim(stage)
    often = {"interval": "60s", "negative_interval": "60s", "contract": "chat"}
    daemon = Daemon(stage, {
        "web": {"lifecycle": True},
        "providers": [provider("gateway", sim.url)],
        "contracts": [{"name": "chat", "required": ("id:string",), "evidence": [
            {"area": "request", "status": "observed", "doc": "chat-page", "must_mention": ("max_tokens",)}]}],
        "endpoints": [
            endpoint("chat", "gateway", probes=("sync", "stream"), negative=("missing_auth", "invalid_model"), **often),
            endpoint("chat-nano", "gateway", probes=("sync",), model="gpt-4.1-nano", expect={"usage": "documented"}, **often),
            endpoint("models", "gateway", dialect="openai-models", path="/v1/models", interval="60s"),
        ],
        "docs": [
            {"name": "chat-spec", "url": sim.url + SPEC, "kind": "openapi", "interval": "2s", "endpoints": ("chat",)},
            {"name": "chat-page", "url": sim.url + "/docs/api/text/chat.md", "kind": "markdown", "interval": "1h"},
            {"name": "errors-page", "url": sim.url + "/docs/no-such-page.md", "kind": "markdown", "interval": "1h"},
        ],
    })
    daemon.wait_series("first looks", lambda s: s.sum("cometcanary_doc_checks_total") >= 3)
    for name, probe in (("chat-nano", "sync"), ("models", "sync")):
        daemon.run_of(name, probe)
    sim.ask("docs", "POST", {"page": "chat", "changes": ["field-removed:id"]})
    sim.fault("id-missing", model=MODEL)
    sim.fault("usage-missing", model="gpt-4.1-nano")
    daemon.wait_series("the revalidation", lambda s: s.of(
        "cometcanary_revalidations_total", endpoint="chat", trigger="doc_change", result="failed") == 1)
    daemon.run_of("chat-nano")
    return daemon


def as_a_person(stage):
    """the status page shows outcomes, findings and documents; the picture of the README can be taken from it"""
    daemon = a_bad_day(stage)
    dom = browse(stage, "--dump-dom", daemon.url + "/")
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"<tr>(.*?)</tr>", dom, re.DOTALL)]
    shown = {tuple(row[:3]) for row in rows}
    for wanted in (
        ("chat", "sync", "contract_violation"), ("chat", "missing_auth", "ok"), ("chat-nano", "sync", "ok"),
        ("models", "sync", "ok"), ("errors-page", "markdown", "HTTP"), ("chat-page", "markdown", "unchanged"),
    ):
        expect(wanted in shown, f"no row {wanted} in {rows}")
    findings = {row[0]: row[-1] for row in rows if row and row[0] in ("chat", "chat-nano") and row[1] == "sync"}
    expect_equal("findings", findings, {"chat": "id-missing", "chat-nano": "usage-missing"})
    picture = stage.folder / "page.png"
    browse(stage, f"--screenshot={picture}", daemon.url + "/")
    image = picture.read_bytes()
    expect_equal("size of the picture", struct.unpack(">II", image[16:24]), SIZE)
    if os.environ.get("UPDATE_PICTURE"):
        PICTURE.write_bytes(image)
    expect(PICTURE.exists(), f"{PICTURE} is missing: UPDATE_PICTURE=1 makes it")


harness.run(as_a_person)
