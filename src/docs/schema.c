/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/schema.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/format.h"
#include "base/xalloc.h"
#include "docs/reference.h"
#include "docs/value.h"

enum {
	DEPTH_MAX = 48, /* schemas inside schemas, references followed */
	VISITS_MAX = 100000, /* of a whole document */
	FIELDS_MAX = 16384, /* of one schema */
	SCRATCH_MAX = 16 * 1024 * 1024,
	PATH_MAX_BYTES = 512
};

/* A sorted list of texts, each once: the values of an enum, or notes such as "minimum 1". */
struct texts {
	struct str *items;
	size_t count;
};

struct field {
	struct str path;
	unsigned types; /* 0 = any */
	bool nullable, required, has_enum;
	struct texts enums, notes;
	/* while alternatives are folded: */
	unsigned holders; /* alternatives that have it and may be an object */
	unsigned free; /* types of which an alternative without enum allows any value */
};

/* A reference that is being followed. */
struct open_schema {
	void *node;
	struct str path;
};

struct walk {
	struct schema_reader *reader;
	struct arena arena; /* fields, until they are facts */
	struct field *fields;
	size_t count, room;
	struct open_schema open[DEPTH_MAX];
	size_t open_count;
	unsigned depth;
	bool full;
};

/* ---- lists of texts ---- */

static int
order_texts(const void *a, const void *b)
{
	return str_order(*(const struct str *)a, *(const struct str *)b);
}

static void
sort_texts(struct texts *texts)
{
	size_t kept = 0;
	if (texts->count == 0)
		return;
	str_sort(texts->items, texts->count);
	for (size_t i = 0; i < texts->count; i++)
		if (i == 0 || !str_eq(texts->items[i], texts->items[kept - 1]))
			texts->items[kept++] = texts->items[i];
	texts->count = kept;
}

static bool
texts_have(const struct texts *texts, struct str text)
{
	return texts->count > 0 && bsearch(&text, texts->items, texts->count, sizeof(text), order_texts);
}

static struct texts
both_texts(struct walk *walk, const struct texts *a, const struct texts *b)
{
	if (a->count == 0 || b->count == 0)
		return a->count ? *a : *b;
	struct texts all = { arena_alloc(&walk->arena, (a->count + b->count) * sizeof(struct str)), 0 };
	if (!all.items)
		return *a;
	memcpy(all.items, a->items, a->count * sizeof(*a->items));
	memcpy(all.items + a->count, b->items, b->count * sizeof(*b->items));
	all.count = a->count + b->count;
	sort_texts(&all);
	return all;
}

static struct texts
common_texts(struct walk *walk, const struct texts *a, const struct texts *b)
{
	struct texts common = { arena_alloc(&walk->arena, a->count * sizeof(struct str)), 0 };
	for (size_t i = 0; common.items && i < a->count; i++)
		if (texts_have(b, a->items[i]))
			common.items[common.count++] = a->items[i];
	return common;
}

static void
add_note(struct walk *walk, struct field *field, struct str note)
{
	struct str copy = arena_str(&walk->arena, note);
	struct texts one = { &copy, 1 };
	field->notes = both_texts(walk, &field->notes, &one);
	if (field->notes.items == &copy) { /* it was the first */
		field->notes.items = arena_alloc(&walk->arena, sizeof(copy));
		field->notes.count = field->notes.items ? 1 : 0;
		if (field->notes.items)
			field->notes.items[0] = copy;
	}
}

/* ---- folding fields of one path together ---- */

static int
order_fields(const void *a, const void *b)
{
	return str_order(((const struct field *)a)->path, ((const struct field *)b)->path);
}

static bool
may_be_object(const struct field *field)
{
	return field->types == 0 || field->types & TYPE_BIT(OBJECT);
}

static void
fold_all(struct walk *walk, struct field *into, const struct field *other)
{
	unsigned common = into->types & other->types;
	into->types = into->types && other->types && common ? common : into->types | other->types;
	into->nullable = into->nullable || other->nullable;
	into->required = into->required || other->required;
	into->notes = both_texts(walk, &into->notes, &other->notes);
	if (into->has_enum && other->has_enum) {
		struct texts allowed = common_texts(walk, &into->enums, &other->enums);
		into->enums = allowed.count ? allowed : both_texts(walk, &into->enums, &other->enums);
	} else if (other->has_enum) {
		into->enums = other->enums;
	}
	into->has_enum = into->has_enum || other->has_enum;
}

static void
fold_any(struct walk *walk, struct field *into, const struct field *other)
{
	into->types = into->types && other->types ? into->types | other->types : 0;
	into->nullable = into->nullable || other->nullable;
	into->required = into->required && other->required;
	into->notes = both_texts(walk, &into->notes, &other->notes);
	into->enums = both_texts(walk, &into->enums, &other->enums);
	into->holders += other->holders;
	into->free |= other->free;
}

