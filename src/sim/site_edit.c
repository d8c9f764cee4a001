/* SPDX-License-Identifier: Apache-2.0 */
/* The changes of contract, prose and place: one function each, in one table. */
#include "config.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/parse.h"
#include "sim/site_draft.h"

enum { TEXT_MAX = 16 * 1024 };

/* argument: absent = the usual one. False, and the reason in error: the page has no such thing. */
struct edit {
	struct site_draft *draft;
	struct str argument;
	struct buf *error;
};

static bool ATTR_PRINTF(2, 3) refuse(const struct edit *edit, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vprintf(edit->error, format, args);
	va_end(args);
	return false;
}

/* The argument's path, or the usual one; *ret_value is what follows the "=". */
static struct str
path_of(const struct edit *edit, const char *usual, struct str *ret_value)
{
	struct str value = edit->argument;
	struct str path = value.at ? str_split(&value, '=') : str_of(usual);
	*ret_value = value;
	return path;
}

/* NULL when there is none. */
static struct site_field *
find_field(struct site_fields *fields, struct str path)
{
	size_t at = site_index(fields, path);
	return at < fields->count ? &fields->list[at] : NULL;
}

static struct site_field *
find(const struct edit *edit, enum site_part part, struct str path)
{
	struct site_field *field = path.len ? find_field(&edit->draft->parts[part], path) : NULL;
	if (!field)
		(void)refuse(edit, "it has no field \"%.*s\" there", STR_ARG(path));
	return field;
}

/* Removes what is below the field, and itself too. */
static void
remove_tree(struct site_fields *fields, struct str path, bool itself)
{
	size_t kept = 0;
	for (size_t i = 0; i < fields->count; i++) {
		struct str other = str_of(fields->list[i].path);
		bool below = str_starts(other, path) && other.len > path.len && strchr(".[", other.at[path.len]);
		if (!below && !(itself && str_eq(other, path)))
			fields->list[kept++] = fields->list[i];
	}
	fields->count = kept;
}

static bool
remove_field(const struct edit *edit, enum site_part part, const char *usual)
{
	struct str unused, path = path_of(edit, usual, &unused);
	if (!find(edit, part, path))
		return false;
	remove_tree(&edit->draft->parts[part], path, true);
	return true;
}

static bool
has_parent(const struct edit *edit, enum site_part part, struct str path)
{
	size_t len = path.len;
	while (len > 0 && path.at[len - 1] != '.')
		len--;
	struct str parent = str_span(path.at, len ? len - 1 : 0);
	if (str_ends(parent, STR("[]")))
		parent.len -= 2;
	return parent.len == 0 || find(edit, part, parent);
}

