# SPDX-License-Identifier: Apache-2.0
"""The four rates that an operator asks for, each by its alert, on the shipped rules: errors, timeouts, fallbacks, answers
without usage."""

import harness
from canary import Sim, endpoint, provider
from chain import Chain
from harness import expect_equal

# endpoint: its model, what is broken, which alert tells it
STORIES = {
    "errors": ("gpt-5.4-mini", {"fault": "error", "name": "openai_server_error"}, "CometCanaryErrorBudgetFastBurn"),
    "timeouts": ("gpt-4.1-nano", "hang-after-head", "CometCanaryTimeoutsFrequent"),
    "fallbacks": ("gpt-4o-mini", {"fault": "error", "name": "openai_overloaded"}, "CometCanaryFallbackFrequent"),
    "usage": ("claude-haiku-4-5-20251001", "usage-missing", "CometCanaryUsageMissing"),
}
PATIENCE_S = 210  # an error budget is not burnt in a minute


def rates(stage):
    """errors, timeouts, fallbacks and missing usage: each is told by its alert, of its endpoint"""
    sim = Sim(stage)
    rows = [
        endpoint(name, interval="1s", total="900ms", model=model, expect={"usage": "documented"},
                 **({"fallback": "standard"} if name == "fallbacks" else {}))
        for name, (model, _, _) in STORIES.items()
    ]
    backup = endpoint("backup", interval="1s", total="900ms", model="gemini-2.5-flash")
    chain = Chain(stage, {
        "providers": [provider("p", sim.url)],
        "endpoints": [*rows, backup],
        "fallback_policies": [{"name": "standard", "allow": ("capacity",), "targets": ("backup",), "cooldown": "1s"}],
    })
    expect_equal("alerts before", chain.firing(), set())
    for model, fault, _ in STORIES.values():
        sim.fault(fault, model=model)
    for name, (_, _, alert) in STORIES.items():
        chain.wait_told(alert, PATIENCE_S, endpoint=name)


harness.run(rates)
