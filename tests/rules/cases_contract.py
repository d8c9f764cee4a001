# SPDX-License-Identifier: Apache-2.0
"""Cases of the alerts about contracts, documents, budgets and certificates; see cases.py."""

from cases import CHAT, CRITICAL, INFO, STREAM, SYNC, WARNING, Case
from cases import between, finding, in_a_row, of, once_at, outcome
from healthy import counter, steady, steps

OPEN_DOOR = {"endpoint": "chat", "probe": "missing_auth"}
DRIFT_SINCE = 7 * 60 + 12  # two minutes after a document changed: what was wrong from the start is older than six hours


def refused(runs):
    return [
        (CRITICAL, SYNC,
         f"{runs} runs of the probe sync of chat, seen by c:1, were refused with the key that is configured."),
    ]


def accepted(since):
    return {
        outcome("unexpected_accept", **OPEN_DOOR): since,
        of("probe_success", **OPEN_DOOR): between(15, 30, 0, 1),
    }


def drift(severity, value):
    return of("contract_drift", **CHAT, severity=severity), value


def drifting(rule, severity, begin, end):
    """A finding that is active and not acknowledged."""
    return {
        of("contract_drift", **CHAT, severity=severity): between(begin, end, 1, 0),
        finding(rule, severity): between(begin, end, 1, None),
    }


def doc_changed(at, revalidated):
    return {
        of("doc_last_change_timestamp_seconds", doc="chat-page"): lambda minute: at * 60 if minute >= at else None,
        of("revalidations_total", **CHAT, trigger="doc_change", result="failed"): once_at(revalidated - 1),
        of("contract_last_change_timestamp_seconds", **CHAT): between(0, revalidated, 0, revalidated * 60),
    }


