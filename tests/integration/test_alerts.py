# SPDX-License-Identifier: Apache-2.0
"""The shipped rules and the shipped Alertmanager configuration on a real Prometheus and Alertmanager, beside the daemon
and the simulator: the documentation changes, and one alert says what became of the contract."""

import harness
from canary import MODEL, Sim, endpoint, provider
from chain import Chain, WITHIN_S
from harness import expect, expect_equal, wait_for

DRIFT = "CometCanaryDriftAfterDocumentationChange"
SPEC = "/docs/api/openapi/text/post-chat-completions.openapi.json"


def documentation(stage):
    """the documentation and the contract change: one alert is told within two minutes, and only that one; it resolves"""
    sim = Sim(stage)
    row = endpoint("chat", probes=("sync", "stream"), negative=("missing_auth",), interval="1s", total="950ms",
                   negative_interval="10s", contract="c")
    other = endpoint("other", probes=("sync",), interval="1s", total="950ms", model="gpt-4o-mini")
    chain = Chain(stage, {
        "store": {"path": str(stage.folder / "canary.db")},
        "providers": [provider("p", sim.url)],
        "contracts": [{"name": "c", "required": ("id:string",), "evidence": [
            {"area": area, "status": "observed"} for area in ("auth", "errors", "limits", "request", "path", "response")]}],
        "endpoints": [row, other],
        "docs": [{"name": "spec", "url": sim.url + SPEC, "kind": "openapi", "interval": "5s", "endpoints": ("chat",)}],
    })
    expect_equal("alerts before", chain.firing(), set())
    sim.ask("docs", "POST", {"page": "chat", "changes": ["field-removed:id"]})
    sim.fault("id-missing", model=MODEL)
    alert = chain.wait_told(DRIFT)
    expect_equal("endpoint", alert["labels"]["endpoint"], "chat")
    expect("spec" in alert["annotations"]["description"], f"which document: {alert['annotations']['description']}")
    # What it explains is held back, also once it would have been due.
    held = "CometCanaryContractDriftBreaking"
    wait_for(lambda: f"{held} to be due: {chain.firing()}", lambda: (held, "firing") in chain.firing(), WITHIN_S)
    wait_for(lambda: f"{held} to be held back", lambda: held in chain.alertmanager.suppressed())
    expect_equal("what was told", chain.receiver.names(), {DRIFT})
    sim.ask("docs", "DELETE")
    sim.heal()
    wait_for(lambda: f"{DRIFT} to end: {chain.firing()}", lambda: chain.receiver.of(DRIFT, "resolved"), WITHIN_S)


harness.run(documentation)
