/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/extra.h"

#include <inttypes.h>
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "model/cost.h"
#include "model/dialect.h"

enum { ANSWERS_MAX = 1000 }; /* to one request; no provider gives as many */

/* A whole number within extra; -1 where there is none, or one that cannot be used, which has been told. */
static int64_t
read_count_in_extra(struct loading *loading, const struct node *node, const char *name, struct json value, int64_t most)
{
	if (!json_is_set(value))
		return -1;
	int64_t count = json_int(value);
	if (value.kind != JSON_INT)
		loading_error(loading, node, "\"%s\" in it is a JSON %s, expected a whole number", name,
		    json_kind_name(value.kind));
	else if (count < 1 || count > most)
		loading_error(
		    loading, node, "\"%s\" in it is %" PRId64 ", out of bounds: 1 to %" PRId64, name, count, most);
	else
		return count;
	return -1;
}

/* The largest cap among the fields, -1 = none; *removed: the one that we would send is taken away. */
static int64_t
read_caps(
    struct loading *loading, const struct endpoint *endpoint, const struct node *node, struct json group, bool *removed)
{
	const struct dialect *dialect = endpoint->dialect;
	const char *const *fields = dialect->cap_fields ? dialect->cap_fields : dialect->token_fields;
	const char *own = dialect->cap_fields ? fields[0] : endpoint->request.token_field;
	int64_t cap = -1;
	for (size_t i = 0; fields[i]; i++) {
		struct json value = json_get(group, fields[i]);
		int64_t found = read_count_in_extra(loading, node, fields[i], value, MAX_TOKENS_MAX);
		cap = found > cap ? found : cap;
		*removed = *removed || (value.kind == JSON_NULL && own && strcmp(own, fields[i]) == 0);
	}
	return cap;
}

/* The cap that is really sent: one in extra takes the place of ours, and may take it away. */
static void
follow_cap(struct loading *loading, struct endpoint *endpoint, const struct node *node, struct json extra)
{
	const char *name = endpoint->dialect->cap_group;
	struct request_config *request = &endpoint->request;
	struct json group = name ? json_get(extra, name) : extra;
	bool removed = name && group.kind != JSON_ABSENT; /* extra's group replaces ours */
	if (removed && group.kind != JSON_OBJECT && group.kind != JSON_NULL)
		loading_error(
		    loading, node, "\"%s\" in it is a JSON %s, expected an object", name, json_kind_name(group.kind));
	int64_t cap = read_caps(loading, endpoint, node, group, &removed);
	if (cap > 0)
		request->max_tokens = cap;
	request->uncapped = removed && cap < 0;
	if (request->uncapped && loading->diags->errors == 0)
		loading_warn(loading, node,
		    "it takes the cap on the answer away: budgets count with %d tokens for each", MAX_TOKENS_MAX);
}

/* What could be said twice would be followed once. */
static void
refuse_other_spellings(
    struct loading *loading, const struct dialect *dialect, const struct node *node, struct json object)
{
	const char *const *pair = dialect->spellings;
	for (; pair && pair[0]; pair += 2)
		if (json_get(object, pair[0]).kind != JSON_ABSENT)
			loading_error(loading, node, "\"%s\" is in it: write it as \"%s\"", pair[0], pair[1]);
}

static const char *
image_form(struct str name)
{
	static const char *const forms[] = { "url", "b64_json" };
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (str_eq(name, str_of(forms[i])))
			return forms[i];
	return NULL;
}

void
extra_follow(struct loading *loading, struct endpoint *endpoint, const struct node *node)
{
	const struct dialect *dialect = endpoint->dialect;
	struct request_config *request = &endpoint->request;
	auto_json struct json extra = JSON_NOTHING;
	if (!request->extra || json_parse(str_of(request->extra), JSON_DEPTH_MAX, &extra) != JSON_FINE)
		return;
	if ((dialect->caps & DIALECT_MODEL) && json_get(extra, "model").kind != JSON_ABSENT)
		loading_error(loading, node, "\"model\" is in it: that is the endpoint's key `model`");
	if ((dialect->caps & DIALECT_STREAM) && json_get(extra, "stream").kind != JSON_ABSENT)
		loading_error(loading, node, "\"stream\" is in it: that is what `probes` is for");
	refuse_other_spellings(loading, dialect, node, extra);
	const char *answers = dialect->answers_field ? dialect->answers_field : "n";
	struct json group = dialect->cap_group ? json_get(extra, dialect->cap_group) : extra;
	if (dialect->cap_group)
		refuse_other_spellings(loading, dialect, node, group);
	int64_t asked = read_count_in_extra(loading, node, answers, json_get(group, answers), ANSWERS_MAX);
	request->answers = asked > 0 ? asked : 0;
	request->base64 = str_eq(json_str(json_get(extra, "encoding_format")), STR("base64"));
	int64_t dimensions = json_int(json_get(extra, "dimensions"));
	request->dimensions = dimensions > 0 ? dimensions : 0;
	request->image_form = image_form(json_str(json_get(extra, "response_format")));
	if (dialect->token_fields)
		follow_cap(loading, endpoint, node, extra);
}
