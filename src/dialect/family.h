/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every family's file includes: the declarations of all families, made from the list in local.mk.
 */
#ifndef COMETCANARY_DIALECT_FAMILY_H
#define COMETCANARY_DIALECT_FAMILY_H

#include "model/dialect.h"

#define DIALECT(name) extern const struct dialect dialect_##name;
#include "dialect/list.def"
#undef DIALECT

#endif
