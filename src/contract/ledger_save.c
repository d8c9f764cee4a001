/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/ledger_save.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "base/xalloc.h"

static const char corrupt[] = "is corrupt";
static const char findings_format[] = "cometcanary-findings", verified_format[] = "cometcanary-verified",
		  baseline_format[] = "cometcanary-probe-baseline";

enum { FORMAT_VERSION = 1, HASH_BYTES = 17, HISTORY_MAX = UINT8_MAX };

#define TIME_MAX_US (INT64_C(253402300800) * US_PER_SEC) /* the year 10000 */

static void
hash_text(char text[HASH_BYTES], uint64_t hash)
{
	snprintf(text, HASH_BYTES, "%016" PRIx64, hash);
}

static void
begin(struct jsonw *w, struct buf *out, const char *format, const struct ledger *ledger)
{
	char hash[HASH_BYTES];
	hash_text(hash, ledger->request_hash);
	jsonw_init(w, out);
	jsonw_open_object(w, NULL);
	jsonw_text(w, "format", format);
	jsonw_int(w, "version", FORMAT_VERSION);
	jsonw_text(w, "request", hash);
}

static const char *
check_begin(struct json root, const char *format)
{
	if (!str_eq(json_str(json_get(root, "format")), str_of(format)))
		return corrupt;
	int64_t version = json_int(json_get(root, "version"));
	if (version == FORMAT_VERSION)
		return NULL;
	return version > FORMAT_VERSION ? "was written by a newer version" : "has a format that is no longer read";
}

static bool
is_of_request(struct json root, const struct ledger *ledger)
{
	char hash[HASH_BYTES];
	hash_text(hash, ledger->request_hash);
	return str_eq(json_str(json_get(root, "request")), str_of(hash));
}

/* ---- findings ---- */

static const char *const listed_names[] = { "unknown", "no", "yes" };

static void
save_finding(struct jsonw *w, const struct active_finding *item)
{
	jsonw_open_object(w, NULL);
	jsonw_text(w, "rule", finding_rule_id(item->finding.rule));
	jsonw_text(w, "severity", severity_name(item->finding.severity));
	jsonw_text(w, "source", finding_source_name(item->finding.source));
	jsonw_text(w, "path", item->finding.path);
	jsonw_int(w, "history", item->history);
	jsonw_bool(w, "active", item->active);
	jsonw_int(w, "since_us", item->since.us);
	jsonw_int(w, "last_seen_us", item->last_seen.us);
	jsonw_close_object(w);
}

