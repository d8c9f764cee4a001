/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/fault_rule.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/parse.h"
#include "base/xalloc.h"
#include "sim/profile.h"

enum { TEXT_MAX = 64 * 1024, LABEL_MAX = 256 };

static const struct parameter {
	const char *name;
	size_t offset;
	bool is_text;
	int64_t max;
} parameters[] = {
	{ "ms", offsetof(struct fault_args, ms), false, 24 * 3600 * 1000 },
	{ "bytes", offsetof(struct fault_args, bytes), false, INT64_C(1) << 32 },
	{ "at", offsetof(struct fault_args, at), false, INT64_C(1) << 32 },
	{ "events", offsetof(struct fault_args, events), false, 1000000 },
	{ "count", offsetof(struct fault_args, count), false, 100000 },
	{ "every", offsetof(struct fault_args, every), false, 1000000 },
	{ "status", offsetof(struct fault_args, status), false, 999 },
	{ "text", offsetof(struct fault_args, text), true, TEXT_MAX },
	{ "path", offsetof(struct fault_args, path), true, LABEL_MAX },
	{ "name", offsetof(struct fault_args, name), true, LABEL_MAX },
};

/* Texts of which only some mean something. */
static const struct {
	enum fault fault;
	const char *texts[8];
} choices[] = {
	{ FAULT_line_end, { "cr", "crlf", "lf" } },
	{ FAULT_usage_odd, { "negative", "fraction", "string", "zero", "huge", "total" } },
};

static int64_t *
number_at(struct fault_args *args, const struct parameter *parameter)
{
	return (int64_t *)((char *)args + parameter->offset);
}

static char **
text_at(struct fault_args *args, const struct parameter *parameter)
{
	return (char **)((char *)args + parameter->offset);
}

static const struct parameter *
find_parameter(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(parameters); i++)
		if (str_eq(name, str_of(parameters[i].name)))
			return &parameters[i];
	return NULL;
}

void
fault_rule_free(struct fault_rule *rule)
{
	for (size_t s = 0; s < rule->step_count; s++)
		for (size_t p = 0; p < ARRAY_LEN(parameters); p++)
			if (parameters[p].is_text)
				free(*text_at(&rule->steps[s].args, &parameters[p]));
	free(rule->label);
	free(rule->method);
	free(rule->path);
	free(rule->model);
	free(rule->key);
	free(rule);
}

/* The parameters of a fault one after the other: "ms=1000; text" gives ms with 1000, then text with an absent default. */
static const struct parameter *
next_parameter(struct str *rest, struct str *ret_default)
{
	while (rest->len > 0) {
		struct str value = str_trim(str_split(rest, ';'));
		struct str name = str_split(&value, '=');
		*ret_default = value;
		return find_parameter(name);
	}
	return NULL;
}

void
fault_rule_write_args(struct jsonw *w, const struct fault_step *step)
{
	struct str rest = str_of(fault_parameters(step->fault));
	const struct parameter *parameter;
	struct str given;
	struct fault_args args = step->args;
	while ((parameter = next_parameter(&rest, &given))) {
		if (parameter->is_text)
			jsonw_text(w, parameter->name, *text_at(&args, parameter));
		else
			jsonw_int(w, parameter->name, *number_at(&args, parameter));
	}
}

/* ---- reading; every complaint names the place ---- */

struct reader {
	struct buf *error;
	size_t rule_index;
	const char *place; /* inside the rule */
};

static bool ATTR_PRINTF(2, 3) complain(const struct reader *reader, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_printf(reader->error, "rules[%zu]%s: ", reader->rule_index, reader->place);
	buf_vprintf(reader->error, format, args);
	va_end(args);
	return false;
}

static bool
read_parameter(
    const struct reader *reader, struct json value, const struct parameter *parameter, struct fault_args *args)
{
	if (parameter->is_text) {
		struct str text = json_str(value);
		if (value.kind != JSON_STRING || text.len > (size_t)parameter->max || memchr(text.at, '\0', text.len))
			return complain(
			    reader, "%s must be a text of at most %" PRId64 " bytes", parameter->name, parameter->max);
		free(*text_at(args, parameter));
		*text_at(args, parameter) = xstrndup(text.at, text.len);
		return true;
	}
	int64_t number = json_int(value);
	if (value.kind != JSON_INT || number < 0 || number > parameter->max)
		return complain(
		    reader, "%s must be a whole number from 0 to %" PRId64, parameter->name, parameter->max);
	*number_at(args, parameter) = number;
	return true;
}

