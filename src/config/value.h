/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of single values, one a kind, and what they share: the rules that hold for every text and every list. In
 * value.c those that mean themselves, in reference.c those that name something else (a secret's place, a provider, a
 * probe, an outcome); those of `contracts` are in contracts.h. Private to config/.
 */
#ifndef COMETCANARY_CONFIG_VALUE_H
#define COMETCANARY_CONFIG_VALUE_H

#include <stddef.h>

#include "config/loading.h"

/* One value of a kind from its node into base. False after an error, which has been told. */
typedef bool value_reader(struct loading *loading, const struct schema_key *key, const struct node *node, void *base);

value_reader reference_read_secret, reference_read_provider, reference_read_contract, reference_read_budget,
    reference_read_tenant, reference_read_dialect, reference_read_probe, reference_read_probes, reference_read_outcomes,
    reference_read_statuses, reference_read_days, reference_read_endpoints, reference_read_state_file;

/* The index of the endpoint that a text names, or -1 after an error. For rules: once endpoints are filled. */
ptrdiff_t reference_find_endpoint(struct loading *loading, const struct node *node);
/* Likewise of the watched document. */
ptrdiff_t reference_find_doc(struct loading *loading, const struct node *node);

/* Not a placeholder, not a key, of the row's form. */
bool value_text_is_fit(struct loading *loading, const struct schema_key *key, const struct node *node);
/* A list within the row's bounds; its elements are the caller's. */
bool value_list_is_fit(struct loading *loading, const struct schema_key *key, const struct node *node);
bool
value_whole_number(struct loading *loading, const struct schema_key *key, const struct node *node, int64_t *ret_number);
/* These two tell the error and answer false. */
bool value_wrong_kind(struct loading *loading, const struct node *node, const char *expected);
bool value_wrong_word(struct loading *loading, const struct node *node, const char *const *words);

/* The place in a NULL-terminated list (NULL = empty), or -1. */
int value_find_word(const char *const *words, const char *text);
/* A text as messages show it: quoted, cut, and never an API key. */
void value_show(struct buf *out, const char *text);
/* A copy that lives as long as the configuration. */
const char *value_keep(struct loading *loading, const char *text);
void *value_target(const struct schema_key *key, void *base);
void value_set_count(const struct schema_key *key, void *base, size_t count);

#endif
