/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated documentation: its forms, its changes, and that it says what the simulated provider does. */
#include "config.h"

#include "sim/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/json.h"
#include "sim/answer.h"
#include "sim/http.h"
#include "sim/site_draft.h"
#include "sim_bed.h"

enum { PATH_BYTES = 256, START_S = 1795341600 };

static const char chat_page[] = "/docs/api/text/chat.md";
static const char chat_spec[] = "/docs/api/openapi/text/post-chat-completions.openapi.json";

/* ---- a site without a network ---- */

struct stage {
	struct site *site;
	struct answer answer;
	int64_t delay_ns;
};

static void
stage_open(struct stage *stage)
{
	stage->site = site_new(1, (struct wall){ START_S * US_PER_SEC });
	answer_init(&stage->answer);
}

static void
stage_close(struct stage *stage)
{
	site_free(stage->site);
	answer_done(&stage->answer);
}

/* header: "Name: value", or NULL. */
static struct str
get(struct stage *stage, const char *path, const char *header)
{
	struct http_request request = { .method = STR("GET"), .path = str_of(path), .header_count = 1 };
	request.headers[0] = (struct http_header){ STR("Host"), STR("docs.test:8080") };
	if (header) {
		struct str value = str_of(header);
		struct str name = str_split(&value, ':');
		request.headers[request.header_count++] = (struct http_header){ name, str_trim(value) };
	}
	answer_reset(&stage->answer);
	site_answer(stage->site, &request, (struct wall){ START_S * US_PER_SEC }, &stage->answer, &stage->delay_ns);
	return buf_view(&stage->answer.body);
}

static bool
try_change(struct stage *stage, const char *page, const char *change, struct buf *error)
{
	auto_buf struct buf json = BUF_INIT(4096);
	buf_printf(&json, "{\"page\":\"%s\",\"changes\":[\"%s\"]}", page, change);
	return site_change(stage->site, buf_view(&json), (struct wall){ START_S * US_PER_SEC }, error);
}

static void
change(struct stage *stage, const char *page, const char *name)
{
	auto_buf struct buf error = BUF_INIT(4096);
	if (!try_change(stage, page, name, &error))
		fail_msg("%s %s: %s", page, name, buf_cstr(&error));
}

static void
restore(struct stage *stage)
{
	assert_true(site_restore(stage->site, STR_NONE, (struct wall){ START_S * US_PER_SEC }));
}

/* The value of a header of the last answer; absent when it has none. */
static struct str
header_of(const struct stage *stage, const char *name)
{
	struct str rest = buf_view(&stage->answer.head);
	while (rest.len > 0) {
		struct str value = str_split(&rest, '\n');
		if (str_eq_nocase(str_split(&value, ':'), str_of(name)))
			return str_trim(value);
	}
	return STR_NONE;
}

static void
check_has(struct str text, const char *part, size_t times)
{
	if (count_of(text, part) != times)
		fail_msg("\"%s\" is not there %zu times: %.*s", part, times, STR_ARG(text));
}

/* ---- forms ---- */

static void
test_forms(void **state)
{
	(void)state;
	static const struct {
		const char *path, *header, *type, *has;
		int status;
	} cases[] = {
		{ chat_page, NULL, "text/markdown; charset=utf-8", "\n# Create a chat completion\n\n> Answers a", 200 },
		{ "/docs/api/text/chat", NULL, "text/html; charset=utf-8", "<h1>Create a chat completion</h1>", 200 },
		{ "/docs/api/text/chat", "Accept: text/markdown, */*", "text/markdown; charset=utf-8", "````yaml docs/",
		    200 },
		{ chat_spec, NULL, "application/json", "\"openapi\": \"3.1.0\"", 200 },
		{ "/docs/llms.txt", NULL, "text/plain; charset=utf-8", "](http://docs.test:8080/docs/api/text/chat.md)",
		    200 },
		{ "/docs/errors/error-codes.md", NULL, "text/markdown; charset=utf-8", "| 429 |", 200 },
		{ "/docs/api/text/rerank.md", NULL, "text/html; charset=utf-8", "<h1>Page not found", 404 },
		{ "/docs/", NULL, "text/html; charset=utf-8", "<h1>Page not found", 404 },
		{ "/docs", NULL, "text/html; charset=utf-8", "<h1>Page not found", 404 },
	};
	struct stage stage;
	stage_open(&stage);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str body = get(&stage, cases[i].path, cases[i].header);
		assert_int_equal(stage.answer.status, cases[i].status);
		assert_string_equal(stage.answer.type, cases[i].type);
		check_has(body, cases[i].has, 1);
		assert_true(str_is_utf8(body));
	}
	check_has(get(&stage, chat_page, NULL),
	    "````yaml docs/api/openapi/text/post-chat-completions.openapi.json POST "
	    "/v1/chat/completions\nopenapi: \"3.1.0\"\n",
	    1);
	stage_close(&stage);
}

