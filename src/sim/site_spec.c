/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of an operation as an OpenAPI document and as examples. */
#include "config.h"

#include <stdio.h>

#include "base/attr.h"
#include "base/escape.h"
#include "base/jsonw.h"
#include "sim/catalog.h"
#include "sim/draw.h"
#include "sim/site_draft.h"

enum { PATH_MAX_BYTES = 256, LINE_MAX_BYTES = 4096, TIME_OF_SAMPLE = 1762000000, DAY_S = 86400, ID_LETTERS = 16 };

static const char *const schemes[AUTH_COUNT] = {
	[AUTH_BEARER] = "bearerAuth", [AUTH_X_API_KEY] = "xApiKey", [AUTH_X_GOOG_API_KEY] = "xGoogApiKey"
};
static const char *const key_headers[AUTH_COUNT] = {
	[AUTH_X_API_KEY] = "x-api-key", [AUTH_X_GOOG_API_KEY] = "x-goog-api-key"
};

/* ---- schemas ---- */

static void
write_words(struct jsonw *w, const char *key, struct str words, bool with_null)
{
	jsonw_open_array(w, key);
	while (words.at)
		jsonw_str(w, NULL, str_split(&words, ' '));
	if (with_null)
		jsonw_null(w, NULL);
	jsonw_close_array(w);
}

static void
write_types(struct jsonw *w, unsigned types)
{
	bool one = (types & (types - 1)) == 0;
	if (!one)
		jsonw_open_array(w, "type");
	for (unsigned bit = 1; bit <= TYPE_NULL; bit <<= 1)
		if (types & bit)
			jsonw_text(w, one ? "type" : NULL, site_type_name(bit));
	if (!one)
		jsonw_close_array(w);
}

static void write_members(struct jsonw *w, const struct site_fields *fields, struct str parent);

/* What is said of one field: its type, and what is below it. */
static void
write_schema(struct jsonw *w, const char *key, const struct site_fields *fields, const struct site_field *field)
{
	char items[PATH_MAX_BYTES];
	jsonw_open_object(w, key);
	write_types(w, field->types);
	jsonw_text(w, "description", field->text);
	if (field->values)
		write_words(w, "enum", str_of(field->values), field->types & TYPE_NULL);
	if (field->types & TYPE_OBJECT)
		write_members(w, fields, str_of(field->path));
	snprintf(items, sizeof(items), "%s[]", field->path);
	if (field->types & TYPE_ARRAY && site_has(fields, str_of(items))) {
		const struct site_field object = { .path = items, .types = TYPE_OBJECT };
		size_t at = site_index(fields, str_of(items));
		write_schema(w, "items", fields, at < fields->count ? &fields->list[at] : &object);
	}
	jsonw_close_object(w);
}

static void
write_members(struct jsonw *w, const struct site_fields *fields, struct str parent)
{
	char key[PATH_MAX_BYTES];
	bool any = false;
	for (size_t i = 0; i < fields->count; i++) {
		struct str name = site_child(fields->list[i].path, parent);
		if (!name.at)
			continue;
		if (!any)
			jsonw_open_object(w, "properties");
		any = true;
		snprintf(key, sizeof(key), "%.*s", STR_ARG(name));
		write_schema(w, key, fields, &fields->list[i]);
	}
	if (!any)
		return;
	jsonw_close_object(w);
	bool required = false;
	for (size_t i = 0; i < fields->count; i++) {
		struct str name = site_child(fields->list[i].path, parent);
		if (!name.at || fields->list[i].presence != REQUIRED)
			continue;
		if (!required)
			jsonw_open_array(w, "required");
		required = true;
		jsonw_str(w, NULL, name);
	}
	if (required)
		jsonw_close_array(w);
}

static void
write_top(struct jsonw *w, const char *key, const struct site_fields *fields)
{
	jsonw_open_object(w, key);
	jsonw_text(w, "type", "object");
	write_members(w, fields, STR(""));
	jsonw_close_object(w);
}

/* ---- the document ---- */

static void
open_json_content(struct jsonw *w)
{
	jsonw_open_object(w, "content");
	jsonw_open_object(w, "application/json");
}

static void
close_json_content(struct jsonw *w)
{
	jsonw_close_object(w);
	jsonw_close_object(w);
}

static void
write_parameters(struct jsonw *w, const char *path)
{
	char name[PATH_MAX_BYTES];
	const char *open = strchr(path, '{'), *close = open ? strchr(open, '}') : NULL;
	if (!close)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(close - open - 1), open + 1);
	jsonw_open_array(w, "parameters");
	jsonw_open_object(w, NULL);
	jsonw_text(w, "name", name);
	jsonw_text(w, "in", "path");
	jsonw_bool(w, "required", true);
	jsonw_open_object(w, "schema");
	jsonw_text(w, "type", "string");
	jsonw_close_object(w);
	jsonw_close_object(w);
	jsonw_close_array(w);
}