void
ledger_save_findings(const struct ledger *ledger, struct buf *out)
{
	struct jsonw w;
	begin(&w, out, findings_format, ledger);
	jsonw_int(&w, "last_change_us", ledger->last_change.us);
	jsonw_text(&w, "listed", listed_names[ledger->listed]);
	jsonw_open_array(&w, "probes");
	for (size_t i = 0; i < ledger->probe_count; i++) {
		const struct ledger_probe *probe = &ledger->probes[i];
		if (probe->active.count == 0)
			continue;
		jsonw_open_object(&w, NULL);
		jsonw_text(&w, "probe", ledger_probe_name(probe->kind));
		jsonw_open_array(&w, "findings");
		for (size_t j = 0; j < probe->active.count; j++)
			save_finding(&w, &probe->active.items[j]);
		jsonw_close_array(&w);
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	jsonw_close_object(&w);
}

static bool
read_name(struct str text, const char *(*name)(unsigned), unsigned count, unsigned *ret_value)
{
	for (unsigned i = 0; i < count; i++)
		if (str_eq(text, str_of(name(i)))) {
			*ret_value = i;
			return true;
		}
	return false;
}

/* 0 = never. */
static bool
read_time(struct json value, struct wall *ret_time)
{
	ret_time->us = json_int(value);
	return value.kind == JSON_INT && ret_time->us >= 0 && ret_time->us < TIME_MAX_US;
}

static const char *
severity_name_of(unsigned i)
{
	return severity_name((enum severity)i);
}

static const char *
source_name_of(unsigned i)
{
	return finding_source_name((enum finding_source)i);
}

static const char *
listed_name_of(unsigned i)
{
	return listed_names[i];
}

static bool
load_finding(struct json item, struct active_finding *ret_finding)
{
	unsigned severity, source;
	struct wall since, last_seen;
	struct finding finding = { .rule = finding_rule_from_id(json_str(json_get(item, "rule"))) };
	struct str path = json_str(json_get(item, "path"));
	int64_t history = json_int(json_get(item, "history"));
	if (finding.rule == RULE_COUNT || path.len == 0 || path.len >= FINDING_PATH_BYTES || history < 0 ||
	    history > HISTORY_MAX ||
	    !read_name(json_str(json_get(item, "severity")), severity_name_of, SEVERITY_COUNT, &severity) ||
	    !read_name(json_str(json_get(item, "source")), source_name_of, SOURCE_DOCS + 1, &source) ||
	    !read_time(json_get(item, "since_us"), &since) || !read_time(json_get(item, "last_seen_us"), &last_seen))
		return false;
	finding.severity = (enum severity)severity;
	finding.source = (enum finding_source)source;
	memcpy(finding.path, path.at, path.len);
	*ret_finding = (struct active_finding){ .finding = finding,
		.history = (uint8_t)history,
		.active = json_truth(json_get(item, "active")),
		.since = since,
		.last_seen = last_seen };
	return true;
}

static bool
load_set(struct active_set *set, struct json list)
{
	size_t count = json_count(list);
	if (count > ACTIVE_MAX)
		return false;
	set->items = xcalloc(count + 1, sizeof(*set->items));
	set->room = count + 1;
	while (set->count < count) {
		if (!load_finding(json_at(list, set->count), &set->items[set->count]))
			return false;
		set->count++;
	}
	return true;
}

/* The sets of all probes, in the ledger's order; empty where nothing is said of a probe. */
static bool
load_sets(const struct ledger *ledger, struct json probes, struct active_set *sets)
{
	for (size_t i = 0; i < json_count(probes); i++) {
		struct json item = json_at(probes, i);
		const struct ledger_probe *probe =
		    ledger_find(ledger, ledger_probe_from_name(json_str(json_get(item, "probe"))));
		struct active_set *set = probe ? &sets[probe - ledger->probes] : NULL;
		if (!set || set->items)
			continue; /* it is no longer probed so */
		if (!load_set(set, json_get(item, "findings")))
			return false;
	}
	return true;
}

static void
take_sets(struct ledger *ledger, const struct endpoint *endpoint, struct active_set *sets)
{
	for (size_t i = 0; i < ledger->probe_count; i++) {
		struct active_set *set = &ledger->probes[i].active;
		if (set->items)
			continue;
		*set = sets[i];
		sets[i] = (struct active_set){ 0 };
		active_grade(set, endpoint->contract);
	}
}

const char *
ledger_load_findings(struct ledger *ledger, const struct endpoint *endpoint, struct str text)
{
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(text, JSON_DEPTH_MAX, &root) != JSON_FINE)
		return corrupt;
	const char *why = check_begin(root, findings_format);
	if (why || !is_of_request(root, ledger))
		return why;
	if (ledger->last_change.us > 0)
		return NULL; /* what was seen meanwhile is newer */
	unsigned listed;
	struct wall last_change;
	struct active_set *sets = xcalloc(ledger->probe_count, sizeof(*sets));
	bool good = read_name(json_str(json_get(root, "listed")), listed_name_of, LISTED_YES + 1, &listed) &&
	    read_time(json_get(root, "last_change_us"), &last_change) &&
	    load_sets(ledger, json_get(root, "probes"), sets);
	if (good) {
		take_sets(ledger, endpoint, sets);
		ledger->listed = (enum listed)listed;
		ledger->last_change = last_change;
	}
	for (size_t i = 0; i < ledger->probe_count; i++)
		active_done(&sets[i]);
	free(sets);
	return good ? NULL : corrupt;
}