static void
test_conditional(void **state)
{
	(void)state;
	struct stage stage;
	char tag[PATH_BYTES], date[PATH_BYTES];
	stage_open(&stage);
	for (int round = 0; round < 3; round++) {
		(void)get(&stage, chat_page, NULL);
		assert_int_equal(stage.answer.status, 200);
		snprintf(tag, sizeof(tag), "If-None-Match: \"other\", W/%.*s", STR_ARG(header_of(&stage, "ETag")));
		snprintf(date, sizeof(date), "If-Modified-Since: %.*s", STR_ARG(header_of(&stage, "Last-Modified")));
		assert_int_equal(get(&stage, chat_page, tag).len, 0);
		assert_int_equal(stage.answer.status, 304);
		assert_true(header_of(&stage, "ETag").len > 0);
		(void)get(&stage, chat_page, date);
		assert_int_equal(stage.answer.status, 304);
		(void)get(&stage, "/docs/api/text/chat", tag); /* another form, another tag */
		assert_int_equal(stage.answer.status, 200);
		/* The clock stands still, and even so a client that has the date alone sees that it changed. */
		change(&stage, "chat", round == 0 ? "prose-changed" : round == 1 ? "field-removed" : "cosmetic-churn");
		(void)get(&stage, chat_page, date);
		assert_int_equal(stage.answer.status, 200);
		(void)get(&stage, chat_page, tag);
		assert_int_equal(stage.answer.status, 200);
	}
	(void)get(&stage, chat_page, "If-Modified-Since: soon");
	assert_int_equal(stage.answer.status, 200);
	stage_close(&stage);
}

/* ---- changes ---- */

struct snapshot {
	struct buf forms[2 * 16 + 1]; /* each page as Markdown and as specification, and the index */
	size_t count;
};

static void
take_snapshot(struct stage *stage, struct snapshot *snapshot)
{
	for (size_t i = 0; i < site_page_count(); i++) {
		char path[PATH_BYTES];
		for (int spec = 0; spec < 2; spec++) {
			snprintf(path, sizeof(path), spec ? "/docs/%s" : "/docs/%s.md",
			    spec ? (site_page_at(i)->spec ? site_page_at(i)->spec : "none") : site_page_at(i)->path);
			assert_true(snapshot->count < ARRAY_LEN(snapshot->forms));
			struct buf *form = &snapshot->forms[snapshot->count++];
			*form = BUF_INIT(SITE_PAGE_BYTES);
			buf_str(form, get(stage, path, NULL));
			buf_printf(form, "%d %s %.*s", stage->answer.status,
			    stage->answer.type ? stage->answer.type : "", STR_ARG(header_of(stage, "Location")));
			buf_printf(form, "%lld", (long long)stage->delay_ns);
		}
	}
	snapshot->forms[snapshot->count] = BUF_INIT(SITE_PAGE_BYTES);
	buf_str(&snapshot->forms[snapshot->count++], get(stage, "/docs/llms.txt", NULL));
}

/* How many forms differ; frees b. */
static size_t
compare_snapshots(const struct snapshot *a, struct snapshot *b)
{
	size_t different = 0;
	for (size_t i = 0; i < a->count; i++) {
		different += !str_eq(buf_view(&a->forms[i]), buf_view(&b->forms[i]));
		buf_done(&b->forms[i]);
	}
	return different;
}

/* Each change does something to a page that takes it, nothing to the other pages, and leaves nothing behind. */
static void
test_every_change(void **state)
{
	(void)state;
	struct stage stage;
	struct snapshot before = { .count = 0 };
	stage_open(&stage);
	take_snapshot(&stage, &before);
	for (enum site_change c = 0; c < SITE_CHANGE_COUNT; c++) {
		size_t takers = 0;
		for (size_t i = 0; i < site_page_count(); i++) {
			auto_buf struct buf error = BUF_INIT(4096);
			struct snapshot after = { .count = 0 };
			const char *page = site_page_at(i)->name;
			if (!try_change(&stage, page, site_change_name(c), &error)) {
				assert_true(
				    error.len > 0 && (site_change_kind(c) < SITE_LOOK || site_page_at(i)->unlisted));
				continue;
			}
			takers++;
			(void)get(&stage, "/docs/errors/error-codes.md", NULL); /* flapping: the other one of two */
			take_snapshot(&stage, &after);
			size_t different = compare_snapshots(&before, &after);
			bool may_be_none = site_change_kind(c) == SITE_LOOK || c == SITE_flapping;
			if ((different == 0 && !may_be_none) || different > (site_change_kind(c) == SITE_PLACE ? 3 : 2))
				fail_msg("%s %s: %zu forms are different", page, site_change_name(c), different);
			restore(&stage);
			after.count = 0;
			take_snapshot(&stage, &after);
			assert_int_equal(compare_snapshots(&before, &after), 0);
		}
		if (takers == 0)
			fail_msg("no page takes %s", site_change_name(c));
	}
	for (size_t i = 0; i < before.count; i++)
		buf_done(&before.forms[i]);
	stage_close(&stage);
}

