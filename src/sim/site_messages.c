/* SPDX-License-Identifier: Apache-2.0 */
/* The page of POST /v1/messages. */
#include "config.h"

#include "sim/site_page.h"

static const char *const prose[] = {
	"The native form of the Claude models. A key goes in `x-api-key` or, as everywhere else, in `Authorization` as a "
	"bearer token.",
	"<Info>\n  Send `anthropic-version: 2023-06-01` along; unknown values of `anthropic-beta` are refused.\n</Info>",
	"## Stop reasons",
	"| Reason | Meaning |\n| --- | --- |\n| `end_turn` | The model had said everything |\n| `max_tokens` | The cap "
	"was reached |\n| `stop_sequence` | One of your sequences came up |\n| `refusal` | The model won't answer |",
	"## Streaming",
	"The order of events is `message_start`, `content_block_start`, `content_block_delta`, `content_block_stop`, "
	"`message_delta` with the final `stop_reason` and the complete `usage`, and `message_stop`.",
	"$IMAGE",
	"$EXAMPLE",
	NULL,
};

static const struct site_field request[] = {
	{ "model", TYPE_STRING, REQUIRED, NULL, "\"claude-haiku-4-5-20251001\"", "The model to ask." },
	{ "max_tokens", TYPE_INTEGER, REQUIRED, NULL, "16", "The most tokens that the answer may have." },
	{ "messages", TYPE_ARRAY, REQUIRED, NULL, "[{\"role\":\"user\",\"content\":\"Say the word ok.\"}]", NULL },
	{ "messages[].role", TYPE_STRING, REQUIRED, "user assistant", NULL, "Who speaks." },
	{ "messages[].content", TYPE_STRING | TYPE_ARRAY, REQUIRED, NULL, NULL, "A text, or a list of blocks." },
	{ "system", TYPE_STRING | TYPE_ARRAY, OPTIONAL, NULL, NULL, "How to behave." },
	{ "stop_sequences", TYPE_ARRAY, OPTIONAL, NULL, NULL, NULL },
	{ "stop_sequences[]", TYPE_STRING, OPTIONAL, NULL, NULL, NULL },
	{ "stream", TYPE_BOOLEAN, OPTIONAL, NULL, NULL, "Whether the answer comes as server-sent events." },
	{ "thinking", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "thinking.type", TYPE_STRING, REQUIRED, "enabled disabled adaptive", NULL, NULL },
	{ "thinking.budget_tokens", TYPE_INTEGER, OPTIONAL, NULL, NULL, "At least 1024, and less than max_tokens." },
	{ "top_k", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ .path = NULL },
};

static const struct site_field response[] = {
	{ "id", TYPE_STRING, REQUIRED, NULL, "\"msg_$ID\"", NULL },
	{ "type", TYPE_STRING, REQUIRED, "message", NULL, NULL },
	{ "role", TYPE_STRING, REQUIRED, "assistant", NULL, NULL },
	{ "model", TYPE_STRING, REQUIRED, NULL, "\"claude-haiku-4-5-20251001\"", NULL },
	{ "content", TYPE_ARRAY, REQUIRED, NULL, NULL, NULL },
	{ "content[].type", TYPE_STRING, REQUIRED, "text thinking tool_use", NULL, NULL },
	{ "content[].text", TYPE_STRING, OPTIONAL, NULL, "\"ok\"", NULL },
	{ "stop_reason", TYPE_STRING | TYPE_NULL, REQUIRED,
	    "end_turn max_tokens stop_sequence tool_use pause_turn refusal", NULL, "Why it ended." },
	{ "stop_sequence", TYPE_STRING | TYPE_NULL, REQUIRED, NULL, NULL, NULL },
	{ "usage", TYPE_OBJECT, REQUIRED, NULL, NULL, "What is billed." },
	{ "usage.input_tokens", TYPE_INTEGER, REQUIRED, NULL, "12", NULL },
	{ "usage.output_tokens", TYPE_INTEGER, REQUIRED, NULL, "1", NULL },
	{ "usage.cache_creation_input_tokens", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "usage.cache_read_input_tokens", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "usage.service_tier", TYPE_STRING, OPTIONAL, NULL, "\"standard\"", NULL },
	{ .path = NULL },
};

const struct site_page site_messages = {
	.name = "anthropic-messages",
	.path = "api/text/anthropic-messages",
	.title = "Create a message",
	.description = "Answers a conversation in the native form of the Claude models.",
	.prose = prose,
	.mention = "anthropic-version: 2023-06-01",
	.spec = "api/openapi/text/post-anthropic-messages.openapi.json",
	.method = "POST",
	.api_path = "/v1/messages",
	.operation = "createMessage",
	.summary = "Create a message",
	.request = request,
	.response = response,
	.auth = AUTH_X_API_KEY,
	.usual = { .field = "usage",
	    .list = "stop_reason",
	    .request_field = "stop_sequences",
	    .optional_field = "usage.service_tier",
	    .integer_field = "top_k" },
};
