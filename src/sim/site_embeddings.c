/* SPDX-License-Identifier: Apache-2.0 */
/* The page of POST /v1/embeddings. */
#include "config.h"

#include "sim/site_page.h"

static const char *const prose[] = {
	"Turns texts into vectors. The order of `data` is the order of `input`.",
	"## Limits",
	"Each input may have up to 8191 tokens. `dimensions` shortens the vectors of the `text-embedding-3` models; the "
	"older ones refuse it.",
	"<Tip>\n  `encoding_format` is `float` unless you ask for `base64`, which is shorter on the wire.\n</Tip>",
	"$IMAGE",
	"$EXAMPLE",
	NULL,
};

static const struct site_field request[] = {
	{ "model", TYPE_STRING, REQUIRED, NULL, "\"text-embedding-3-small\"", "The model to ask." },
	{ "input", TYPE_STRING | TYPE_ARRAY, REQUIRED, NULL, "\"ok\"", "A text, a list of texts, or tokens." },
	{ "encoding_format", TYPE_STRING, OPTIONAL, "float base64", NULL, NULL },
	{ "dimensions", TYPE_INTEGER, OPTIONAL, NULL, "8", "How long the vectors are to be." },
	{ "user", TYPE_STRING, OPTIONAL, NULL, NULL, NULL },
	{ .path = NULL },
};

static const struct site_field response[] = {
	{ "object", TYPE_STRING, REQUIRED, "list", NULL, NULL },
	{ "data", TYPE_ARRAY, REQUIRED, NULL, NULL, NULL },
	{ "data[].object", TYPE_STRING, REQUIRED, "embedding", NULL, NULL },
	{ "data[].index", TYPE_INTEGER, REQUIRED, NULL, NULL, NULL },
	{ "data[].embedding", TYPE_ARRAY | TYPE_STRING, REQUIRED, NULL, "[0.25,-0.5]", "Numbers, or base64." },
	{ "data[].embedding[]", TYPE_NUMBER, OPTIONAL, NULL, NULL, NULL },
	{ "model", TYPE_STRING, REQUIRED, NULL, "\"text-embedding-3-small\"", NULL },
	{ "usage", TYPE_OBJECT, REQUIRED, NULL, NULL, "What is billed." },
	{ "usage.prompt_tokens", TYPE_INTEGER, REQUIRED, NULL, "1", NULL },
	{ "usage.total_tokens", TYPE_INTEGER, REQUIRED, NULL, "1", NULL },
	{ .path = NULL },
};

const struct site_page site_embeddings = {
	.name = "embeddings",
	.path = "api/text/embeddings",
	.title = "Create embeddings",
	.description = "Turns texts into vectors.",
	.prose = prose,
	.mention = "8191 tokens",
	.spec = "api/openapi/text/post-embeddings.openapi.json",
	.method = "POST",
	.api_path = "/v1/embeddings",
	.operation = "createEmbeddings",
	.summary = "Create embeddings",
	.request = request,
	.response = response,
	.usual = { .field = "usage", .list = "data[].object", .request_field = "user", .integer_field = "dimensions" },
};