/* What the changes make of the pages, one line of it each. n: how often it is there. */
static const struct {
	const char *page, *change, *path, *part;
	size_t n;
} effects[] = {
	{ "chat", "field-removed:usage", chat_spec, "\"total_tokens\"", 0 },
	{ "chat", "field-removed:usage.total_tokens", chat_spec, "\"total_tokens\"", 0 },
	{ "chat", "field-added:usage.cost=number", chat_spec, "\"cost\": {\n", 1 },
	{ "chat", "field-added:choices[].cost", chat_page, " cost:\n", 1 },
	{ "chat", "field-retyped:created=string", chat_page, "  \"created\": \"text\",\n", 1 },
	{ "chat", "field-required:service_tier", chat_page, "- service_tier\n", 1 },
	{ "chat", "field-optional:usage", chat_page, "- usage\n", 0 },
	{ "chat", "enum-added:choices[].finish_reason=pause", chat_page, "- pause\n", 1 },
	{ "chat", "enum-removed:choices[].finish_reason=tool_calls", chat_page, "- tool_calls\n", 0 },
	{ "chat", "request-field-required:temperature", chat_page, "- temperature\n", 1 },
	{ "chat", "request-field-removed:stream_options", chat_spec, "include_usage", 0 },
	{ "chat", "status-added:402", chat_spec, "\"402\": {", 1 },
	{ "chat", "status-removed:429", chat_page, "\"429\":\n", 0 },
	{ "chat", "auth-changed:x-api-key", chat_page, "-H \"x-api-key: $COMETAPI_KEY\"", 2 },
	{ "chat", "auth-changed:none", chat_page, "\nsecurity: []\n", 1 },
	{ "chat", "path-changed", chat_page, " POST /v2/chat/completions\n", 1 },
	{ "chat", "method-changed", chat_page, ".openapi.json PUT /v1/chat/completions\n", 1 },
	{ "chat", "error-envelope-changed", chat_spec, "\"error\": {", 0 },
	{ "chat", "mention-removed", chat_page, "stream_options.include_usage", 0 },
	{ "chat", "mention-removed:doesn't report", chat_page, "doesn't report", 0 },
	{ "chat", "contradiction:n", chat_page, "\nSend `n` as a **string**.\n", 1 },
	{ "images", "url-to-base64", "/docs/api/openapi/image/openai/post-images-generations.openapi.json",
	    "\"b64_json\"", 3 },
	{ "errors", "status-added:418", "/docs/errors/error-codes.md", "| 418 |", 1 },
	{ "errors", "error-envelope-changed", "/docs/errors/error-codes.md", "\"error\": {", 0 },
	{ "chat", "index-renamed:Chat", "/docs/llms.txt", "- [Chat](", 1 },
	{ "chat", "index-removed", "/docs/llms.txt", "chat", 0 },
	{ "rerank", "index-added", "/docs/llms.txt", "/docs/api/text/rerank.md): ", 1 },
	{ "chat", "moved", "/docs/llms.txt", "/docs/reference/chat.md): ", 1 },
	{ "chat", "moved:new/chat", "/docs/new/chat", "<title>Create a chat completion</title>", 1 },
	{ "chat", "smart-quotes", chat_page, "doesn\xE2\x80\x99t report isn\xE2\x80\x99t", 1 },
	{ "chat", "table-padding", chat_page, "| `user`      | The end user                                  |\n", 1 },
	{ "chat", "heading-case", chat_page, "\n# Create A Chat Completion\n", 1 },
	{ "chat", "theme-attributes", chat_page, "theme={null}", 0 },
	{ "chat", "key-placeholders", chat_page, "$COMETAPI_KEY", 0 },
	{ "chat", "no-index-note", chat_page, "Documentation Index", 0 },
	{ "chat", "yaml-style", chat_page, ">-", 0 },
	{ "chat", "truncated", chat_page, "components:", 0 },
	{ "*", "html-instead", chat_spec, "<!DOCTYPE html>", 1 },
	{ "index", "login-page", "/docs/llms.txt", "<title>Sign in</title>", 1 },
};

