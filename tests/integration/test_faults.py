# SPDX-License-Identifier: Apache-2.0
"""Every fault and every error body of the simulator against the daemon: each has its outcome, and costs others nothing.

The catalogue is the simulator's own: a fault that is not in the tables below fails the test. FAULTS says what the two
positive probes make of each; a dash is a form that the fault leaves alone, which must be ok.
"""

import queue
import signal
import threading

import harness
from canary import NEVER, OFTEN, Daemon, Sim, endpoint, outcomes, provider
from harness import Failure, Stage, expect, expect_equal

WORKERS = 8
GROWTH_KIB_MAX = 12 * 1024
LAG_S = "0.1"
TIMEOUTS = {"connect": "1500ms", "first_byte": "1500ms", "first_token": "1500ms", "idle": "2s", "total": "5s"}

# fault, its parameters, outcome of sync, outcome of stream
FAULTS = [
    ("refuse", {"ms": 60000}, "connect_error", "connect_error"),
    ("accept-silent", {}, "timeout_first_byte", "timeout_first_byte"),
    ("accept-reset", {}, "connection_closed", "connection_closed"),
    ("say", {"text": "hello"}, "ok", "ok"),
    ("reasoning", {}, "ok", "ok"),
    ("content-filter", {}, "content_blocked", "content_blocked"),
    ("refusal", {}, "content_blocked", "content_blocked"),
    ("failed", {}, "ok", "ok"),
    ("cap-eaten", {}, "output_limit", "output_limit"),
    ("empty-output", {}, "empty_output", "empty_output"),
    ("vary", {}, "ok", "ok"),
    ("as-stream", {}, "wrong_content_type", "ok"),
    ("as-whole", {}, "ok", "wrong_content_type"),
    ("error-in-200", {}, "error_in_200", "error_in_200"),
    ("status", {}, "server_error", "server_error"),
    ("status", {"status": 404}, "not_found", "not_found"),
    ("redirect", {}, "redirect_unexpected", "redirect_unexpected"),
    ("body", {"text": "hello"}, "not_json", "not_json"),
    ("empty-body", {}, "empty_body", "empty_body"),
    ("blank-body", {}, "empty_body", "empty_body"),
    ("null-skeleton", {}, "error_in_200", "contract_violation"),
    ("content-type", {"text": "text/plain"}, "wrong_content_type", "wrong_content_type"),
    ("no-content-type", {}, "wrong_content_type", "wrong_content_type"),
    ("header", {"text": "X-Odd: 1"}, "ok", "ok"),
    ("no-header", {"name": "Date"}, "ok", "ok"),
    ("drop", {"path": "created"}, "contract_violation", "contract_violation"),
    ("null", {"path": "choices"}, "contract_violation", "contract_violation"),
    ("empty", {"path": "choices"}, "empty_output", "contract_violation"),
    ("retype", {"path": "model"}, "contract_violation", "contract_violation"),
    ("set", {"path": "service_tier", "text": '"flex"'}, "ok", "ok"),
    ("usage-missing", {}, "ok", "ok"),
    ("usage-null", {}, "ok", "ok"),
    ("usage-empty", {}, "ok", "ok"),
    ("usage-odd", {}, "ok", "ok"),
    ("model-renamed", {}, "ok", "ok"),
    ("id-missing", {}, "contract_violation", "contract_violation"),
    ("finish-missing", {}, "contract_violation", "contract_violation"),
    ("json-cut", {}, "malformed_json", "ok"),
    ("json-trailing", {}, "malformed_json", "ok"),
    ("json-deep", {}, "malformed_json", "malformed_json"),
    ("bom", {}, "ok", "ok"),
    ("invalid-utf8", {}, "malformed_json", "malformed_sse"),
    ("no-terminal", {}, "ok", "contract_violation"),
    ("no-finish", {}, "ok", "contract_violation"),
    ("cut-stream", {}, "ok", "stream_truncated"),
    ("start-only", {}, "ok", "stream_truncated"),
    ("terminal-twice", {}, "ok", "contract_violation"),
    ("after-terminal", {}, "ok", "ok"),  # a warning
    ("finish-twice", {}, "ok", "ok"),
    ("error-event", {}, "ok", "stream_error"),
    ("bad-event", {}, "ok", "malformed_sse"),
    ("cut-event", {}, "ok", "stream_truncated"),
    ("odd-data", {}, "ok", "contract_violation"),
    ("empty-data", {}, "ok", "ok"),
    ("empty-choices", {}, "ok", "ok"),
    ("usage-each", {}, "ok", "ok"),
    ("comments", {}, "ok", "ok"),
    ("line-end", {"text": "crlf"}, "ok", "ok"),
    ("line-end", {"text": "cr"}, "ok", "ok"),
    ("no-space", {}, "ok", "ok"),
    ("several-lines", {}, "ok", "ok"),
    ("open-end", {}, "ok", "ok"),
    ("latency-head", {"ms": 200}, "ok", "ok"),
    ("latency-head", {"ms": 8000}, "timeout_first_byte", "timeout_first_byte"),
    ("latency-first", {"ms": 8000}, "ok", "timeout_first_token"),
    ("latency-token", {"ms": 20}, "ok", "ok"),
    ("burst", {"ms": 100}, "ok", "ok"),
    ("pings", {"ms": 50}, "ok", "timeout_first_token"),
    ("silent", {}, "timeout_first_byte", "timeout_first_byte"),
    ("hang-after-head", {}, "timeout_idle", "timeout_first_token"),
    ("hang-after-events", {}, "ok", "timeout_idle"),
    ("hang-at", {}, "timeout_first_byte", "timeout_first_byte"),
    ("hang-at", {"at": 40}, "timeout_first_byte", "timeout_first_byte"),
    ("close-at", {}, "connection_closed", "connection_closed"),
    ("close-at", {"at": 40}, "connection_closed", "connection_closed"),
    ("reset-at", {}, "connection_closed", "connection_closed"),
    ("close-in-body", {}, "connection_closed", "stream_truncated"),
    ("reset-in-body", {}, "connection_closed", "stream_truncated"),
    ("hold-open", {}, "ok", "ok"),
    ("slow", {"bytes": 64, "ms": 5}, "ok", "ok"),
    ("slow", {"bytes": 1, "ms": 20}, "timeout_first_byte", "timeout_first_byte"),
    ("split", {}, "ok", "ok"),
    ("length-short", {}, "malformed_json", "ok"),
    ("length-long", {}, "connection_closed", "ok"),
    ("length-odd", {}, "connection_closed", "connection_closed"),
    ("no-length", {}, "ok", "ok"),
    ("bad-chunk", {}, "connection_closed", "stream_truncated"),
    ("no-last-chunk", {}, "connection_closed", "ok"),
    ("endless-body", {}, "body_too_large", "body_too_large"),
    ("endless-stream", {}, "body_too_large", "body_too_large"),
    ("endless-stream", {"ms": 50}, "body_too_large", "timeout_total"),
    ("gzip", {}, "ok", "ok"),
    ("gzip-undeclared", {}, "bad_encoding", "bad_encoding"),
    ("gzip-garbage", {}, "bad_encoding", "bad_encoding"),
    ("gzip-cut", {}, "malformed_json", "stream_truncated"),
    ("gzip-bomb", {}, "body_too_large", "body_too_large"),
    ("head-line", {}, "body_too_large", "body_too_large"),
    ("head-lines", {}, "body_too_large", "body_too_large"),
    ("interim", {}, "ok", "ok"),
    ("not-http", {}, "connection_closed", "connection_closed"),
    ("connection-close", {}, "ok", "ok"),
]
TLS_FAULTS = [
    ("tls-expired", {}, "tls_error", "tls_error"),
    ("tls-wrong-name", {}, "tls_error", "tls_error"),
    ("tls-self-signed", {}, "tls_error", "tls_error"),
    ("tls-garbage", {}, "tls_error", "tls_error"),
    ("accept-silent", {}, "timeout_connect", "timeout_connect"),
    # before or inside the handshake: that is a race which both sides see as it falls
    ("accept-reset", {}, "tls_error|connection_closed", "tls_error|connection_closed"),
    ("reset-in-body", {}, "connection_closed", "stream_truncated"),
    ("endless-body", {}, "body_too_large", "body_too_large"),
]
# The faults of the answer (stages shape, answer, events) against the other dialects: only where the outcomes differ from
# those above. A dialect without streams has one outcome. A fault that names a member has its own rows, in MEMBERS.
DIALECTS = {
    "openai-responses": {
        "failed": ("error_in_200", "stream_error"),
        "null-skeleton": ("error_in_200", "stream_truncated"),
        "id-missing": ("contract_violation", "contract_violation"),
        "no-finish": ("ok", "ok"),  # the terminal event says it again
    },
    "anthropic-messages": {
        "null-skeleton": ("error_in_200", "stream_truncated"),
    },
    "gemini": {
        "null-skeleton": ("error_in_200", "stream_truncated"),
        "id-missing": ("ok", "ok"),
        "finish-missing": ("contract_violation", "stream_truncated"),
        "no-terminal": ("ok", "ok"),  # it has none
        "no-finish": ("ok", "stream_truncated"),
        "start-only": ("ok", "empty_body"),
        "terminal-twice": ("ok", "ok"),
    },
    "openai-embeddings": {
        "content-filter": ("ok",),
        "refusal": ("ok",),
        "cap-eaten": ("ok",),
        "empty-output": ("ok",),
        "as-stream": ("ok",),
        "id-missing": ("ok",),
        "finish-missing": ("ok",),
    },
    "openai-images": {
        "content-filter": ("empty_output",),
        "refusal": ("empty_output",),
        "cap-eaten": ("ok",),
        "as-stream": ("ok",),
        "id-missing": ("ok",),
        "finish-missing": ("ok",),
    },
}
ENDPOINTS = {
    "openai-responses": {"path": "/v1/responses"},
    "anthropic-messages": {"path": "/v1/messages", "model": "claude-haiku-4-5-20251001"},
    "gemini": {"path": "/v1beta/models/{model}:generateContent", "model": "gemini-2.5-flash"},
    "openai-embeddings": {"path": "/v1/embeddings", "model": "text-embedding-3-small"},
    "openai-images": {"path": "/v1/images/generations", "model": "gpt-image-2"},
}
NO_STREAM = ("openai-embeddings", "openai-images")
# dialect, fault, its parameters, outcome of sync, outcome of stream
MEMBERS = [
    ("openai-responses", "drop", {"path": "created_at"}, "contract_violation", "ok"),
    ("openai-responses", "null", {"path": "output"}, "contract_violation", "ok"),
    ("openai-responses", "empty", {"path": "output"}, "empty_output", "ok"),
    ("openai-responses", "retype", {"path": "output[].content[].text"}, "contract_violation", "ok"),
    ("openai-responses", "retype", {"path": "delta"}, "ok", "contract_violation"),
    ("openai-responses", "set", {"path": "response.status", "text": '"paused"'}, "ok", "ok"),  # a warning
    ("openai-responses", "set", {"path": "service_tier", "text": '"flex"'}, "ok", "ok"),
    ("openai-responses", "error-event", {"name": "comet_upstream_busy"}, "ok", "stream_error"),
    ("anthropic-messages", "drop", {"path": "role"}, "contract_violation", "ok"),
    ("anthropic-messages", "null", {"path": "content"}, "contract_violation", "ok"),
    ("anthropic-messages", "empty", {"path": "content"}, "empty_output", "ok"),
    ("anthropic-messages", "retype", {"path": "delta.text"}, "ok", "contract_violation"),
    ("anthropic-messages", "retype", {"path": "stop_reason"}, "contract_violation", "ok"),
    ("anthropic-messages", "set", {"path": "message.container", "text": "null"}, "ok", "ok"),
    ("anthropic-messages", "error-event", {"name": "comet_upstream_busy"}, "ok", "stream_error"),
    ("gemini", "drop", {"path": "candidates"}, "contract_violation", "stream_truncated"),
    ("gemini", "empty", {"path": "candidates"}, "empty_output", "stream_truncated"),
    ("gemini", "retype", {"path": "candidates[].content.parts[].text"}, "contract_violation", "contract_violation"),
    ("gemini", "set", {"path": "candidates[].avgLogprobs", "text": "-0.5"}, "ok", "ok"),
    ("gemini", "error-event", {"name": "comet_upstream_busy"}, "ok", "stream_error"),
    ("openai-embeddings", "empty", {"path": "data"}, "empty_output"),
    ("openai-embeddings", "retype", {"path": "data[].embedding"}, "contract_violation"),
    ("openai-images", "drop", {"path": "created"}, "contract_violation"),
    ("openai-images", "drop", {"path": "data[].b64_json"}, "contract_violation"),
]
# fault, negative probe: the refusal that must come does not
ACCEPTED = [
    ("accept-any-key", "missing_auth"),
    ("accept-any-key", "invalid_auth"),
    ("accept-any-model", "invalid_model"),
    ("accept-any-body", "malformed_json"),
    ("accept-any-body", "missing_field"),
]
# error body: its outcome, whatever was asked for. Under status 200 it is error_in_200, as an event of a stream
# stream_error, but for those that are no error envelope.
ERRORS = {
    "comet_invalid_request": "bad_request",
    "comet_code_empty": "bad_request",
    "comet_invalid_token": "auth_rejected",
    "comet_model_not_found": "model_unavailable",
    "comet_no_code": "model_unavailable",
    "comet_no_code_invalid": "bad_request",
    "comet_two_fields": "bad_request",
    "comet_upstream_busy": "server_error",
    "comet_convert_failed": "server_error",
    "comet_code": "server_error",
    "comet_user_quota": "quota_exhausted",
    "comet_token_quota": "quota_exhausted",
    "comet_sensitive_words": "content_blocked",
    "comet_no_key_in_channel": "server_error",
    "flat_invalid_parameter": "bad_request",
    "flat_invalid_request": "bad_request",
    "flat_code_null": "bad_request",
    "bedrock_validation": "bad_request",
    "empty_429": "rate_limited",
    "openai_invalid_key": "auth_rejected",
    "openai_missing_key": "auth_rejected",
    "openai_model_not_found": "model_unavailable",
    "openai_invalid_request": "bad_request",
    "openai_missing_field": "bad_request",
    "openai_unsupported_parameter": "bad_request",
    "openai_unknown_url": "not_found",
    "openai_too_large": "bad_request",
    "openai_context_length": "bad_request",
    "openai_content_policy": "content_blocked",
    "openai_rate_limit": "rate_limited",
    "openai_quota": "quota_exhausted",
    "openai_server_error": "server_error",
    "openai_overloaded": "overloaded",
    "responses_error": "server_error",
    "code_number": "gateway_error",
    "code_number_429": "rate_limited",
    "retry_after_seconds": "rate_limited",
    "retry_after_date": "rate_limited",
    "retry_after_fraction": "rate_limited",
    "retry_after_ms": "rate_limited",
    "retry_after_huge": "rate_limited",
    "retry_after_negative": "rate_limited",
    "retry_after_words": "rate_limited",
    "should_not_retry": "rate_limited",
    "anthropic_authentication": "auth_rejected",
    "anthropic_missing_key": "auth_rejected",
    "anthropic_unknown_url": "not_found",
    "anthropic_permission": "auth_rejected",
    "anthropic_not_found": "model_unavailable",
    "anthropic_invalid_request": "bad_request",
    "anthropic_credit": "quota_exhausted",
    "anthropic_billing": "quota_exhausted",
    "anthropic_too_large": "bad_request",
    "anthropic_rate_limit": "rate_limited",
    "anthropic_api_error": "server_error",
    "anthropic_overloaded": "overloaded",
    "gemini_invalid_key": "auth_rejected",
    "gemini_missing_key": "auth_rejected",
    "gemini_invalid_argument": "bad_request",
    "gemini_internal": "server_error",
    "gemini_minute_quota": "rate_limited",
    "gemini_not_found": "model_unavailable",
    "gemini_exhausted": "rate_limited",
    "gemini_daily_quota": "quota_exhausted",
    "gemini_unavailable": "overloaded",
    "detail": "not_found",
    "string_error": "bad_request",
    "object_message": "bad_request",
    "typed_overload": "overloaded",
    "plain_text": "overloaded",
    "html_403": "access_blocked",
    "html_404": "not_found",
    "html_413": "bad_request",
    "html_502": "gateway_error",
    "html_503": "gateway_error",
    "html_504": "gateway_error",
    "html_524": "gateway_error",
    "html_login": "not_json",
    "html_site": "not_json",
    "timeout_408": "server_error",
    "legal_451": "access_blocked",
}