CONTRACT = [
    Case(
        "CometCanaryAuthAccepted",
        accepted(between(0, 15, 0, 1)),
        first=15,
        fires=15,
        resolves=80,
        expect=[
            (CRITICAL, OPEN_DOOR,
             "The probe missing_auth of chat, seen by c:1, got an answer where it had to be refused."),
        ],
        once={outcome("unexpected_accept", endpoint="chat", probe="invalid_model"): once_at(15)},
    ),
    Case(
        "CometCanaryAuthAccepted",  # before the first scrape: there is no increase
        accepted(steady(1)),
        first=15,
        fires=15,
        resolves=31,
        expect=[
            (CRITICAL, OPEN_DOOR,
             "The probe missing_auth of chat, seen by c:1, got an answer where it had to be refused."),
        ],
    ),
    Case(
        "CometCanaryAuthBroken",
        {
            outcome("auth_rejected", **SYNC): counter(since=10, until=20),
            of("probe_consecutive_failures", **SYNC): in_a_row(10, 21),
        },
        first=13,
        fires=15,
        resolves=22,
        also=("CometCanaryProbeFailing",),
        expect=refused(5),
        once={
            outcome("auth_rejected", **SYNC): once_at(10),
            of("probe_consecutive_failures", **SYNC): between(11, 12, 1, 0),
        },
        quiet={"other failures": {of("probe_consecutive_failures", **SYNC): in_a_row(10, 21)}},
    ),
    Case(  # too seldom for an hour to tell
        "CometCanaryAuthBroken",
        {
            outcome("auth_rejected", **SYNC): counter(every=60, since=60),
            of("probe_consecutive_failures", **SYNC): counter(every=60, since=60),
        },
        every=60,
        first=181,
        fires=240,
        also=("CometCanaryProbeFailing",),
        expect=refused(3),
    ),
    Case(
        "CometCanaryContractDriftBreaking",
        {
            **drifting("finish-reason-missing", "breaking", 10, 40),
            **{finding("id-missing", "breaking"): between(10, 40, 1, None)},
            of("contract_violations_total", **CHAT, severity="breaking"): counter(since=9, until=38),
        },
        first=12,
        fires=15,
        resolves=41,
        expect=[
            (CRITICAL, CHAT,
             "1 breaking findings about chat, seen by c:1. Findings: finish-reason-missing, id-missing."),
        ],
        once={
            **drifting("finish-reason-missing", "breaking", 10, 13),
            of("contract_violations_total", **CHAT, severity="breaking"): between(0, 10, 0, 2),
        },
    ),
    Case(
        "CometCanaryContractDriftWarning",
        drifting("usage-missing", "warning", 10, 40),
        first=15,
        fires=16,
        resolves=41,
        expect=[
            (WARNING, CHAT,
             "1 findings about chat, seen by c:1, none of which breaks a client yet. Findings: usage-missing."),
        ],
        once={of("contract_violations_total", **CHAT, severity="warning"): once_at(10)},
    ),
    Case(
        "CometCanaryDriftAfterDocumentationChange",
        {**doc_changed(10, 12), **drifting("field-type-changed", "breaking", 12, 40)},
        first=12,
        fires=12,
        resolves=41,
        expect=[
            (CRITICAL, CHAT,
             "chat, seen by c:1, failed the revalidation that a change of its documentation called for: 1"
             " findings, or failures in a row. Changed within a day: chat-page."),
        ],
        once={**doc_changed(10, 12), of("probe_consecutive_failures", **SYNC): between(12, 13, 1, 0)},
        quiet_minutes=500,
        quiet={
            "drift that is older than the change": {
                **doc_changed(DRIFT_SINCE - 2, DRIFT_SINCE),
                **dict([drift("breaking", steady(1))]),
                of("contract_last_change_timestamp_seconds", **CHAT): steady(0),
            },
            "drift without a change": dict([drift("breaking", steady(1))]),
            "an outage that is older than the change": {
                **doc_changed(DRIFT_SINCE - 2, DRIFT_SINCE),
                of("probe_consecutive_failures", **SYNC): in_a_row(10, 600),
                of("probe_last_success_timestamp_seconds", **SYNC): lambda minute: min(minute, 10) * 60,
                of("probe_last_success_timestamp_seconds", **STREAM): lambda minute: min(minute, 10) * 60,
            },
        },
    ),
    Case(
        "CometCanaryDriftAfterDocumentationChange",
        {**doc_changed(10, 12), of("probe_consecutive_failures", **SYNC): in_a_row(11, 20)},
        first=13,
        fires=13,
        resolves=21,
        expect=[
            (CRITICAL, CHAT,
             "chat, seen by c:1, failed the revalidation that a change of its documentation called for: 2"
             " findings, or failures in a row. Changed within a day: chat-page."),
        ],
    ),
    Case(
        "CometCanaryModelMismatch",
        drifting("model-mismatch", "warning", 10, 40),
        first=15,
        fires=16,
        resolves=41,
        also=("CometCanaryContractDriftWarning",),
        expect=[
            (WARNING, CHAT,
             "chat, seen by c:1, answers with the name of another model."),
        ],
        once={of("contract_violations_total", **CHAT, severity="warning"): once_at(10)},
        quiet={"acknowledged": {finding("model-mismatch", "warning"): steady(1)}},
    ),
    Case(
        "CometCanaryModelUnlisted",
        {**drifting("model-unlisted", "warning", 10, 40), of("model_listed", **CHAT): between(10, 40, 0, 1)},
        first=15,
        fires=16,
        resolves=41,
        also=("CometCanaryContractDriftWarning",),
        expect=[
            (WARNING, CHAT,
             "The model of chat, seen by c:1, was missing from the list at two looks. The next step is usually"
             " that it is refused."),
        ],
        once={of("model_listed", **CHAT): between(10, 70, 0, 1)},
    ),
    Case(
        "CometCanaryContractEvidenceMissing",
        {of("contract_evidence", **CHAT, area="errors", status="missing"): between(0, 100, 1, None)},
        first=60,
        fires=70,
        resolves=106,
        expect=[
            (INFO, CHAT,
             "The ledger says nothing about 1 of the six areas of the contract of chat, seen by c:1."),
        ],
        once={of("contract_evidence", **CHAT, area="errors", status="missing"): between(10, 40, 1, None)},
    ),
    Case(
        "CometCanaryContractEvidenceOld",
        {of("contract_evidence_accessed_timestamp_seconds", **CHAT, area="path"): steps(m0=-100 * 86400, m100=0)},
        first=60,
        fires=70,
        resolves=101,
        expect=[
            (INFO, CHAT,
             "What the contract of chat, seen by c:1, rests on was last read 100d 1h 10m 0s ago."),
        ],
        once={of("contract_evidence_accessed_timestamp_seconds", **CHAT, area="path"): steady(-89 * 86400)},
    ),
]