static void
test_what_changes(void **state)
{
	(void)state;
	struct stage stage;
	stage_open(&stage);
	for (size_t i = 0; i < ARRAY_LEN(effects); i++) {
		change(&stage, effects[i].page, effects[i].change);
		struct str body = get(&stage, effects[i].path, NULL);
		if (count_of(body, effects[i].part) != effects[i].n)
			fail_msg("%s: %s: %.*s", effects[i].change, effects[i].part, STR_ARG(body));
		restore(&stage);
	}
	stage_close(&stage);
}

static void
test_places(void **state)
{
	(void)state;
	struct stage stage;
	stage_open(&stage);
	change(&stage, "chat", "moved-relative:new/place/chat");
	(void)get(&stage, chat_page, NULL);
	assert_int_equal(stage.answer.status, 308);
	assert_true(str_eq(header_of(&stage, "Location"), STR("../../new/place/chat.md")));
	check_has(get(&stage, "/docs/new/place/chat.md", NULL), "# Create a chat completion", 1);
	restore(&stage);
	change(&stage, "chat", "moved");
	(void)get(&stage, "/docs/api/text/chat", NULL);
	assert_true(str_eq(header_of(&stage, "Location"), STR("http://docs.test:8080/docs/reference/chat")));
	/* A host that would break out of the line is not repeated. */
	check_has(get(&stage, "/docs/llms.txt", "Host: ignored, the first one counts"), "docs.test:8080", 18);
	stage_close(&stage);
}

static void
test_troubles(void **state)
{
	(void)state;
	static const struct {
		const char *change;
		int status;
		const char *type, *header, *value;
	} cases[] = {
		{ "unavailable", 503, "text/html; charset=utf-8", "ETag", NULL },
		{ "rate-limited", 429, "text/plain; charset=utf-8", "Retry-After", "30" },
		{ "rate-limited:7", 429, "text/plain; charset=utf-8", "Retry-After", "7" },
		{ "login-redirect", 302, NULL, "Location", "https://login.example.org/sign-in?next=docs" },
		{ "login-redirect:http://127.0.0.2/", 302, NULL, "Location", "http://127.0.0.2/" },
		{ "login-page", 200, "text/html; charset=utf-8", NULL, NULL },
		{ "captcha", 200, "text/html; charset=utf-8", NULL, NULL },
		{ "wrong-type", 200, "application/octet-stream", NULL, NULL },
		{ "wrong-type:text/plain", 200, "text/plain", NULL, NULL },
	};
	struct stage stage;
	stage_open(&stage);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		change(&stage, "chat", cases[i].change);
		(void)get(&stage, chat_page, NULL);
		assert_int_equal(stage.answer.status, cases[i].status);
		assert_true(str_eq(str_of(stage.answer.type), str_of(cases[i].type)));
		if (cases[i].header)
			assert_true(str_eq(header_of(&stage, cases[i].header), str_of(cases[i].value)));
		restore(&stage);
	}
	change(&stage, "chat", "empty");
	assert_int_equal(get(&stage, chat_page, NULL).len, 0);
	change(&stage, "models", "slow:250");
	(void)get(&stage, "/docs/api/models.md", NULL);
	assert_int_equal(stage.delay_ns, 250 * NS_PER_MS);
	stage_close(&stage);
}

/* Flapping: every second answer is the old one. Churn: no two answers are the same, and none is other JSON. */
static void
test_every_answer(void **state)
{
	(void)state;
	enum { ROUNDS = 40 };
	struct stage stage;
	auto_buf struct buf last = BUF_INIT(SITE_PAGE_BYTES);
	stage_open(&stage);
	change(&stage, "chat", "field-removed:usage");
	change(&stage, "chat", "flapping");
	for (size_t i = 0; i < ROUNDS; i++)
		check_has(get(&stage, chat_spec, NULL), "\"usage\": {", i % 2);
	restore(&stage);
	change(&stage, "*", "cosmetic-churn");
	for (size_t i = 0; i < ROUNDS; i++) {
		assert_int_equal(json_check(get(&stage, chat_spec, NULL), JSON_DEPTH_MAX), JSON_FINE);
		assert_false(str_eq(get(&stage, chat_page, NULL), buf_view(&last)));
		buf_reset(&last);
		buf_str(&last, buf_view(&stage.answer.body));
	}
	buf_reset(&last);
	for (int i = 0; i < ROUNDS; i++) {
		assert_false(str_eq(get(&stage, "/docs/llms.txt", NULL), buf_view(&last)));
		buf_reset(&last);
		buf_str(&last, buf_view(&stage.answer.body));
	}
	stage_close(&stage);
}

