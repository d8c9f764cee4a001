/* SPDX-License-Identifier: Apache-2.0 */
/* The page of POST /v1/images/generations. */
#include "config.h"

#include "sim/site_page.h"

static const char *const prose[] = {
	"Makes up to ten images from one prompt.",
	"<Note>\n  `dall-e-3` answers with a `url` that is good for an hour, unless you ask for `b64_json`. The GPT image\n"
	"  models always answer with `b64_json`.\n</Note>",
	"## Formats",
	"| Model | `response_format` | Answer |\n| --- | --- | --- |\n| `dall-e-3` | `url`, `b64_json` | What you ask "
	"for |\n| `gpt-image-2` | not taken | `b64_json` and `usage` |",
	"An empty `data` means that the prompt was filtered.",
	"$IMAGE",
	"$EXAMPLE",
	NULL,
};

static const struct site_field request[] = {
	{ "model", TYPE_STRING, REQUIRED, NULL, "\"dall-e-3\"", "The model to ask." },
	{ "prompt", TYPE_STRING, REQUIRED, NULL, "\"One grey pixel\"", "What to show." },
	{ "n", TYPE_INTEGER, OPTIONAL, NULL, "1", "How many images." },
	{ "size", TYPE_STRING, OPTIONAL, NULL, NULL, NULL },
	{ "quality", TYPE_STRING, OPTIONAL, "auto low medium high", NULL, NULL },
	{ "output_format", TYPE_STRING, OPTIONAL, "png jpeg webp", NULL, NULL },
	{ "output_compression", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "background", TYPE_STRING, OPTIONAL, "auto opaque transparent", NULL, NULL },
	{ "response_format", TYPE_STRING, OPTIONAL, "url b64_json", NULL, "For the DALL·E models only." },
	{ .path = NULL },
};

static const struct site_field response[] = {
	{ "created", TYPE_INTEGER, REQUIRED, NULL, "$TIME", "Seconds since 1970." },
	{ "data", TYPE_ARRAY, REQUIRED, NULL, NULL, "Empty when the prompt was filtered." },
	{ "data[].url", TYPE_STRING, OPTIONAL, NULL, "\"https://images.example.org/img-$ID.png\"", NULL },
	{ "data[].b64_json", TYPE_STRING, OPTIONAL, NULL, "\"iVBORw0KGgo=\"", NULL },
	{ "data[].revised_prompt", TYPE_STRING, OPTIONAL, NULL, "\"One grey pixel\"", NULL },
	{ "background", TYPE_STRING, OPTIONAL, "auto opaque transparent", NULL, NULL },
	{ "output_format", TYPE_STRING, OPTIONAL, "png jpeg webp", NULL, NULL },
	{ "quality", TYPE_STRING, OPTIONAL, "auto low medium high", NULL, NULL },
	{ "size", TYPE_STRING, OPTIONAL, NULL, "\"1024x1024\"", NULL },
	{ "usage", TYPE_OBJECT, OPTIONAL, NULL, NULL, "Of the GPT image models." },
	{ "usage.input_tokens", TYPE_INTEGER, REQUIRED, NULL, "3", NULL },
	{ "usage.output_tokens", TYPE_INTEGER, REQUIRED, NULL, "272", NULL },
	{ "usage.total_tokens", TYPE_INTEGER, REQUIRED, NULL, "275", NULL },
	{ .path = NULL },
};

const struct site_page site_images = {
	.name = "images",
	.path = "api/image/openai/images",
	.title = "Create an image",
	.description = "Makes images from a prompt.",
	.prose = prose,
	.mention = "always answer with `b64_json`",
	.spec = "api/openapi/image/openai/post-images-generations.openapi.json",
	.method = "POST",
	.api_path = "/v1/images/generations",
	.operation = "createImage",
	.summary = "Create an image",
	.request = request,
	.response = response,
	.usual = { .field = "data[].revised_prompt",
	    .list = "quality",
	    .request_field = "size",
	    .optional_field = "size",
	    .integer_field = "n" },
};