NO_ENVELOPES = ("detail", "plain_text", "empty_429")


class Case:
    """One fault, and what each probe of the endpoint must make of it."""

    def __init__(self, fault, args, wanted, where=""):
        """where: which of the worker's endpoints; "" = chat, "tls" = the same over TLS, or a dialect."""
        self.fault, self.wanted, self.where = {"fault": fault, **args}, wanted, where
        told = "".join(f" {key}={value}" for key, value in args.items())
        self.title = f"{where or 'chat'}: {fault}{told}: " + ", ".join(f"{p} {o}" for p, o in wanted.items())

    def play(self, daemon, sim, name):
        """The complaints, one a probe that saw something else."""
        complaints = []
        for probe, outcome in self.wanted.items():
            sim.heal()
            sim.fault(self.fault)
            seen = daemon.run_of(f"{name}-{self.where}".rstrip("-"), probe)["outcome"]
            if seen not in outcome.split("|"):
                complaints.append(f"{probe}: got {seen}, wanted {outcome}")
        sim.heal()
        return "\n".join(complaints)


def dialect_cases(catalogue):
    of_answer = {fault["name"] for fault in catalogue["faults"] if fault["stage"] in ("shape", "answer", "events")}
    cases = []
    for dialect, different in DIALECTS.items():
        used = set()
        for name, args, sync, stream in FAULTS:
            if name not in of_answer or "path" in args:
                continue
            key = (name, *args.values()) if (name, *args.values()) in different else name
            used.add(key)
            wanted = dict(zip(("sync", "stream"), different.get(key, (sync, stream))))
            if dialect in NO_STREAM:
                wanted.pop("stream", None)
            cases.append(Case(name, args, wanted, dialect))
        expect_equal(f"rows of {dialect} that no fault has", set(different) - used, set())
    for dialect, name, args, *wanted in MEMBERS:
        cases.append(Case(name, args, dict(zip(("sync", "stream"), wanted)), dialect))
    return cases