static void
test_bad_orders(void **state)
{
	(void)state;
	static const struct {
		const char *json, *complaint;
	} cases[] = {
		{ "", "this is no JSON object" },
		{ "{}", "page: there is no page \"\": GET /_sim/docs lists them" },
		{ "{\"page\":\"chat\"}", "changes must be a list of 1 to 32 names" },
		{ "{\"page\":\"chat\",\"change\":[\"slow\"]}", "there is no \"change\" here; known are: page changes" },
		{ "{\"page\":\"chat\",\"changes\":[\"slow\",7]}", "changes[1]: there is no change \"\"" },
		{ "{\"page\":\"chat\",\"changes\":[\"slow\",\"slwo:1\"]}", "changes[1]: there is no change \"slwo\"" },
		{ "{\"page\":\"chat\",\"changes\":[\"slow:x\"]}", "it takes a whole number up to 600000" },
		{ "{\"page\":\"chat\",\"changes\":[\"slow:\"]}", "an argument has 1 to 512 bytes" },
		{ "{\"page\":\"chat\",\"changes\":[\"crlf:1\"]}", "it takes no argument" },
		{ "{\"page\":\"chat\",\"changes\":[\"wrong-type:a\\r\\nb\"]}", "it takes a text of one line" },
		{ "{\"page\":\"chat\",\"changes\":[\"field-removed:no.such\"]}", "it has no field \"no.such\" there" },
		{ "{\"page\":\"chat\",\"changes\":[\"field-added:usage\"]}", "the field \"usage\" is there already" },
		{ "{\"page\":\"chat\",\"changes\":[\"field-added:no.such\"]}", "it has no field \"no\" there" },
		{ "{\"page\":\"chat\",\"changes\":[\"field-added:x=text\"]}", "there is no type \"text\"" },
		{ "{\"page\":\"chat\",\"changes\":[\"field-added:x y\"]}", "\"x y\" is no path of a field" },
		{ "{\"page\":\"chat\",\"changes\":[\"field-required:usage\"]}", "\"usage\" is required already" },
		{ "{\"page\":\"chat\",\"changes\":[\"status-added:40\"]}", "\"40\" is no status" },
		{ "{\"page\":\"chat\",\"changes\":[\"status-added:429\"]}", "it has the status 429 already" },
		{ "{\"page\":\"chat\",\"changes\":[\"auth-changed:basic\"]}", "there is no scheme \"basic\"" },
		{ "{\"page\":\"chat\",\"changes\":[\"method-changed:BREW\"]}", "there is no method \"BREW\"" },
		{ "{\"page\":\"chat\",\"changes\":[\"path-changed:v1\"]}", "\"v1\" is no path" },
		{ "{\"page\":\"chat\",\"changes\":[\"contradiction:model\"]}", "\"model\" is no integer" },
		{ "{\"page\":\"chat\",\"changes\":[\"mention-removed:xyz\"]}", "its prose does not have \"xyz\"" },
		{ "{\"page\":\"chat\",\"changes\":[\"url-to-base64\"]}", "its answers have no URL of an image" },
		{ "{\"page\":\"chat\",\"changes\":[\"index-added\"]}", "it is in the index already" },
		{ "{\"page\":\"quickstart\",\"changes\":[\"field-added\"]}", "it documents no operation" },
		{ "{\"page\":\"rerank\",\"changes\":[\"captcha\"]}", "the page is not there before index-added" },
		{ "{\"page\":\"index\",\"changes\":[\"prose-changed\"]}", "the index can only look different" },
		{ "{\"page\":\"*\",\"changes\":[\"field-removed:no.such\"]}", "it has no field \"no.such\" there" },
	};
	struct stage stage;
	struct snapshot before = { .count = 0 }, after = { .count = 0 };
	stage_open(&stage);
	take_snapshot(&stage, &before);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf error = BUF_INIT(8192);
		assert_false(site_change(stage.site, str_of(cases[i].json), (struct wall){ 1 }, &error));
		if (!strstr(buf_cstr(&error), cases[i].complaint))
			fail_msg("%s: %s", cases[i].json, buf_cstr(&error));
	}
	take_snapshot(&stage, &after); /* nothing of what was before the mistake is left */
	assert_int_equal(compare_snapshots(&before, &after), 0);
	for (size_t i = 0; i < before.count; i++)
		buf_done(&before.forms[i]);
	stage_close(&stage);
}

/* ---- over HTTP ---- */

static void
ask(const struct bed *bed, const char *request, struct reply *reply)
{
	exchange(bed->ports[HTTP], request, PATIENCE_MS, reply);
	assert_int_equal(reply->ending, CLOSED);
}

