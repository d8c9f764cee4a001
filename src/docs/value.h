/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the value of a fact is made of: types first, then attributes, as in
 *
 *   integer or null, minimum 1, required
 *   string, one of "length" "stop", required
 *
 * Types are bits 1 << enum json_kind, as in struct field_spec; 0 = any. Pure.
 */
#ifndef COMETCANARY_DOCS_VALUE_H
#define COMETCANARY_DOCS_VALUE_H

#include "base/buf.h"
#include "base/json.h"

#define TYPE_BIT(kind) (1U << JSON_##kind)

/* "string", "integer", "int", "float", "list", …, whatever the case; 0 when it is no type. */
unsigned type_from_word(struct str word);
void type_print(struct buf *out, unsigned types);
/* The types that a fact's value begins with; 0 when it is any, or says no types. */
unsigned type_of_value(struct str value);
/* The next attribute of a value ("string", "one of "a" "b"", "required"); commas inside quotes do not count. False at
 * the end. */
bool value_next(struct str *rest, struct str *ret_attribute);
bool value_has(struct str value, struct str attribute);
/* The members of a value's enum, each as JSON, sorted: "length" "stop"; empty when it has none. */
struct str value_enum(struct str value);
bool value_enum_next(struct str *members, struct str *ret_member);
/* The place around a place: $.a[] of $.a[].b, $.a of $.a[]; empty above $. */
struct str path_parent(struct str path);

#endif
