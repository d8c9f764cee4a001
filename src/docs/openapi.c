/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/openapi.h"

#include <stdlib.h>

#include "docs/reference.h"
#include "docs/schema.h"
#include "docs/value.h"

enum { KEY_MAX = 4096, VALUE_MAX = 64 * 1024, LIST_MAX = 128 };

struct reader {
	struct builder *builder;
	struct json root;
	struct schema_reader schemas;
};

bool
openapi_is(struct json root)
{
	bool named = json_get(root, "openapi").kind == JSON_STRING || json_get(root, "swagger").kind == JSON_STRING;
	return named && json_get(root, "paths").kind == JSON_OBJECT;
}

/* ---- small texts ---- */

/* The names of an object's members, sorted, joined by `between`. */
static void
print_sorted(struct buf *out, struct str *names, size_t count, const char *between)
{
	str_sort(names, count);
	const char *before = "";
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && str_eq(names[i], names[i - 1]))
			continue;
		buf_text(out, before);
		buf_str(out, names[i]);
		before = between;
	}
}

static void
print_members(struct buf *out, struct json object, const char *none)
{
	struct str names[LIST_MAX];
	size_t count = 0;
	struct json_walk walk = { 0 };
	while (count < LIST_MAX && json_next(object, &walk))
		names[count++] = str_of(walk.key);
	print_sorted(out, names, count, ", ");
	if (count == 0)
		buf_text(out, none);
}

static void
add_fact(struct reader *reader, struct buf *key, struct buf *value)
{
	reader->builder->full = reader->builder->full || key->overflow || value->overflow;
	builder_fact(reader->builder, buf_view(key), buf_view(value));
}

/* ---- security ---- */

/* What a scheme asks the client to send, whatever its name. */
static void
print_scheme(struct buf *out, struct json scheme, struct str name)
{
	struct str type = json_str(json_get(scheme, "type"));
	if (str_eq(type, STR("http")))
		buf_str(out, json_str(json_get(scheme, "scheme")));
	else if (str_eq(type, STR("apiKey")))
		buf_printf(out, "%.*s %.*s", STR_ARG(json_str(json_get(scheme, "in"))),
		    STR_ARG(json_str(json_get(scheme, "name"))));
	else
		buf_str(out, type.len ? type : name);
}

static struct json
find_scheme(struct reader *reader, const char *name)
{
	struct json schemes = json_get(json_get(reader->root, "components"), "securitySchemes");
	if (schemes.kind != JSON_OBJECT)
		schemes = json_get(reader->root, "securityDefinitions");
	return reference_resolve(reader->root, json_get(schemes, name));
}

/* All schemes of one requirement, joined by "and". */
static void
print_requirement(struct reader *reader, struct buf *out, struct json requirement)
{
	struct str names[LIST_MAX];
	size_t count = 0;
	struct json_walk walk = { 0 };
	auto_buf struct buf text = BUF_INIT(VALUE_MAX);
	buf_reserve(&text, VALUE_MAX); /* the names are views into it */
	while (count < LIST_MAX && json_next(requirement, &walk)) {
		size_t start = text.len;
		print_scheme(&text, find_scheme(reader, walk.key), str_of(walk.key));
		names[count++] = str_span(text.at + start, text.len - start);
	}
	print_sorted(out, names, count, " and ");
	if (count == 0)
		buf_text(out, "none");
}

static void
read_security(struct reader *reader, struct json operation, struct str name)
{
	struct json list = json_get(operation, "security");
	if (list.kind != JSON_ARRAY)
		list = json_get(reader->root, "security");
	auto_buf struct buf key = BUF_INIT(KEY_MAX);
	auto_buf struct buf value = BUF_INIT(VALUE_MAX);
	auto_buf struct buf text = BUF_INIT(VALUE_MAX);
	struct str ways[LIST_MAX];
	size_t count = json_count(list) < LIST_MAX ? json_count(list) : LIST_MAX;
	if (count > 0)
		buf_reserve(&text, VALUE_MAX); /* the ways are views into it */
	for (size_t i = 0; i < count; i++) {
		size_t start = text.len;
		print_requirement(reader, &text, json_at(list, i));
		ways[i] = str_span(text.at + start, text.len - start);
	}
	print_sorted(&value, ways, count, ", or ");
	if (count == 0)
		buf_text(&value, list.kind == JSON_ARRAY ? "none" : "not said");
	buf_printf(&key, "%.*s auth", STR_ARG(name));
	add_fact(reader, &key, &value);
}

/* ---- bodies ---- */

