/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies a JSON text and changes the values at one path on the way: how a contract drifts. Paths are written as in
 * findings: "usage.total_tokens", "choices[].message.content", with or without "$.". Pure.
 */
#ifndef COMETCANARY_SIM_EDIT_H
#define COMETCANARY_SIM_EDIT_H

#include <stdbool.h>

#include "base/buf.h"

enum edit_op {
	EDIT_DROP,
	EDIT_NULL,
	EDIT_EMPTY, /* {} [] "" 0 false, by its type */
	EDIT_RETYPE, /* another type with as much of the value as it takes */
	EDIT_REPLACE, /* the JSON text in `value`, where the member is there */
	EDIT_SET, /* the JSON text in `value`; adds the last key of the path where it is missing */
	EDIT_NULL_ALL, /* every top-level member becomes null; the path is not looked at */
};

/* Appends the changed text to out. False, and nothing is appended, when json or value is no JSON. */
bool edit_json(struct buf *out, struct str json, enum edit_op op, struct str path, struct str value);
/* Appends the JSON text of the member at path (objects only, no []). False when it is not there. */
bool edit_get(struct buf *out, struct str json, struct str path);

#endif
