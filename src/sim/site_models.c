/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of the two lists of models: GET /v1/models with a key, GET /api/models without. */
#include "config.h"

#include "sim/site_page.h"

static const char *const prose[] = {
	"Lists the models that your key may use, each under the name that requests take.",
	"<Info>\n  An alias such as `gpt-5.4-mini` moves to a newer snapshot from time to time; answers name the\n"
	"  snapshot.\n</Info>",
	"$IMAGE",
	"$EXAMPLE",
	NULL,
};

static const struct site_field response[] = {
	{ "object", TYPE_STRING, REQUIRED, "list", NULL, NULL },
	{ "data", TYPE_ARRAY, REQUIRED, NULL, NULL, NULL },
	{ "data[].id", TYPE_STRING, REQUIRED, NULL, "\"gpt-5.4-mini\"", NULL },
	{ "data[].object", TYPE_STRING, REQUIRED, "model", NULL, NULL },
	{ "data[].created", TYPE_INTEGER, REQUIRED, NULL, "$TIME", NULL },
	{ "data[].owned_by", TYPE_STRING, REQUIRED, NULL, "\"openai\"", NULL },
	{ .path = NULL },
};

const struct site_page site_models = {
	.name = "models",
	.path = "api/models",
	.title = "List models",
	.description = "Lists the models that your key may use.",
	.prose = prose,
	.mention = "answers name the",
	.spec = "api/openapi/models/get-models.openapi.json",
	.method = "GET",
	.api_path = "/v1/models",
	.operation = "listModels",
	.summary = "List models",
	.response = response,
	.usual = { .field = "data[].owned_by", .list = "data[].object" },
};

static const char *const public_prose[] = {
	"Lists all models of the service with what they cost. No key is needed.",
	"| Field | Meaning |\n| --- | --- |\n| `pricing.input` | US dollars for a million tokens that go in |\n"
	"| `pricing.output` | US dollars for a million tokens that come out |\n| `model_type` | What it makes |",
	"With `page_size` at 0 everything comes on one page.",
	"$EXAMPLE",
	NULL,
};

static const struct site_field public_response[] = {
	{ "success", TYPE_BOOLEAN, REQUIRED, NULL, "true", NULL },
	{ "page", TYPE_INTEGER, OPTIONAL, NULL, "1", NULL },
	{ "page_size", TYPE_INTEGER, OPTIONAL, NULL, NULL, NULL },
	{ "total", TYPE_INTEGER, OPTIONAL, NULL, "$COUNT", NULL },
	{ "data", TYPE_ARRAY, REQUIRED, NULL, NULL, NULL },
	{ "data[].id", TYPE_STRING, REQUIRED, NULL, "\"gpt-5.4-mini\"", NULL },
	{ "data[].code", TYPE_STRING, OPTIONAL, NULL, "\"gpt-5.4-mini\"", NULL },
	{ "data[].provider", TYPE_STRING, REQUIRED, NULL, "\"openai\"", NULL },
	{ "data[].model_type", TYPE_STRING, REQUIRED, "text embedding image", NULL, NULL },
	{ "data[].features", TYPE_ARRAY, OPTIONAL, NULL, "[]", NULL },
	{ "data[].features[]", TYPE_STRING, OPTIONAL, NULL, NULL, NULL },
	{ "data[].pricing", TYPE_OBJECT, REQUIRED, NULL, NULL, NULL },
	{ "data[].pricing.currency", TYPE_STRING, REQUIRED, "USD", NULL, NULL },
	{ "data[].pricing.input", TYPE_NUMBER | TYPE_NULL, REQUIRED, NULL, "0.2", NULL },
	{ "data[].pricing.output", TYPE_NUMBER | TYPE_NULL, REQUIRED, NULL, "1.6", NULL },
	{ "data[].pricing.per_request", TYPE_NUMBER | TYPE_NULL, OPTIONAL, NULL, NULL, NULL },
	{ .path = NULL },
};

const struct site_page site_public_models = {
	.name = "public-models",
	.path = "overview/models",
	.title = "Models and prices",
	.description = "Lists all models of the service; no key is needed.",
	.prose = public_prose,
	.mention = "No key is needed",
	.spec = "api/openapi/overview/get-models.openapi.json",
	.method = "GET",
	.api_path = "/api/models",
	.operation = "listPublicModels",
	.summary = "List all models",
	.response = public_response,
	.auth = AUTH_NONE,
	.usual = { .field = "data[].pricing", .list = "data[].model_type", .optional_field = "total" },
};
