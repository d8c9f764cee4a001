/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "request/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/secret.h"

struct built {
	struct provider provider;
	struct endpoint endpoint;
	struct asked asked;
	struct arena arena;
	struct request request;
	struct buf printed;
	struct json body;
};

static int
setup(void **state)
{
	static struct built built;
	const char *why;
	setenv("TEST_KEY", "sk-marker-0123456789", 1);
	built = (struct built){
		.provider = {
			.name = "gateway",
			.base_url = "https://gateway.example",
			.auth = { "Authorization", "Bearer", secret_read(SECRET_ENV, "TEST_KEY", &why) },
			.request_id_header = "X-Request-ID",
		},
		.endpoint = {
			.name = "chat",
			.path = "/v1/chat/completions",
			.model = "gpt-5.4-mini",
			.caps = { 1 << 20, 1 << 16, 1 << 18, 1 << 20 },
			.request = { .prompt = "Say \"ok\".", .max_tokens = 16, .token_field = "max_tokens", .stream_usage = true },
		},
		.printed = BUF_INIT(1 << 16),
	};
	built.endpoint.provider = &built.provider;
	built.endpoint.dialect = dialect_find(STR("openai-chat"));
	arena_init(&built.arena, 1 << 16);
	*state = &built;
	return built.provider.auth.secret ? 0 : -1;
}

static void
unbuild(struct built *b)
{
	request_done(&b->request);
	json_free(b->body);
	b->body = JSON_NOTHING;
	arena_reset(&b->arena);
	buf_reset(&b->printed);
}

static int
teardown(void **state)
{
	struct built *b = *state;
	unbuild(b);
	arena_done(&b->arena);
	buf_done(&b->printed);
	secret_free(b->provider.auth.secret);
	return 0;
}

/* Builds the probe's request; its body, when it is JSON, is in b->body. */
static void
build(struct built *b, enum probe_kind probe)
{
	unbuild(b);
	request_ask(&b->endpoint, probe, &b->asked);
	assert_int_equal(request_build(&b->endpoint, &b->asked, STR("01RUN"), &b->arena, &b->request), 0);
	request_print(&b->printed, &b->request);
	if (b->request.body.len > 0 && json_parse(b->request.body, JSON_DEPTH_MAX, &b->body) != JSON_FINE)
		b->body = JSON_NOTHING;
}

static void
a_chat_request(void **state)
{
	struct built *b = *state;
	build(b, PROBE_STREAM);
	assert_string_equal(b->request.url, "https://gateway.example/v1/chat/completions");
	assert_string_equal(b->request.secret_header, "Authorization: Bearer sk-marker-0123456789");
	assert_true(str_eq(json_str(json_get(b->body, "model")), STR("gpt-5.4-mini")));
	struct json message = json_at(json_get(b->body, "messages"), 0);
	assert_true(str_eq(json_str(json_get(message, "content")), STR("Say \"ok\".")));
	assert_int_equal(json_int(json_get(b->body, "max_tokens")), 16);
	assert_true(json_truth(json_get(b->body, "stream")));
	assert_true(json_truth(json_get(json_get(b->body, "stream_options"), "include_usage")));
	assert_int_equal(json_get(b->body, "temperature").kind, JSON_ABSENT);
	build(b, PROBE_SYNC);
	assert_int_equal(json_get(b->body, "stream").kind, JSON_BOOL);
	assert_false(json_truth(json_get(b->body, "stream")));
	assert_int_equal(json_get(b->body, "stream_options").kind, JSON_ABSENT);
}

static void
what_is_printed_hides_the_key(void **state)
{
	struct built *b = *state;
	build(b, PROBE_SYNC);
	const char *text = buf_cstr(&b->printed);
	assert_non_null(strstr(text, "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway.example\r\n"));
	assert_non_null(strstr(text, "\r\nAuthorization: <secret>\r\n"));
	assert_non_null(strstr(text, "\r\nX-Request-ID: 01RUN\r\n"));
	assert_null(strstr(text, "marker"));
	assert_null(strstr(text, "0123456789"));
}

/* Whatever the provider's own key is, it never stands in for a tenant's. */
static void
a_tenant_has_its_own_key(void **state)
{
	struct built *b = *state;
	const char *why;
	setenv("TEST_TENANT_KEY", "sk-of-the-tenant", 1);
	struct tenant tenant = { .name = "team-a", .secret = secret_read(SECRET_ENV, "TEST_TENANT_KEY", &why) };
	assert_non_null(tenant.secret);
	b->endpoint.tenant = &tenant;
	for (enum probe_kind probe = 0; probe < PROBE_COUNT; probe++) {
		build(b, probe);
		if (probe == PROBE_MISSING_AUTH)
			assert_null(b->request.secret_header);
		else if (probe == PROBE_INVALID_AUTH)
			assert_null(strstr(b->request.secret_header, "tenant"));
		else
			assert_string_equal(b->request.secret_header, "Authorization: Bearer sk-of-the-tenant");
		assert_null(strstr(buf_cstr(&b->printed), "sk-"));
	}
	secret_free(tenant.secret);
	tenant.secret = NULL; /* loaded without secrets */
	build(b, PROBE_SYNC);
	assert_string_equal(b->request.secret_header, "Authorization: Bearer ");
	b->endpoint.tenant = NULL;
	build(b, PROBE_SYNC);
	assert_string_equal(b->request.secret_header, "Authorization: Bearer sk-marker-0123456789");
}

