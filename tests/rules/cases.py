# SPDX-License-Identifier: Apache-2.0
"""What raises each alert, and what must not: the differences from a canary in good order (healthy.py), a row an alert.

Beside the canary of a case stands a second one, in good order, that watches the same endpoint.
"""

import math
from dataclasses import dataclass, field

from healthy import BOUNDS, LAG_BOUNDS, counter, histogram, labels, steady, steps

CRITICAL, WARNING, INFO = "critical", "warning", "info"
CHAT = {"endpoint": "chat"}
SYNC = {"endpoint": "chat", "probe": "sync"}
STREAM = {"endpoint": "chat", "probe": "stream"}
POLICY = {"endpoint": "chat", "policy": "standard"}


@dataclass
class Case:
    """One way to raise an alert. Minutes count from the start of the test."""

    alert: str
    faults: dict  # {series: timeline}, in place of the healthy ones or beside them
    first: int  # the very minute when it has to be there: none before
    fires: int  # when it has to say what is expected
    expect: list  # [(severity, labels, description)]: of each alert of that name
    resolves: int = None  # when it has to be gone again
    once: dict = None  # one failure: raises nothing at any minute
    quiet: dict = field(default_factory=dict)  # {what: faults}: raise nothing at any minute either
    quiet_minutes: int = 90  # how long that is looked at, at least
    also: tuple = ()  # other alerts that the same faults raise
    every: int = 1  # minutes between two runs
    latencies: bool = False
    own: bool = False  # about the canary itself: judged while it is offline too
    both: bool = False  # the second canary has the faults too
    offline: dict = None  # in place of the faults, for the test of a canary that is offline
    gone: dict = None  # in place of data that end after the alert was raised


def outcome(name, **pairs):
    return "cometcanary_probe_outcomes_total" + labels(**pairs, outcome=name)


def failures(name, **pairs):
    return "cometcanary_probe_failures_total" + labels(**pairs, class_=name)


def of(family, **pairs):
    return f"cometcanary_{family}" + labels(**pairs)


def finding(rule, severity, area="response"):
    return "cometcanary_contract_finding" + labels(**CHAT, area=area, rule=rule, severity=severity)


def between(begin, end, value, otherwise):
    return lambda minute: value if begin <= minute < end else otherwise


def stands(begin, end):
    """A time stamp that is that of each minute, but for those."""
    return lambda minute: 60 * (begin if begin <= minute < end else minute)


def ends_at(end, timeline):
    return lambda minute: timeline(minute) if minute < end else math.nan if minute == end else None


def in_a_row(begin, end):
    """Failures in a row: one more a minute, none any more at `end`."""
    return lambda minute: minute - begin if begin < minute < end else 0


def once_at(minute):
    return counter(since=minute, until=minute + 1)


def slow(family, pairs, usual, then, begin, end):
    runs = counter()
    buckets = histogram(runs, BOUNDS, between(begin, end, then, usual))
    return {of(f"{family}_bucket", **pairs, le=le): count for le, count in buckets.items()}


OFFLINE = [
    (CRITICAL, {},
     "None of the anchors of c:1 answers. It skips its probes, and its other alerts are held back: they would blame"
     " others for our network."),
]
STUCK = [
    (CRITICAL, {},
     "The scheduler of c:1 last ran 7m 0s ago. Every other figure of this canary is frozen."),
]


def stale(ago):
    return [
        (WARNING, SYNC,
         f"The probe sync of chat, seen by c:1, has finished no run for {ago}, though nothing that is counted as a"
         " reason kept it from running."),
    ]


def exhausted(times):
    return [
        (CRITICAL, POLICY,
         f"{times} times the policy standard of chat, seen by c:1, had no attempt left, no budget, or no target that"
         " answered."),
    ]


STUCK_FIRST = {  # what it says about itself is old
    "cometcanary_self_online": between(20, 60, 0, 1),
    "cometcanary_scheduler_last_tick_timestamp_seconds": lambda minute: 60 * min(minute, 10),
}