static bool
check_choice(const struct reader *reader, const struct fault_step *step)
{
	bool names_error =
	    step->fault == FAULT_error || step->fault == FAULT_error_in_200 || step->fault == FAULT_error_event;
	bool own = step->fault == FAULT_error_event && !step->args.name[0];
	if (names_error && !own && !error_find(str_of(step->args.name)))
		return complain(
		    reader, "there is no error \"%s\": GET /_sim/faults/catalogue lists them", step->args.name);
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		if (choices[i].fault != step->fault)
			continue;
		for (const char *const *text = choices[i].texts; *text; text++)
			if (str_eq(str_of(*text), str_of(step->args.text)))
				return true;
		return complain(reader, "text \"%s\" means nothing to %s", step->args.text, fault_name(step->fault));
	}
	return true;
}

/* Defaults first, then what is given; then nothing may be missing. */
static bool
read_args(const struct reader *reader, struct json json, struct fault_step *step)
{
	struct str rest = str_of(fault_parameters(step->fault)), given;
	const struct parameter *parameter;
	size_t known = 0;
	while ((parameter = next_parameter(&rest, &given))) {
		struct json value = json_get(json, parameter->name);
		known += value.kind != JSON_ABSENT;
		if (value.kind != JSON_ABSENT) {
			if (!read_parameter(reader, value, parameter, &step->args))
				return false;
		} else if (!given.at) {
			return complain(reader, "%s needs \"%s\"", fault_name(step->fault), parameter->name);
		} else if (parameter->is_text) {
			*text_at(&step->args, parameter) = xstrndup(given.at, given.len);
		} else {
			(void)parse_i64(given, number_at(&step->args, parameter));
		}
	}
	if (json.kind == JSON_OBJECT && json_count(json) != known + 1)
		return complain(reader, "%s takes these parameters and no others: %s", fault_name(step->fault),
		    fault_parameters(step->fault)[0] ? fault_parameters(step->fault) : "none");
	return check_choice(reader, step);
}

/* "name", or {"fault":"name", parameters…} */
static bool
read_step(struct reader *reader, struct json json, struct fault_step *step)
{
	struct str name = json.kind == JSON_STRING ? json_str(json) : json_str(json_get(json, "fault"));
	unsigned i = 0;
	while (i < FAULT_COUNT && !str_eq(name, str_of(fault_name((enum fault)i))))
		i++;
	if (i == FAULT_COUNT)
		return complain(
		    reader, "there is no fault \"%.*s\": GET /_sim/faults/catalogue lists them", STR_ARG(name));
	step->fault = (enum fault)i;
	return read_args(reader, json, step);
}

static bool
read_steps(struct reader *reader, struct json list, struct fault_rule *rule)
{
	reader->place = ".faults";
	if (list.kind != JSON_ARRAY || json_count(list) == 0 || json_count(list) > FAULT_STEPS_MAX)
		return complain(reader, "must be a list of 1 to %d faults", FAULT_STEPS_MAX);
	for (size_t i = 0; i < json_count(list); i++) {
		struct fault_step *step = &rule->steps[rule->step_count++];
		if (!read_step(reader, json_at(list, i), step))
			return false;
		bool connect = fault_stage(step->fault) == STAGE_CONNECT;
		bool mixed = connect != (fault_stage(rule->steps[0].fault) == STAGE_CONNECT);
		bool asks = rule->method || rule->path || rule->model || rule->key || !rule->any_mode;
		if (connect && asks)
			return complain(reader,
			    "%s happens before anything is asked: its rule matches every connection",
			    fault_name(step->fault));
		if (mixed || (connect && i > 0))
			return complain(reader, "a fault of the connection stands alone in its rule");
	}
	return true;
}

static bool
read_count(struct reader *reader, struct json json, const char *key, uint64_t *number)
{
	struct json value = json_get(json, key);
	if (value.kind == JSON_ABSENT)
		return true;
	if (value.kind != JSON_INT || json_int(value) < 0)
		return complain(reader, "%s must be a whole number, 0 or more", key);
	*number = (uint64_t)json_int(value);
	return true;
}

static bool
read_text(struct reader *reader, struct json json, const char *key, char **ret_text)
{
	struct json value = json_get(json, key);
	if (value.kind == JSON_ABSENT)
		return true;
	struct str text = json_str(value);
	if (value.kind != JSON_STRING || text.len > LABEL_MAX)
		return complain(reader, "%s must be a text of at most %d bytes", key, LABEL_MAX);
	*ret_text = xstrndup(text.at, text.len);
	return true;
}

