/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/account.h"

#include "sim/http.h"

bool
account_add(struct account *account, struct str pair)
{
	struct str value = pair;
	struct str name = str_split(&value, '=');
	if (account->count == ACCOUNT_KEYS_MAX || !str_is_identifier(name) || name.len >= sizeof(account->keys->name) ||
	    value.len == 0 || value.len >= sizeof(account->keys->value))
		return false;
	struct sim_key *key = &account->keys[account->count++];
	*key = (struct sim_key){ .requests = 0 };
	memcpy(key->name, name.at, name.len);
	memcpy(key->value, value.at, value.len);
	return true;
}

static struct str
presented(const struct http_request *request)
{
	struct str value = http_header(request, "authorization");
	if (value.len > 7 && str_eq_nocase(str_span(value.at, 7), STR("bearer ")))
		return str_trim(str_span(value.at + 7, value.len - 7));
	if (value.len > 0)
		return value; /* a key without its scheme is a key that nobody knows */
	value = http_header(request, "x-api-key");
	return value.len > 0 ? value : http_header(request, "x-goog-api-key");
}

struct sim_key *
account_match(struct account *account, const struct http_request *request, bool *ret_present)
{
	struct str value = presented(request);
	bool bare = str_eq(value, http_header(request, "authorization"));
	*ret_present = value.len > 0;
	if (value.len == 0 || bare)
		return NULL;
	for (size_t i = 0; i < account->count; i++)
		if (str_eq(value, str_of(account->keys[i].value)))
			return &account->keys[i];
	return account->any ? &account->keys[0] : NULL;
}
