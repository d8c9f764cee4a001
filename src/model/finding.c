/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/finding.h"

#include <string.h>

#include "base/attr.h"
#include "base/jsonw.h"

struct row {
	const char *id;
	enum severity severity;
	enum contract_area area;
	const char *text;
};

static const struct row rows[] = {
#define FINDING(name, id, severity, area, text) { id, SEVERITY_##severity, AREA_##area, text },
#include "model/finding.def"
#undef FINDING
};
_Static_assert(ARRAY_LEN(rows) == RULE_COUNT, "a row for each rule");

/* A path that does not fit ends in an ellipsis, so that it never looks like another, shorter path. */
static void
copy_path(char *to, struct str path)
{
	static const char ellipsis[] = "…";
	size_t room = FINDING_PATH_BYTES - 1;
	if (path.len <= room) {
		memcpy(to, path.at, path.len);
		to[path.len] = '\0';
		return;
	}
	size_t keep = room - (sizeof(ellipsis) - 1);
	while (keep > 0 && ((unsigned char)path.at[keep] & 0xC0) == 0x80)
		keep--;
	memcpy(to, path.at, keep);
	memcpy(to + keep, ellipsis, sizeof(ellipsis));
}

/* NULL when it is not in the list. */
static struct finding *
find_same(struct findings *findings, const struct finding *wanted)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].rule == wanted->rule && strcmp(findings->list[i].path, wanted->path) == 0)
			return &findings->list[i];
	return NULL;
}

void
findings_add(struct findings *findings, enum finding_rule rule, enum finding_source source, struct str path)
{
	struct finding finding = { .rule = rule, .severity = rows[rule].severity, .source = source };
	copy_path(finding.path, path);
	if (find_same(findings, &finding))
		return;
	findings->by_severity[finding.severity]++;
	if (findings->count < FINDINGS_MAX)
		findings->list[findings->count++] = finding;
	else
		findings->dropped++;
}

void
findings_overrule(struct findings *findings, enum finding_rule rule, struct str path, bool is_wrong)
{
	struct finding wanted = { .rule = rule };
	copy_path(wanted.path, path);
	struct finding *found = find_same(findings, &wanted);
	if (is_wrong && found) {
		found->source = SOURCE_CONTRACT;
	} else if (is_wrong) {
		findings_add(findings, rule, SOURCE_CONTRACT, path);
	} else if (found && found->source == SOURCE_DIALECT) {
		findings->by_severity[found->severity]--;
		*found = findings->list[--findings->count];
	}
}

bool
findings_has(const struct findings *findings, enum finding_rule rule)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].rule == rule)
			return true;
	return false;
}

const char *
finding_rule_id(enum finding_rule rule)
{
	return rows[rule].id;
}

enum finding_rule
finding_rule_from_id(struct str id)
{
	unsigned i = 0;
	while (i < RULE_COUNT && !str_eq(id, str_of(rows[i].id)))
		i++;
	return (enum finding_rule)i;
}

const char *
finding_rule_text(enum finding_rule rule)
{
	return rows[rule].text;
}

enum severity
finding_rule_severity(enum finding_rule rule)
{
	return rows[rule].severity;
}

enum contract_area
finding_rule_area(enum finding_rule rule)
{
	return rows[rule].area;
}

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = { "info", "warning", "breaking" };
	return names[severity];
}

const char *
contract_area_name(enum contract_area area)
{
	static const char *const names[] = { "auth", "errors", "limits", "request", "path", "response" };
	return names[area];
}

const char *
finding_source_name(enum finding_source source)
{
	static const char *const names[] = { "dialect", "contract", "baseline", "docs" };
	return names[source];
}

void
finding_write_members(struct jsonw *w, const struct finding *finding)
{
	jsonw_text(w, "rule", finding_rule_id(finding->rule));
	jsonw_text(w, "severity", severity_name(finding->severity));
	jsonw_text(w, "area", contract_area_name(finding_rule_area(finding->rule)));
	jsonw_text(w, "source", finding_source_name(finding->source));
	jsonw_text(w, "path", finding->path);
}
