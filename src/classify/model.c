/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "classify/model.h"

#include "base/attr.h"

/* 9 stands for any digit. */
static bool
has_form(struct str text, const char *form)
{
	size_t i = 0;
	for (; i < text.len && form[i]; i++)
		if (form[i] == '9' ? text.at[i] < '0' || text.at[i] > '9' : text.at[i] != form[i])
			return false;
	return i == text.len && form[i] == '\0';
}

static bool
is_snapshot_suffix(struct str suffix)
{
	static const char *const forms[] = { "-9999-99-99", "-99999999", "-9999", "-999" };
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (has_form(suffix, forms[i]))
			return true;
	return false;
}

static bool
is_same_or_snapshot(struct str asked, struct str returned)
{
	if (!str_starts(returned, asked))
		return false;
	struct str suffix = str_span(returned.at + asked.len, returned.len - asked.len);
	return suffix.len == 0 || is_snapshot_suffix(suffix);
}

static struct str
without_path(struct str id)
{
	for (size_t i = id.len; i > 0; i--)
		if (id.at[i - 1] == '/')
			return str_span(id.at + i, id.len - i);
	return id;
}

bool
model_matches(struct str asked, struct str returned, enum model_match match)
{
	if (match == MODEL_MATCH_ANY)
		return true;
	if (match == MODEL_MATCH_EXACT)
		return str_eq(asked, returned);
	struct str bare = without_path(asked);
	bool asked_has_path = bare.len < asked.len, returned_has_path = without_path(returned).len < returned.len;
	return is_same_or_snapshot(asked, returned) ||
	    (returned_has_path && !asked_has_path && is_same_or_snapshot(asked, without_path(returned))) ||
	    (asked_has_path && !returned_has_path && is_same_or_snapshot(bare, returned));
}
