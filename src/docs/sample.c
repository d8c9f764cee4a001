/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/sample.h"

#include <stdlib.h>

#include "base/escape.h"
#include "docs/value.h"

enum { MEMORY_MAX = 16 * 1024 * 1024, PATH_BYTES_MAX = 512, DEPTH_MAX = 24, VALUE_BYTES_MAX = 128, KEY_DIGITS = 4 };

void
samples_init(struct samples *samples)
{
	*samples = (struct samples){ 0 };
	arena_init(&samples->arena, MEMORY_MAX);
}

void
samples_done(struct samples *samples)
{
	arena_done(&samples->arena);
}

static void
add_field(struct samples *samples, struct sample_field field)
{
	if (samples->count == samples->room) {
		size_t room = samples->room ? samples->room * 2 : 64;
		struct sample_field *fields = arena_alloc(&samples->arena, room * sizeof(*fields));
		if (!fields)
			return;
		if (samples->count)
			memcpy(fields, samples->fields, samples->count * sizeof(*fields));
		samples->fields = fields;
		samples->room = room;
	}
	samples->fields[samples->count++] = field;
}

/* ---- walking a body ---- */

struct walk {
	struct samples *samples;
	char path[PATH_BYTES_MAX];
	bool values;
};

/* A key with a date or an id in it is one of many. */
static struct str
key_name(const char *key)
{
	size_t digits = 0;
	for (const char *c = key; *c; c++)
		digits += *c >= '0' && *c <= '9';
	return digits >= KEY_DIGITS ? STR("*") : str_of(key);
}

static struct str
value_of(struct walk *walk, struct json value, struct str key)
{
	bool names = str_eq(key, STR("code")) || str_eq(key, STR("type")) || str_eq(key, STR("status"));
	auto_buf struct buf text = BUF_INIT(VALUE_BYTES_MAX);
	if (!walk->values || !names)
		return STR_NONE;
	if (value.kind == JSON_STRING)
		escape_json(&text, json_str(value));
	else if (value.kind == JSON_INT)
		buf_printf(&text, "%lld", (long long)json_int(value));
	return text.overflow || text.len == 0 ? STR_NONE : arena_str(&walk->samples->arena, buf_view(&text));
}

static bool
is_deep(const struct walk *walk, size_t len)
{
	unsigned depth = 0;
	for (size_t i = 0; i < len; i++)
		depth += walk->path[i] == '.' || walk->path[i] == '[';
	return depth > DEPTH_MAX;
}

/* Notes what is at the path; a vector of numbers is one. */
static void
add_value(struct walk *walk, size_t len, struct json value, struct str key)
{
	struct samples *samples = walk->samples;
	struct str path = str_span(walk->path, len);
	const struct sample_field *last = samples->count ? &samples->fields[samples->count - 1] : NULL;
	unsigned type = 1U << value.kind;
	if (json_count(value) == 0 && !walk->values && last && last->types == type && str_eq(last->path, path))
		return;
	add_field(samples,
	    (struct sample_field){
		.path = arena_str(&samples->arena, path), .types = type, .value = value_of(walk, value, key) });
	samples->full = samples->full || samples->arena.exhausted || is_deep(walk, len);
}

static void
walk_value(struct walk *walk, size_t len, struct json value, struct str key)
{
	add_value(walk, len, value, key);
	if (value.kind == JSON_ARRAY && len + 2 <= PATH_BYTES_MAX) {
		memcpy(walk->path + len, "[]", 2);
		for (size_t i = 0; i < json_count(value) && !walk->samples->full; i++)
			walk_value(walk, len + 2, json_at(value, i), STR(""));
	}
	struct json_walk members = { 0 };
	while (json_next(value, &members) && !walk->samples->full) {
		struct str name = key_name(members.key);
		if (len + 1 + name.len > PATH_BYTES_MAX)
			continue;
		walk->path[len] = '.';
		memcpy(walk->path + len + 1, name.at, name.len);
		walk_value(walk, len + 1 + name.len, members.value, name);
	}
}

void
samples_add(struct samples *samples, struct json root, bool values)
{
	struct walk walk = { .samples = samples, .values = values };
	walk.path[0] = '$';
	walk_value(&walk, 1, root, STR(""));
	samples->full = samples->full || samples->arena.exhausted;
}

/* ---- all of them together ---- */

static int
order_fields(const void *a, const void *b)
{
	const struct sample_field *one = a, *two = b;
	int order = str_order(one->path, two->path);
	return order ? order : str_order(one->value, two->value);
}

void
samples_sort(struct samples *samples)
{
	if (samples->count > 0)
		qsort(samples->fields, samples->count, sizeof(*samples->fields), order_fields);
}

static int
order_path(const void *path, const void *field)
{
	return str_order(*(const struct str *)path, ((const struct sample_field *)field)->path);
}

unsigned
samples_types(const struct samples *samples, struct str path)
{
	const struct sample_field *end = samples->fields + samples->count;
	const struct sample_field *at = samples->count
	    ? bsearch(&path, samples->fields, samples->count, sizeof(*samples->fields), order_path)
	    : NULL;
	unsigned types = 0;
	while (at && at > samples->fields && str_eq(at[-1].path, path))
		at--;
	for (; at && at < end && str_eq(at->path, path); at++)
		types |= at->types;
	return types;
}

/* fields[i…], one path. Returns the first of the next. */
static size_t
write_path(const struct samples *samples, size_t i, struct builder *builder, const char *prefix)
{
	auto_buf struct buf key = BUF_INIT(PATH_BYTES_MAX + 64);
	auto_buf struct buf value = BUF_INIT(64 * 1024);
	const struct sample_field *first = &samples->fields[i];
	unsigned types = 0;
	size_t end = i;
	for (; end < samples->count && str_eq(samples->fields[end].path, first->path); end++)
		types |= samples->fields[end].types;
	buf_printf(&key, "%s %.*s", prefix, STR_ARG(first->path));
	type_print(&value, types & TYPE_BIT(REAL) ? types | TYPE_BIT(INT) : types);
	const char *before = ", one of ";
	for (struct str last = STR_NONE; i < end; i++) {
		struct str text = samples->fields[i].value;
		if (!text.at || (last.at && str_eq(text, last)))
			continue;
		buf_text(&value, before);
		buf_str(&value, text);
		before = " ";
		last = text;
	}
	builder->full = builder->full || value.overflow;
	builder_fact(builder, buf_view(&key), buf_view(&value));
	return end;
}

void
samples_write(struct samples *samples, struct builder *builder, const char *prefix)
{
	builder->full = builder->full || samples->full;
	samples_sort(samples);
	for (size_t i = 0; i < samples->count && !builder->full;)
		i = write_path(samples, i, builder, prefix);
}

bool
sample_is_error(struct json root)
{
	struct json error = json_get(root, "error");
	if (error.kind == JSON_OBJECT || error.kind == JSON_STRING)
		return true;
	return json_get(root, "message").kind == JSON_STRING && json_get(root, "code").kind != JSON_ABSENT &&
	    json_get(root, "code").kind != JSON_BOOL && json_get(root, "data").kind == JSON_ABSENT &&
	    json_get(root, "choices").kind == JSON_ABSENT;
}
