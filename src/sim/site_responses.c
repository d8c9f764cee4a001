/* SPDX-License-Identifier: Apache-2.0 */
/* The page of POST /v1/responses. */
#include "config.h"

#include "sim/site_page.h"

static const char *const prose[] = {
	"The endpoint for models that think first. It takes a text or a list of items and answers with a list of items: "
	"thoughts, messages, calls of tools.",
	"<Tip>\n  Nothing is stored on this service: send the whole conversation each time.\n</Tip>",
	"## Status",
	"| Status | Meaning |\n| --- | --- |\n| `completed` | It ended by itself |\n| `incomplete` | It was cut off: "
	"`incomplete_details.reason` says why |\n| `failed` | It broke: `error` says why |",
	"## Streaming",
	"Events come in this order: `response.created`, `response.in_progress`, `response.output_item.added`, then the "
	"parts and deltas, and one of `response.completed`, `response.incomplete` or `response.failed` at the end. That "
	"last event carries the whole response, `usage` included.",
	"$IMAGE",
	"$EXAMPLE",
	NULL,
};

static const struct site_field request[] = {
	{ "model", TYPE_STRING, REQUIRED, NULL, "\"gpt-5.4-mini\"", "The model to ask." },
	{ "input", TYPE_STRING | TYPE_ARRAY, REQUIRED, NULL, "\"Say the word ok.\"", "A text, or a list of items." },
	{ "instructions", TYPE_STRING | TYPE_NULL, OPTIONAL, NULL, NULL, "How to behave." },
	{ "max_output_tokens", TYPE_INTEGER | TYPE_NULL, OPTIONAL, NULL, "64", "The most tokens, thoughts included." },
	{ "top_logprobs", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "previous_response_id", TYPE_STRING | TYPE_NULL, OPTIONAL, NULL, NULL, NULL },
	{ "stream", TYPE_BOOLEAN, OPTIONAL, NULL, NULL, "Whether the answer comes as server-sent events." },
	{ "temperature", TYPE_NUMBER, OPTIONAL, NULL, NULL, NULL },
	{ "reasoning", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "reasoning.effort", TYPE_STRING, OPTIONAL, "none low medium high", NULL, NULL },
	{ "tools", TYPE_ARRAY, OPTIONAL, NULL, NULL, NULL },
	{ "tools[]", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ .path = NULL },
};

static const struct site_field response[] = {
	{ "id", TYPE_STRING, REQUIRED, NULL, "\"resp_$ID\"", NULL },
	{ "object", TYPE_STRING, REQUIRED, "response", NULL, NULL },
	{ "created_at", TYPE_INTEGER, REQUIRED, NULL, "$TIME", "Seconds since 1970." },
	{ "status", TYPE_STRING, REQUIRED, "completed incomplete failed in_progress queued cancelled", NULL, NULL },
	{ "completed_at", TYPE_INTEGER | TYPE_NULL, OPTIONAL, NULL, "$TIME", NULL },
	{ "error", TYPE_OBJECT | TYPE_NULL, REQUIRED, NULL, "null", NULL },
	{ "incomplete_details", TYPE_OBJECT | TYPE_NULL, REQUIRED, NULL, "null", NULL },
	{ "incomplete_details.reason", TYPE_STRING, OPTIONAL, "max_output_tokens content_filter", NULL, NULL },
	{ "model", TYPE_STRING, REQUIRED, NULL, "\"gpt-5.4-mini-2026-03-17\"", "The snapshot that answered." },
	{ "output", TYPE_ARRAY, REQUIRED, NULL, NULL, NULL },
	{ "output[].id", TYPE_STRING, REQUIRED, NULL, "\"msg_$ID\"", NULL },
	{ "output[].type", TYPE_STRING, REQUIRED, "message reasoning function_call", NULL, NULL },
	{ "output[].status", TYPE_STRING, OPTIONAL, "completed incomplete in_progress", NULL, NULL },
	{ "output[].role", TYPE_STRING, OPTIONAL, "assistant", NULL, NULL },
	{ "output[].content", TYPE_ARRAY, OPTIONAL, NULL, NULL, NULL },
	{ "output[].content[].type", TYPE_STRING, REQUIRED, "output_text refusal", NULL, NULL },
	{ "output[].content[].text", TYPE_STRING, OPTIONAL, NULL, "\"ok\"", NULL },
	{ "parallel_tool_calls", TYPE_BOOLEAN, OPTIONAL, NULL, "true", NULL },
	{ "previous_response_id", TYPE_STRING | TYPE_NULL, OPTIONAL, NULL, NULL, NULL },
	{ "store", TYPE_BOOLEAN, OPTIONAL, NULL, NULL, NULL },
	{ "temperature", TYPE_NUMBER | TYPE_NULL, OPTIONAL, NULL, "1", NULL },
	{ "tools", TYPE_ARRAY, OPTIONAL, NULL, "[]", NULL },
	{ "tools[]", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "service_tier", TYPE_STRING, OPTIONAL, NULL, "\"default\"", NULL },
	{ "usage", TYPE_OBJECT | TYPE_NULL, REQUIRED, NULL, NULL, "What is billed." },
	{ "usage.input_tokens", TYPE_INTEGER, REQUIRED, NULL, "9", NULL },
	{ "usage.input_tokens_details", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "usage.input_tokens_details.cached_tokens", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "usage.output_tokens", TYPE_INTEGER, REQUIRED, NULL, "1", NULL },
	{ "usage.output_tokens_details", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "usage.output_tokens_details.reasoning_tokens", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "usage.total_tokens", TYPE_INTEGER, REQUIRED, NULL, "10", NULL },
	{ "metadata", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ .path = NULL },
};

const struct site_page site_responses = {
	.name = "responses",
	.path = "api/text/responses",
	.title = "Create a response",
	.description = "Answers a text or a list of items with a list of items.",
	.prose = prose,
	.mention = "response.completed",
	.spec = "api/openapi/text/post-responses.openapi.json",
	.method = "POST",
	.api_path = "/v1/responses",
	.operation = "createResponse",
	.summary = "Create a response",
	.request = request,
	.response = response,
	.usual = { .field = "usage",
	    .list = "status",
	    .request_field = "previous_response_id",
	    .optional_field = "service_tier",
	    .integer_field = "top_logprobs" },
};
