/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/active.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { WINDOW = 5, NEEDED = 2, CLEARED_AFTER = 3 };

static struct active_finding *
find_item(struct active_set *set, const struct finding *finding)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].finding.rule == finding->rule &&
		    strcmp(set->items[i].finding.path, finding->path) == 0)
			return &set->items[i];
	return NULL;
}

static struct active_finding *
add_item(struct active_set *set, const struct finding *finding)
{
	if (set->count == ACTIVE_MAX)
		return NULL;
	if (set->count == set->room) {
		set->room = set->room ? set->room * 2 : 4;
		set->items = xrealloc(set->items, set->room * sizeof(*set->items));
	}
	struct active_finding *item = &set->items[set->count++];
	*item = (struct active_finding){ .finding = *finding };
	return item;
}

static void
see(struct active_set *set, const struct finding *finding, struct wall now)
{
	struct active_finding *item = find_item(set, finding);
	if (!item)
		item = add_item(set, finding);
	if (!item)
		return;
	item->finding.severity = finding->severity; /* the grade in force now */
	item->finding.source = finding->source;
	item->history |= 1;
	item->last_seen = now;
}

/* True when it became active or stopped being so. */
static bool
settle(struct active_finding *item, struct wall now)
{
	unsigned recent = item->history & ((1U << WINDOW) - 1);
	bool was_active = item->active;
	if (was_active)
		item->active = (item->history & ((1U << CLEARED_AFTER) - 1)) != 0;
	else if (item->finding.severity == SEVERITY_BREAKING)
		item->active = item->history & 1;
	else
		item->active = item->history & 1 && __builtin_popcount(recent) >= NEEDED;
	if (item->active && !was_active)
		item->since = now;
	return item->active != was_active;
}

static bool
is_seen(const struct findings *findings, const struct finding *finding)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].rule == finding->rule && strcmp(findings->list[i].path, finding->path) == 0)
			return true;
	return false;
}

bool
active_update(struct active_set *set, const struct findings *findings, unsigned looked, struct wall now)
{
	bool changed = false;
	for (size_t i = 0; i < set->count; i++) {
		struct active_finding *item = &set->items[i];
		bool of_area = looked >> finding_rule_area(item->finding.rule) & 1;
		if (of_area || is_seen(findings, &item->finding))
			item->history = (uint8_t)(item->history << 1);
	}
	for (size_t i = 0; i < findings->count; i++)
		see(set, &findings->list[i], now);
	size_t kept = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct active_finding item = set->items[i];
		changed = settle(&item, now) || changed;
		if (item.active || item.history & ((1U << WINDOW) - 1))
			set->items[kept++] = item;
	}
	set->count = kept;
	return changed;
}

bool
active_replace(struct active_set *set, const struct findings *findings, struct wall now)
{
	bool changed = false;
	size_t kept = 0;
	for (size_t i = 0; i < set->count; i++) {
		bool stays = is_seen(findings, &set->items[i].finding);
		changed = changed || (set->items[i].active && !stays);
		if (stays)
			set->items[kept++] = set->items[i];
	}
	set->count = kept;
	for (size_t i = 0; i < findings->count; i++)
		see(set, &findings->list[i], now);
	for (size_t i = 0; i < set->count; i++) {
		struct active_finding *item = &set->items[i];
		changed = changed || !item->active;
		item->since = item->active ? item->since : now;
		item->active = true;
	}
	return changed;
}

bool
active_grade(struct active_set *set, const struct contract *contract)
{
	bool changed = false;
	size_t kept = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct active_finding item = set->items[i];
		struct findings graded = { .count = 1, .list = { item.finding } };
		graded.list[0].severity = finding_rule_severity(item.finding.rule);
		contract_grade(contract, &graded);
		if (graded.count == 0) {
			changed = changed || item.active;
			continue;
		}
		item.finding.severity = graded.list[0].severity;
		set->items[kept++] = item;
	}
	set->count = kept;
	return changed;
}

size_t
active_count(const struct active_set *set)
{
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		count += set->items[i].active;
	return count;
}

void
active_done(struct active_set *set)
{
	free(set->items);
	*set = (struct active_set){ 0 };
}