static void
write_responses(struct jsonw *w, struct site_draft *draft)
{
	jsonw_open_object(w, "responses");
	for (size_t i = 0; i < draft->status_count; i++) {
		const struct site_status *status = &draft->statuses[i];
		char code[16];
		snprintf(code, sizeof(code), "%d", status->code);
		jsonw_open_object(w, code);
		jsonw_text(w, "description", status->meaning);
		open_json_content(w);
		if (status->code == 200) {
			write_top(w, "schema", &draft->parts[PART_RESPONSE]);
		} else {
			jsonw_open_object(w, "schema");
			jsonw_text(w, "$ref", "#/components/schemas/ErrorResponse");
			jsonw_close_object(w);
		}
		close_json_content(w);
		jsonw_close_object(w);
	}
	jsonw_close_object(w);
}

static void
write_operation(struct jsonw *w, struct site_draft *draft)
{
	auto_buf struct buf curl = BUF_INIT(SITE_PAGE_BYTES);
	const struct site_page *page = draft->page;
	jsonw_text(w, "summary", page->summary);
	jsonw_text(w, "description", draft->prose[0]);
	jsonw_text(w, "operationId", page->operation);
	write_parameters(w, draft->api_path);
	if (page->request) {
		jsonw_open_object(w, "requestBody");
		jsonw_bool(w, "required", true);
		open_json_content(w);
		write_top(w, "schema", &draft->parts[PART_REQUEST]);
		close_json_content(w);
		jsonw_close_object(w);
	}
	write_responses(w, draft);
	site_write_curl(draft, &curl);
	jsonw_open_array(w, "x-codeSamples");
	jsonw_open_object(w, NULL);
	jsonw_text(w, "lang", "bash");
	jsonw_text(w, "label", "cURL");
	jsonw_str(w, "source", buf_view(&curl));
	jsonw_close_object(w);
	jsonw_close_array(w);
}

