/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON: the only user of json-c. A text is first checked against RFC 8259 byte by byte (json-c lets NaN,
 * comments and control characters pass, and says little about why it failed), then parsed. Of duplicate keys the last
 * wins. Views are borrowed from the document. Pure but for allocation; one owner.
 */
#ifndef COMETCANARY_BASE_JSON_H
#define COMETCANARY_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

enum json_kind {
	JSON_ABSENT,
	JSON_NULL,
	JSON_BOOL,
	JSON_INT, /* fits int64_t */
	JSON_REAL, /* any other number */
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* A value in a document; passed by value, borrowed from the document. */
struct json {
	enum json_kind kind;
	void *node;
};

enum json_fault {
	JSON_FINE,
	JSON_BLANK, /* nothing but white space */
	JSON_BROKEN, /* no JSON */
	JSON_CUT, /* the text ends before its value does */
	JSON_DEEP, /* nested deeper than allowed */
	JSON_BAD_UTF8,
	JSON_TRAILING, /* something follows the value */
};

enum { JSON_DEPTH_MAX = 64 };

/* A BOM is skipped. On JSON_FINE *ret_root is owned: json_free(). */
enum json_fault json_parse(struct str text, unsigned depth_max, struct json *ret_root) ATTR_NODISCARD;
/* The same checks without a document. */
enum json_fault json_check(struct str text, unsigned depth_max) ATTR_NODISCARD;
void json_free(struct json root);
void json_free_ptr(struct json *root);
#define auto_json ATTR_CLEANUP(json_free_ptr)

/* Writes object `base` with the top-level members of object `over` laid over it and without the member `dropped` (may be
 * NULL). False when one is no object or the buffer is full. */
bool json_merge(struct str base, struct str over, const char *dropped, struct buf *out);

#define JSON_NOTHING ((struct json){ JSON_ABSENT, NULL })

/* All getters take any value; on the wrong type they answer absent, 0, false, or an absent view. */
struct json json_get(struct json object, const char *key);
size_t json_count(struct json array_or_object);
struct json json_at(struct json array, size_t index);
struct str json_str(struct json value);
int64_t json_int(struct json value);
double json_real(struct json value); /* of any number */
bool json_truth(struct json value);
const char *json_kind_name(enum json_kind kind);

static inline bool
json_is_set(struct json value)
{
	return value.kind != JSON_ABSENT && value.kind != JSON_NULL;
}

/* Walks the members of an object in the order of the text: while (json_next(object, &walk)) … */
struct json_walk {
	void *entry;
	bool started;
	const char *key;
	struct json value;
};
bool json_next(struct json object, struct json_walk *walk);

#endif
