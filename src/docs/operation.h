/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which operation of a document an endpoint calls, and that operation's facts. Pure.
 */
#ifndef COMETCANARY_DOCS_OPERATION_H
#define COMETCANARY_DOCS_OPERATION_H

#include "docs/version.h"
#include "model/conf.h"

/* "METHOD PATH", a view of the version: the same method, and a path that the endpoint's URL ends with ({…} stands for
 * anything but a slash); of several the longest. Absent when there is none. */
struct str operation_of(const struct doc_version *version, const struct endpoint *endpoint);
/* Does the version specify any operation at all? */
bool operation_any(const struct doc_version *version);
/* The first status of a success that the operation documents: 200, 201, 202, 2XX, default. */
struct str operation_success(const struct doc_version *version, struct str name);

/* Walks the facts "METHOD PATH …": for (i = first; has; i++). */
size_t operation_first(const struct doc_version *version, struct str name);
bool operation_has(const struct doc_version *version, struct str name, size_t i);
/* What follows the name and a space in the key; absent in the fact of the operation itself. */
struct str operation_rest(const struct doc_version *version, struct str name, size_t i);

#endif
