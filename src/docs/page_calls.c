/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of how something is called: endpoints with their query, headers, samples of what comes back.
 */
#include "config.h"

#include "docs/gate.h"
#include "docs/inline.h"
#include "docs/page.h"

enum {
	KEY_MAX = 2048,
	NAME_MAX = 64,
	SAMPLE_DEPTH_MAX = 32,
	SAMPLE_BYTES_MAX = 256 * 1024,
	CURL_BYTES_MAX = 4096,
	CURLS_MAX = 256
};

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '-';
}

/* ---- endpoints ---- */

/* A segment of a path that stands for many: a placeholder, an id. Versions are none. */
static bool
is_variable(struct str segment, bool after_models)
{
	size_t digits = 0;
	for (size_t i = 0; i < segment.len; i++) {
		digits += segment.at[i] >= '0' && segment.at[i] <= '9';
		if (strchr("{}<>$", segment.at[i]))
			return true;
	}
	return digits >= 3 || after_models;
}

/* The path with {} for what stands for many; an operator behind a colon stays. */
static void
print_path(struct buf *out, struct str path)
{
	bool after_models = false;
	while (path.len > 0) {
		path = str_span(path.at + 1, path.len - 1); /* the slash */
		size_t len = 0;
		while (len < path.len && path.at[len] != '/')
			len++;
		struct str segment = str_span(path.at, len), name = segment;
		struct str operation = name;
		name = str_split(&operation, ':');
		buf_char(out, '/');
		if (name.len > 0 && is_variable(name, after_models))
			buf_text(out, "{}");
		else
			buf_str(out, name);
		if (operation.at)
			buf_printf(out, ":%.*s", STR_ARG(operation));
		after_models = str_eq(segment, STR("models"));
		path = str_span(path.at + len, path.len - len);
	}
}

static void
add_query(struct page *page, struct str endpoint, struct str url)
{
	const char *mark = memchr(url.at, '?', url.len);
	struct str query = mark ? str_span(mark + 1, url.len - (size_t)(mark + 1 - url.at)) : STR_NONE;
	while (query.at) {
		struct str pair = str_split(&query, '&'), name = str_split(&pair, '=');
		size_t len = 0;
		while (len < name.len && is_word(name.at[len]))
			len++;
		auto_buf struct buf key = BUF_INIT(KEY_MAX);
		buf_printf(&key, "%.*s query %.*s", STR_ARG(endpoint), STR_ARG(name));
		if (len > 0 && len == name.len && len <= NAME_MAX && !key.overflow)
			builder_fact(page->builder, buf_view(&key), STR("listed"));
	}
}

static void
add_endpoint(struct page *page, struct str method, struct str url)
{
	auto_buf struct buf key = BUF_INIT(KEY_MAX);
	auto_buf struct buf server = BUF_INIT(KEY_MAX);
	bool absolute = !str_starts(url, STR("/"));
	struct str path = absolute ? url_path(url) : url;
	size_t len = 0;
	while (!absolute && len < path.len && path.at[len] != '?' && path.at[len] != '#')
		len++;
	path = absolute ? path : str_span(path.at, len);
	if (path.len < 2)
		return;
	buf_printf(&key, "endpoint %.*s ", STR_ARG(method));
	print_path(&key, path);
	if (key.overflow)
		return;
	builder_fact(page->builder, buf_view(&key), STR("listed"));
	add_query(page, buf_view(&key), url);
	buf_printf(&server, "server %.*s", (int)(path.at - url.at), url.at);
	if (absolute && !server.overflow)
		builder_fact(page->builder, buf_view(&server), STR("listed"));
}

static struct str
take_url(struct str text)
{
	size_t len = 0;
	bool url = str_starts(text, STR("/")) || str_starts(text, STR("https://")) || str_starts(text, STR("wss://"));
	while (url && len < text.len && len < KEY_MAX / 2 && (unsigned char)text.at[len] > ' ' &&
	    !strchr("`\"'|()*,\\", text.at[len]))
		len++;
	while (len > 0 && strchr(".:;", text.at[len - 1]))
		len--;
	return str_span(text.at, len);
}

/* METHOD URL, with ticks and stars between them. */
static void
read_call(struct page *page, struct str text)
{
	static const struct str methods[] = { { "GET", 3 }, { "POST", 4 }, { "PUT", 3 }, { "DELETE", 6 },
		{ "PATCH", 5 }, { "WSS", 3 } };
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		struct str rest = text;
		if (!str_starts(rest, methods[i]))
			continue;
		size_t skip = methods[i].len;
		while (skip < rest.len && skip < 32 && strchr(" `*|", rest.at[skip]))
			skip++;
		struct str url = take_url(str_span(rest.at + skip, rest.len - skip));
		if (skip > methods[i].len && url.len > 0)
			add_endpoint(page, methods[i], url);
	}
}

static bool
has(struct str text, struct str part)
{
	return memmem(text.at, text.len, part.at, part.len) != NULL;
}

/* The method that curl is told, or that its data means. */
static struct str
curl_method(struct str text)
{
	static const struct str told[] = { { "-X ", 3 }, { "--request ", 10 } };
	static const struct str data[] = { { " -d ", 4 }, { " --data", 7 }, { " -F ", 4 }, { " --form", 7 } };
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		const char *at = memmem(text.at, text.len, told[i].at, told[i].len);
		size_t skip = at ? (size_t)(at - text.at) + told[i].len : text.len, len = 0;
		struct str rest = str_span(text.at + skip, text.len - skip);
		while (len < rest.len && len < 8 && rest.at[len] >= 'A' && rest.at[len] <= 'Z')
			len++;
		if (len > 0)
			return str_span(rest.at, len);
	}
	for (size_t i = 0; i < ARRAY_LEN(data); i++)
		if (has(text, data[i]))
			return STR("POST");
	return STR("GET");
}

