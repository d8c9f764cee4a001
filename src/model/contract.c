/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/contract.h"

#include <string.h>

#include "base/attr.h"

static const char *const status_names[] = { "documented", "observed", "undocumented", "missing" };

const char *
evidence_status_name(enum evidence_status status)
{
	return status_names[status];
}

enum evidence_status
evidence_status_from_name(struct str name)
{
	unsigned i = 0;
	while (i < EVIDENCE_STATUS_COUNT && !str_eq(name, str_of(status_names[i])))
		i++;
	return (enum evidence_status)i;
}

const char *
baseline_mode_name(enum baseline_mode mode)
{
	static const char *const names[] = { "off", "learn", "pinned" };
	return names[mode];
}

const struct evidence *
contract_find_evidence(const struct contract *contract, enum contract_area area)
{
	for (size_t i = 0; contract && i < contract->evidence_count; i++)
		if (contract->evidence[i].area == area)
			return &contract->evidence[i];
	return NULL;
}

bool
contract_acknowledges(
    const struct contract *contract, const char *endpoint, const struct finding *finding, int64_t today_days)
{
	for (size_t i = 0; contract && i < contract->acknowledgement_count; i++) {
		const struct acknowledgement *ack = &contract->acknowledgements[i];
		bool same = ack->rule == finding->rule && (!ack->endpoint || strcmp(ack->endpoint, endpoint) == 0) &&
		    (!ack->path || strcmp(ack->path, finding->path) == 0);
		if (same && today_days <= ack->until_days)
			return true;
	}
	return false;
}

static const struct severity_rule *
find_severity(const struct contract *contract, enum finding_rule rule)
{
	for (size_t i = 0; i < contract->severity_count; i++)
		if (contract->severity[i].rule == rule)
			return &contract->severity[i];
	return NULL;
}

void
contract_grade(const struct contract *contract, struct findings *findings)
{
	size_t kept = 0;
	if (!contract || contract->severity_count == 0)
		return;
	memset(findings->by_severity, 0, sizeof(findings->by_severity));
	for (size_t i = 0; i < findings->count; i++) {
		struct finding *finding = &findings->list[i];
		const struct severity_rule *rule = find_severity(contract, finding->rule);
		if (rule && rule->disabled)
			continue;
		if (rule)
			finding->severity = rule->level;
		findings->by_severity[finding->severity]++;
		findings->list[kept++] = *finding;
	}
	findings->count = kept;
}
