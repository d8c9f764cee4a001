/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/account.h"

#include "base/attr.h"
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

/* The value of a key that is there but has not its scheme is "": a key that nobody knows. */
static struct str
presented(const struct http_request *request, const char *header)
{
	static const struct str scheme = { "bearer ", 7 };
	struct str value = http_header(request, header);
	if (value.len == 0)
		return STR_NONE;
	if (!str_eq_nocase(str_of(header), STR("authorization")))
		return value;
	if (value.len <= scheme.len || !str_eq_nocase(str_span(value.at, scheme.len), scheme))
		return STR("");
	return str_trim(str_span(value.at + scheme.len, value.len - scheme.len));
}

struct sim_key *
account_match(
    struct account *account, const struct http_request *request, const char *const *headers, bool *ret_present)
{
	struct str value = STR_NONE;
	for (; *headers && !value.at; headers++)
		value = presented(request, *headers);
	*ret_present = value.at;
	if (value.len == 0)
		return NULL;
	for (size_t i = 0; i < account->count; i++)
		if (str_eq(value, str_of(account->keys[i].value)))
			return &account->keys[i];
	return account->any ? &account->keys[0] : NULL;
}

static bool
contains(struct str text, const char *part)
{
	return text.len > 0 && memmem(text.at, text.len, part, strlen(part));
}

const struct sim_key *
account_find(const struct account *account, const struct http_request *request)
{
	for (size_t i = 0; i < account->count; i++) {
		const struct sim_key *key = &account->keys[i];
		bool found = contains(request->path, key->value) || contains(request->query, key->value) ||
		    contains(request->body, key->value);
		for (size_t h = 0; h < request->header_count && !found; h++)
			found = contains(request->headers[h].value, key->value) ||
			    contains(request->headers[h].name, key->value);
		if (found)
			return key;
	}
	return NULL;
}

bool
account_has_credential(const struct http_request *request)
{
	static const char *const headers[] = { "authorization", "proxy-authorization", "cookie", "x-api-key",
		"x-goog-api-key", "api-key" };
	static const char *const parameters[] = { "key", "api_key", "api-key", "access_token", "token" };
	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		if (http_header(request, headers[i]).at)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(parameters); i++)
		if (http_query(request, parameters[i]).at)
			return true;
	return false;
}