static void
begin_any(struct field *field)
{
	field->holders = may_be_object(field);
	field->free = field->has_enum ? 0 : field->types ? field->types : ~0U;
}

/* The type of a constant by how it is written. */
static unsigned
type_of_text(struct str text)
{
	switch (text.len ? text.at[0] : 'n') {
	case '"':
		return TYPE_BIT(STRING);
	case 't':
	case 'f':
		return TYPE_BIT(BOOL);
	case 'n':
		return TYPE_BIT(NULL);
	default:
		return TYPE_BIT(INT) | TYPE_BIT(REAL);
	}
}

/* A value of an enum says nothing where another alternative allows all values of its type. */
static void
end_any(struct field *field)
{
	size_t kept = 0;
	for (size_t i = 0; i < field->enums.count; i++)
		if (!(type_of_text(field->enums.items[i]) & field->free))
			field->enums.items[kept++] = field->enums.items[i];
	field->enums.count = kept;
	field->has_enum = kept > 0;
}

/* Sorts fields[start…] and folds those of one path. `alternatives`: of how many they come, 0 = all of them hold. */
static void
fold(struct walk *walk, size_t start, unsigned alternatives)
{
	struct field *fields = walk->fields + start;
	size_t count = walk->count - start, kept = 0;
	if (count < 2 || walk->full)
		return;
	qsort(fields, count, sizeof(*fields), order_fields);
	for (size_t i = 0, members; i < count; i += members) {
		struct field field = fields[i];
		begin_any(&field);
		members = 1;
		for (; i + members < count && str_eq(fields[i + members].path, field.path); members++) {
			struct field other = fields[i + members];
			begin_any(&other);
			if (alternatives)
				fold_any(walk, &field, &other);
			else
				fold_all(walk, &field, &other);
		}
		if (alternatives)
			end_any(&field);
		if (alternatives && field.required) {
			struct field wanted = { .path = path_parent(field.path) };
			const struct field *parent =
			    kept ? bsearch(&wanted, fields, kept, sizeof(wanted), order_fields) : NULL;
			if (parent)
				field.required = members >= parent->holders;
		}
		fields[kept++] = field;
	}
	walk->count = start + kept;
	walk->full = walk->full || walk->arena.exhausted;
}

/* ---- one schema ---- */

static struct field *
add_field(struct walk *walk, struct str path)
{
	if (walk->count == walk->room && !walk->full) {
		size_t room = walk->room ? walk->room * 2 : 64;
		struct field *fields = room <= FIELDS_MAX ? arena_alloc(&walk->arena, room * sizeof(*fields)) : NULL;
		if (fields && walk->count)
			memcpy(fields, walk->fields, walk->count * sizeof(*fields));
		walk->full = !fields;
		walk->fields = fields ? fields : walk->fields;
		walk->room = fields ? room : walk->room;
	}
	if (walk->full)
		return NULL;
	walk->fields[walk->count] = (struct field){ .path = path };
	return &walk->fields[walk->count++];
}

static struct str
child_path(struct walk *walk, struct str path, const char *link, struct str name)
{
	size_t link_len = strlen(link), len = path.len + link_len + name.len;
	char *at = len <= PATH_MAX_BYTES ? arena_alloc(&walk->arena, len + 1) : NULL;
	if (!at) {
		walk->full = true;
		return path;
	}
	memcpy(at, path.at, path.len);
	memcpy(at + path.len, link, link_len);
	if (name.len)
		memcpy(at + path.len + link_len, name.at, name.len);
	return str_span(at, len);
}

/* A constant as JSON; 1.0 is 1. Lists and objects by their kind: what is in them is an example more than a contract. */
static void
print_constant(struct buf *out, struct json value)
{
	char number[FORMAT_BYTES];
	double real = json_real(value);
	bool whole = value.kind == JSON_INT || (real > -1e15 && real < 1e15 && real == (double)(int64_t)real);
	if (value.kind == JSON_STRING)
		escape_json(out, json_str(value));
	else if (value.kind == JSON_INT || (value.kind == JSON_REAL && whole))
		buf_add(out, number, format_i64(number, value.kind == JSON_INT ? json_int(value) : (int64_t)real));
	else if (value.kind == JSON_REAL)
		buf_add(out, number, format_real(number, real));
	else if (value.kind == JSON_BOOL)
		buf_text(out, json_truth(value) ? "true" : "false");
	else
		buf_text(out, json_kind_name(value.kind));
}

static unsigned
type_of_constant(struct json value)
{
	return value.kind == JSON_REAL ? TYPE_BIT(INT) | TYPE_BIT(REAL) : 1U << value.kind;
}