CANARY = [
    Case(
        "CometCanaryDown",
        {"up": between(10, 30, 0, 1)},
        both=True,
        first=15,
        fires=16,
        resolves=31,
        also=("CometCanaryInstanceUnreachable",),
        expect=[
            (CRITICAL, {"job": "cometcanary", "instance": None},
             "Prometheus has reached no target of the job cometcanary for 5 minutes: nobody watches the"
             " endpoints."),
        ],
        once={"up": between(10, 13, 0, 1)},
        gone={"up": between(10, 14, None, 1)},
        own=True,
    ),
    Case(
        "CometCanaryInstanceUnreachable",
        {"up": between(10, 30, 0, 1)},
        first=15,
        fires=16,
        resolves=31,
        expect=[
            (WARNING, {},
             "Prometheus has not reached c:1 for 5 minutes: what this canary watches is not seen."),
        ],
        once={"up": between(10, 13, 0, 1)},
        own=True,
    ),
    Case(
        "CometCanarySelfOffline",
        {"cometcanary_self_online": between(10, 30, 0, 1)},
        first=12,
        fires=13,
        resolves=31,
        expect=OFFLINE,
        once={"cometcanary_self_online": between(10, 11, 0, 1)},
        own=True,
        offline=STUCK_FIRST,
    ),
    Case(  # scraped too seldom to say that the scheduler stands
        "CometCanarySelfOffline",
        {
            "cometcanary_self_online": between(10, 30, 0, 1),
            "cometcanary_scheduler_last_tick_timestamp_seconds": lambda minute: None if minute % 4 else 60 * minute,
        },
        first=12,
        fires=13,
        resolves=31,
        expect=OFFLINE,
        own=True,
        offline=STUCK_FIRST,
    ),
    Case(  # scraped every two minutes
        "CometCanarySchedulerStuck",
        {
            "cometcanary_scheduler_last_tick_timestamp_seconds": lambda minute: None
            if minute % 2
            else stands(10, 30)(minute)
        },
        first=15,
        fires=17,
        resolves=31,
        expect=STUCK,
        own=True,
    ),
    Case(
        "CometCanarySchedulerStuck",
        {"cometcanary_scheduler_last_tick_timestamp_seconds": stands(10, 30)},
        first=16,
        fires=17,
        resolves=31,
        expect=STUCK,
        once={"cometcanary_scheduler_last_tick_timestamp_seconds": stands(10, 13)},
        quiet={
            "two samples in five minutes": {
                "cometcanary_scheduler_last_tick_timestamp_seconds": lambda minute: 600 if minute % 4 == 0 else None
            },
        },
        own=True,
    ),
    Case(
        "CometCanarySchedulerStuck",
        {
            "cometcanary_scheduler_last_tick_timestamp_seconds": stands(10, 30),
            "cometcanary_self_online": steady(0),
        },
        first=16,
        fires=17,
        resolves=31,
        expect=STUCK,
        own=True,
    ),
    Case(
        "CometCanaryProbeStale",
        {of("probe_last_run_timestamp_seconds", **SYNC): stands(10, 40)},
        first=16,
        fires=20,
        resolves=41,
        expect=stale("10m 0s"),
        once={of("probe_last_run_timestamp_seconds", **SYNC): stands(10, 13)},
        quiet={
            "maintenance": {
                of("probe_last_run_timestamp_seconds", **SYNC): stands(10, 50),
                of("probes_skipped_total", **SYNC, reason="maintenance"): counter(since=10, until=50),
            }
        },
    ),
    Case(
        "CometCanaryProbeStale",
        {of("probe_last_run_timestamp_seconds", **SYNC): steps(m100=6000)},
        first=61,
        fires=70,
        resolves=101,
        expect=stale("1h 10m 0s"),
    ),
    Case(
        "CometCanaryProbeStale",
        {of("probe_last_run_timestamp_seconds", **SYNC): steps(m15=900, m90=5400)},
        every=15,
        first=63,
        fires=65,
        resolves=91,
        expect=stale("50m 0s"),
        once={
            of("probe_last_run_timestamp_seconds", **SYNC): steps(m15=900, m45=2700, m60=3600, m75=4500, m90=5400)
        },
        quiet={
            "a budget that ended within the hour": {
                of("probe_last_run_timestamp_seconds", **SYNC): steps(m15=900, m65=3900, m90=5400),
                of("probes_skipped_total", **SYNC, reason="budget"): steps(m0=0, m30=1, m45=2),
            }
        },
    ),
    Case(  # long over is what was skipped for a reason
        "CometCanaryProbeStale",
        {
            of("probe_last_run_timestamp_seconds", **SYNC): stands(190, 300),
            of("probes_skipped_total", **SYNC, reason="budget"): counter(since=10, until=20),
        },
        every=5,
        first=208,
        fires=210,
        resolves=300,
        expect=stale("20m 0s"),
    ),
    Case(  # a new process that knows nothing of its past
        "CometCanaryProbeStale",
        {
            "process_start_time_seconds": steps(m0=0, m100=6000),
            of("probe_last_run_timestamp_seconds", **SYNC): ends_at(100, lambda minute: 60 * minute),
        },
        first=106,
        fires=107,
        expect=stale("7m 0s"),
    ),
    Case(  # with long intervals the last day is looked at
        "CometCanaryProbeStale",
        {of("probe_last_run_timestamp_seconds", **SYNC): steady(None)},
        every=60,
        first=1441,
        fires=1442,
        expect=stale("1d 0h 2m 0s"),
        quiet={
            "a budget that ended within the day": {
                of("probe_last_run_timestamp_seconds", **SYNC): steps(m60=3600, m500=30000),
                of("probes_skipped_total", **SYNC, reason="budget"): steps(m0=0, m61=1, m62=2),
            }
        },
    ),
    Case(
        "CometCanaryReloadFailed",
        {"cometcanary_config_last_reload_successful": between(10, 30, 0, 1)},
        first=15,
        fires=16,
        resolves=31,
        expect=[
            (WARNING, {},
             "c:1 has refused its configuration and goes on with the one before."),
        ],
        once={"cometcanary_config_last_reload_successful": between(10, 13, 0, 1)},
        own=True,
    ),
    Case(
        "CometCanaryStoreWritesFailing",
        {of("store_writes_total", result="failed"): counter(since=10, until=20)},
        first=18,
        fires=20,
        resolves=40,
        expect=[
            (WARNING, {},
             "10 writes of c:1 were lost in 15 minutes: history, baselines and what budgets have spent would"
             " not outlive a restart."),
        ],
        once={of("store_writes_total", result="failed"): once_at(10)},
        own=True,
    ),
    Case(
        "CometCanaryLogLinesDropped",
        {"cometcanary_log_dropped_total": counter(since=10, until=20)},
        first=18,
        fires=20,
        resolves=40,
        expect=[
            (WARNING, {},
             "c:1 could not write 10 log lines in 15 minutes: the evidence behind the metrics has holes."),
        ],
        once={"cometcanary_log_dropped_total": once_at(10)},
        own=True,
    ),
]

