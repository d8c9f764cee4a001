/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON document behind a GET: what it must hold is the operator's contract's business. */
#include "config.h"

#include "dialect/family.h"

static void
read_body(struct reply *reply, const struct asked *asked, struct json root)
{
	(void)asked;
	(void)root;
	reply->success_body = true;
	reply->has_output = true;
}

const struct dialect dialect_json_get = {
	.name = "json-get",
	.method = HTTP_GET,
	.any_root = true,
	.read_body = read_body,
};
