/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiler attributes and the two macros that every file may use. Nothing else belongs here.
 */
#ifndef COMETCANARY_BASE_ATTR_H
#define COMETCANARY_BASE_ATTR_H

#define ATTR_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define ATTR_NODISCARD __attribute__((warn_unused_result))
#define ATTR_NORETURN __attribute__((noreturn))
/* auto_x variables are released when they leave scope; each module defines its own auto_ macro with this one. */
#define ATTR_CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#endif