/* Any one of them will do. */
static void
write_security(struct jsonw *w, unsigned auth)
{
	jsonw_open_array(w, "security");
	for (unsigned i = 0; i < AUTH_NONE; i++) {
		if (!(auth >> i & 1))
			continue;
		jsonw_open_object(w, NULL);
		jsonw_open_array(w, schemes[i]);
		jsonw_close_array(w);
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

static void
write_schemes(struct jsonw *w, unsigned auth)
{
	jsonw_open_object(w, "securitySchemes");
	for (unsigned i = 0; i < AUTH_NONE; i++) {
		if (!(auth >> i & 1))
			continue;
		jsonw_open_object(w, schemes[i]);
		jsonw_text(w, "type", i == AUTH_BEARER ? "http" : "apiKey");
		jsonw_text(w, "scheme", i == AUTH_BEARER ? "bearer" : NULL);
		jsonw_text(w, "in", i == AUTH_BEARER ? NULL : "header");
		jsonw_text(w, "name", key_headers[i]);
		jsonw_close_object(w);
	}
	jsonw_close_object(w);
}

void
site_write_spec(struct site_draft *draft, struct buf *out)
{
	char method[16] = "";
	struct jsonw w;
	for (size_t i = 0; draft->method[i] && i + 1 < sizeof(method); i++)
		method[i] = (char)(draft->method[i] | 0x20);
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_text(&w, "openapi", "3.1.0");
	jsonw_open_object(&w, "info");
	jsonw_text(&w, "title", draft->page->title);
	jsonw_text(&w, "version", "1.0.0");
	jsonw_close_object(&w);
	jsonw_open_array(&w, "servers");
	jsonw_open_object(&w, NULL);
	jsonw_text(&w, "url", "https://api.cometapi.com");
	jsonw_close_object(&w);
	jsonw_close_array(&w);
	write_security(&w, draft->auth);
	jsonw_open_object(&w, "paths");
	jsonw_open_object(&w, draft->api_path);
	jsonw_open_object(&w, method);
	write_operation(&w, draft);
	jsonw_close_object(&w);
	jsonw_close_object(&w);
	jsonw_close_object(&w);
	jsonw_open_object(&w, "components");
	jsonw_open_object(&w, "schemas");
	write_top(&w, "ErrorResponse", &draft->parts[PART_ERROR]);
	jsonw_close_object(&w);
	write_schemes(&w, draft->auth);
	jsonw_close_object(&w);
	jsonw_close_object(&w);
}

void
site_write_json(struct site_draft *draft, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(SITE_PAGE_BYTES);
	site_write_spec(draft, &text);
	site_print_json(buf_view(&text), site_looks(draft, SITE_key_order), out);
}

/* ---- examples ---- */

/* $ID, $TIME and $COUNT are what differs from one sample to the next. */
static void
write_sample(const struct site_draft *draft, const char *sample, struct buf *out)
{
	uint64_t seed = site_looks(draft, SITE_sample_values) ? draft->seed + 1 : 0;
	const char *mark = strchr(sample, '$');
	struct str rest = str_of(mark ? mark + 1 : sample + strlen(sample));
	buf_add(out, sample, mark ? (size_t)(mark - sample) : strlen(sample));
	if (str_starts(rest, STR("ID"))) {
		char name[ID_LETTERS + 1];
		draw_name(draw_hash(seed, str_of(sample)), name, ID_LETTERS);
		buf_printf(out, "%s%s", name, rest.at + 2);
	} else if (str_starts(rest, STR("TIME"))) {
		buf_printf(out, "%d", (int)(TIME_OF_SAMPLE + draw_below(draw_mix(seed, 1), 365) * DAY_S));
	} else if (str_starts(rest, STR("COUNT"))) {
		buf_printf(out, "%zu", catalog_count() + (seed ? draw_below(draw_mix(seed, 2), 100) : 0));
	}
}

struct example {
	struct site_draft *draft;
	enum site_part part;
	struct buf *out;
};

static void write_example_object(const struct example *example, struct str parent);

static bool
has_members(const struct site_fields *fields, const struct site_field *field)
{
	for (size_t i = 0; i < fields->count; i++)
		if (site_child(fields->list[i].path, str_of(field->path)).at)
			return true;
	return false;
}

static const char *
plain_sample(unsigned types)
{
	return types & TYPE_STRING ? "\"text\""
	    : types & TYPE_INTEGER ? "0"
	    : types & TYPE_NUMBER  ? "0.5"
	    : types & TYPE_BOOLEAN ? "false"
				   : "{}";
}

static void
write_example_value(const struct example *example, const struct site_field *field)
{
	const struct site_fields *fields = &example->draft->parts[example->part];
	struct buf *out = example->out;
	char items[PATH_MAX_BYTES];
	struct str words = str_of(field->values);
	snprintf(items, sizeof(items), "%s[]", field->path);
	if (field->sample) {
		write_sample(example->draft, field->sample, out);
	} else if (words.at) {
		escape_json(out, str_split(&words, ' '));
	} else if (field->types & TYPE_OBJECT && has_members(fields, field)) {
		write_example_object(example, str_of(field->path));
	} else if (field->types & TYPE_NULL) {
		buf_text(out, "null");
	} else if (field->types & TYPE_ARRAY) {
		buf_char(out, '[');
		if (site_has(fields, str_of(items)))
			write_example_object(example, str_of(items));
		buf_char(out, ']');
	} else {
		buf_text(out, plain_sample(field->types));
	}
}

static void
write_example_object(const struct example *example, struct str parent)
{
	const struct site_fields *fields = &example->draft->parts[example->part];
	bool any = false;
	buf_char(example->out, '{');
	for (size_t i = 0; i < fields->count; i++) {
		struct str name = site_child(fields->list[i].path, parent);
		if (!name.at || (example->part == PART_REQUEST && !fields->list[i].sample))
			continue;
		if (any)
			buf_char(example->out, ',');
		any = true;
		escape_json(example->out, name);
		buf_char(example->out, ':');
		write_example_value(example, &fields->list[i]);
	}
	buf_char(example->out, '}');
}

void
site_write_example(struct site_draft *draft, enum site_part part, struct buf *out)
{
	const struct example example = { draft, part, out };
	write_example_object(&example, STR(""));
}

void
site_write_curl(struct site_draft *draft, struct buf *out)
{
	const char *key = site_looks(draft, SITE_key_placeholders) ? "<COMETAPI_KEY>" : "$COMETAPI_KEY";
	buf_text(out, "curl https://api.cometapi.com");
	struct str rest = str_of(draft->api_path);
	struct str before = str_split(&rest, '{');
	buf_str(out, before);
	if (rest.at) {
		(void)str_split(&rest, '}');
		buf_printf(out, "gemini-2.5-flash%.*s", STR_ARG(rest));
	}
	if (!str_eq(str_of(draft->method), STR("GET")) && !str_eq(str_of(draft->method), STR("POST")))
		buf_printf(out, " \\\n  -X %s", draft->method);
	if (draft->auth >> AUTH_BEARER & 1)
		buf_printf(out, " \\\n  -H \"Authorization: Bearer %s\"", key);
	for (unsigned i = 0; i < AUTH_NONE && !(draft->auth >> AUTH_BEARER & 1); i++)
		if (draft->auth >> i & 1)
			buf_printf(out, " \\\n  -H \"%s: %s\"", key_headers[i], key);
	if (!draft->page->request)
		return;
	buf_text(out, " \\\n  -H \"Content-Type: application/json\" \\\n  -d '");
	site_write_example(draft, PART_REQUEST, out);
	buf_char(out, '\'');
}