/* `text` begins with curl, and is the rest of the block. */
static void
read_curl(struct page *page, struct str text)
{
	if (page->curls++ >= CURLS_MAX)
		return;
	text.len = text.len < CURL_BYTES_MAX ? text.len : CURL_BYTES_MAX;
	const char *end = memmem(text.at, text.len, "\n\n", 2);
	text.len = end ? (size_t)(end - text.at) : text.len;
	const char *http = memmem(text.at, text.len, "https://", 8);
	if (http)
		add_endpoint(page, curl_method(text), take_url(str_span(http, text.len - (size_t)(http - text.at))));
}

/* ---- headers ---- */

static void
add_header(struct page *page, struct str name)
{
	auto_buf struct buf key = BUF_INIT(KEY_MAX);
	buf_text(&key, "header ");
	for (size_t i = 0; i < name.len; i++)
		buf_char(&key, name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] - 'A' + 'a') : name.at[i]);
	builder_fact(page->builder, buf_view(&key), STR("listed"));
}

static struct str
take_name(struct str text)
{
	size_t len = 0;
	while (len < text.len && is_word(text.at[len]))
		len++;
	return str_span(text.at, len > 2 && len <= NAME_MAX ? len : 0);
}

/* -H "Name: …" of curl. */
static void
read_header_option(struct page *page, struct str text)
{
	static const struct str options[] = { { "-H ", 3 }, { "--header ", 9 } };
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (!str_starts(text, options[i]))
			continue;
		struct str rest = str_span(text.at + options[i].len, text.len - options[i].len);
		if (rest.len > 0 && strchr("\"'", rest.at[0]))
			rest = str_span(rest.at + 1, rest.len - 1);
		struct str name = take_name(rest);
		if (name.len > 0 && name.len < rest.len && rest.at[name.len] == ':')
			add_header(page, name);
	}
}

/* A name in code that begins with x-, or that stands beside the word "header". */
static void
read_header_names(struct page *page, struct str text)
{
	struct str before, mark;
	while (inline_next_mark(&text, &before, &mark)) {
		struct str name = take_name(mark);
		bool custom = name.len > 2 && (name.at[0] | 0x20) == 'x' && name.at[1] == '-';
		bool whole = name.len > 0 && (name.len == mark.len || mark.at[name.len] == ':');
		bool dashed = name.len > 0 && memchr(name.at, '-', name.len);
		struct str after = str_span(text.at, text.len < 8 ? text.len : 8);
		bool beside = str_contains_nocase(after, STR("header")) ||
		    (before.len >= 8 && str_contains_nocase(str_span(before.at + before.len - 8, 8), STR("header")));
		if (whole && (custom || (dashed && beside)))
			add_header(page, name);
	}
}

void
page_calls(struct page *page, struct str text)
{
	for (size_t i = 0; i < text.len && !page->builder->full; i++) {
		char c = text.at[i];
		bool start = i == 0 || !is_word(text.at[i - 1]);
		struct str rest = str_span(text.at + i, text.len - i);
		if (!start)
			continue;
		if (c >= 'A' && c <= 'Z')
			read_call(page, rest);
		if (c == '-')
			read_header_option(page, rest);
		if (str_starts(rest, STR("curl ")))
			read_curl(page, rest);
	}
	read_header_names(page, text);
}

/* ---- samples ---- */

static struct str
last_bytes(struct str text)
{
	size_t len = text.len < 200 ? text.len : 200;
	return str_span(text.at + text.len - len, len);
}

/* What is sent is no answer: so its label says, or it names a model and what the model is asked. */
static bool
is_request(const struct page *page, const struct block *fence, struct json root)
{
	static const char *const asked[] = { "messages", "prompt", "input", "contents" };
	static const struct str sent[] = { { "request", 7 }, { "payload", 7 }, { "config", 6 }, { "settings", 8 },
		{ "body", 4 }, { "you send", 8 } };
	static const struct str answered[] = { { "response", 8 }, { "answer", 6 }, { "return", 6 }, { "result", 6 } };
	struct str labels[] = { fence->info, last_bytes(page->before) };
	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		if (json_is_set(json_get(root, "model")) && json_is_set(json_get(root, asked[i])))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		for (size_t j = 0; j < ARRAY_LEN(answered); j++)
			if (str_contains_nocase(labels[i], answered[j]))
				return false;
		for (size_t j = 0; j < ARRAY_LEN(sent); j++)
			if (str_contains_nocase(labels[i], sent[j]))
				return true;
	}
	return false;
}

void
page_sample(struct page *page, const struct block *fence)
{
	struct str text = str_trim(fence->text);
	auto_json struct json root = JSON_NOTHING;
	if (text.len == 0 || text.len > SAMPLE_BYTES_MAX || (text.at[0] != '{' && text.at[0] != '[') ||
	    json_parse(text, SAMPLE_DEPTH_MAX, &root) != JSON_FINE)
		return;
	if (sample_is_error(root))
		samples_add(&page->errors, root, true);
	else if (!is_request(page, fence, root))
		samples_add(&page->answers, root, false);
}
