/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

enum { PATH_BYTES_MAX = FINDING_PATH_BYTES - 1 };

void
shape_init(struct shape *shape, struct arena *arena)
{
	*shape = (struct shape){ .arena = arena, .vector_length = -1, .input_tokens = -1 };
}

/* Events and elements repeat the paths of the one before in the same order: the search goes on where it ended. */
static struct shape_path *
find_path(struct shape *shape, struct str path)
{
	for (size_t n = 0; n < shape->count; n++) {
		size_t i = shape->hint + n < shape->count ? shape->hint + n : shape->hint + n - shape->count;
		if (str_eq(shape->paths[i].path, path)) {
			shape->hint = i;
			return &shape->paths[i];
		}
	}
	return NULL;
}

static bool
make_room(struct shape *shape)
{
	if (shape->count < shape->room)
		return true;
	size_t room = shape->room ? shape->room * 2 : 64;
	struct shape_path *paths =
	    shape->count < SHAPE_PATHS_MAX ? arena_alloc(shape->arena, room * sizeof(*paths)) : NULL;
	if (!paths)
		return false;
	if (shape->count > 0)
		memcpy(paths, shape->paths, shape->count * sizeof(*paths));
	shape->paths = paths;
	shape->room = room;
	return true;
}

static void
note(struct shape *shape, struct str path, unsigned kinds)
{
	struct shape_path *known = find_path(shape, path);
	if (known) {
		known->kinds = (uint8_t)(known->kinds | kinds);
		return;
	}
	struct str copy = make_room(shape) ? arena_str(shape->arena, path) : STR_NONE;
	if (!copy.at) {
		shape->incomplete = true;
		return;
	}
	shape->paths[shape->count++] = (struct shape_path){ copy, (uint8_t)kinds };
}

static unsigned
kinds_of(struct json value)
{
	switch (value.kind) {
	case JSON_NULL:
		return SHAPE_NULL;
	case JSON_BOOL:
		return SHAPE_BOOL;
	case JSON_INT:
	case JSON_REAL:
		return SHAPE_NUMBER;
	case JSON_STRING:
		return SHAPE_STRING;
	case JSON_ARRAY:
		return json_count(value) == 0 ? SHAPE_ARRAY | SHAPE_EMPTY_ARRAY : SHAPE_ARRAY;
	case JSON_OBJECT:
		return SHAPE_OBJECT;
	case JSON_ABSENT:
		break;
	}
	return 0;
}

/* A vector has thousands of elements of one type: one is enough, but for its length. */
static bool
is_vector(struct json value)
{
	enum json_kind first = json_at(value, 0).kind;
	return json_count(value) > 8 && (first == JSON_INT || first == JSON_REAL);
}

/* path is a buffer that grows and shrinks with the walk; len is what it holds on entry. */
struct walk {
	struct shape *shape;
	char path[PATH_BYTES_MAX];
};

static void
walk_value(struct walk *walk, size_t len, struct json value, unsigned depth)
{
	note(walk->shape, str_span(walk->path, len), kinds_of(value));
	if (value.kind != JSON_ARRAY && value.kind != JSON_OBJECT)
		return;
	if (depth == SHAPE_DEPTH_MAX || len + 2 > sizeof(walk->path)) {
		walk->shape->incomplete = true;
		return;
	}
	if (value.kind == JSON_ARRAY) {
		memcpy(walk->path + len, "[]", 2);
		size_t count = is_vector(value) ? 1 : json_count(value);
		for (size_t i = 0; i < count; i++)
			walk_value(walk, len + 2, json_at(value, i), depth + 1);
		return;
	}
	struct json_walk members = { 0 };
	while (json_next(value, &members)) {
		size_t key_len = strlen(members.key);
		if (len + 1 + key_len > sizeof(walk->path)) {
			walk->shape->incomplete = true;
			continue;
		}
		walk->path[len] = '.';
		memcpy(walk->path + len + 1, members.key, key_len);
		walk_value(walk, len + 1 + key_len, members.value, depth + 1);
	}
}

/* The parts of an id that name its maker: chatcmpl of chatcmpl-A1, msg_bdrk of msg_bdrk_01. */
static struct str
id_prefix(struct str id)
{
	size_t end = 0, at = 0;
	while (at < id.len) {
		size_t start = at;
		while (at < id.len && id.at[at] >= 'a' && id.at[at] <= 'z')
			at++;
		if (at == start || at == id.len || (id.at[at] != '-' && id.at[at] != '_'))
			break;
		end = at++;
	}
	return str_span(id.at, end);
}

static void
note_extras(struct shape *shape, struct json root)
{
	struct json vector = json_get(json_at(json_get(root, "data"), 0), "embedding");
	if (vector.kind == JSON_ARRAY && is_vector(vector))
		shape->vector_length = (int64_t)json_count(vector);
	struct str id = json_str(json_get(root, "id"));
	if (id.at && !shape->id_prefix.at)
		shape->id_prefix = arena_str(shape->arena, id_prefix(id));
}

void
shape_add(struct shape *shape, struct json root)
{
	struct walk walk = { .shape = shape };
	walk.path[0] = '$';
	walk_value(&walk, 1, root, 0);
	note_extras(shape, root);
}

void
shape_add_header(struct shape *shape, struct str name)
{
	char path[PATH_BYTES_MAX] = "header:";
	size_t len = strlen(path);
	if (len + name.len > sizeof(path)) {
		shape->incomplete = true;
		return;
	}
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		path[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	note(shape, str_span(path, len), SHAPE_HEADER);
}

static int
compare_paths(const void *a, const void *b)
{
	const struct shape_path *one = a, *two = b;
	size_t len = one->path.len < two->path.len ? one->path.len : two->path.len;
	int order = memcmp(one->path.at, two->path.at, len);
	return order ? order : (one->path.len > two->path.len) - (one->path.len < two->path.len);
}

const struct shape_path *
shape_find(const struct shape *shape, struct str path)
{
	struct shape_path wanted = { .path = path };
	return shape->count ? bsearch(&wanted, shape->paths, shape->count, sizeof(wanted), compare_paths) : NULL;
}

void
shape_finish(struct shape *shape)
{
	if (shape->count > 0)
		qsort(shape->paths, shape->count, sizeof(*shape->paths), compare_paths);
}

uint64_t
shape_hash(const struct shape *shape)
{
	uint64_t hash = 0;
	for (size_t i = 0; i < shape->count; i++) {
		hash = hash_str(hash, shape->paths[i].path);
		hash = hash_str(hash, str_span((const char *)&shape->paths[i].kinds, 1));
	}
	return hash;
}
