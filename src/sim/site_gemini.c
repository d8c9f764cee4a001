/* SPDX-License-Identifier: Apache-2.0 */
/* The page of POST /v1beta/models/{model}:generateContent. */
#include "config.h"

#include "sim/site_page.h"

static const char *const prose[] = {
	"The native form of the Gemini models. The model is part of the path. A key goes in `x-goog-api-key` or, as "
	"everywhere else, in `Authorization` as a bearer token.",
	"<Warning>\n  Names are in camelCase: `fileData.fileUri`, not `file_data.file_uri`.\n</Warning>",
	"## Streaming",
	"Call `streamGenerateContent` with `alt=sse`: each event is one `data:` line with a whole "
	"`GenerateContentResponse`, and `usageMetadata` counts up to the last one. There is no end marker.",
	"## Thinking",
	"| Models | Setting |\n| --- | --- |\n| Gemini 3 | `thinkingLevel` |\n| Gemini 2.5 | `thinkingBudget`, in "
	"tokens |",
	"$IMAGE",
	"$EXAMPLE",
	NULL,
};

static const struct site_field request[] = {
	{ "contents", TYPE_ARRAY, REQUIRED, NULL, "[{\"role\":\"user\",\"parts\":[{\"text\":\"Say the word ok.\"}]}]",
	    "The conversation so far." },
	{ "contents[].role", TYPE_STRING, OPTIONAL, "user model", NULL, NULL },
	{ "contents[].parts", TYPE_ARRAY, REQUIRED, NULL, NULL, NULL },
	{ "contents[].parts[].text", TYPE_STRING, OPTIONAL, NULL, NULL, NULL },
	{ "systemInstruction", TYPE_OBJECT, OPTIONAL, NULL, NULL, "How to behave." },
	{ "generationConfig", TYPE_OBJECT, OPTIONAL, NULL, "{\"maxOutputTokens\":64}", NULL },
	{ "generationConfig.maxOutputTokens", TYPE_INTEGER, OPTIONAL, NULL, NULL,
	    "The most tokens, thoughts included." },
	{ "generationConfig.stopSequences", TYPE_ARRAY, OPTIONAL, NULL, NULL, NULL },
	{ "generationConfig.stopSequences[]", TYPE_STRING, OPTIONAL, NULL, NULL, NULL },
	{ "generationConfig.responseMimeType", TYPE_STRING, OPTIONAL, "text/plain application/json", NULL, NULL },
	{ "generationConfig.thinkingConfig", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "generationConfig.thinkingConfig.thinkingBudget", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "generationConfig.thinkingConfig.thinkingLevel", TYPE_STRING, OPTIONAL, "MINIMAL LOW MEDIUM HIGH", NULL,
	    NULL },
	{ .path = NULL },
};

static const struct site_field response[] = {
	{ "candidates", TYPE_ARRAY, OPTIONAL, NULL, NULL, "None when the prompt was blocked." },
	{ "candidates[].content", TYPE_OBJECT, OPTIONAL, NULL, NULL, NULL },
	{ "candidates[].content.role", TYPE_STRING, REQUIRED, "model", NULL, NULL },
	{ "candidates[].content.parts", TYPE_ARRAY, OPTIONAL, NULL, NULL, NULL },
	{ "candidates[].content.parts[].text", TYPE_STRING, OPTIONAL, NULL, "\"ok\"", NULL },
	{ "candidates[].finishReason", TYPE_STRING, OPTIONAL,
	    "STOP MAX_TOKENS SAFETY RECITATION PROHIBITED_CONTENT OTHER", NULL, "Why it ended." },
	{ "candidates[].index", TYPE_INTEGER, REQUIRED, NULL, NULL, NULL },
	{ "candidates[].safetyRatings", TYPE_ARRAY, OPTIONAL, NULL, "[]", NULL },
	{ "candidates[].safetyRatings[].category", TYPE_STRING, REQUIRED, NULL, NULL, NULL },
	{ "candidates[].safetyRatings[].probability", TYPE_STRING, REQUIRED, "NEGLIGIBLE LOW MEDIUM HIGH", NULL, NULL },
	{ "usageMetadata", TYPE_OBJECT, REQUIRED, NULL, NULL, "What is billed." },
	{ "usageMetadata.promptTokenCount", TYPE_INTEGER, REQUIRED, NULL, "9", NULL },
	{ "usageMetadata.candidatesTokenCount", TYPE_INTEGER, OPTIONAL, NULL, "1", NULL },
	{ "usageMetadata.thoughtsTokenCount", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "usageMetadata.totalTokenCount", TYPE_INTEGER, REQUIRED, NULL, "10", NULL },
	{ "modelVersion", TYPE_STRING, REQUIRED, NULL, "\"gemini-2.5-flash\"", NULL },
	{ "responseId", TYPE_STRING, OPTIONAL, NULL, "\"$ID\"", NULL },
	{ .path = NULL },
};

const struct site_page site_gemini = {
	.name = "gemini",
	.path = "api/text/gemini-generating-content",
	.title = "Generate content",
	.description = "Answers a conversation in the native form of the Gemini models.",
	.prose = prose,
	.mention = "alt=sse",
	.spec = "api/openapi/text/post-gemini-generating-content.openapi.json",
	.method = "POST",
	.api_path = "/v1beta/models/{model}:generateContent",
	.operation = "generateContent",
	.summary = "Generate content",
	.request = request,
	.response = response,
	.auth = AUTH_X_GOOG_API_KEY,
	.usual = { .field = "usageMetadata",
	    .list = "candidates[].finishReason",
	    .request_field = "systemInstruction",
	    .optional_field = "responseId",
	    .integer_field = "generationConfig.maxOutputTokens" },
};