static bool
is_path(struct str path)
{
	static const char fits[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.[]";
	for (size_t i = 0; i < path.len; i++)
		if (!memchr(fits, path.at[i], sizeof(fits) - 1))
			return false;
	return path.len > 0;
}

static bool
add_field(const struct edit *edit, enum site_part part)
{
	struct site_fields *fields = &edit->draft->parts[part];
	struct str type, path = path_of(edit, "x_trace", &type);
	if (!is_path(path))
		return refuse(edit, "\"%.*s\" is no path of a field", STR_ARG(path));
	if (fields->count == SITE_FIELDS_MAX || find_field(fields, path))
		return refuse(edit, "the field \"%.*s\" is there already", STR_ARG(path));
	struct site_field field = { .path = arena_dup(&edit->draft->arena, path),
		.types = type.len ? site_type_find(type) : TYPE_STRING,
		.text = "New." };
	if (!field.types)
		return refuse(edit, "there is no type \"%.*s\"", STR_ARG(type));
	if (!has_parent(edit, part, path) || !field.path)
		return false;
	fields->list[fields->count++] = field;
	return true;
}

static bool
retype_field(const struct edit *edit, enum site_part part, const char *usual)
{
	struct str type, path = path_of(edit, usual, &type);
	struct site_field *field = find(edit, part, path);
	if (!field)
		return false;
	unsigned types = type.len ? site_type_find(type) : field->types & TYPE_STRING ? TYPE_INTEGER : TYPE_STRING;
	if (!types || types == field->types)
		return refuse(edit, "\"%.*s\" is no other type", STR_ARG(type));
	field->types = types;
	field->values = field->sample = NULL;
	remove_tree(&edit->draft->parts[part], path, false);
	return true;
}

static bool
set_presence(const struct edit *edit, enum site_part part, const char *usual, enum site_presence presence)
{
	struct str unused, path = path_of(edit, usual, &unused);
	struct site_field *field = find(edit, part, path);
	if (!field)
		return false;
	if (field->presence == presence)
		return refuse(
		    edit, "\"%.*s\" is %s already", STR_ARG(path), presence == REQUIRED ? "required" : "optional");
	field->presence = presence;
	return true;
}

/* Of the answer, or else of the request. */
static struct site_field *
find_enum(const struct edit *edit, struct str path)
{
	struct site_field *field = find_field(&edit->draft->parts[PART_RESPONSE], path);
	if (!field)
		field = find_field(&edit->draft->parts[PART_REQUEST], path);
	if (field && field->values)
		return field;
	(void)refuse(edit, "it has no list of values at \"%.*s\"", STR_ARG(path));
	return NULL;
}

/* ---- contract ---- */

static bool
field_removed(const struct edit *edit)
{
	return remove_field(edit, PART_RESPONSE, edit->draft->page->usual.field);
}

static bool
field_added(const struct edit *edit)
{
	return edit->draft->page->spec ? add_field(edit, PART_RESPONSE) : refuse(edit, "it documents no operation");
}

static bool
field_retyped(const struct edit *edit)
{
	return retype_field(edit, PART_RESPONSE, edit->draft->page->usual.field);
}

static bool
field_required(const struct edit *edit)
{
	return set_presence(edit, PART_RESPONSE, edit->draft->page->usual.optional_field, REQUIRED);
}

static bool
field_optional(const struct edit *edit)
{
	return set_presence(edit, PART_RESPONSE, edit->draft->page->usual.field, OPTIONAL);
}

static bool
enum_added(const struct edit *edit)
{
	struct str value, path = path_of(edit, edit->draft->page->usual.list, &value);
	struct site_field *field = find_enum(edit, path);
	auto_buf struct buf values = BUF_INIT(TEXT_MAX);
	if (!field)
		return false;
	if (!value.len)
		value = STR("other");
	if (!str_is_identifier(value))
		return refuse(edit, "\"%.*s\" is no value of an enum", STR_ARG(value));
	buf_printf(&values, "%s %.*s", field->values, STR_ARG(value));
	field->values = arena_dup(&edit->draft->arena, buf_view(&values));
	return field->values;
}

/* The last one is the usual one. */
static bool
enum_removed(const struct edit *edit)
{
	struct str wanted, path = path_of(edit, edit->draft->page->usual.list, &wanted);
	struct site_field *field = find_enum(edit, path);
	auto_buf struct buf values = BUF_INIT(TEXT_MAX);
	if (!field)
		return false;
	const char *last = strrchr(field->values, ' ');
	if (!last)
		return refuse(edit, "\"%.*s\" has one value only", STR_ARG(path));
	if (!wanted.len)
		wanted = str_of(last + 1);
	for (struct str rest = str_of(field->values); rest.at;) {
		struct str value = str_split(&rest, ' ');
		if (!str_eq(value, wanted))
			buf_printf(&values, "%s%.*s", values.len ? " " : "", STR_ARG(value));
	}
	if (values.len == strlen(field->values))
		return refuse(edit, "\"%.*s\" is none of its values", STR_ARG(wanted));
	field->values = arena_dup(&edit->draft->arena, buf_view(&values));
	return field->values;
}

static bool
request_field_removed(const struct edit *edit)
{
	return remove_field(edit, PART_REQUEST, edit->draft->page->usual.request_field);
}

static bool
request_field_added(const struct edit *edit)
{
	return edit->draft->page->request ? add_field(edit, PART_REQUEST) : refuse(edit, "it takes no body");
}

static bool
request_field_retyped(const struct edit *edit)
{
	return retype_field(edit, PART_REQUEST, edit->draft->page->usual.request_field);
}

static bool
request_field_required(const struct edit *edit)
{
	return set_presence(edit, PART_REQUEST, edit->draft->page->usual.request_field, REQUIRED);
}

static size_t
find_status(const struct site_draft *draft, uint64_t code)
{
	size_t i = 0;
	while (i < draft->status_count && draft->statuses[i].code != (int)code)
		i++;
	return i;
}

static bool
read_status(const struct edit *edit, uint64_t usual, uint64_t *ret_code)
{
	*ret_code = usual;
	if (edit->argument.at && (!parse_u64(edit->argument, ret_code) || *ret_code < 100 || *ret_code > 599))
		return refuse(edit, "\"%.*s\" is no status", STR_ARG(edit->argument));
	return edit->draft->status_count > 0 || refuse(edit, "it tells no statuses");
}

static bool
status_added(const struct edit *edit)
{
	struct site_draft *draft = edit->draft;
	uint64_t code;
	if (!read_status(edit, 402, &code))
		return false;
	if (draft->status_count == SITE_STATUSES_MAX || find_status(draft, code) < draft->status_count)
		return refuse(edit, "it has the status %d already", (int)code);
	draft->statuses[draft->status_count++] =
	    (struct site_status){ (int)code, "The account needs your attention.", "No: see the console" };
	return true;
}

static bool
status_removed(const struct edit *edit)
{
	struct site_draft *draft = edit->draft;
	uint64_t code;
	if (!read_status(edit, 429, &code))
		return false;
	size_t at = find_status(draft, code);
	if (at == draft->status_count)
		return refuse(edit, "it has no status %d", (int)code);
	struct site_status *slot = &draft->statuses[at];
	memmove(slot, slot + 1, (--draft->status_count - at) * sizeof(*slot));
	return true;
}

static bool
auth_changed(const struct edit *edit)
{
	static const char *const names[AUTH_COUNT] = { "bearer", "x-api-key", "x-goog-api-key", "none" };
	struct site_draft *draft = edit->draft;
	unsigned scheme = draft->auth == 1U << AUTH_BEARER ? AUTH_X_API_KEY : AUTH_BEARER;
	if (!draft->page->spec)
		return refuse(edit, "it documents no operation");
	if (edit->argument.at)
		for (scheme = 0; scheme < AUTH_COUNT && !str_eq(edit->argument, str_of(names[scheme]));)
			scheme++;
	if (scheme == AUTH_COUNT)
		return refuse(edit, "there is no scheme \"%.*s\"", STR_ARG(edit->argument));
	draft->auth = scheme == AUTH_NONE ? 0 : 1U << scheme;
	return true;
}

static bool
path_changed(const struct edit *edit)
{
	struct site_draft *draft = edit->draft;
	auto_buf struct buf path = BUF_INIT(TEXT_MAX);
	if (!draft->page->spec)
		return refuse(edit, "it documents no operation");
	if (edit->argument.at)
		buf_str(&path, edit->argument);
	else
		buf_printf(&path, "/v2%s", strchr(draft->api_path + 1, '/'));
	if (!str_starts(buf_view(&path), STR("/")) || (edit->argument.at && !str_is_identifier(edit->argument)))
		return refuse(edit, "\"%.*s\" is no path", STR_ARG(edit->argument));
	draft->api_path = arena_dup(&draft->arena, buf_view(&path));
	return draft->api_path;
}

static bool
method_changed(const struct edit *edit)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
	struct site_draft *draft = edit->draft;
	if (!draft->page->spec)
		return refuse(edit, "it documents no operation");
	struct str wanted = edit->argument;
	if (!wanted.at)
		wanted = str_eq(str_of(draft->method), STR("POST")) ? STR("PUT") : STR("POST");
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (str_eq(wanted, str_of(methods[i]))) {
			draft->method = methods[i];
			return true;
		}
	return refuse(edit, "there is no method \"%.*s\"", STR_ARG(wanted));
}

