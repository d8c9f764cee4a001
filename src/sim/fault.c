/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/fault.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/jsonw.h"
#include "sim/draw.h"
#include "sim/fault_rule.h"
#include "sim/profile.h"

static const struct row {
	const char *name, *parameters, *what;
	enum fault_stage stage;
} rows[] = {
#define FAULT(stage, id, name, parameters, what) { name, parameters, what, STAGE_##stage },
#include "sim/fault.def"
#undef FAULT
};

const char *
fault_name(enum fault fault)
{
	return rows[fault].name;
}

enum fault_stage
fault_stage(enum fault fault)
{
	return rows[fault].stage;
}

const char *
fault_parameters(enum fault fault)
{
	return rows[fault].parameters;
}

const char *
fault_text(enum fault fault)
{
	return rows[fault].what;
}

const char *
fault_stage_name(enum fault_stage stage)
{
	static const char *const names[] = {
		[STAGE_CONNECT] = "connect",
		[STAGE_SHAPE] = "shape",
		[STAGE_ANSWER] = "answer",
		[STAGE_EVENTS] = "events",
		[STAGE_WIRE] = "wire",
	};
	return names[stage];
}

void
fault_write_catalogue(struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_open_array(&w, "faults");
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		jsonw_open_object(&w, NULL);
		jsonw_text(&w, "name", rows[i].name);
		jsonw_text(&w, "stage", fault_stage_name(rows[i].stage));
		jsonw_text(&w, "parameters", rows[i].parameters);
		jsonw_text(&w, "what", rows[i].what);
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	jsonw_open_array(&w, "errors");
	for (size_t i = 0; i < error_count(); i++) {
		jsonw_open_object(&w, NULL);
		jsonw_text(&w, "name", error_at(i)->name);
		jsonw_int(&w, "status", error_at(i)->status);
		jsonw_text(&w, "what", error_at(i)->what);
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	jsonw_close_object(&w);
}

void
fault_clear(struct fault_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		fault_rule_free(set->rules[i]);
	set->count = 0;
}

bool
fault_remove(struct fault_set *set, uint64_t id)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->rules[i]->id != id)
			continue;
		fault_rule_free(set->rules[i]);
		set->count--;
		memmove(&set->rules[i], &set->rules[i + 1], (set->count - i) * sizeof(set->rules[0]));
		return true;
	}
	return false;
}

/* NULL takes all; a pattern may end with *. */
static bool
text_matches(const char *pattern, struct str text)
{
	if (!pattern)
		return true;
	struct str wanted = str_of(pattern);
	if (str_ends(wanted, STR("*")))
		return str_starts(text, str_span(wanted.at, wanted.len - 1));
	return str_eq(text, wanted);
}

static bool
is_connect_rule(const struct fault_rule *rule)
{
	return rows[rule->steps[0].fault].stage == STAGE_CONNECT;
}

static bool
rule_concerns(const struct fault_rule *rule, const struct fault_target *target)
{
	if (is_connect_rule(rule) != target->is_connection || rule->steps[0].fault == FAULT_refuse)
		return false;
	if ((rule->from.ns && mono_before(target->now, rule->from)) ||
	    (rule->until.ns && !mono_before(target->now, rule->until)))
		return false;
	if (target->is_connection)
		return true;
	return (rule->any_mode || rule->stream == target->stream) && text_matches(rule->method, target->method) &&
	    text_matches(rule->path, target->path) && text_matches(rule->model, target->model) &&
	    text_matches(rule->key, target->key);
}

void
fault_pick(struct fault_set *set, const struct fault_target *target, struct fault_picks *ret_picks)
{
	ret_picks->count = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct fault_rule *rule = set->rules[i];
		if (!rule_concerns(rule, target))
			continue;
		uint64_t nth = rule->seen++;
		if (nth < rule->after || (nth - rule->after) % rule->every != 0 ||
		    (rule->count && rule->hits >= rule->count))
			continue;
		if (draw_unit(draw_mix(draw_mix(set->seed, rule->id), nth)) >= rule->probability)
			continue;
		rule->hits++;
		for (size_t s = 0; s < rule->step_count && ret_picks->count < FAULT_PICKS_MAX; s++) {
			ret_picks->steps[ret_picks->count++] = &rule->steps[s];
			set->hits[rule->steps[s].fault]++;
		}
	}
}

struct mono
fault_refused_until(struct fault_set *set, struct mono now, struct mono *ret_next)
{
	struct mono until = { 0 };
	*ret_next = (struct mono){ 0 };
	for (size_t i = 0; i < set->count; i++) {
		struct fault_rule *rule = set->rules[i];
		if (rule->steps[0].fault != FAULT_refuse)
			continue;
		struct mono end = mono_add_ns(rule->from, rule->steps[0].args.ms * NS_PER_MS);
		struct mono change = mono_before(now, rule->from) ? rule->from : end;
		if (!mono_before(now, change))
			continue;
		if (change.ns == end.ns) {
			if (rule->hits++ == 0)
				set->hits[FAULT_refuse]++;
			if (mono_before(until, end))
				until = end;
		}
		if (!ret_next->ns || mono_before(change, *ret_next))
			*ret_next = change;
	}
	return until;
}

static void
write_steps(struct jsonw *w, const struct fault_rule *rule)
{
	jsonw_open_array(w, "faults");
	for (size_t s = 0; s < rule->step_count; s++) {
		jsonw_open_object(w, NULL);
		jsonw_text(w, "fault", rows[rule->steps[s].fault].name);
		fault_rule_write_args(w, &rule->steps[s]);
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

void
fault_write_rules(const struct fault_set *set, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_open_array(&w, "rules");
	for (size_t i = 0; i < set->count; i++) {
		const struct fault_rule *rule = set->rules[i];
		jsonw_open_object(&w, NULL);
		jsonw_int(&w, "id", (int64_t)rule->id);
		jsonw_text(&w, "label", rule->label);
		jsonw_text(&w, "method", rule->method);
		jsonw_text(&w, "path", rule->path);
		jsonw_text(&w, "model", rule->model);
		jsonw_text(&w, "key", rule->key);
		if (!rule->any_mode)
			jsonw_bool(&w, "stream", rule->stream);
		jsonw_int(&w, "after", (int64_t)rule->after);
		jsonw_int(&w, "every", (int64_t)rule->every);
		jsonw_int(&w, "count", (int64_t)rule->count);
		jsonw_real(&w, "probability", rule->probability);
		write_steps(&w, rule);
		jsonw_int(&w, "seen", (int64_t)rule->seen);
		jsonw_int(&w, "hits", (int64_t)rule->hits);
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	jsonw_close_object(&w);
}