def all_cases(catalogue):
    cases = [Case(name, args, {"sync": sync, "stream": stream}) for name, args, sync, stream in FAULTS]
    cases += [Case(name, args, {"sync": sync, "stream": stream}, "tls") for name, args, sync, stream in TLS_FAULTS]
    cases += [Case(name, {}, {"sync": "ok", probe: "unexpected_accept"}) for name, probe in ACCEPTED]
    for name, outcome in ERRORS.items():
        args = {"name": name, "text": "a text"}
        cases.append(Case("error", args, {"sync": outcome, "stream": outcome}))
        if name not in NO_ENVELOPES and not name.startswith("html"):
            cases.append(Case("error-in-200", args, {"sync": "error_in_200", "stream": "error_in_200"}))
            cases.append(Case("error-event", args, {"stream": "stream_error"}))
    return cases + dialect_cases(catalogue)


def configure(sims, healthy):
    providers = [provider("healthy", healthy.url)]
    rows = [endpoint("healthy", "healthy", probes=("sync", "stream"), **OFTEN)]
    negative = tuple(probe for _, probe in ACCEPTED)
    for i, sim in enumerate(sims):
        often = {"interval": NEVER, "negative_interval": NEVER, "probes": ("sync", "stream"), "timeout": TIMEOUTS}
        providers.append(provider(f"w{i}", sim.url))
        providers.append(provider(f"w{i}-tls", sim.tls_url, tls={"ca_file": str(sim.ca)}))
        rows.append(endpoint(f"w{i}", f"w{i}", negative=negative, **often))
        rows.append(endpoint(f"w{i}-tls", f"w{i}-tls", **often))
        for dialect, row in ENDPOINTS.items():
            probes = ("sync",) if dialect in NO_STREAM else ("sync", "stream")
            rows.append(endpoint(f"w{i}-{dialect}", f"w{i}", **{**often, **row, "dialect": dialect, "probes": probes}))
    return {"web": {"lifecycle": True}, "providers": providers, "endpoints": rows}


