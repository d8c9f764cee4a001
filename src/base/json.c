/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/json.h"

#include <json-c/json.h>
#include <limits.h>

#include "base/xalloc.h"

/* ---- the check: RFC 8259, one pass, no allocation ---- */

struct scan {
	const char *at, *end;
	unsigned depth_left;
	unsigned least_left; /* at the deepest place */
};

static void
skip_space(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static enum json_fault
scan_word(struct scan *s, struct str word)
{
	size_t left = (size_t)(s->end - s->at);
	size_t len = left < word.len ? left : word.len;
	if (memcmp(s->at, word.at, len) != 0)
		return JSON_BROKEN;
	s->at += len;
	return len < word.len ? JSON_CUT : JSON_FINE;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static enum json_fault
scan_digits(struct scan *s)
{
	if (s->at == s->end)
		return JSON_CUT;
	if (!is_digit(*s->at))
		return JSON_BROKEN;
	while (s->at < s->end && is_digit(*s->at))
		s->at++;
	return JSON_FINE;
}

static enum json_fault
scan_number(struct scan *s)
{
	enum json_fault fault = JSON_FINE;
	if (*s->at == '-')
		s->at++;
	if (s->at < s->end && *s->at == '0')
		s->at++;
	else
		fault = scan_digits(s);
	if (fault == JSON_FINE && s->at < s->end && *s->at == '.') {
		s->at++;
		fault = scan_digits(s);
	}
	if (fault == JSON_FINE && s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		fault = scan_digits(s);
	}
	return fault;
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static enum json_fault
scan_escape(struct scan *s)
{
	if (s->at == s->end)
		return JSON_CUT;
	char c = *s->at++;
	if (c != 'u')
		return c != '\0' && strchr("\"\\/bfnrt", c) ? JSON_FINE : JSON_BROKEN;
	for (int i = 0; i < 4; i++, s->at++) {
		if (s->at == s->end)
			return JSON_CUT;
		if (!is_hex(*s->at))
			return JSON_BROKEN;
	}
	return JSON_FINE;
}

static enum json_fault
scan_string(struct scan *s)
{
	if (s->at == s->end)
		return JSON_CUT;
	if (*s->at++ != '"')
		return JSON_BROKEN;
	while (s->at < s->end) {
		char c = *s->at++;
		if (c == '"')
			return JSON_FINE;
		if ((unsigned char)c < 0x20)
			return JSON_BROKEN;
		enum json_fault fault = c == '\\' ? scan_escape(s) : JSON_FINE;
		if (fault != JSON_FINE)
			return fault;
	}
	return JSON_CUT;
}

static enum json_fault scan_value(struct scan *s);

static enum json_fault
scan_member(struct scan *s)
{
	enum json_fault fault = scan_string(s);
	if (fault != JSON_FINE)
		return fault;
	skip_space(s);
	if (s->at == s->end)
		return JSON_CUT;
	return *s->at++ == ':' ? scan_value(s) : JSON_BROKEN;
}

/* Recursion is bounded by depth_left. */
static enum json_fault
scan_container(struct scan *s, char close)
{
	if (s->depth_left == 0)
		return JSON_DEEP;
	if (--s->depth_left < s->least_left)
		s->least_left = s->depth_left;
	s->at++;
	skip_space(s);
	bool empty = s->at < s->end && *s->at == close;
	while (!empty) {
		enum json_fault fault = close == '}' ? scan_member(s) : scan_value(s);
		if (fault != JSON_FINE)
			return fault;
		skip_space(s);
		if (s->at == s->end)
			return JSON_CUT;
		if (*s->at == close)
			break;
		if (*s->at++ != ',')
			return JSON_BROKEN;
		skip_space(s);
	}
	s->at++;
	s->depth_left++;
	return JSON_FINE;
}

static enum json_fault
scan_value(struct scan *s)
{
	skip_space(s);
	if (s->at == s->end)
		return JSON_CUT;
	switch (*s->at) {
	case '{':
		return scan_container(s, '}');
	case '[':
		return scan_container(s, ']');
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, STR("true"));
	case 'f':
		return scan_word(s, STR("false"));
	case 'n':
		return scan_word(s, STR("null"));
	default:
		return is_digit(*s->at) || *s->at == '-' ? scan_number(s) : JSON_BROKEN;
	}
}

static struct str
without_bom(struct str text)
{
	struct str bom = STR("\xEF\xBB\xBF");
	return str_starts(text, bom) ? str_span(text.at + bom.len, text.len - bom.len) : text;
}

/* A text that was cut inside a code point was cut, not badly encoded. */
static bool
ends_inside_code_point(struct str text)
{
	for (size_t back = 1; back <= 3 && back <= text.len; back++) {
		unsigned char c = (unsigned char)text.at[text.len - back];
		if ((c & 0xC0) == 0x80)
			continue;
		size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
		return need > back && str_is_utf8(str_span(text.at, text.len - back));
	}
	return false;
}

static enum json_fault
check(struct str text, unsigned depth_max, unsigned *ret_depth)
{
	text = without_bom(text);
	if (text.len == 0)
		return JSON_BLANK; /* absent, maybe */
	struct scan s = { .at = text.at, .end = text.at + text.len, .depth_left = depth_max, .least_left = depth_max };
	skip_space(&s);
	if (s.at == s.end)
		return JSON_BLANK;
	enum json_fault fault = scan_value(&s);
	skip_space(&s);
	if (fault == JSON_FINE && s.at != s.end)
		fault = JSON_TRAILING;
	if ((fault == JSON_FINE || fault == JSON_CUT) && !str_is_utf8(text) &&
	    !(fault == JSON_CUT && ends_inside_code_point(text)))
		return JSON_BAD_UTF8;
	*ret_depth = depth_max - s.least_left;
	return fault;
}

enum json_fault
json_check(struct str text, unsigned depth_max)
{
	unsigned depth;
	return check(text, depth_max, &depth);
}

/* ---- the document: json-c ---- */

static struct json
wrap(struct json_object *node)
{
	enum json_kind kind = JSON_NULL;
	switch (json_object_get_type(node)) {
	case json_type_null:
		kind = JSON_NULL;
		break;
	case json_type_boolean:
		kind = JSON_BOOL;
		break;
	case json_type_double:
		kind = JSON_REAL;
		break;
	case json_type_int:
		/* json-c keeps what does not fit as the nearest bound, or as an unsigned that we do not take */
		kind = json_object_get_uint64(node) > INT64_MAX ? JSON_REAL : JSON_INT;
		break;
	case json_type_object:
		kind = JSON_OBJECT;
		break;
	case json_type_array:
		kind = JSON_ARRAY;
		break;
	case json_type_string:
		kind = JSON_STRING;
		break;
	}
	return (struct json){ kind, node };
}

enum json_fault
json_parse(struct str text, unsigned depth_max, struct json *ret_root)
{
	*ret_root = JSON_NOTHING;
	unsigned depth;
	enum json_fault fault = check(text, depth_max, &depth);
	text = without_bom(text);
	if (fault != JSON_FINE)
		return fault;
	if (text.len > INT_MAX - 1)
		return JSON_BROKEN;
	/* The levels that it needs: each costs the tokener memory, for every event of a stream. */
	struct json_tokener *tokener = json_tokener_new_ex((int)depth + 2);
	struct json_object *root = json_tokener_parse_ex(tokener, text.at, (int)text.len);
	enum json_tokener_error error = json_tokener_get_error(tokener);
	if (error == json_tokener_continue) { /* a bare number ends only with the text */
		root = json_tokener_parse_ex(tokener, "", 1);
		error = json_tokener_get_error(tokener);
	}
	json_tokener_free(tokener);
	if (error != json_tokener_success)
		return JSON_BROKEN;
	*ret_root = wrap(root);
	return JSON_FINE;
}

void
json_free(struct json root)
{
	json_object_put(root.node);
}

void
json_free_ptr(struct json *root)
{
	json_free(*root);
	*root = JSON_NOTHING;
}

struct json
json_get(struct json object, const char *key)
{
	struct json_object *value;
	if (object.kind != JSON_OBJECT || !json_object_object_get_ex(object.node, key, &value))
		return JSON_NOTHING;
	return wrap(value);
}

size_t
json_count(struct json value)
{
	if (value.kind == JSON_ARRAY)
		return json_object_array_length(value.node);
	return value.kind == JSON_OBJECT ? (size_t)json_object_object_length(value.node) : 0;
}

struct json
json_at(struct json array, size_t index)
{
	if (index >= json_count(array) || array.kind != JSON_ARRAY)
		return JSON_NOTHING;
	return wrap(json_object_array_get_idx(array.node, index));
}

struct str
json_str(struct json value)
{
	if (value.kind != JSON_STRING)
		return STR_NONE;
	return str_span(json_object_get_string(value.node), (size_t)json_object_get_string_len(value.node));
}

int64_t
json_int(struct json value)
{
	return value.kind == JSON_INT ? json_object_get_int64(value.node) : 0;
}

double
json_real(struct json value)
{
	return value.kind == JSON_INT || value.kind == JSON_REAL ? json_object_get_double(value.node) : 0;
}

bool
json_truth(struct json value)
{
	return value.kind == JSON_BOOL && json_object_get_boolean(value.node);
}

const char *
json_kind_name(enum json_kind kind)
{
	static const char *const names[] = { "absent", "null", "boolean", "integer", "number", "string", "array",
		"object" };
	return names[kind];
}

bool
json_next(struct json object, struct json_walk *walk)
{
	if (object.kind != JSON_OBJECT)
		return false;
	struct lh_entry *entry =
	    walk->started ? lh_entry_next(walk->entry) : lh_table_head(json_object_get_object(object.node));
	walk->started = true;
	walk->entry = entry;
	if (!entry)
		return false;
	walk->key = lh_entry_k(entry);
	union {
		const void *in;
		void *out;
	} value = { .in = lh_entry_v(entry) };
	walk->value = wrap(value.out);
	return true;
}

bool
json_merge(struct str base, struct str over, const char *dropped, struct buf *out)
{
	auto_json struct json under = JSON_NOTHING;
	auto_json struct json upper = JSON_NOTHING;
	if (json_parse(base, JSON_DEPTH_MAX, &under) != JSON_FINE ||
	    json_parse(over, JSON_DEPTH_MAX, &upper) != JSON_FINE || under.kind != JSON_OBJECT ||
	    upper.kind != JSON_OBJECT)
		return false;
	struct json_walk walk = { 0 };
	while (json_next(upper, &walk))
		json_object_object_add(under.node, walk.key, json_object_get(walk.value.node));
	if (dropped)
		json_object_object_del(under.node, dropped);
	return buf_text(
	    out, json_object_to_json_string_ext(under.node, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}
