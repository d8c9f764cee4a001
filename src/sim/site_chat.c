/* SPDX-License-Identifier: Apache-2.0 */
/* The page of POST /v1/chat/completions. */
#include "config.h"

#include "sim/site_page.h"

static const char *const prose[] = {
	"Use this endpoint for a conversation: you send the messages so far, the model answers with the next one. "
	"The answer's `model` names the snapshot that stands behind the alias you asked for.",
	"<Warning>\n  Parameters and answers vary a little from model to model. Models that think first do better with\n"
	"  the [Responses API](/docs/api/text/responses).\n</Warning>",
	"## Message roles",
	"| Role | Who speaks |\n| --- | --- |\n| `system` | You, about how to behave |\n| `developer` | The same, for "
	"newer models |\n| `user` | The end user |\n| `assistant` | The model, earlier |\n| `tool` | The result of a "
	"tool, with its `tool_call_id` |",
	"## Token limits",
	"Cap the answer with `max_tokens`. Models that think first count their thoughts too: they take "
	"`max_completion_tokens`, and a small cap may leave no room for visible text.",
	"## Streaming",
	"With `stream` set to `true` the answer is a stream of server-sent events. Each is a `chat.completion.chunk`, and "
	"the last line is `data: [DONE]`. Ask for `stream_options.include_usage` and one more chunk carries `usage`.",
	"<Note>\n  Every answer reports `usage`: what it doesn't report isn't billed.\n</Note>",
	"$IMAGE",
	"$EXAMPLE",
	NULL,
};

static const struct site_field request[] = {
	{ "model", TYPE_STRING, REQUIRED, NULL, "\"gpt-5.4-mini\"", "The model to ask, by its alias or snapshot." },
	{ "messages", TYPE_ARRAY, REQUIRED, NULL, "[{\"role\":\"user\",\"content\":\"Say the word ok.\"}]",
	    "The conversation so far." },
	{ "messages[].role", TYPE_STRING, REQUIRED, "system developer user assistant tool", NULL, "Who speaks." },
	{ "messages[].content", TYPE_STRING | TYPE_ARRAY, REQUIRED, NULL, NULL, "A text, or a list of parts." },
	{ "messages[].tool_call_id", TYPE_STRING, OPTIONAL, NULL, NULL, NULL },
	{ "stream", TYPE_BOOLEAN, OPTIONAL, NULL, NULL, "Whether the answer comes as server-sent events." },
	{ "stream_options", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "stream_options.include_usage", TYPE_BOOLEAN, OPTIONAL, NULL, NULL, "One more chunk carries usage." },
	{ "temperature", TYPE_NUMBER, OPTIONAL, NULL, NULL,
	    "How much chance there is in the choice of words: from 0, which is nearly the same each time, to 2. Change this "
	    "or top_p, not both." },
	{ "top_p", TYPE_NUMBER, OPTIONAL, NULL, NULL, "Choose among the likeliest words only." },
	{ "n", TYPE_INTEGER, OPTIONAL, NULL, NULL, "How many answers to make." },
	{ "max_tokens", TYPE_INTEGER, OPTIONAL, NULL, "16", "The most tokens that the answer may have." },
	{ "max_completion_tokens", TYPE_INTEGER, OPTIONAL, NULL, NULL, "The same, thoughts included." },
	{ "stop", TYPE_STRING | TYPE_ARRAY | TYPE_NULL, OPTIONAL, NULL, NULL, "Where to end." },
	{ "response_format", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "response_format.type", TYPE_STRING, REQUIRED, "text json_object json_schema", NULL, NULL },
	{ "reasoning_effort", TYPE_STRING, OPTIONAL, "none low medium high", NULL, "For models that think first." },
	{ "tools", TYPE_ARRAY, OPTIONAL, NULL, NULL, NULL },
	{ "tools[]", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ .path = NULL },
};

static const struct site_field response[] = {
	{ "id", TYPE_STRING, REQUIRED, NULL, "\"chatcmpl-$ID\"", "Identifies the answer." },
	{ "object", TYPE_STRING, REQUIRED, "chat.completion", NULL, NULL },
	{ "created", TYPE_INTEGER, REQUIRED, NULL, "$TIME", "Seconds since 1970." },
	{ "model", TYPE_STRING, REQUIRED, NULL, "\"gpt-5.4-mini-2026-03-17\"", "The snapshot that answered." },
	{ "choices", TYPE_ARRAY, REQUIRED, NULL, NULL, NULL },
	{ "choices[].index", TYPE_INTEGER, REQUIRED, NULL, NULL, NULL },
	{ "choices[].message", TYPE_OBJECT, REQUIRED, NULL, NULL, NULL },
	{ "choices[].message.role", TYPE_STRING, REQUIRED, "assistant", NULL, NULL },
	{ "choices[].message.content", TYPE_STRING | TYPE_NULL, REQUIRED, NULL, "\"ok\"",
	    "The text; null when there is none." },
	{ "choices[].message.refusal", TYPE_STRING | TYPE_NULL, OPTIONAL, NULL, NULL, NULL },
	{ "choices[].message.annotations", TYPE_ARRAY, OPTIONAL, NULL, "[]", NULL },
	{ "choices[].message.annotations[]", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "choices[].logprobs", TYPE_OBJECT | TYPE_NULL, OPTIONAL, NULL, NULL, NULL },
	{ "choices[].finish_reason", TYPE_STRING, REQUIRED, "stop length tool_calls content_filter", NULL,
	    "Why it ended." },
	{ "usage", TYPE_OBJECT, REQUIRED, NULL, NULL, "What is billed." },
	{ "usage.prompt_tokens", TYPE_INTEGER, REQUIRED, NULL, "12", NULL },
	{ "usage.completion_tokens", TYPE_INTEGER, REQUIRED, NULL, "1", NULL },
	{ "usage.total_tokens", TYPE_INTEGER, REQUIRED, NULL, "13", NULL },
	{ "usage.prompt_tokens_details", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "usage.prompt_tokens_details.cached_tokens", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "usage.completion_tokens_details", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "usage.completion_tokens_details.reasoning_tokens", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "service_tier", TYPE_STRING, OPTIONAL, NULL, "\"default\"", NULL },
	{ "system_fingerprint", TYPE_STRING, OPTIONAL, NULL, "\"fp_$ID\"", NULL },
	{ .path = NULL },
};

const struct site_page site_chat = {
	.name = "chat",
	.path = "api/text/chat",
	.title = "Create a chat completion",
	.description = "Answers a conversation with the next message, whole or as a stream.",
	.prose = prose,
	.mention = "stream_options.include_usage",
	.spec = "api/openapi/text/post-chat-completions.openapi.json",
	.method = "POST",
	.api_path = "/v1/chat/completions",
	.operation = "createChatCompletion",
	.summary = "Create a chat completion",
	.request = request,
	.response = response,
	.usual = { .field = "usage",
	    .list = "choices[].finish_reason",
	    .request_field = "max_tokens",
	    .optional_field = "system_fingerprint",
	    .integer_field = "max_tokens" },
};
