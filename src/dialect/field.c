/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dialect/field.h"

#include <string.h>

/* Further off than this and `created` was not made for this answer; less is clocks that disagree. */
enum { CREATED_TOLERANCE_SECONDS = 24 * 3600 };

void
reply_find(struct reply *reply, enum finding_rule rule, const char *path)
{
	findings_add(&reply->findings, rule, SOURCE_DIALECT, str_of(path));
}

void
reply_keep(struct kept *kept, struct str text)
{
	kept->given = true;
	kept->len = text.len < sizeof(kept->text) ? text.len : sizeof(kept->text);
	if (kept->len > 0)
		memcpy(kept->text, text.at, kept->len);
}

void
reply_add_text(struct reply *reply, struct str text)
{
	if (text.len == 0)
		return;
	reply->has_output = true;
	reply->output_chars += str_code_points(text);
	buf_str(&reply->output, text);
}

static bool
is_one_of(struct json value, unsigned kinds)
{
	return kinds & 1U << value.kind;
}

struct json
field_check(struct reply *reply, struct json value, unsigned kinds, const char *path)
{
	if (is_one_of(value, kinds))
		return value;
	if (value.kind == JSON_ABSENT)
		reply_find(reply, RULE_REQUIRED_FIELD_MISSING, path);
	else if (value.kind == JSON_NULL)
		reply_find(reply, RULE_FIELD_BECAME_NULL, path);
	else
		reply_find(reply, RULE_FIELD_TYPE_CHANGED, path);
	return JSON_NOTHING;
}

struct json
field_required(struct reply *reply, struct json object, const char *key, unsigned kinds, const char *path)
{
	return field_check(reply, json_get(object, key), kinds, path);
}

struct json
field_needed(struct reply *reply, struct json object, const char *key, unsigned kinds, const char *path)
{
	struct json value = field_required(reply, object, key, kinds, path);
	if (value.kind == JSON_ABSENT)
		reply->unreadable = true;
	return value;
}

struct json
field_optional(struct reply *reply, struct json object, const char *key, unsigned kinds, const char *path)
{
	struct json value = json_get(object, key);
	if (!json_is_set(value))
		return JSON_NOTHING;
	if (!is_one_of(value, kinds))
		reply->unreadable = true;
	return field_check(reply, value, kinds, path);
}

struct json
field_output_list(struct reply *reply, struct json root, const char *key, const char *path)
{
	struct json list = field_needed(reply, root, key, FIELD_ARRAY, path);
	reply->success_body = list.kind == JSON_ARRAY;
	reply->empty_list = list.kind == JSON_ARRAY && json_count(list) == 0;
	return list;
}

bool
field_items(struct reply *reply, const struct asked *asked, struct json list, const char *path, field_item_fn *fn)
{
	bool any = false;
	for (size_t i = 0; i < json_count(list); i++) {
		struct json item = field_check(reply, json_at(list, i), FIELD_OBJECT, path);
		if (item.kind == JSON_OBJECT)
			any = fn(reply, asked, item) || any;
		else
			reply->unreadable = true;
	}
	return any;
}

struct json
field_data(struct reply *reply, const struct asked *asked, struct json root, field_item_fn *fn)
{
	struct json data = field_output_list(reply, root, "data", "$.data");
	field_items(reply, asked, data, "$.data[]", fn);
	return data;
}

void
field_id(struct reply *reply, struct json object, const char *path)
{
	if (json_get(object, "id").kind != JSON_STRING)
		reply_find(reply, RULE_ID_MISSING, path);
}

void
field_model(struct reply *reply, struct json object, const char *key, const char *path)
{
	struct json value = field_required(reply, object, key, FIELD_STRING, path);
	struct str model = json_str(value);
	if (model.len > 0)
		reply_keep(&reply->model, model);
}

void
field_created(struct reply *reply, struct json object, const char *key, unsigned kinds, const char *path)
{
	struct json value = field_required(reply, object, key, kinds, path);
	if (value.kind == JSON_ABSENT || reply->date.us == 0)
		return;
	double off = json_real(value) - (double)(reply->date.us / US_PER_SEC);
	if (!(off >= -CREATED_TOLERANCE_SECONDS && off <= CREATED_TOLERANCE_SECONDS))
		reply_find(reply, RULE_CREATED_IMPLAUSIBLE, path);
}