static bool
error_envelope_changed(const struct edit *edit)
{
	static const struct site_field flat[] = {
		{ "code", TYPE_STRING | TYPE_NULL, REQUIRED, NULL, "\"invalid_request\"", NULL },
		{ "message", TYPE_STRING, REQUIRED, NULL, "\"field messages is required\"", "For people." },
	};
	struct site_fields *fields = &edit->draft->parts[PART_ERROR];
	if (fields->count == 0)
		return refuse(edit, "it tells no form of errors");
	memcpy(fields->list, flat, sizeof(flat));
	fields->count = ARRAY_LEN(flat);
	return true;
}

static bool
url_to_base64(const struct edit *edit)
{
	struct site_fields *fields = &edit->draft->parts[PART_RESPONSE];
	struct site_field *base64 = find_field(fields, STR("data[].b64_json"));
	if (!base64 || !find_field(fields, STR("data[].url")))
		return refuse(edit, "its answers have no URL of an image");
	base64->presence = REQUIRED;
	remove_tree(fields, STR("data[].url"), true);
	return true;
}

/* ---- prose ---- */

static bool
add_block(const struct edit *edit, const struct buf *text)
{
	struct site_draft *draft = edit->draft;
	const char *block = arena_dup(&draft->arena, buf_view(text));
	if (!block || draft->prose_count == SITE_BLOCKS_MAX)
		return refuse(edit, "it is too long already");
	draft->prose[draft->prose_count++] = block;
	return true;
}

static bool
prose_changed(const struct edit *edit)
{
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	struct str usual = STR("At busy hours answers may take longer than usual; plan for a longer timeout.");
	buf_str(&text, edit->argument.at ? edit->argument : usual);
	return add_block(edit, &text);
}

static const char *
without(const struct edit *edit, const char *block, struct str phrase)
{
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	const char *at, *rest = block;
	while ((at = memmem(rest, strlen(rest), phrase.at, phrase.len))) {
		buf_add(&text, rest, (size_t)(at - rest));
		buf_text(&text, "it");
		rest = at + phrase.len;
	}
	buf_text(&text, rest);
	return arena_dup(&edit->draft->arena, buf_view(&text));
}