static bool
only_members(struct reader *reader, struct json object, const char *known)
{
	struct json_walk walk = { .entry = NULL };
	while (json_next(object, &walk)) {
		const char *at = strstr(known, walk.key);
		size_t len = strlen(walk.key);
		if (!at || len == 0 || (at > known && at[-1] != ' ') || (at[len] != ' ' && at[len] != '\0'))
			return complain(reader, "there is no \"%s\" here; known are: %s", walk.key, known);
	}
	return true;
}

/* The members that are plain texts or counts. */
static bool
read_plain(struct reader *reader, struct json json, struct fault_rule *rule)
{
	return read_text(reader, json, "label", &rule->label) && read_text(reader, json, "method", &rule->method) &&
	    read_text(reader, json, "path", &rule->path) && read_text(reader, json, "model", &rule->model) &&
	    read_text(reader, json, "key", &rule->key) && read_count(reader, json, "after", &rule->after) &&
	    read_count(reader, json, "every", &rule->every) && read_count(reader, json, "count", &rule->count);
}

static bool
read_times(struct reader *reader, struct json json, struct mono now, struct fault_rule *rule)
{
	uint64_t from_ms = 0, until_ms = 0;
	if (!read_count(reader, json, "from_ms", &from_ms) || !read_count(reader, json, "until_ms", &until_ms))
		return false;
	if (from_ms > INT32_MAX || until_ms > INT32_MAX || (until_ms && until_ms <= from_ms))
		return complain(reader, "until_ms must be later than from_ms, and both below %" PRId32, INT32_MAX);
	rule->from = mono_add_ns(now, (int64_t)from_ms * NS_PER_MS);
	if (until_ms)
		rule->until = mono_add_ns(now, (int64_t)until_ms * NS_PER_MS);
	return true;
}

static bool
read_rule(struct reader *reader, struct json json, struct mono now, struct fault_rule *rule)
{
	struct json stream = json_get(json, "stream"), probability = json_get(json, "probability");
	reader->place = "";
	if (json.kind != JSON_OBJECT)
		return complain(reader, "must be an object");
	if (!only_members(reader, json,
		"label method path model key stream after every count probability from_ms until_ms faults") ||
	    !read_plain(reader, json, rule) || !read_times(reader, json, now, rule))
		return false;
	if (stream.kind != JSON_ABSENT && stream.kind != JSON_BOOL)
		return complain(reader, "stream must be true or false");
	rule->any_mode = stream.kind == JSON_ABSENT;
	rule->stream = json_truth(stream);
	rule->probability = probability.kind == JSON_ABSENT ? 1 : json_real(probability);
	if (!(rule->probability > 0 && rule->probability <= 1))
		return complain(reader, "probability must be above 0 and at most 1");
	if (rule->every == 0)
		rule->every = 1;
	return read_steps(reader, json_get(json, "faults"), rule);
}

bool
fault_add(struct fault_set *set, struct str json, struct mono now, struct buf *ret_error, uint64_t *ret_first_id)
{
	auto_json struct json root = JSON_NOTHING;
	struct reader reader = { .error = ret_error, .place = "" };
	if (json_parse(json, JSON_DEPTH_MAX, &root) != JSON_FINE || root.kind != JSON_OBJECT) {
		buf_text(ret_error, "this is no JSON object");
		return false;
	}
	struct json list = json_get(root, "rules");
	size_t wanted = list.kind == JSON_ABSENT ? 1 : json_count(list), count_before = set->count;
	if (list.kind != JSON_ABSENT && (list.kind != JSON_ARRAY || json_count(root) != 1)) {
		buf_text(ret_error, "rules must be a list, and nothing else may be beside it");
		return false;
	}
	if (wanted > FAULT_RULES_MAX - set->count) {
		buf_printf(ret_error, "there can be %d rules", FAULT_RULES_MAX);
		return false;
	}
	*ret_first_id = set->last_id + 1;
	for (size_t i = 0; i < wanted; i++) {
		struct fault_rule *rule = xcalloc(1, sizeof(*rule));
		set->rules[set->count++] = rule;
		rule->id = ++set->last_id;
		reader.rule_index = i;
		if (!read_rule(&reader, list.kind == JSON_ABSENT ? root : json_at(list, i), now, rule)) {
			while (set->count > count_before)
				fault_rule_free(set->rules[--set->count]);
			set->last_id = *ret_first_id - 1;
			return false;
		}
	}
	return true;
}
