/* SPDX-License-Identifier: Apache-2.0 */
/* The pages that document no single operation, and what all operations share. */
#include "config.h"

#include "base/attr.h"
#include "sim/site_page.h"

const struct site_field site_error_fields[] = {
	{ "error", TYPE_OBJECT, REQUIRED, NULL, NULL, NULL },
	{ "error.message", TYPE_STRING, REQUIRED, NULL, "\"field messages is required (request id: $ID)\"",
	    "For people; ends with the request id." },
	{ "error.type", TYPE_STRING, REQUIRED, NULL, "\"comet_api_error\"", NULL },
	{ "error.param", TYPE_STRING | TYPE_NULL, OPTIONAL, NULL, "\"\"", NULL },
	{ "error.code", TYPE_STRING | TYPE_NULL, OPTIONAL, NULL, "\"invalid_request\"", "May be empty, or left out." },
	{ .path = NULL },
};

const struct site_status site_statuses[] = {
	{ 200, "It worked.", "—" },
	{ 400, "The body is no JSON, or names no model.", "No: mend the request" },
	{ 401, "The key is missing, malformed or unknown.", "No: check the key" },
	{ 429, "Too many requests, or the service is saturated.", "Yes, later and with jitter" },
	{ 500, "A required field is missing, or the platform had trouble.", "Only if the code is not invalid_request" },
	{ 503, "No channel serves this model; the name may be wrong.", "Yes, if the name is right" },
	{ 0 },
};

static const char *const error_prose[] = {
	"What to do when a request fails, and what its answer tells you.",
	"## Quick triage",
	"<Steps>\n  <Step title=\"Read the status\">\n    The table below says whether it makes sense to try again.\n  "
	"</Step>\n\n  <Step title=\"Keep the request id\">\n    It is in the header `x-cometapi-request-id` and at the end of "
	"the message.\n  </Step>\n</Steps>",
	"$STATUSES",
	"## Error envelope",
	"Every error of a text endpoint has this form. Some answers leave `code` empty.",
	"$ENVELOPE",
	"<Warning>\n  A wrong path doesn't give a 404: it redirects, or answers with a page of HTML.\n</Warning>",
	NULL,
};

const struct site_page site_errors = {
	.name = "errors",
	.path = "errors/error-codes",
	.title = "Error codes",
	.description = "Statuses, the form of errors, and when to try again.",
	.prose = error_prose,
	.mention = "x-cometapi-request-id",
	.is_error_guide = true,
};

static const char *const quickstart_prose[] = {
	"Change the base URL of the library that you already use, and your key.",
	"<Steps>\n  <Step title=\"Get a key\">\n    Keys begin with `sk-`. Keep yours in `COMETAPI_KEY`.\n  </Step>\n\n"
	"  <Step title=\"Point your client here\">\n    The base URL is `https://api.cometapi.com/v1`.\n  </Step>\n</Steps>",
	"$IMAGE",
	"## What is where",
	"| You want | Read |\n| --- | --- |\n| A conversation | [Chat](/docs/api/text/chat) |\n| Vectors | "
	"[Embeddings](/docs/api/text/embeddings) |\n| To know what went wrong | [Errors](/docs/errors/error-codes) |",
	"Send the key as a bearer token in `Authorization`.",
	NULL,
};

const struct site_page site_quickstart = {
	.name = "quickstart",
	.path = "overview/quick-start",
	.title = "Quick start",
	.description = "From nothing to the first answer.",
	.prose = quickstart_prose,
	.mention = "as a bearer token in `Authorization`",
};

static const char *const rerank_prose[] = {
	"Sorts documents by how well they fit a question.",
	"<Info>\n  This endpoint is a preview.\n</Info>",
	NULL,
};

const struct site_page site_rerank = {
	.name = "rerank",
	.path = "api/text/rerank",
	.title = "Rerank documents",
	.description = "Sorts documents by how well they fit a question.",
	.prose = rerank_prose,
	.mention = "preview",
	.unlisted = true,
};

static const struct site_page *const pages[] = {
#define SITE_PAGE(row) &row,
#include "sim/site_page.def"
#undef SITE_PAGE
};

size_t
site_page_count(void)
{
	return ARRAY_LEN(pages);
}

const struct site_page *
site_page_at(size_t index)
{
	return pages[index];
}