static void
read_types(struct field *field, struct json schema)
{
	struct json type = json_get(schema, "type");
	if (type.kind == JSON_STRING)
		field->types = type_from_word(json_str(type));
	for (size_t i = 0; type.kind == JSON_ARRAY && i < json_count(type) && i < 16; i++)
		field->types |= type_from_word(json_str(json_at(type, i)));
	field->nullable = json_truth(json_get(schema, "nullable"));
	if (field->types)
		return;
	/* Nobody writes properties without meaning an object. */
	if (json_get(schema, "properties").kind == JSON_OBJECT)
		field->types = TYPE_BIT(OBJECT);
	else if (json_is_set(json_get(schema, "items")))
		field->types = TYPE_BIT(ARRAY);
}

static void
read_enum(struct walk *walk, struct field *field, struct json schema)
{
	struct json list = json_get(schema, "enum"), only = json_get(schema, "const");
	size_t count = list.kind == JSON_ARRAY ? json_count(list) : only.kind != JSON_ABSENT;
	unsigned types = 0;
	if (count == 0)
		return;
	field->enums.items = arena_alloc(&walk->arena, count * sizeof(struct str));
	for (size_t i = 0; field->enums.items && i < count; i++) {
		struct json value = list.kind == JSON_ARRAY ? json_at(list, i) : only;
		auto_buf struct buf text = BUF_INIT(1024);
		types |= type_of_constant(value);
		if (value.kind == JSON_NULL) { /* a type, however it is said */
			field->nullable = true;
			continue;
		}
		print_constant(&text, value);
		field->enums.items[field->enums.count++] = arena_str(&walk->arena, buf_view(&text));
		walk->full = walk->full || text.overflow || walk->arena.exhausted;
	}
	sort_texts(&field->enums);
	field->has_enum = field->enums.count > 0;
	if (field->types == 0)
		field->types = types;
}

/* Keywords beside types and enums that a client's code can depend on. What only describes (description, title, example,
 * x-…) is in no table, so that it counts for nothing. */
static void
read_notes(struct walk *walk, struct field *field, struct json schema)
{
	static const struct {
		const char *key, *said;
	} keys[] = { { "minimum", "minimum" }, { "maximum", "maximum" }, { "exclusiveMinimum", "above" },
		{ "exclusiveMaximum", "below" }, { "multipleOf", "multiple of" }, { "minLength", "minimum length" },
		{ "maxLength", "maximum length" }, { "minItems", "minimum items" }, { "maxItems", "maximum items" },
		{ "pattern", "pattern" }, { "format", "format" }, { "default", "default" } };
	static const struct {
		const char *key;
		struct str said;
	} flags[] = { { "deprecated", { "deprecated", 10 } }, { "readOnly", { "read only", 9 } },
		{ "writeOnly", { "write only", 10 } }, { "uniqueItems", { "unique items", 12 } } };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct json value = json_get(schema, keys[i].key);
		if (value.kind == JSON_ABSENT)
			continue;
		auto_buf struct buf note = BUF_INIT(4096);
		buf_printf(&note, "%s ", keys[i].said);
		print_constant(&note, value);
		if (note.overflow)
			buf_reset(&note);
		add_note(walk, field, note.len ? buf_view(&note) : str_of(keys[i].said));
	}
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (json_truth(json_get(schema, flags[i].key)))
			add_note(walk, field, flags[i].said);
	struct json more = json_get(schema, "additionalProperties");
	if (more.kind == JSON_BOOL && !json_truth(more))
		add_note(walk, field, STR("no other properties"));
}

static void walk_schema(struct walk *walk, struct json schema, struct str path);

static void
walk_properties(struct walk *walk, struct json schema, struct str path)
{
	struct json_walk members = { 0 };
	while (json_next(json_get(schema, "properties"), &members) && !walk->full)
		walk_schema(walk, members.value, child_path(walk, path, ".", str_of(members.key)));
	struct json required = json_get(schema, "required");
	for (size_t i = 0; required.kind == JSON_ARRAY && i < json_count(required) && !walk->full; i++) {
		struct str name = json_str(json_at(required, i));
		struct field *field = name.len ? add_field(walk, child_path(walk, path, ".", name)) : NULL;
		if (field)
			field->required = true;
	}
	struct json more = json_get(schema, "additionalProperties");
	if (more.kind == JSON_OBJECT && json_count(more) > 0)
		walk_schema(walk, more, child_path(walk, path, ".*", STR("")));
}

static void
walk_items(struct walk *walk, struct json schema, struct str path)
{
	static const char *const keys[] = { "items", "prefixItems" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct json items = json_get(schema, keys[i]);
		if (items.kind != JSON_OBJECT && items.kind != JSON_ARRAY)
			continue;
		struct str inside = child_path(walk, path, "[]", STR(""));
		if (items.kind == JSON_OBJECT)
			walk_schema(walk, items, inside);
		for (size_t j = 0; items.kind == JSON_ARRAY && j < json_count(items) && !walk->full; j++)
			walk_schema(walk, json_at(items, j), inside);
	}
}

