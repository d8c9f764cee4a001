/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An API key. Opaque: only request/ asks for its bytes, and only to make one header line. Kept in memory that is
 * locked, not dumped, and wiped when freed. Nothing prints it; for people it is "<secret>".
 */
#ifndef COMETCANARY_BASE_SECRET_H
#define COMETCANARY_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

struct secret;

enum secret_source { SECRET_ENV, SECRET_FILE, SECRET_CREDENTIAL };

/* name: of the variable, file, or credential ($CREDENTIALS_DIRECTORY/name). One trailing newline is trimmed.
 * Returns owned; NULL with a reason that never holds the value in *ret_why (static text):
 * unset, unreadable, empty, holds a line break, too long. */
struct secret *secret_read(enum secret_source source, const char *name, const char **ret_why) ATTR_NODISCARD;
/* Borrowed, until secret_free(). Only for request/. */
struct str secret_bytes(const struct secret *secret);
/* Whether text gives it away: holds all of it, or eight of its bytes in a row. NULL is in nothing. */
bool secret_is_in(const struct secret *secret, struct str text);
void secret_free(struct secret *secret);

#endif
