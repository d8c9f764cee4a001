/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/check.h"

#include "base/attr.h"

/* ---- paths ---- */

static void
visit(struct json value, struct str rest, check_visit_fn *fn, void *arg)
{
	if (rest.len == 0) {
		fn(arg, value);
		return;
	}
	if (str_starts(rest, STR("[]"))) {
		struct str after = str_span(rest.at + 2, rest.len - 2);
		for (size_t i = 0; i < json_count(value) && value.kind == JSON_ARRAY; i++)
			visit(json_at(value, i), after, fn, arg);
		if (value.kind != JSON_ARRAY)
			fn(arg, JSON_NOTHING);
		return;
	}
	if (rest.at[0] == '.')
		rest = str_span(rest.at + 1, rest.len - 1);
	size_t len = 0;
	while (len < rest.len && rest.at[len] != '.' && rest.at[len] != '[')
		len++;
	char key[FINDING_PATH_BYTES];
	if (len == 0 || len >= sizeof(key))
		return;
	memcpy(key, rest.at, len);
	key[len] = '\0';
	visit(json_get(value, key), str_span(rest.at + len, rest.len - len), fn, arg);
}

void
check_visit(struct json root, const char *path, check_visit_fn *fn, void *arg)
{
	struct str rest = str_of(path);
	visit(root, str_starts(rest, STR("$")) ? str_span(rest.at + 1, rest.len - 1) : rest, fn, arg);
}

/* ---- fields ---- */

/* What the values at one path were, all of them together. */
struct sighting {
	unsigned kinds; /* bits 1 << enum json_kind */
};

static void
note_kind(void *arg, struct json value)
{
	struct sighting *sighting = arg;
	sighting->kinds |= 1U << value.kind;
}

static unsigned
kinds_at(struct json root, const char *path)
{
	struct sighting sighting = { 0 };
	check_visit(root, path, note_kind, &sighting);
	return sighting.kinds;
}

enum { ABSENT = 1 << JSON_ABSENT, IS_NULL = 1 << JSON_NULL };

static void
find(struct findings *findings, enum finding_rule rule, const char *path)
{
	findings_add(findings, rule, SOURCE_CONTRACT, str_of(path));
}

/* The specific rule replaces the general one, as where the family requires the field. */
static enum finding_rule
missing_rule(const char *path)
{
	struct str text = str_of(path);
	if (str_eq(text, STR("$.id")))
		return RULE_ID_MISSING;
	return str_ends(text, STR(".finish_reason")) ? RULE_FINISH_REASON_MISSING : RULE_REQUIRED_FIELD_MISSING;
}

/* Present values of other types than the field's. */
static void
check_kinds(const struct field_spec *field, unsigned kinds, struct findings *findings)
{
	unsigned others = kinds & ~field->kinds & ~(unsigned)ABSENT;
	enum finding_rule missing = missing_rule(field->path);
	if (others & IS_NULL)
		find(findings, missing == RULE_REQUIRED_FIELD_MISSING ? RULE_FIELD_BECAME_NULL : missing, field->path);
	if (others & ~(unsigned)IS_NULL)
		find(findings, missing == RULE_ID_MISSING ? missing : RULE_FIELD_TYPE_CHANGED, field->path);
}

static void
check_required(const struct field_list *fields, struct json root, struct findings *findings)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct field_spec *field = &fields->items[i];
		unsigned kinds = kinds_at(root, field->path);
		if (kinds & ABSENT)
			find(findings, missing_rule(field->path), field->path);
		check_kinds(field, kinds, findings);
	}
}

static void
check_optional(const struct field_list *fields, struct json root, struct findings *findings)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct field_spec *field = &fields->items[i];
		unsigned others = kinds_at(root, field->path) & ~field->kinds & ~(unsigned)(ABSENT | IS_NULL);
		if (others)
			find(findings, RULE_FIELD_TYPE_CHANGED, field->path);
	}
}

/* ---- enums ---- */

struct enum_check {
	const struct enum_spec *spec;
	bool seen, unknown;
};

static void
check_enum_value(void *arg, struct json value)
{
	struct enum_check *check = arg;
	if (value.kind != JSON_STRING)
		return;
	check->seen = true;
	for (size_t i = 0; i < check->spec->count; i++)
		if (str_eq(json_str(value), str_of(check->spec->values[i])))
			return;
	check->unknown = true;
}

/* Enums of error bodies have paths below $.error, all others are of successes. */
static void
check_enums(const struct contract *contract, struct json root, bool of_errors, struct findings *findings)
{
	for (size_t i = 0; i < contract->enum_count; i++) {
		struct enum_check check = { .spec = &contract->enums[i] };
		if (str_starts(str_of(check.spec->path), STR("$.error.")) != of_errors)
			continue;
		check_visit(root, check.spec->path, check_enum_value, &check);
		if (check.seen)
			findings_overrule(findings, of_errors ? RULE_ERROR_CODE_CHANGED : RULE_ENUM_VALUE_UNKNOWN,
			    str_of(check.spec->path), check.unknown);
	}
}

/* ---- what is checked where ---- */

void
check_body(const struct contract *contract, struct json root, struct findings *findings)
{
	check_required(&contract->required, root, findings);
	check_optional(&contract->optional, root, findings);
	check_enums(contract, root, false, findings);
}

void
check_error(const struct contract *contract, struct json root, struct findings *findings)
{
	const struct field_list *fields = &contract->error_required;
	for (size_t i = 0; i < fields->count; i++) {
		const char *path = fields->items[i].path;
		bool wrong = kinds_at(root, path) & ~fields->items[i].kinds;
		if (wrong)
			find(findings, RULE_ERROR_ENVELOPE_CHANGED, path);
		else
			findings_overrule(findings, RULE_ERROR_CODE_TYPE_CHANGED, str_of(path), false);
	}
	check_enums(contract, root, true, findings);
}

void
check_event(const struct contract *contract, struct json root, uint64_t *seen, struct findings *findings)
{
	const struct field_list *fields = &contract->stream_required;
	for (size_t i = 0; i < fields->count; i++) {
		unsigned kinds = kinds_at(root, fields->items[i].path);
		check_kinds(&fields->items[i], kinds, findings);
		if (i < 64 && kinds & ~(unsigned)ABSENT)
			*seen |= UINT64_C(1) << i;
	}
	check_enums(contract, root, false, findings);
}

void
check_stream_end(const struct contract *contract, uint64_t seen, struct findings *findings)
{
	const struct field_list *fields = &contract->stream_required;
	for (size_t i = 0; i < fields->count && i < 64; i++)
		if (!(seen >> i & 1))
			find(findings, missing_rule(fields->items[i].path), fields->items[i].path);
}
