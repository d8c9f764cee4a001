/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's contract held against JSON documents: required and optional fields with their types, enums. A path goes
 * into every element of an array (no index); through an empty array it holds. Pure.
 */
#ifndef COMETCANARY_CONTRACT_CHECK_H
#define COMETCANARY_CONTRACT_CHECK_H

#include "base/json.h"
#include "model/contract.h"

/* A sync success body. */
void check_body(const struct contract *contract, struct json root, struct findings *findings);
/* A JSON error body: what error_required asks for and is not there is error-envelope-changed; a value outside of an enum
 * below $.error is error-code-changed. */
void check_error(const struct contract *contract, struct json root, struct findings *findings);

/* One event of a stream. A field of stream_required has to be in at least one event, and in each of its type.
 * seen: bit i = stream_required.items[i] was in some event (the first 64 are watched). */
void check_event(const struct contract *contract, struct json root, uint64_t *seen, struct findings *findings);
void check_stream_end(const struct contract *contract, uint64_t seen, struct findings *findings);

/* Where a path leads in a document: calls fn for each value there, JSON_ABSENT where the last key is not there. */
typedef void check_visit_fn(void *arg, struct json value);
void check_visit(struct json root, const char *path, check_visit_fn *fn, void *arg);

#endif