static bool
is_json_media(struct str media)
{
	media = str_trim(str_split(&media, ';'));
	return str_eq_nocase(media, STR("application/json")) || str_ends(media, STR("+json")) ||
	    str_eq(media, STR("*/*"));
}

static void
read_body_schema(struct reader *reader, struct json schema, struct str where, struct str media)
{
	auto_buf struct buf prefix = BUF_INIT(KEY_MAX);
	buf_str(&prefix, where);
	if (!is_json_media(media))
		buf_printf(&prefix, " %.*s", STR_ARG(media));
	reader->builder->full = reader->builder->full || prefix.overflow;
	if (json_count(schema) > 0)
		schema_read(&reader->schemas, schema, buf_view(&prefix), STR("$"), false);
}

static void
read_content(struct reader *reader, struct json content, struct str where)
{
	struct json_walk walk = { 0 };
	while (json_next(content, &walk) && !reader->builder->full)
		read_body_schema(reader, json_get(walk.value, "schema"), where, str_of(walk.key));
}

static void
read_request(struct reader *reader, struct json body, struct str name)
{
	body = reference_resolve(reader->root, body);
	if (body.kind != JSON_OBJECT)
		return;
	auto_buf struct buf key = BUF_INIT(KEY_MAX);
	auto_buf struct buf value = BUF_INIT(VALUE_MAX);
	buf_printf(&key, "%.*s request", STR_ARG(name));
	print_members(&value, json_get(body, "content"), "any media type");
	if (json_truth(json_get(body, "required")))
		buf_text(&value, ", required");
	add_fact(reader, &key, &value);
	read_content(reader, json_get(body, "content"), buf_view(&key));
}

static void
read_headers(struct reader *reader, struct json headers, struct str where)
{
	struct json_walk walk = { 0 };
	auto_buf struct buf prefix = BUF_INIT(KEY_MAX);
	buf_printf(&prefix, "%.*s header", STR_ARG(where));
	while (json_next(headers, &walk) && !reader->builder->full) {
		struct json header = reference_resolve(reader->root, walk.value);
		struct json schema = json_get(header, "schema");
		schema_read(&reader->schemas, schema.kind == JSON_OBJECT ? schema : header, buf_view(&prefix),
		    str_of(walk.key), false);
	}
}

static void
read_response(struct reader *reader, struct json response, struct str name, const char *status)
{
	response = reference_resolve(reader->root, response);
	struct json schema = json_get(response, "schema"); /* OpenAPI 2 */
	auto_buf struct buf key = BUF_INIT(KEY_MAX);
	auto_buf struct buf value = BUF_INIT(VALUE_MAX);
	buf_printf(&key, "%.*s %s", STR_ARG(name), status);
	print_members(&value, json_get(response, "content"), schema.kind == JSON_OBJECT ? "a body" : "no body");
	add_fact(reader, &key, &value);
	read_headers(reader, json_get(response, "headers"), buf_view(&key));
	read_content(reader, json_get(response, "content"), buf_view(&key));
	if (schema.kind == JSON_OBJECT)
		read_body_schema(reader, schema, buf_view(&key), STR("application/json"));
}

/* ---- parameters ---- */

static void
read_parameter(struct reader *reader, struct json parameter, struct str name)
{
	struct str at = json_str(json_get(parameter, "name")), in = json_str(json_get(parameter, "in"));
	struct json schema = json_get(parameter, "schema");
	bool required = json_truth(json_get(parameter, "required"));
	auto_buf struct buf prefix = BUF_INIT(KEY_MAX);
	if (str_eq(in, STR("body"))) { /* OpenAPI 2 */
		buf_printf(&prefix, "%.*s request", STR_ARG(name));
		schema_read(&reader->schemas, schema, buf_view(&prefix), STR("$"), required);
		return;
	}
	if (at.len == 0 || at.len > KEY_MAX / 2 || in.len == 0)
		return;
	if (str_eq(in, STR("formData"))) {
		auto_buf struct buf path = BUF_INIT(KEY_MAX);
		buf_printf(&prefix, "%.*s request", STR_ARG(name));
		buf_printf(&path, "$.%.*s", STR_ARG(at));
		schema_read(&reader->schemas, parameter, buf_view(&prefix), buf_view(&path), required);
		return;
	}
	if (schema.kind != JSON_OBJECT) {
		struct json_walk walk = { 0 }; /* of OpenAPI 3: described by a media type; of 2: by its own members */
		schema = json_next(json_get(parameter, "content"), &walk) ? json_get(walk.value, "schema") : parameter;
	}
	buf_printf(&prefix, "%.*s %.*s", STR_ARG(name), STR_ARG(in));
	reader->builder->full = reader->builder->full || prefix.overflow;
	schema_read(&reader->schemas, schema, buf_view(&prefix), at, required);
}