def play_all(daemon, sims, cases):
    """Each simulator has its worker; workers take cases from one queue. {case: complaint}."""
    waiting, complaints = queue.Queue(), {}
    for case in cases:
        waiting.put(case)

    def work(name, sim):
        while True:
            try:
                case = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                complaints[case] = case.play(daemon, sim, name)
            except (Failure, OSError) as failure:
                complaints[case] = str(failure) or repr(failure)

    workers = [threading.Thread(target=work, args=(f"w{i}", sim)) for i, sim in enumerate(sims)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return complaints


def expect_on_time(series, machine_late):
    """Late turns of the loop beyond those in which the machine let a process that only sleeps wait as long."""
    for family in ("cometcanary_scheduler_lag_seconds", "cometcanary_event_loop_lag_seconds"):
        count = series.of(family + "_count")
        late = count - series.of(family + "_bucket", le=LAG_S)
        expect(late <= count / 50 + machine_late, f"{family}: {late} times over {LAG_S} s, the machine {machine_late}")


def every_fault(stage):
    """the daemon is as well as before: small, on time, and the healthy endpoint never noticed"""
    healthy = Sim(stage, name="healthy")
    sims = [Sim(stage, name=f"sim{i}") for i in range(WORKERS)]
    catalogue = healthy.ask("faults/catalogue")
    cases = all_cases(catalogue)
    known = {case.fault["fault"] for case in cases}
    expect_equal("faults without an expected outcome", {fault["name"] for fault in catalogue["faults"]} - known, set())
    expect_equal("errors without one", {error["name"] for error in catalogue["errors"]} - set(ERRORS), set())
    daemon = Daemon(stage, configure(sims, healthy))
    daemon.wait_runs(4, endpoint="healthy")
    for i in range(WORKERS):  # what a first run allocates is there
        for name in (f"w{i}", f"w{i}-tls"):
            for probe in ("sync", "stream"):
                expect_equal(f"{name} {probe} without a fault", daemon.run_of(name, probe)["outcome"], "ok")
    small = daemon.process.status_kib("VmHWM")

    metronome = harness.Metronome(stage, float(LAG_S))
    complaints = play_all(daemon, sims, cases)
    machine_late = metronome.stop()
    daemon.process.expect_running()
    for case in cases:
        Stage.point(case.title, complaints[case])
    series = daemon.wait_runs(daemon.series().sum("cometcanary_probes_total", endpoint="healthy") + 4, endpoint="healthy")
    expect_equal("outcomes of healthy", set(outcomes(series, "healthy")), {"ok"})
    skipped = series.by("cometcanary_probes_skipped_total", "reason", endpoint="healthy")
    expect_equal("skipped of healthy", harness.unexcused(skipped, machine_late), {})
    if not harness.sanitized():
        expect_on_time(series, machine_late)
        grown = daemon.process.status_kib("VmHWM") - small
        print(f"# resident: {small} KiB before, {grown} KiB more at the most")
        expect(grown < GROWTH_KIB_MAX, f"it grew from {small} KiB by {grown} KiB")
    daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", daemon.process.exit_code(), 0)


harness.run(every_fault)