static void
test_control(void **state)
{
	(void)state;
	static const char get_text[] = "GET /docs/any/thing.md HTTP/1.0\r\n\r\n";
	static const struct {
		const char *method, *path, *body, *begins;
	} calls[] = {
		{ "POST", "/_sim/docs", "{\"page\":\"chat\",\"changes\":[\"slwo\"]}", "HTTP/1.1 400 " },
		{ "POST", "/_sim/docs", "{\"page\":\"chat\",\"changes\":[\"field-removed:usage\",\"crlf\"]}",
		    "HTTP/1.1 204 " },
		{ "DELETE", "/_sim/docs?page=nobody", "", "HTTP/1.1 404 " },
		{ "PUT", "/_sim/docs/any/thing.md", "# Any\r\nthing", "HTTP/1.1 204 " },
		{ "PUT", "/_sim/docs/", "x", "HTTP/1.1 413 " },
		{ "DELETE", "/_sim/docs/none", "", "HTTP/1.1 404 " },
	};
	struct bed bed;
	struct reply reply;
	bed_start(&bed, 1);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		control(&bed, calls[i].method, calls[i].path, calls[i].body, &reply);
		if (!str_starts(buf_view(&reply.bytes), str_of(calls[i].begins)))
			fail_msg("%s %s: %s", calls[i].method, calls[i].path, buf_cstr(&reply.bytes));
		buf_done(&reply.bytes);
	}
	control(&bed, "GET", "/_sim/docs", "", &reply);
	check_has(body_of(&reply), "\"changes\":[\"field-removed:usage\",\"crlf\"]", 1);
	check_has(
	    body_of(&reply), "{\"path\":\"any/thing.md\",\"type\":\"text/markdown; charset=utf-8\",\"bytes\":12}", 1);
	assert_int_equal(count_of(body_of(&reply), "\"kind\":"), SITE_CHANGE_COUNT);
	assert_int_equal(json_check(body_of(&reply), JSON_DEPTH_MAX), JSON_FINE);
	buf_done(&reply.bytes);
	ask(&bed, get_text, &reply);
	assert_true(str_eq(body_of(&reply), STR("# Any\r\nthing")));
	buf_done(&reply.bytes);
	control(&bed, "DELETE", "/_sim/docs/any/thing.md", "", &reply);
	buf_done(&reply.bytes);
	ask(&bed, get_text, &reply);
	assert_true(str_starts(buf_view(&reply.bytes), STR("HTTP/1.1 404 ")));
	buf_done(&reply.bytes);
	control(&bed, "DELETE", "/_sim/docs?page=chat", "", &reply);
	buf_done(&reply.bytes);
	control(&bed, "GET", "/_sim/docs", "", &reply);
	check_has(body_of(&reply), "field-removed:usage", 0);
	buf_done(&reply.bytes);
	ask(&bed, "POST /docs/llms.txt HTTP/1.0\r\nContent-Length: 0\r\n\r\n", &reply);
	check_has(buf_view(&reply.bytes), "\r\nAllow: GET, HEAD\r\n", 1);
	buf_done(&reply.bytes);
	bed_stop(&bed);
}

/* Requests to the documentation are told from the provider's, faults leave them alone, and no key stays unseen. */
static void
test_journal(void **state)
{
	(void)state;
	static const char *const requests[] = {
		"GET /docs/llms.txt HTTP/1.0\r\n\r\n",
		"GET /docs/llms.txt HTTP/1.0\r\nAuthorization: Bearer sk-sim-demo\r\n\r\n",
		"GET /docs/llms.txt HTTP/1.0\r\nX-Odd: <sk-sim-demo>\r\n\r\n",
		"GET /docs/llms.txt?a=sk-sim-demo HTTP/1.0\r\n\r\n",
		"GET /docs/llms.txt HTTP/1.0\r\nCookie: session=1\r\n\r\n",
		"GET /docs/llms.txt?key=other HTTP/1.0\r\n\r\n",
		"GET /v1/models HTTP/1.0\r\nAuthorization: Bearer sk-sim-demo\r\n\r\n",
	};
	struct bed bed;
	struct reply reply;
	bed_start(&bed, 1);
	add_rule(&bed, "{\"faults\":[{\"fault\":\"error\",\"name\":\"html_502\"}]}");
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		ask(&bed, requests[i], &reply);
		bool docs = i + 1 < ARRAY_LEN(requests);
		assert_true(str_starts(buf_view(&reply.bytes), docs ? STR("HTTP/1.1 200 ") : STR("HTTP/1.1 502 ")));
		buf_done(&reply.bytes);
	}
	control(&bed, "GET", "/_sim/journal?kind=docs&format=lines", "", &reply);
	check_has(body_of(&reply), "\"kind\":\"docs\"", 6);
	check_has(body_of(&reply), "\"key_present\":false", 1);
	check_has(body_of(&reply), "\"key\":\"demo\"", 3);
	check_has(body_of(&reply), "\"status\":200,", 6);
	check_has(body_of(&reply), "\"ended\":\"complete\"", 6);
	check_has(body_of(&reply), "sk-sim-demo", 0);
	buf_done(&reply.bytes);
	control(&bed, "GET", "/_sim/journal?kind=api", "", &reply);
	check_has(body_of(&reply), "\"sequence\":", 1);
	buf_done(&reply.bytes);
	control(&bed, "GET", "/_sim/stats", "", &reply);
	check_has(body_of(&reply), "{\"requests\":1,\"docs\":6,", 1);
	check_has(body_of(&reply), "\"demo\":{\"requests\":1,", 1);
	buf_done(&reply.bytes);
	bed_stop(&bed);
}