static bool
mention_removed(const struct edit *edit)
{
	struct site_draft *draft = edit->draft;
	struct str phrase = edit->argument.len ? edit->argument : str_of(draft->page->mention);
	bool found = false;
	for (size_t i = 0; i < draft->prose_count; i++) {
		const char *block = draft->prose[i];
		if (!memmem(block, strlen(block), phrase.at, phrase.len))
			continue;
		found = true;
		if (!(draft->prose[i] = without(edit, block, phrase)))
			return false;
	}
	return found || refuse(edit, "its prose does not have \"%.*s\"", STR_ARG(phrase));
}

static bool
contradiction(const struct edit *edit)
{
	struct str unused, path = path_of(edit, edit->draft->page->usual.integer_field, &unused);
	struct site_field *field = find(edit, PART_REQUEST, path);
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	if (!field)
		return false;
	if (!(field->types & TYPE_INTEGER))
		return refuse(edit, "\"%.*s\" is no integer", STR_ARG(path));
	const char *name = strrchr(field->path, '.');
	buf_printf(&text, "Send `%s` as a **string**.", name ? name + 1 : field->path);
	return add_block(edit, &text);
}

/* ---- place ---- */

static bool
moved(const struct edit *edit)
{
	struct site_draft *draft = edit->draft;
	auto_buf struct buf place = BUF_INIT(TEXT_MAX);
	if (edit->argument.at)
		buf_str(&place, edit->argument);
	else
		buf_printf(&place, "reference/%s", draft->page->name);
	if (!str_is_identifier(buf_view(&place)) || str_starts(buf_view(&place), STR("/")))
		return refuse(edit, "\"%.*s\" is no path below /docs/", STR_ARG(edit->argument));
	if (str_eq(buf_view(&place), str_of(draft->page->path)))
		return refuse(edit, "it is there already");
	draft->moved = true;
	draft->place = arena_dup(&draft->arena, buf_view(&place));
	return draft->place;
}

static bool
moved_relative(const struct edit *edit)
{
	edit->draft->moved_relative = true;
	return moved(edit);
}

static bool
index_renamed(const struct edit *edit)
{
	struct site_draft *draft = edit->draft;
	auto_buf struct buf title = BUF_INIT(TEXT_MAX);
	if (!draft->index_title)
		return refuse(edit, "it is not in the index");
	if (edit->argument.at)
		buf_str(&title, edit->argument);
	else
		buf_printf(&title, "%s (new)", draft->page->title);
	draft->index_title = arena_dup(&draft->arena, buf_view(&title));
	return draft->index_title;
}

static bool
index_removed(const struct edit *edit)
{
	if (!edit->draft->index_title)
		return refuse(edit, "it is not in the index");
	edit->draft->index_title = NULL;
	return true;
}

static bool
index_added(const struct edit *edit)
{
	if (edit->draft->index_title)
		return refuse(edit, "it is in the index already");
	edit->draft->index_title = edit->draft->page->title;
	edit->draft->exists = true;
	return true;
}

static bool (*const edits[SITE_CHANGE_COUNT])(const struct edit *edit) = {
	[SITE_field_removed] = field_removed,
	[SITE_field_added] = field_added,
	[SITE_field_retyped] = field_retyped,
	[SITE_field_required] = field_required,
	[SITE_field_optional] = field_optional,
	[SITE_enum_added] = enum_added,
	[SITE_enum_removed] = enum_removed,
	[SITE_request_field_removed] = request_field_removed,
	[SITE_request_field_added] = request_field_added,
	[SITE_request_field_retyped] = request_field_retyped,
	[SITE_request_field_required] = request_field_required,
	[SITE_status_added] = status_added,
	[SITE_status_removed] = status_removed,
	[SITE_auth_changed] = auth_changed,
	[SITE_path_changed] = path_changed,
	[SITE_method_changed] = method_changed,
	[SITE_error_envelope_changed] = error_envelope_changed,
	[SITE_url_to_base64] = url_to_base64,
	[SITE_prose_changed] = prose_changed,
	[SITE_mention_removed] = mention_removed,
	[SITE_contradiction] = contradiction,
	[SITE_moved] = moved,
	[SITE_moved_relative] = moved_relative,
	[SITE_index_renamed] = index_renamed,
	[SITE_index_removed] = index_removed,
	[SITE_index_added] = index_added,
};

bool
site_draft_apply(struct site_draft *draft, const struct site_step *step, struct buf *ret_error)
{
	const struct edit edit = { draft, str_of(step->argument), ret_error };
	_Static_assert(SITE_CHANGE_COUNT <= 64, "look is a word of 64 bits");
	if (site_change_kind(step->change) == SITE_LOOK)
		draft->look |= UINT64_C(1) << step->change;
	return !edits[step->change] || edits[step->change](&edit);
}
