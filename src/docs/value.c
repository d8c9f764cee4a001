/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/value.h"

#include "base/attr.h"

static const struct word {
	struct str name;
	unsigned types;
} words[] = {
	/* the first row of a type is how it is printed */
	{ { "string", 6 }, TYPE_BIT(STRING) },
	{ { "number", 6 }, TYPE_BIT(INT) | TYPE_BIT(REAL) },
	{ { "integer", 7 }, TYPE_BIT(INT) },
	{ { "boolean", 7 }, TYPE_BIT(BOOL) },
	{ { "array", 5 }, TYPE_BIT(ARRAY) },
	{ { "object", 6 }, TYPE_BIT(OBJECT) },
	{ { "null", 4 }, TYPE_BIT(NULL) },
	{ { "str", 3 }, TYPE_BIT(STRING) },
	{ { "text", 4 }, TYPE_BIT(STRING) },
	{ { "file", 4 }, TYPE_BIT(STRING) },
	{ { "enum", 4 }, TYPE_BIT(STRING) },
	{ { "int", 3 }, TYPE_BIT(INT) },
	{ { "int32", 5 }, TYPE_BIT(INT) },
	{ { "int64", 5 }, TYPE_BIT(INT) },
	{ { "long", 4 }, TYPE_BIT(INT) },
	{ { "float", 5 }, TYPE_BIT(INT) | TYPE_BIT(REAL) },
	{ { "double", 6 }, TYPE_BIT(INT) | TYPE_BIT(REAL) },
	{ { "bool", 4 }, TYPE_BIT(BOOL) },
	{ { "list", 4 }, TYPE_BIT(ARRAY) },
	{ { "dict", 4 }, TYPE_BIT(OBJECT) },
	{ { "map", 3 }, TYPE_BIT(OBJECT) },
};
enum { PRINTED = 7 };

unsigned
type_from_word(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq_nocase(word, words[i].name))
			return words[i].types;
	return 0;
}

void
type_print(struct buf *out, unsigned types)
{
	const char *before = "";
	if (types == 0)
		buf_text(out, "any");
	for (size_t i = 0; i < PRINTED; i++) {
		if ((types & words[i].types) != words[i].types)
			continue;
		types &= ~words[i].types;
		buf_text(out, before);
		buf_str(out, words[i].name);
		before = " or ";
	}
}

bool
value_next(struct str *rest, struct str *ret_attribute)
{
	if (!rest->at)
		return false;
	bool quoted = false;
	for (size_t i = 0; i + 1 < rest->len; i++) {
		if (quoted && rest->at[i] == '\\')
			i++;
		else if (rest->at[i] == '"')
			quoted = !quoted;
		else if (!quoted && rest->at[i] == ',' && rest->at[i + 1] == ' ') {
			*ret_attribute = str_span(rest->at, i);
			*rest = str_span(rest->at + i + 2, rest->len - i - 2);
			return true;
		}
	}
	*ret_attribute = *rest;
	*rest = STR_NONE;
	return true;
}

bool
value_has(struct str value, struct str attribute)
{
	struct str item;
	while (value_next(&value, &item))
		if (str_eq(item, attribute))
			return true;
	return false;
}

unsigned
type_of_value(struct str value)
{
	struct str first = STR("");
	unsigned types = 0;
	if (!value_next(&value, &first))
		return 0;
	while (first.at) {
		struct str word = str_split(&first, ' ');
		unsigned type = type_from_word(word);
		if (type == 0 && !str_eq(word, STR("or")))
			return 0;
		types |= type;
	}
	return types;
}

struct str
value_enum(struct str value)
{
	static const struct str start = { "one of ", 7 };
	struct str attribute;
	while (value_next(&value, &attribute))
		if (str_starts(attribute, start))
			return str_span(attribute.at + start.len, attribute.len - start.len);
	return STR("");
}

bool
value_enum_next(struct str *members, struct str *ret_member)
{
	size_t len = 0;
	bool quoted = false;
	if (members->len == 0)
		return false;
	for (; len < members->len && (quoted || members->at[len] != ' '); len++) {
		if (quoted && members->at[len] == '\\')
			len++;
		else if (members->at[len] == '"')
			quoted = !quoted;
	}
	len = len < members->len ? len : members->len;
	*ret_member = str_span(members->at, len);
	len += len < members->len;
	*members = str_span(members->at + len, members->len - len);
	return true;
}

struct str
path_parent(struct str path)
{
	if (str_ends(path, STR("[]")))
		return str_span(path.at, path.len - 2);
	while (path.len > 0 && path.at[path.len - 1] != '.')
		path.len--;
	return str_span(path.at, path.len ? path.len - 1 : 0);
}