static void
walk_alternatives(struct walk *walk, struct json list, struct str path)
{
	size_t start = walk->count, count = list.kind == JSON_ARRAY ? json_count(list) : 0;
	for (size_t i = 0; i < count && !walk->full; i++)
		walk_schema(walk, json_at(list, i), path);
	fold(walk, start, (unsigned)count);
}

static void
walk_keywords(struct walk *walk, struct json schema, struct str path)
{
	struct field *field = add_field(walk, path);
	if (!field)
		return;
	read_types(field, schema);
	read_enum(walk, field, schema);
	read_notes(walk, field, schema);
	walk_properties(walk, schema, path);
	walk_items(walk, schema, path);
	struct json all = json_get(schema, "allOf");
	for (size_t i = 0; all.kind == JSON_ARRAY && i < json_count(all) && !walk->full; i++)
		walk_schema(walk, json_at(all, i), path);
	walk_alternatives(walk, json_get(schema, "oneOf"), path);
	walk_alternatives(walk, json_get(schema, "anyOf"), path);
}

static void
add_pointer(struct walk *walk, struct str path, const char *said, struct str where)
{
	struct field *field = add_field(walk, path);
	auto_buf struct buf note = BUF_INIT(1024);
	buf_printf(&note, "%s %.*s", said, STR_ARG(where));
	if (field)
		add_note(walk, field, note.len ? buf_view(&note) : str_of(said));
}

static void
walk_reference(struct walk *walk, struct json schema, struct str path)
{
	struct str name = json_str(json_get(schema, "$ref"));
	if (!str_starts(name, STR("#"))) {
		add_pointer(walk, path, "see", name);
		return;
	}
	struct json target = reference_resolve(walk->reader->root, schema);
	if (target.kind != JSON_OBJECT) {
		add_pointer(walk, path, "see", STR("nothing"));
		return;
	}
	for (size_t i = 0; i < walk->open_count; i++)
		if (walk->open[i].node == target.node) {
			add_pointer(walk, path, "same as", walk->open[i].path);
			return;
		}
	walk->open[walk->open_count++] = (struct open_schema){ target.node, path };
	walk_schema(walk, target, path);
	walk->open_count--;
}

/* Adds the fields of the schema; after it no two of them have the same path. */
static void
walk_schema(struct walk *walk, struct json schema, struct str path)
{
	size_t start = walk->count;
	if (walk->full || walk->depth == DEPTH_MAX || ++walk->reader->visits > VISITS_MAX) {
		walk->full = true;
		return;
	}
	walk->depth++;
	if (json_get(schema, "$ref").kind == JSON_STRING)
		walk_reference(walk, schema, path);
	walk_keywords(walk, schema, path);
	fold(walk, start, 0);
	walk->depth--;
}

/* ---- facts ---- */

static void
print_field(struct buf *out, const struct field *field)
{
	type_print(out, field->nullable && field->types ? field->types | TYPE_BIT(NULL) : field->types);
	for (size_t i = 0; i < field->enums.count; i++) {
		buf_text(out, i ? " " : ", one of ");
		buf_str(out, field->enums.items[i]);
	}
	for (size_t i = 0; i < field->notes.count; i++) {
		buf_text(out, ", ");
		buf_str(out, field->notes.items[i]);
	}
	if (field->required)
		buf_text(out, ", required");
}

static void
add_facts(struct walk *walk, struct str prefix)
{
	struct builder *builder = walk->reader->builder;
	for (size_t i = 0; i < walk->count && !builder->full; i++) {
		auto_buf struct buf key = BUF_INIT(8192);
		auto_buf struct buf value = BUF_INIT(256 * 1024);
		buf_str(&key, prefix);
		buf_char(&key, ' ');
		buf_str(&key, walk->fields[i].path);
		print_field(&value, &walk->fields[i]);
		builder->full = builder->full || key.overflow || value.overflow;
		builder_fact(builder, buf_view(&key), buf_view(&value));
	}
}

void
schema_read(struct schema_reader *reader, struct json schema, struct str prefix, struct str path, bool required)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));
	walk->reader = reader;
	arena_init(&walk->arena, SCRATCH_MAX);
	walk_schema(walk, schema, path);
	for (size_t i = 0; i < walk->count; i++)
		if (str_eq(walk->fields[i].path, path))
			walk->fields[i].required = walk->fields[i].required || required;
	if (walk->full || walk->arena.exhausted)
		reader->builder->full = true;
	else
		add_facts(walk, prefix);
	arena_done(&walk->arena);
	free(walk);
}