static bool
has_parameter(struct reader *reader, struct json list, struct json wanted)
{
	for (size_t i = 0; i < json_count(list) && i < LIST_MAX; i++) {
		struct json item = reference_resolve(reader->root, json_at(list, i));
		if (str_eq(json_str(json_get(item, "name")), json_str(json_get(wanted, "name"))) &&
		    str_eq(json_str(json_get(item, "in")), json_str(json_get(wanted, "in"))))
			return true;
	}
	return false;
}

/* Those of the operation, and those of its path that it does not override. */
static void
read_parameters(struct reader *reader, struct json item, struct json operation, struct str name)
{
	struct json own = json_get(operation, "parameters"), shared = json_get(item, "parameters");
	reader->builder->full = reader->builder->full || json_count(own) > LIST_MAX || json_count(shared) > LIST_MAX;
	for (size_t i = 0; i < json_count(own) && !reader->builder->full; i++)
		read_parameter(reader, reference_resolve(reader->root, json_at(own, i)), name);
	for (size_t i = 0; i < json_count(shared) && !reader->builder->full; i++) {
		struct json parameter = reference_resolve(reader->root, json_at(shared, i));
		if (!has_parameter(reader, own, parameter))
			read_parameter(reader, parameter, name);
	}
}

/* ---- operations ---- */

static void
read_servers(struct reader *reader, struct json servers)
{
	for (size_t i = 0; i < json_count(servers) && i < LIST_MAX; i++) {
		auto_buf struct buf key = BUF_INIT(KEY_MAX);
		auto_buf struct buf value = BUF_INIT(16);
		buf_printf(&key, "server %.*s", STR_ARG(json_str(json_get(json_at(servers, i), "url"))));
		buf_text(&value, "listed");
		add_fact(reader, &key, &value);
	}
	struct str host = json_str(json_get(reader->root, "host")); /* OpenAPI 2 */
	if (host.at && servers.kind == JSON_ABSENT) {
		auto_buf struct buf key = BUF_INIT(KEY_MAX);
		struct str base = json_str(json_get(reader->root, "basePath"));
		buf_printf(&key, "server https://%.*s%.*s", STR_ARG(host), STR_ARG(base));
		builder_fact(reader->builder, buf_view(&key), STR("listed"));
	}
}

static void
read_operation(struct reader *reader, struct json item, struct json operation, struct str name)
{
	bool deprecated = json_truth(json_get(operation, "deprecated"));
	builder_fact(reader->builder, name, deprecated ? STR("operation, deprecated") : STR("operation"));
	read_security(reader, operation, name);
	read_parameters(reader, item, operation, name);
	read_request(reader, json_get(operation, "requestBody"), name);
	struct json_walk walk = { 0 };
	while (json_next(json_get(operation, "responses"), &walk) && !reader->builder->full)
		if (!str_starts(str_of(walk.key), STR("x-")))
			read_response(reader, walk.value, name, walk.key);
	if (json_get(operation, "servers").kind == JSON_ARRAY)
		read_servers(reader, json_get(operation, "servers"));
}

static void
read_path(struct reader *reader, const char *path, struct json item)
{
	static const struct {
		const char *key, *method;
	} methods[] = { { "get", "GET" }, { "put", "PUT" }, { "post", "POST" }, { "delete", "DELETE" },
		{ "options", "OPTIONS" }, { "head", "HEAD" }, { "patch", "PATCH" }, { "trace", "TRACE" } };
	item = reference_resolve(reader->root, item);
	for (size_t i = 0; i < ARRAY_LEN(methods) && !reader->builder->full; i++) {
		struct json operation = json_get(item, methods[i].key);
		if (operation.kind != JSON_OBJECT)
			continue;
		auto_buf struct buf name = BUF_INIT(KEY_MAX / 2);
		buf_printf(&name, "%s %s", methods[i].method, path);
		reader->builder->full = reader->builder->full || name.overflow;
		read_operation(reader, item, operation, buf_view(&name));
	}
}

void
openapi_read(struct builder *builder, struct json root)
{
	struct reader reader = { .builder = builder, .root = root, .schemas = { .builder = builder, .root = root } };
	read_servers(&reader, json_get(root, "servers"));
	struct json_walk walk = { 0 };
	while (json_next(json_get(root, "paths"), &walk) && !builder->full)
		if (walk.key[0] == '/')
			read_path(&reader, walk.key, walk.value);
}
