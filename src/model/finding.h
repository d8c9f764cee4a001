/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A contract finding: which rule, where, from which source. Types and enum values only, never content.
 * The rules are in finding.def. Pure; a list belongs to one run.
 */
#ifndef COMETCANARY_MODEL_FINDING_H
#define COMETCANARY_MODEL_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum finding_rule {
#define FINDING(name, id, severity, area, text) RULE_##name,
#include "model/finding.def"
#undef FINDING
	RULE_COUNT
};

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_BREAKING, SEVERITY_COUNT };

enum contract_area { AREA_AUTH, AREA_ERRORS, AREA_LIMITS, AREA_REQUEST, AREA_PATH, AREA_RESPONSE, AREA_COUNT };

struct jsonw;

enum finding_source { SOURCE_DIALECT, SOURCE_CONTRACT, SOURCE_BASELINE, SOURCE_DOCS };

enum { FINDING_PATH_BYTES = 96, FINDINGS_MAX = 32 };

struct finding {
	enum finding_rule rule;
	enum severity severity;
	enum finding_source source;
	char path[FINDING_PATH_BYTES]; /* $.choices[].finish_reason or header:content-type; longer ones end in … */
};

/* A rule is reported once a path; past FINDINGS_MAX only `dropped` grows (but breaking findings still count). */
struct findings {
	size_t count;
	size_t dropped;
	unsigned by_severity[SEVERITY_COUNT];
	struct finding list[FINDINGS_MAX];
};

void findings_add(struct findings *findings, enum finding_rule rule, enum finding_source source, struct str path);
/* The contract's word on what the dialect alone would call wrong at that place: it is, and by the contract, or it is not. */
void findings_overrule(struct findings *findings, enum finding_rule rule, struct str path, bool is_wrong);
bool findings_has(const struct findings *findings, enum finding_rule rule);

const char *finding_rule_id(enum finding_rule rule);
/* RULE_COUNT when there is none. */
enum finding_rule finding_rule_from_id(struct str id);
const char *finding_rule_text(enum finding_rule rule);
enum severity finding_rule_severity(enum finding_rule rule);
enum contract_area finding_rule_area(enum finding_rule rule);
const char *severity_name(enum severity severity);
const char *contract_area_name(enum contract_area area);
const char *finding_source_name(enum finding_source source);
/* The members of a JSON object that every page and command tells a finding by. */
void finding_write_members(struct jsonw *w, const struct finding *finding);

#endif