/* ---- the specification and the provider ---- */

static bool
type_fits(struct str type, enum json_kind kind)
{
	static const char *const names[] = { [JSON_NULL] = "null",
		[JSON_BOOL] = "boolean",
		[JSON_INT] = "integer",
		[JSON_REAL] = "number",
		[JSON_STRING] = "string",
		[JSON_ARRAY] = "array",
		[JSON_OBJECT] = "object" };
	return str_eq(type, str_of(names[kind])) || (kind == JSON_INT && str_eq(type, STR("number")));
}

static bool
enum_fits(struct json values, struct json value)
{
	for (size_t i = 0; i < json_count(values); i++)
		if (json_at(values, i).kind == value.kind && str_eq(json_str(json_at(values, i)), json_str(value)))
			return true;
	return values.kind == JSON_ABSENT;
}

/* The part of JSON Schema that the specifications use. */
static void
check_schema(struct json schema, struct json value, const char *place)
{
	char below[PATH_BYTES];
	struct json type = json_get(schema, "type"), required = json_get(schema, "required");
	struct json_walk walk = { .entry = NULL };
	bool fits = type_fits(json_str(type), value.kind);
	for (size_t i = 0; i < json_count(type) && type.kind == JSON_ARRAY; i++)
		fits = fits || type_fits(json_str(json_at(type, i)), value.kind);
	if (!fits || !enum_fits(json_get(schema, "enum"), value))
		fail_msg("%s: %s \"%.*s\" does not fit", place, json_kind_name(value.kind), STR_ARG(json_str(value)));
	for (size_t i = 0; i < json_count(required) && value.kind == JSON_OBJECT; i++) {
		snprintf(below, sizeof(below), "%.*s", STR_ARG(json_str(json_at(required, i))));
		if (json_get(value, below).kind == JSON_ABSENT)
			fail_msg("%s: %s is required and missing", place, below);
	}
	while (json_next(json_get(schema, "properties"), &walk)) {
		snprintf(below, sizeof(below), "%s.%s", place, walk.key);
		if (json_get(value, walk.key).kind != JSON_ABSENT)
			check_schema(walk.value, json_get(value, walk.key), below);
	}
	struct json items = json_get(schema, "items");
	snprintf(below, sizeof(below), "%s[]", place);
	for (size_t i = 0; i < json_count(value) && value.kind == JSON_ARRAY && items.kind == JSON_OBJECT; i++)
		check_schema(items, json_at(value, i), below);
}

/* The schema that the document gives for this status. */
static struct json
schema_of(struct json document, const struct site_page *page, const char *status)
{
	struct json_walk walk = { .entry = NULL };
	struct json path = json_get(json_get(document, "paths"), page->api_path);
	assert_true(json_next(path, &walk));
	struct json response = json_get(json_get(walk.value, "responses"), status);
	struct json schema = json_get(json_get(json_get(response, "content"), "application/json"), "schema");
	if (schema.kind == JSON_ABSENT)
		fail_msg("%s: the status %s is not documented", page->name, status);
	if (json_get(schema, "$ref").kind == JSON_ABSENT)
		return schema;
	assert_true(str_eq(json_str(json_get(schema, "$ref")), STR("#/components/schemas/ErrorResponse")));
	return json_get(json_get(json_get(document, "components"), "schemas"), "ErrorResponse");
}

