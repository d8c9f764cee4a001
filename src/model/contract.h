/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's ledger as configured (`contracts`): what is relied on, where that is written, and how findings are
 * graded. Immutable, owned by the configuration. Paths are complete: "$.choices[].message.content"; dates are days since
 * 1970-01-01, DATE_NOT_SET when not given.
 */
#ifndef COMETCANARY_MODEL_CONTRACT_H
#define COMETCANARY_MODEL_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/finding.h"

#define DATE_NOT_SET INT64_MIN

enum evidence_status {
	EVIDENCE_DOCUMENTED,
	EVIDENCE_OBSERVED,
	EVIDENCE_UNDOCUMENTED,
	EVIDENCE_MISSING, /* the area is not in the ledger */
	EVIDENCE_STATUS_COUNT
};

struct evidence {
	enum contract_area area;
	enum evidence_status status;
	const char *title, *url, *note, *doc; /* NULL = not set */
	int64_t accessed_days;
	const char **must_mention;
	size_t must_mention_count;
};

/* A field and the JSON types that it may have: bits 1 << enum json_kind. */
struct field_spec {
	const char *path;
	unsigned kinds;
};

struct enum_spec {
	const char *path;
	const char **values;
	size_t count;
};

struct severity_rule {
	enum finding_rule rule;
	bool disabled; /* level "none" */
	enum severity level;
};

struct acknowledgement {
	const char *endpoint; /* NULL = every endpoint of the contract */
	enum finding_rule rule;
	const char *path; /* NULL = any */
	int64_t until_days; /* the last day on which it holds */
	const char *reason;
};

enum baseline_mode { BASELINE_OFF, BASELINE_LEARN, BASELINE_PINNED };

struct field_list {
	struct field_spec *items;
	size_t count;
};

struct contract {
	const char *name;
	int64_t reviewed_days;
	struct evidence *evidence;
	size_t evidence_count;
	struct field_list required, optional, stream_required, error_required;
	struct enum_spec *enums;
	size_t enum_count;
	enum baseline_mode baseline_mode;
	unsigned baseline_samples;
	struct severity_rule *severity;
	size_t severity_count;
	struct acknowledgement *acknowledgements;
	size_t acknowledgement_count;
};

const char *evidence_status_name(enum evidence_status status);
/* EVIDENCE_STATUS_COUNT when there is none. */
enum evidence_status evidence_status_from_name(struct str name);
const char *baseline_mode_name(enum baseline_mode mode);
/* The evidence for an area; NULL when the ledger has none (EVIDENCE_MISSING). */
const struct evidence *contract_find_evidence(const struct contract *contract, enum contract_area area);
/* Is a finding acknowledged on that day? contract NULL: no. */
bool contract_acknowledges(
    const struct contract *contract, const char *endpoint, const struct finding *finding, int64_t today_days);

/* Applies the contract's severities: re-grades and removes. contract NULL: nothing. */
void contract_grade(const struct contract *contract, struct findings *findings);

#endif