ENDPOINTS = [
    Case(
        "CometCanaryProbeFailing",
        {of("probe_consecutive_failures", **STREAM): in_a_row(10, 21)},
        first=14,
        fires=15,
        resolves=22,
        expect=[
            (CRITICAL, STREAM,
             "The last 5 runs of the probe stream of chat, seen by c:1, failed."),
        ],
        once={of("probe_consecutive_failures", **STREAM): between(10, 11, 1, 0)},
        quiet={"two": {of("probe_consecutive_failures", **STREAM): in_a_row(10, 13)}},
    ),
    Case(
        "CometCanaryProbeFailing",
        {of("probe_consecutive_failures", **SYNC): steps(m0=0, m15=1, m30=2, m45=0)},
        every=15,
        first=31,
        fires=35,
        resolves=46,
        expect=[
            (CRITICAL, SYNC,
             "The last 2 runs of the probe sync of chat, seen by c:1, failed."),
        ],
        once={of("probe_consecutive_failures", **SYNC): steps(m0=0, m15=1, m30=0)},
    ),
    Case(
        "CometCanaryErrorBudgetFastBurn",
        {failures("server", **SYNC): counter(since=30, until=50)},
        first=40,
        fires=47,
        resolves=85,
        expect=[
            (CRITICAL, {**CHAT, "long": "1h", "short": "5m"},
             "18.09% of the runs of chat, seen by c:1, failed within 1h: 14.4 times what an objective of 99 % allows."),
            (CRITICAL, {**CHAT, "long": "6h", "short": "30m"},
             "18.09% of the runs of chat, seen by c:1, failed within 6h: 6 times what an objective of 99 % allows."),
        ],
        once={failures("server", **SYNC): once_at(2)},
        quiet={
            "our own": {failures("local", **SYNC): counter(since=30, until=50)},
            "two of the first runs": {failures("server", **SYNC): counter(since=1, until=3)},
        },
    ),
    Case(  # a share of the first few runs is none
        "CometCanaryErrorBudgetFastBurn",
        {failures("server", **SYNC): counter(every=15, until=45)},
        every=15,
        first=80,
        fires=90,
        also=("CometCanaryErrorBudgetSlowBurn",),
        expect=[
            (CRITICAL, {**CHAT, "long": "6h", "short": "2h"},
             "25% of the runs of chat, seen by c:1, failed within 6h: 6 times what an objective of 99 %"
             " allows."),
        ],
    ),
    Case(
        "CometCanaryErrorBudgetFastBurn",
        {failures("server", **SYNC): counter(every=15, since=60, until=240)},
        every=15,
        first=110,
        fires=240,
        resolves=400,
        also=("CometCanaryErrorBudgetSlowBurn",),
        expect=[
            (CRITICAL, {**CHAT, "long": "6h", "short": "2h"},
             "37.5% of the runs of chat, seen by c:1, failed within 6h: 6 times what an objective of 99 %"
             " allows."),
        ],
        once={failures("server", **SYNC): steps(m0=0, m15=1)},
    ),
    Case(
        "CometCanaryErrorBudgetSlowBurn",
        {failures("server", **SYNC): counter(every=12, until=180)},
        first=75,
        fires=180,
        resolves=560,
        expect=[
            (WARNING, {**CHAT, "long": "1d", "short": "2h"},
             "4.167% of the runs of chat, seen by c:1, failed within 1d: 3 times what an objective of 99 % allows."),
            (WARNING, {**CHAT, "long": "3d", "short": "6h"},
             "4.167% of the runs of chat, seen by c:1, failed within 3d: 1 times what an objective of 99 % allows."),
        ],
        once={failures("server", **SYNC): once_at(2)},
    ),
    Case(
        "CometCanaryErrorBudgetSlowBurn",
        {failures("server", **SYNC): counter(every=15, until=180)},
        every=15,
        first=135,
        fires=190,
        also=("CometCanaryErrorBudgetFastBurn",),
        expect=[
            (WARNING, {**CHAT, "long": "1d", "short": "2h"},
             "50% of the runs of chat, seen by c:1, failed within 1d: 3 times what an objective of 99 % allows."),
            (WARNING, {**CHAT, "long": "3d", "short": "6h"},
             "50% of the runs of chat, seen by c:1, failed within 3d: 1 times what an objective of 99 % allows."),
        ],
        once={failures("server", **SYNC): steps(m0=0, m15=1)},
    ),
    Case(
        "CometCanaryTimeoutsFrequent",
        {failures("timeout", **SYNC): counter(every=5, since=30, until=90)},
        first=66,
        fires=90,
        resolves=145,
        also=("CometCanaryErrorBudgetFastBurn", "CometCanaryErrorBudgetSlowBurn"),
        expect=[
            (WARNING, CHAT,
             "10% of the runs of chat, seen by c:1, ended in a timeout."),
        ],
        once={failures("timeout", **SYNC): once_at(2)},
        quiet={"few of many": {failures("timeout", **SYNC): counter(every=15)}},
    ),
    Case(
        "CometCanaryTimeoutsFrequent",
        {failures("timeout", **SYNC): counter(every=30, since=60, until=300)},
        every=30,
        first=151,
        fires=300,
        also=("CometCanaryErrorBudgetSlowBurn",),
        expect=[
            (WARNING, CHAT,
             "40% of the runs of chat, seen by c:1, ended in a timeout."),
        ],
        once={failures("timeout", **SYNC): steps(m0=0, m30=1)},
    ),
    Case(
        "CometCanaryUsageMissing",
        {of("usage_missing_total", **SYNC): counter(since=30, until=60)},
        first=35,
        fires=50,
        resolves=125,
        expect=[
            (WARNING, CHAT,
             "20% of the good answers of chat, seen by c:1, say nothing about tokens: they cannot be billed."),
        ],
        once={of("usage_missing_total", **SYNC): once_at(2)},
        quiet={
            "few of many": {of("usage_missing_total", **SYNC): counter(every=15)},
            "not documented": {
                **{of("usage_expected_total", endpoint="chat", probe=probe): steady(0) for probe in ("sync", "stream")},
                of("usage_unreported_total", **SYNC): counter(),
            }
        },
    ),
    Case(  # too seldom for an hour to tell
        "CometCanaryUsageMissing",
        {of("usage_missing_total", **SYNC): counter(every=60, since=60)},
        every=60,
        first=241,
        fires=300,
        expect=[
            (WARNING, CHAT,
             "40% of the good answers of chat, seen by c:1, say nothing about tokens: they cannot be billed."),
        ],
        quiet_minutes=260,
        quiet={"two of the day": {of("usage_missing_total", **SYNC): counter(every=60, since=60, until=180)}},
    ),
    Case(
        "CometCanaryFallbackFrequent",
        {of("fallbacks_total", **POLICY, reason="server_error"): counter(since=30, until=60)},
        first=39,
        fires=50,
        resolves=125,
        expect=[
            (WARNING, CHAT,
             "For 20% of the runs of chat, seen by c:1, the policy decided to fall back."),
        ],
        once={of("fallbacks_total", **POLICY, reason="server_error"): once_at(2)},
        quiet={"few of many": {of("fallbacks_total", **POLICY, reason="server_error"): counter(every=15)}},
    ),
    Case(  # too seldom for an hour to tell
        "CometCanaryFallbackFrequent",
        {of("fallbacks_total", **POLICY, reason="server_error"): counter(every=60, since=60)},
        every=60,
        first=241,
        fires=300,
        expect=[(WARNING, CHAT, "For 40% of the runs of chat, seen by c:1, the policy decided to fall back.")],
        quiet_minutes=260,
        quiet={
            "two of the day": {
                of("fallbacks_total", **POLICY, reason="server_error"): counter(every=60, since=60, until=180)
            }
        },
    ),
    Case(  # too seldom for an hour to tell
        "CometCanaryFallbackExhausted",
        {of("fallbacks_denied_total", **POLICY, cause="attempts"): counter(every=60, since=60)},
        every=60,
        first=181,
        fires=240,
        expect=exhausted(3),
        quiet_minutes=260,
        quiet={
            "one of the day": {
                of("fallbacks_denied_total", **POLICY, cause="attempts"): counter(every=60, since=60, until=120)
            }
        },
    ),
    Case(
        "CometCanaryFallbackExhausted",
        {of("fallbacks_denied_total", **POLICY, cause="attempts"): counter(since=30, until=34)},
        first=33,
        fires=40,
        resolves=100,
        expect=exhausted(4),
        once={of("fallbacks_denied_total", **POLICY, cause="attempts"): once_at(30)},
        quiet={"never": {of("fallbacks_denied_total", **POLICY, cause="never"): counter(since=30, until=60)}},
    ),
    Case(
        "CometCanaryFallbackExhausted",
        {of("fallback_attempts_total", **POLICY, target="spare", result="failed"): counter(since=30, until=34)},
        first=33,
        fires=40,
        resolves=100,
        expect=exhausted(4),
        quiet={
            "another target answered": {
                of("fallback_attempts_total", **POLICY, target="spare", result="failed"): counter(since=30, until=34),
                of("fallback_attempts_total", **POLICY, target="second", result="ok"): counter(since=29, until=33),
            }
        },
    ),
    Case(
        "CometCanaryStreamTruncated",
        {outcome("stream_truncated", **STREAM): steps(m0=0, m30=1, m35=2)},
        first=36,
        fires=40,
        resolves=100,
        expect=[
            (WARNING, CHAT,
             "2 streams of chat, seen by c:1, were cut before their end."),
        ],
        once={outcome("stream_truncated", **STREAM): once_at(30)},
    ),
    Case(
        "CometCanaryStreamTruncated",
        {outcome("stream_truncated", **STREAM): steps(m0=0, m60=1, m180=2)},
        every=60,
        first=181,
        fires=185,
        expect=[
            (WARNING, CHAT,
             "2 streams of chat, seen by c:1, were cut before their end."),
        ],
    ),
    Case(
        "CometCanaryFirstTokenSlow",
        slow("time_to_first_token_seconds", CHAT, "0.5", "2.5", 1501, 1561),
        latencies=True,
        first=1546,
        fires=1550,
        resolves=1610,
        expect=[
            (WARNING, CHAT,
             "Half of the streams of chat, seen by c:1, now wait 1.6s or longer for their first token."),
        ],
        once=slow("time_to_first_token_seconds", CHAT, "0.5", "30.0", 1500, 1501),
        quiet={
            "the canary was busy": {
                **slow("time_to_first_token_seconds", CHAT, "0.5", "2.5", 1501, 1561),
                **{
                    of("event_loop_lag_seconds_bucket", le=le): count
                    for le, count in histogram(
                        counter(by=60), LAG_BOUNDS, between(1400, 2000, "2.5", "0.001")
                    ).items()
                },
            },
            "the first day": slow("time_to_first_token_seconds", CHAT, "0.5", "2.5", 300, 600),
        },
    ),
    Case(
        "CometCanaryLatencyHigh",
        slow("probe_duration_seconds", SYNC, "1.0", "5.0", 1501, 1561),
        latencies=True,
        first=1546,
        fires=1550,
        resolves=1610,
        expect=[
            (WARNING, SYNC,
             "Half of the runs of the probe sync of chat, seen by c:1, now take 3.5s or longer."),
        ],
        once=slow("probe_duration_seconds", SYNC, "1.0", "30.0", 1500, 1501),
    ),
]