/* ---- verified ---- */

void
ledger_save_verified(const struct ledger *ledger, struct buf *out)
{
	struct jsonw w;
	begin(&w, out, verified_format, ledger);
	jsonw_open_array(&w, "areas");
	for (unsigned i = 0; i < AREA_COUNT; i++) {
		const struct verified *verified = &ledger->verified[i];
		if (verified->at.us == 0)
			continue;
		jsonw_open_object(&w, NULL);
		jsonw_text(&w, "area", contract_area_name((enum contract_area)i));
		jsonw_int(&w, "at_us", verified->at.us);
		jsonw_text(&w, "by", probe_name(verified->by));
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	jsonw_close_object(&w);
}

static const char *
area_name_of(unsigned i)
{
	return contract_area_name((enum contract_area)i);
}

static bool
load_area(struct json item, struct verified areas[AREA_COUNT])
{
	unsigned area;
	struct verified verified = { .by = probe_from_name(json_str(json_get(item, "by"))) };
	if (!read_name(json_str(json_get(item, "area")), area_name_of, AREA_COUNT, &area) ||
	    verified.by == PROBE_COUNT || !read_time(json_get(item, "at_us"), &verified.at))
		return false;
	if (verified.at.us > areas[area].at.us)
		areas[area] = verified;
	return true;
}

const char *
ledger_load_verified(struct ledger *ledger, struct str text)
{
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(text, JSON_DEPTH_MAX, &root) != JSON_FINE)
		return corrupt;
	const char *why = check_begin(root, verified_format);
	if (why || !is_of_request(root, ledger))
		return why;
	struct verified areas[AREA_COUNT];
	memcpy(areas, ledger->verified, sizeof(areas));
	struct json list = json_get(root, "areas");
	for (size_t i = 0; i < json_count(list); i++)
		if (!load_area(json_at(list, i), areas))
			return corrupt;
	memcpy(ledger->verified, areas, sizeof(areas));
	return NULL;
}

/* ---- baselines: one line of ours, then the baseline's own text ---- */

bool
ledger_save_baseline(const struct ledger *ledger, const struct ledger_probe *probe, struct buf *out)
{
	if (probe->trouble || (!probe->baseline && !probe->relearn))
		return false;
	struct jsonw w;
	begin(&w, out, baseline_format, ledger);
	jsonw_bool(&w, "relearn", probe->relearn);
	jsonw_bool(&w, "learnt", probe->baseline != NULL);
	jsonw_close_object(&w);
	buf_char(out, '\n');
	return !probe->baseline || baseline_save(probe->baseline, out);
}

static void
drop_baseline(struct ledger_probe *probe)
{
	baseline_free(probe->baseline);
	probe->baseline = NULL;
	probe->trouble = NULL;
	probe->relearn = false;
}

const char *
ledger_load_baseline(struct ledger *ledger, const struct endpoint *endpoint, enum probe_kind kind, struct str text)
{
	struct ledger_probe *probe = ledger_find(ledger, kind);
	const struct contract *contract = endpoint->contract;
	if (!probe || !contract || contract->baseline_mode == BASELINE_OFF)
		return NULL;
	drop_baseline(probe);
	struct str rest = text;
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(str_split(&rest, '\n'), JSON_DEPTH_MAX, &root) != JSON_FINE)
		return probe->trouble = corrupt;
	probe->trouble = check_begin(root, baseline_format);
	if (!probe->trouble && json_truth(json_get(root, "learnt")))
		probe->baseline = baseline_load(rest, &probe->trouble);
	if (probe->trouble)
		return probe->trouble;
	probe->relearn = json_truth(json_get(root, "relearn"));
	if (!is_of_request(root, ledger))
		ledger_set_aside(probe, contract);
	return NULL;
}
