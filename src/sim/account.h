/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that the simulated provider knows, by name, and what each has used. A key's value is compared and never
 * leaves this module. Loop thread.
 */
#ifndef COMETCANARY_SIM_ACCOUNT_H
#define COMETCANARY_SIM_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { ACCOUNT_KEYS_MAX = 32, ACCOUNT_GRANT = 500000000 };

struct sim_key {
	char name[64], value[256];
	uint64_t requests, tokens_in, tokens_out;
};

struct account {
	struct sim_key keys[ACCOUNT_KEYS_MAX];
	size_t count;
	bool any; /* every key that is not empty is good, under the name "any" */
};

struct http_request;

/* NAME=VALUE. False when it is not of that form, too long, or there are too many. */
bool account_add(struct account *account, struct str pair);
/* The key that the request presents in the first of these headers that is there; a bearer token in `authorization`.
 * *ret_present: there was one. NULL when it is none of ours. Borrowed. */
struct sim_key *account_match(
    struct account *account, const struct http_request *request, const char *const *headers, bool *ret_present);
/* One of our keys whose value is anywhere in the request: any header, the path, the query, the body. NULL = none. */
const struct sim_key *account_find(const struct account *account, const struct http_request *request);
/* Has it a header that carries credentials, or a query parameter that does? */
bool account_has_credential(const struct http_request *request);

#endif