/* What comes back fits what the document says of its status. */
static void
check_answer(const struct bed *bed, const struct site_page *page, struct json document, const char *request)
{
	char status[4];
	struct reply reply;
	auto_json struct json body = JSON_NOTHING;
	ask(bed, request, &reply);
	snprintf(status, sizeof(status), "%.3s", buf_cstr(&reply.bytes) + sizeof("HTTP/1.1 ") - 1);
	if (json_parse(body_of(&reply), JSON_DEPTH_MAX, &body) != JSON_FINE)
		fail_msg("%s: %s", request, buf_cstr(&reply.bytes));
	check_schema(schema_of(document, page, status), body, page->name);
	buf_done(&reply.bytes);
}

static void
write_call(const struct site_page *page, const char *body, bool with_key, struct buf *out)
{
	struct str rest = str_of(page->api_path);
	struct str before = str_split(&rest, '{');
	buf_printf(out, "%s %.*s", page->method, STR_ARG(before));
	if (rest.at) {
		(void)str_split(&rest, '}');
		buf_printf(out, "gemini-2.5-flash%.*s", STR_ARG(rest));
	}
	buf_printf(out, " HTTP/1.0\r\n%sContent-Length: %zu\r\n\r\n%s",
	    with_key ? "Authorization: Bearer sk-sim-demo\r\n" : "", strlen(body), body);
}

static void
check_page(const struct bed *bed, const struct site_page *page)
{
	enum { ROUNDS = 24 };
	char path[PATH_BYTES];
	struct reply reply;
	auto_json struct json document = JSON_NOTHING;
	auto_draft struct site_draft *draft = site_draft_new(page);
	auto_buf struct buf example = BUF_INIT(REPLY_PIECE);
	snprintf(path, sizeof(path), "GET /docs/%s HTTP/1.0\r\n\r\n", page->spec);
	ask(bed, path, &reply);
	assert_int_equal(json_parse(body_of(&reply), JSON_DEPTH_MAX, &document), JSON_FINE);
	if (page->request)
		site_write_example(draft, PART_REQUEST, &example);
	for (int i = 0; i < ROUNDS; i++) {
		auto_buf struct buf call = BUF_INIT(REPLY_PIECE);
		write_call(page, buf_cstr(&example), true, &call);
		check_answer(bed, page, document, buf_cstr(&call));
	}
	static const char *const wrong[] = { "{", "{}", "{\"model\":\"nobody\"}", "{\"model\":\"gpt-5.4-mini\"}" };
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		auto_buf struct buf call = BUF_INIT(REPLY_PIECE);
		write_call(page, wrong[i], i > 0, &call);
		check_answer(bed, page, document, buf_cstr(&call));
	}
	buf_reset(&example); /* the example of an answer is one */
	site_write_example(draft, PART_RESPONSE, &example);
	auto_json struct json sample = JSON_NOTHING;
	assert_int_equal(json_parse(buf_view(&example), JSON_DEPTH_MAX, &sample), JSON_FINE);
	check_schema(schema_of(document, page, "200"), sample, page->name);
	buf_done(&reply.bytes);
}

/* Healthy answers in all their variety, and refusals, are as the pages say. */
static void
test_agreement(void **state)
{
	(void)state;
	struct bed bed;
	bed_start(&bed, 3);
	for (int varied = 0; varied < 2; varied++) {
		for (size_t i = 0; i < site_page_count(); i++)
			if (site_page_at(i)->spec)
				check_page(&bed, site_page_at(i));
		add_rule(&bed, "{\"faults\":[\"vary\"]}");
	}
	bed_stop(&bed);
}

/* One request each changes the documentation and what the provider does; the one does not know of the other. */
static void
test_together(void **state)
{
	(void)state;
	struct bed bed;
	struct reply reply;
	auto_buf struct buf request = BUF_INIT(REPLY_PIECE);
	bed_start(&bed, 1);
	control(&bed, "POST", "/_sim/docs", "{\"page\":\"chat\",\"changes\":[\"field-removed:usage\"]}", &reply);
	buf_done(&reply.bytes);
	add_rule(&bed, "{\"path\":\"/v1/chat/completions\",\"faults\":[\"usage-missing\"]}");
	write_request(&request, "POST", "/v1/chat/completions", ASK_WHOLE);
	ask(&bed, buf_cstr(&request), &reply);
	check_has(buf_view(&reply.bytes), "\"usage\"", 0);
	buf_done(&reply.bytes);
	ask(&bed, "GET /docs/api/openapi/text/post-chat-completions.openapi.json HTTP/1.0\r\n\r\n", &reply);
	check_has(buf_view(&reply.bytes), "\"usage\"", 0);
	buf_done(&reply.bytes);
	bed_stop(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_conditional),
		cmocka_unit_test(test_every_change),
		cmocka_unit_test(test_what_changes),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_troubles),
		cmocka_unit_test(test_every_answer),
		cmocka_unit_test(test_bad_orders),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
