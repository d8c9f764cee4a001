/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is particular to `contracts`: fields with their types, paths, dates, rules of findings; and, in contracts_rules.c,
 * what belongs together there. fill.c's readers and rules.c call it while loading, dump.c to write a field as it is
 * read. Private to config/.
 */
#ifndef COMETCANARY_CONFIG_CONTRACTS_H
#define COMETCANARY_CONFIG_CONTRACTS_H

#include "config/value.h"

value_reader contracts_read_fields, contracts_read_path, contracts_read_date, contracts_read_rule, contracts_read_grade;

/* "$.id:string|null" */
void contracts_write_field(struct buf *out, const struct field_spec *field);

/* After everything is filled. */
void contracts_rules_check(struct loading *loading, const struct node *root);

#endif
