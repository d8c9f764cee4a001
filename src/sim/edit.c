/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/edit.h"

#include "base/json.h"
#include "base/jsonw.h"

enum { EDIT_DEPTH_MAX = 28 }; /* below what jsonw nests */

struct edit {
	struct jsonw w;
	enum edit_op op;
	struct json value;
};

static void copy(struct edit *edit, const char *key, struct json value, struct str path);

static void
copy_members(struct edit *edit, struct json object, struct str path)
{
	struct str rest = path;
	struct str step = path.at ? str_split(&rest, '.') : STR_NONE;
	bool met = false;
	struct json_walk walk = { .entry = NULL };
	while (json_next(object, &walk)) {
		bool each = str_ends(step, STR("[]"));
		struct str name = each ? str_span(step.at, step.len - 2) : step;
		bool here = edit->op == EDIT_NULL_ALL || (step.at && str_eq(str_of(walk.key), name));
		met |= here;
		/* An empty path that is present says: it is this value; "[]" says: each item of it. */
		struct str next = !here ? STR_NONE
		    : each              ? str_span(step.at + step.len - 2, path.len - name.len)
		    : rest.at           ? rest
					: STR("");
		copy(edit, walk.key, walk.value, next);
	}
	if (!met && edit->op == EDIT_SET && step.len > 0 && !rest.at) {
		auto_buf struct buf name = BUF_INIT(256);
		buf_str(&name, step);
		copy(edit, buf_cstr(&name), edit->value, STR_NONE);
	}
}

static void
write_empty(struct edit *edit, const char *key, enum json_kind kind)
{
	if (kind == JSON_OBJECT) {
		jsonw_open_object(&edit->w, key);
		jsonw_close_object(&edit->w);
	} else if (kind == JSON_ARRAY) {
		jsonw_open_array(&edit->w, key);
		jsonw_close_array(&edit->w);
	} else if (kind == JSON_STRING) {
		jsonw_text(&edit->w, key, "");
	} else if (kind == JSON_BOOL) {
		jsonw_bool(&edit->w, key, false);
	} else {
		jsonw_int(&edit->w, key, 0);
	}
}

static void
write_retyped(struct edit *edit, const char *key, struct json value)
{
	auto_buf struct buf text = BUF_INIT(64);
	switch (value.kind) {
	case JSON_STRING:
		jsonw_int(&edit->w, key, (int64_t)json_str(value).len);
		break;
	case JSON_INT:
		buf_printf(&text, "%lld", (long long)json_int(value));
		jsonw_str(&edit->w, key, buf_view(&text));
		break;
	case JSON_REAL:
		jsonw_text(&edit->w, key, "0.5");
		break;
	case JSON_BOOL:
		jsonw_text(&edit->w, key, json_truth(value) ? "true" : "false");
		break;
	case JSON_OBJECT:
		write_empty(edit, key, JSON_ARRAY);
		break;
	case JSON_ARRAY:
		write_empty(edit, key, JSON_OBJECT);
		break;
	case JSON_NULL:
	case JSON_ABSENT:
		jsonw_int(&edit->w, key, 0);
		break;
	}
}

static void
write_changed(struct edit *edit, const char *key, struct json value)
{
	switch (edit->op) {
	case EDIT_DROP:
		break;
	case EDIT_NULL:
	case EDIT_NULL_ALL:
		jsonw_null(&edit->w, key);
		break;
	case EDIT_EMPTY:
		write_empty(edit, key, value.kind);
		break;
	case EDIT_RETYPE:
		write_retyped(edit, key, value);
		break;
	case EDIT_REPLACE:
	case EDIT_SET:
		copy(edit, key, edit->value, STR_NONE);
		break;
	}
}

static void
copy_items(struct edit *edit, struct json array, struct str path)
{
	struct str next = STR_NONE;
	if (path.at && str_starts(path, STR("[]"))) {
		next = str_span(path.at + 2, path.len - 2);
		if (next.len > 0 && next.at[0] == '.')
			next = str_span(next.at + 1, next.len - 1);
	}
	for (size_t i = 0; i < json_count(array); i++)
		copy(edit, NULL, json_at(array, i), next);
}

static void
copy(struct edit *edit, const char *key, struct json value, struct str path)
{
	if (path.at && path.len == 0) {
		write_changed(edit, key, value);
		return;
	}
	if (edit->w.depth > EDIT_DEPTH_MAX) {
		jsonw_null(&edit->w, key);
		return;
	}
	switch (value.kind) {
	case JSON_OBJECT:
		jsonw_open_object(&edit->w, key);
		copy_members(edit, value, path);
		jsonw_close_object(&edit->w);
		break;
	case JSON_ARRAY:
		jsonw_open_array(&edit->w, key);
		copy_items(edit, value, path);
		jsonw_close_array(&edit->w);
		break;
	case JSON_STRING:
		jsonw_str(&edit->w, key, json_str(value));
		break;
	case JSON_INT:
		jsonw_int(&edit->w, key, json_int(value));
		break;
	case JSON_REAL:
		jsonw_real(&edit->w, key, json_real(value));
		break;
	case JSON_BOOL:
		jsonw_bool(&edit->w, key, json_truth(value));
		break;
	case JSON_NULL:
	case JSON_ABSENT:
		jsonw_null(&edit->w, key);
		break;
	}
}

bool
edit_json(struct buf *out, struct str json, enum edit_op op, struct str path, struct str value)
{
	auto_json struct json root = JSON_NOTHING;
	auto_json struct json replacement = JSON_NOTHING;
	if (json_parse(json, JSON_DEPTH_MAX, &root) != JSON_FINE)
		return false;
	if ((op == EDIT_SET || op == EDIT_REPLACE) && json_parse(value, JSON_DEPTH_MAX, &replacement) != JSON_FINE)
		return false;
	if (str_starts(path, STR("$.")))
		path = str_span(path.at + 2, path.len - 2);
	struct edit edit = { .op = op, .value = replacement };
	jsonw_init(&edit.w, out);
	copy(&edit, NULL, root, op == EDIT_NULL_ALL ? STR_NONE : path);
	return true;
}

bool
edit_get(struct buf *out, struct str json, struct str path)
{
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(json, JSON_DEPTH_MAX, &root) != JSON_FINE)
		return false;
	struct json value = root;
	while (path.at) {
		auto_buf struct buf key = BUF_INIT(256);
		buf_str(&key, str_split(&path, '.'));
		value = json_get(value, buf_cstr(&key));
	}
	if (value.kind == JSON_ABSENT)
		return false;
	struct edit edit = { .op = EDIT_NULL };
	jsonw_init(&edit.w, out);
	copy(&edit, NULL, value, STR_NONE);
	return true;
}
