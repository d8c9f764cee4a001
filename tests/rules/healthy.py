# SPDX-License-Identifier: Apache-2.0
"""A canary in good order, as Prometheus sees it: every family that the rules read, a value a minute.

A timeline is a function of the minute; None = no sample. The endpoint `chat` is probed every minute, or as told.
"""

EVIDENCE_AGE_S = 30 * 86400
CLASSES = "local network timeout auth request limit server protocol stream content contract".split()
OUTCOMES_NAMED = "unexpected_accept auth_rejected access_blocked stream_truncated".split()
BOUNDS = "0.05 0.1 0.25 0.5 1.0 2.5 5.0 10.0 20.0 30.0 60.0 120.0 +Inf".split()
LAG_BOUNDS = "0.001 0.005 0.025 0.1 0.5 2.5 10.0 +Inf".split()


def steady(value):
    return lambda minute: value


def steps(**changes):
    """Piecewise constant: steps(m0=0, m10=1) is 0, and 1 from minute 10 on."""
    table = sorted((int(key[1:]), value) for key, value in changes.items())
    return lambda minute: next((value for since, value in reversed(table) if minute >= since), None)


def counter(every=1, since=0, until=10**9, by=1):
    """Rises by `by` at every `every`th minute after `since`, up to `until`."""
    return lambda minute: by * ((min(minute, until) - since) // every) if minute > since else 0


def histogram(runs, bounds, place):
    """{le: timeline}: all runs fall into the bucket that `place`, a timeline, names."""
    counts = [[0] * len(bounds)]  # by minute, by bucket, cumulative

    def bucket(index):
        def count(minute):
            while len(counts) <= minute:
                at = len(counts)
                fresh, first = runs(at) - runs(at - 1), bounds.index(place(at))
                counts.append([before + fresh * (i >= first) for i, before in enumerate(counts[-1])])
            return counts[minute][index]

        return count

    return {le: bucket(index) for index, le in enumerate(bounds)}


def labels(**pairs):
    return "{" + ",".join(f'{key.rstrip("_")}="{value}"' for key, value in pairs.items()) + "}"


def of_probe(page, probe, every):
    runs = counter(every=every)
    last = lambda minute: minute // every * every * 60 if minute >= every else None
    at = lambda **more: labels(endpoint="chat", probe=probe, **more)
    page["cometcanary_probe_interval_seconds" + at()] = steady(60 * every)
    page["cometcanary_probes_total" + at()] = runs
    page["cometcanary_probe_success" + at()] = lambda minute: 1 if minute >= every else None
    page["cometcanary_probe_consecutive_failures" + at()] = steady(0)
    page["cometcanary_probe_last_run_timestamp_seconds" + at()] = last
    page["cometcanary_probe_last_success_timestamp_seconds" + at()] = last
    page["cometcanary_probe_outcomes_total" + at(outcome="ok")] = runs
    for outcome in OUTCOMES_NAMED:
        page["cometcanary_probe_outcomes_total" + at(outcome=outcome)] = steady(0)
    for name in CLASSES:
        page["cometcanary_probe_failures_total" + at(class_=name)] = steady(0)
    for reason in ("budget", "overlap", "maintenance", "self_offline"):
        page["cometcanary_probes_skipped_total" + at(reason=reason)] = steady(0)


def put_histogram(page, family, pairs, runs, bounds, place):
    for le, count in histogram(runs, bounds, place).items():
        page[f"{family}_bucket" + labels(**pairs, le=le)] = count
    page[f"{family}_count" + (labels(**pairs) if pairs else "")] = runs


def of_usage_and_fallback(page, every):
    for probe in ("sync", "stream"):
        page["cometcanary_usage_expected_total" + labels(endpoint="chat", probe=probe)] = counter(every=every)
        page["cometcanary_usage_missing_total" + labels(endpoint="chat", probe=probe)] = steady(0)
    policy = {"endpoint": "chat", "policy": "standard"}
    page["cometcanary_fallbacks_total" + labels(**policy, reason="server_error")] = steady(0)
    page["cometcanary_fallbacks_total" + labels(**policy, reason="timeout")] = steady(0)
    for cause in ("never", "attempts", "budget"):
        page["cometcanary_fallbacks_denied_total" + labels(**policy, cause=cause)] = steady(0)
    for result in ("ok", "failed"):
        page["cometcanary_fallback_attempts_total" + labels(**policy, target="spare", result=result)] = steady(0)
    for unit, limit in (("requests", 1000), ("usd", 2)):
        page["cometcanary_budget_limit" + labels(budget="day", unit=unit)] = steady(limit)
        page["cometcanary_budget_spent" + labels(budget="day", unit=unit)] = lambda minute, of=limit: (
            of * 0.0001 * minute
        )
    page["cometcanary_budget_reset_timestamp_seconds" + labels(budget="day")] = lambda minute: (
        (minute // 1440 + 1) * 86400
    )
    page["cometcanary_budget_denied_total" + labels(budget="day")] = steady(0)


def of_contract(page):
    chat = {"endpoint": "chat"}
    for severity in ("info", "warning", "breaking"):
        page["cometcanary_contract_drift" + labels(**chat, severity=severity)] = steady(0)
        page["cometcanary_contract_violations_total" + labels(**chat, severity=severity)] = steady(0)
    page["cometcanary_contract_last_change_timestamp_seconds" + labels(**chat)] = steady(0)
    page["cometcanary_contract_evidence" + labels(**chat, area="path", status="documented")] = steady(1)
    page["cometcanary_contract_evidence" + labels(**chat, area="limits", status="undocumented")] = steady(1)
    page["cometcanary_contract_evidence_accessed_timestamp_seconds" + labels(**chat, area="path")] = steady(-EVIDENCE_AGE_S)
    page["cometcanary_model_listed" + labels(**chat)] = steady(1)
    for doc in ("chat-page", "spec"):
        page["cometcanary_doc_checks_total" + labels(doc=doc, result="unchanged")] = counter(every=60)
        page["cometcanary_doc_checks_total" + labels(doc=doc, result="changed")] = steady(0)
        page["cometcanary_doc_checks_total" + labels(doc=doc, result="inconclusive")] = steady(0)
        page["cometcanary_doc_last_check_timestamp_seconds" + labels(doc=doc)] = lambda minute: minute // 60 * 3600
        page["cometcanary_doc_evidence_missing" + labels(doc=doc)] = steady(0)
    page["cometcanary_revalidation_pending" + labels(**chat)] = steady(0)
    for result in ("passed", "failed", "inconclusive"):
        page["cometcanary_revalidations_total" + labels(**chat, trigger="doc_change", result=result)] = steady(0)


def of_daemon(page):
    page["process_start_time_seconds"] = steady(0)
    page["cometcanary_self_online"] = steady(1)
    page["cometcanary_scheduler_last_tick_timestamp_seconds"] = lambda minute: 60 * minute
    page["cometcanary_config_last_reload_successful"] = steady(1)
    page["cometcanary_log_dropped_total"] = steady(0)
    for result in ("ok", "failed", "dropped"):
        page["cometcanary_store_writes_total" + labels(result=result)] = counter() if result == "ok" else steady(0)
    page["cometcanary_tls_certificate_not_after_timestamp_seconds" + labels(provider="p")] = steady(90 * 86400)
    put_histogram(page, "cometcanary_event_loop_lag_seconds", {}, counter(by=60), LAG_BOUNDS, steady("0.001"))


def canary(every=1, latencies=False):
    """{series: timeline}; probes every `every` minutes; latencies: with the two latency histograms."""
    page = {"up": steady(1)}
    of_daemon(page)
    for probe in ("sync", "stream"):
        of_probe(page, probe, every)
    of_probe(page, "missing_auth", max(every, 15))
    of_usage_and_fallback(page, every)
    of_contract(page)
    if latencies:
        runs = counter(every=every)
        for probe in ("sync", "stream"):
            pairs = {"endpoint": "chat", "probe": probe}
            put_histogram(page, "cometcanary_probe_duration_seconds", pairs, runs, BOUNDS, steady("1.0"))
        pairs = {"endpoint": "chat"}
        put_histogram(page, "cometcanary_time_to_first_token_seconds", pairs, runs, BOUNDS, steady("0.5"))
    return page