DOCUMENTS = [
    Case(
        "CometCanaryDocumentEvidenceMissing",
        {of("doc_evidence_missing", doc="chat-page"): between(10, 100, 2, 0)},
        first=25,
        fires=30,
        resolves=101,
        expect=[
            (WARNING, {"doc": "chat-page"},
             "2 phrases that the ledger quotes are gone from the document chat-page, read by c:1."),
        ],
        once={of("doc_evidence_missing", doc="chat-page"): between(10, 20, 2, 0)},
    ),
    Case(
        "CometCanaryDocumentUnreachable",
        {
            of("doc_checks_total", doc="spec", result="unchanged"): lambda minute: minute // 60 if minute < 120 else
            (1 if minute < 300 else 2),
            of("doc_checks_total", doc="spec", result="inconclusive"): counter(every=60, since=60, until=240),
        },
        first=245,
        fires=250,
        resolves=301,
        expect=[
            (WARNING, {"doc": "spec"},
             "The last 3 looks of c:1 at the document spec came to no conclusion: a change would not be seen."),
        ],
        once={of("doc_checks_total", doc="spec", result="inconclusive"): once_at(60)},
    ),
]

PROVIDER = [
    Case(
        "CometCanaryBudgetNearlySpent",
        {of("budget_spent", budget="day", unit="usd"): lambda minute: 1.5 + 0.01 * minute if minute < 30 else 0.01},
        first=21,
        fires=25,
        resolves=31,
        expect=[
            (WARNING, {"budget": "day", "unit": "usd"},
             "87.5% of the usd of the budget day of c:1 are spent, and at this rate it ends before its window"
             " does."),
        ],
        once={of("budget_spent", budget="day", unit="usd"): steady(1.9)},
    ),
    Case(
        "CometCanaryBudgetExhausted",
        {
            of("budget_denied_total", budget="day"): counter(since=10, until=30),
            of("budget_spent", budget="day", unit="usd"): between(0, 40, 1.9, 0.02),
        },
        first=13,
        fires=20,
        resolves=41,
        expect=[
            (CRITICAL, {"budget": "day"},
             "The budget day of c:1 has refused 10 requests within 3 hours: until it is renewed, its endpoints"
             " are not watched."),
        ],
        once={
            of("budget_denied_total", budget="day"): once_at(10),
            of("budget_spent", budget="day", unit="usd"): steady(1.9),
        },
    ),
    Case(
        "CometCanaryCertificateExpiring",
        {of("tls_certificate_not_after_timestamp_seconds", provider="p"): steps(m0=10 * 86400, m100=90 * 86400)},
        first=60,
        fires=70,
        resolves=101,
        expect=[
            (WARNING, {"provider": "p"},
             "The certificate that p shows to c:1 expires in 9d 22h 50m 0s."),
        ],
        once={of("tls_certificate_not_after_timestamp_seconds", provider="p"): between(10, 20, 10 * 86400, 90 * 86400)},
    ),
    Case(
        "CometCanaryCertificateExpiring",
        {of("tls_certificate_not_after_timestamp_seconds", provider="p"): steady(2 * 86400)},
        first=10,
        fires=70,
        expect=[
            (CRITICAL, {"provider": "p"}, "The certificate that p shows to c:1 expires in 1d 22h 50m 0s."),
            (WARNING, {"provider": "p"}, "The certificate that p shows to c:1 expires in 1d 22h 50m 0s."),
        ],
    ),
]
