/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is particular to `contracts`: fields with their types, paths, dates, rules of findings; and, in ledger_rules.c,
 * what belongs together there. fill.c's readers and rules.c call it while loading, dump.c to write a field as it is
 * read. Private to config/.
 */
#ifndef COMETCANARY_CONFIG_LEDGER_H
#define COMETCANARY_CONFIG_LEDGER_H

#include "config/value.h"

value_reader ledger_read_fields, ledger_read_path, ledger_read_date, ledger_read_rule, ledger_read_grade;

/* "$.id:string|null" */
void ledger_write_field(struct buf *out, const struct field_spec *field);

/* After everything is filled. */
void ledger_rules_check(struct loading *loading, const struct node *root);

#endif
