/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a dialect requires of a field, said in one line each: a field that is absent, null, or of another type becomes
 * the right finding. Pure.
 */
#ifndef COMETCANARY_DIALECT_FIELD_H
#define COMETCANARY_DIALECT_FIELD_H

#include "base/json.h"
#include "model/reply.h"
#include "model/request.h"

enum field_kinds {
	FIELD_STRING = 1 << JSON_STRING,
	FIELD_INT = 1 << JSON_INT,
	FIELD_NUMBER = 1 << JSON_INT | 1 << JSON_REAL,
	FIELD_BOOL = 1 << JSON_BOOL,
	FIELD_ARRAY = 1 << JSON_ARRAY,
	FIELD_OBJECT = 1 << JSON_OBJECT,
	FIELD_NULL = 1 << JSON_NULL,
};

/* The field, when it is one of the kinds; else JSON_NOTHING and a finding at path. */
struct json field_required(struct reply *reply, struct json object, const char *key, unsigned kinds, const char *path);
/* The same for a part of the output that may be absent or null: only another type is a finding. */
struct json field_optional(struct reply *reply, struct json object, const char *key, unsigned kinds, const char *path);
/* The value itself (an element of an array, a whole body). */
struct json field_check(struct reply *reply, struct json value, unsigned kinds, const char *path);
/* Required, and on the way to the output: without it there is nothing to read, and an empty output says nothing. */
struct json field_needed(struct reply *reply, struct json object, const char *key, unsigned kinds, const char *path);

/* The list that holds the output: needed; marks the reply as a success, and as empty when it has no elements. */
struct json field_output_list(struct reply *reply, struct json root, const char *key, const char *path);
/* Calls fn for each element that is an object; another element is a finding. True when fn was, for any. */
typedef bool field_item_fn(struct reply *reply, const struct asked *asked, struct json item);
bool field_items(struct reply *reply, const struct asked *asked, struct json list, const char *path, field_item_fn *fn);

/* Both for the list "data". Returns it. */
struct json field_data(struct reply *reply, const struct asked *asked, struct json root, field_item_fn *fn);

/* The response's id and model and its creation time (of one of the kinds, against the response's own date). */
void field_id(struct reply *reply, struct json object, const char *path);
void field_model(struct reply *reply, struct json object, const char *key, const char *path);
void field_created(struct reply *reply, struct json object, const char *key, unsigned kinds, const char *path);

void reply_keep(struct kept *kept, struct str text);
/* Adds to the visible output. */
void reply_add_text(struct reply *reply, struct str text);
void reply_find(struct reply *reply, enum finding_rule rule, const char *path);

#endif