/* A configuration that was loaded without secrets shows the same requests. */
static void
without_a_secret_the_same_is_printed(void **state)
{
	struct built *b = *state;
	struct secret *secret = b->provider.auth.secret;
	b->provider.auth.secret = NULL;
	build(b, PROBE_SYNC);
	b->provider.auth.secret = secret;
	assert_string_equal(b->request.secret_header, "Authorization: Bearer ");
	assert_non_null(strstr(buf_cstr(&b->printed), "\r\nAuthorization: <secret>\r\n"));
}

static void
extra_members_lie_over_the_rest(void **state)
{
	struct built *b = *state;
	b->endpoint.request.extra = "{\"max_tokens\": 64, \"reasoning_effort\": \"none\"}";
	build(b, PROBE_SYNC);
	assert_int_equal(json_int(json_get(b->body, "max_tokens")), 64);
	assert_true(str_eq(json_str(json_get(b->body, "reasoning_effort")), STR("none")));
	assert_true(str_eq(json_str(json_get(b->body, "model")), STR("gpt-5.4-mini")));
}

static void
negative_probes_break_one_thing(void **state)
{
	struct built *b = *state;
	build(b, PROBE_MISSING_AUTH);
	assert_null(b->request.secret_header);
	build(b, PROBE_INVALID_AUTH);
	assert_null(strstr(b->request.secret_header, "marker"));
	assert_non_null(strstr(b->request.secret_header, "Authorization: Bearer "));
	build(b, PROBE_INVALID_MODEL);
	assert_false(str_eq(json_str(json_get(b->body, "model")), STR("gpt-5.4-mini")));
	assert_true(str_eq(json_str(json_get(b->body, "model")), b->asked.model));
	build(b, PROBE_MALFORMED_JSON);
	assert_true(b->request.body.len > 0);
	assert_int_equal(b->body.kind, JSON_ABSENT);
	build(b, PROBE_MISSING_FIELD);
	assert_int_equal(json_get(b->body, "messages").kind, JSON_ABSENT);
	assert_int_equal(json_get(b->body, "model").kind, JSON_STRING);
	build(b, PROBE_WRONG_PATH);
	assert_non_null(strstr(b->request.url, "https://gateway.example/v1/chat/completions-"));
	assert_non_null(b->request.secret_header);
}

static void
each_family_asks_in_its_way(void **state)
{
	struct built *b = *state;
	b->endpoint.dialect = dialect_find(STR("gemini"));
	b->endpoint.path = "/v1beta/models/{model}:generateContent";
	b->endpoint.model = "tuned/gemini 3";
	b->endpoint.request.token_field = "max_output_tokens";
	build(b, PROBE_SYNC);
	assert_string_equal(b->request.url, "https://gateway.example/v1beta/models/tuned%2Fgemini%203:generateContent");
	assert_int_equal(json_int(json_get(json_get(b->body, "generationConfig"), "maxOutputTokens")), 16);
	build(b, PROBE_STREAM);
	assert_string_equal(
	    b->request.url, "https://gateway.example/v1beta/models/tuned%2Fgemini%203:streamGenerateContent?alt=sse");

	b->endpoint.dialect = dialect_find(STR("anthropic-messages"));
	b->endpoint.path = "/v1/messages";
	build(b, PROBE_SYNC);
	assert_non_null(strstr(buf_cstr(&b->printed), "\r\nanthropic-version: 2023-06-01\r\n"));
	struct header_pair own = { "Anthropic-Version", "2024-01-01" };
	b->provider.headers = &own;
	b->provider.header_count = 1;
	build(b, PROBE_SYNC);
	assert_null(strstr(buf_cstr(&b->printed), "2023-06-01"));

	b->endpoint.dialect = dialect_find(STR("openai-models"));
	b->endpoint.path = "/v1/models";
	b->endpoint.model = NULL;
	build(b, PROBE_SYNC);
	assert_non_null(strstr(buf_cstr(&b->printed), "GET /v1/models HTTP/1.1\r\n"));
	assert_int_equal(b->request.body.len, 0);
}

static void
a_full_arena_is_an_error(void **state)
{
	struct built *b = *state;
	unbuild(b);
	arena_done(&b->arena);
	arena_init(&b->arena, 64);
	request_ask(&b->endpoint, PROBE_SYNC, &b->asked);
	assert_true(request_build(&b->endpoint, &b->asked, STR("01RUN"), &b->arena, &b->request) < 0);
	assert_null(b->request.secret_header);
}

int
main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ONE(a_chat_request),
		ONE(what_is_printed_hides_the_key),
		ONE(a_tenant_has_its_own_key),
		ONE(without_a_secret_the_same_is_printed),
		ONE(extra_members_lie_over_the_rest),
		ONE(negative_probes_break_one_thing),
		ONE(each_family_asks_in_its_way),
		ONE(a_full_arena_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
