/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/usage/token: what the presented key was granted and has used; a check of the key that costs nothing. */
#include "config.h"

#include "base/jsonw.h"
#include "sim/account.h"
#include "sim/provider.h"

static void
usage_answer(struct ask *ask, struct answer *answer)
{
	const struct sim_key *key = ask->key;
	int64_t used = key ? (int64_t)(key->tokens_in + 4 * key->tokens_out) : 0;
	struct jsonw w;
	jsonw_init(&w, &answer->body);
	jsonw_open_object(&w, NULL);
	jsonw_bool(&w, "code", true);
	jsonw_text(&w, "message", "ok");
	jsonw_open_object(&w, "data");
	jsonw_text(&w, "object", "token_usage");
	jsonw_text(&w, "name", key ? key->name : "");
	jsonw_int(&w, "total_granted", ACCOUNT_GRANT);
	jsonw_int(&w, "total_used", used);
	jsonw_int(&w, "total_available", ACCOUNT_GRANT - used);
	jsonw_bool(&w, "unlimited_quota", false);
	jsonw_open_object(&w, "model_limits");
	jsonw_close_object(&w);
	jsonw_bool(&w, "model_limits_enabled", false);
	jsonw_int(&w, "expires_at", 0);
	jsonw_close_object(&w);
	jsonw_close_object(&w);
}

const struct provider provider_usage = {
	.name = "token-usage",
	.method = "GET",
	.path = "/api/usage/token",
	.paths = { .usage = "data", .total = "data.total_available" },
	.answer = usage_answer,
};
