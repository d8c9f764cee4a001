/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The endpoint whose contract the fixtures in tests/data/docs are judged by: it asks chat completions, and relies on a
 * few fields of each kind.
 */
#ifndef COMETCANARY_TESTS_DOCS_FIXTURE_H
#define COMETCANARY_TESTS_DOCS_FIXTURE_H

#include "model/conf.h"
#include "model/dialect.h"

#include "base/json.h"

static inline const struct endpoint *
docs_fixture_endpoint(void)
{
	static struct field_spec required[] = { { "$.id", 1U << JSON_STRING }, { "$.created", 1U << JSON_INT },
		{ "$.choices[].message.content", 1U << JSON_STRING | 1U << JSON_NULL },
		{ "$.never.documented", 1U << JSON_STRING } };
	static struct field_spec error_required[] = { { "$.error.message", 1U << JSON_STRING },
		{ "$.error.type", 1U << JSON_STRING } };
	static const char *reasons[] = { "stop", "length" };
	static struct enum_spec enums[] = { { "$.choices[].finish_reason", reasons, 2 } };
	static struct contract contract = { .name = "chat",
		.required = { required, 4 },
		.error_required = { error_required, 2 },
		.enums = enums,
		.enum_count = 1 };
	static struct provider provider = { .name = "example", .base_url = "https://api.example.com" };
	static struct endpoint endpoint = { .name = "chat",
		.provider = &provider,
		.path = "/v1/chat/completions",
		.model = "small-1",
		.request = { .prompt = "Say OK.", .max_tokens = 16, .token_field = "max_tokens" },
		.expect = { .usage = USAGE_DOCUMENTED },
		.contract = &contract };
	endpoint.dialect = dialect_find(STR("openai-chat"));
	return &endpoint;
}

#endif
