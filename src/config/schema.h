/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every key of the configuration, as a table: what kind of value, within which bounds, its default, one line for the
 * manual, and where it goes in struct config. Loading, dumping, `check` and the man page all read these rows; what no
 * part of the program implements yet is here too, marked, so that using it is an error. Constant data, any thread.
 */
#ifndef COMETCANARY_CONFIG_SCHEMA_H
#define COMETCANARY_CONFIG_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "config/syntax.h"

/* Where a row has an offset, it is into the struct of the innermost list element, or into struct config. */
enum value_kind {
	VALUE_GROUP, /* sub; the same struct */
	VALUE_LIST, /* of groups: sub, an array of sub->element_bytes and its count */
	VALUE_TEXT, /* const char * */
	VALUE_TEXTS, /* const char ** and its count */
	VALUE_NAMES, /* the same; a text alone is a list of one */
	VALUE_WORD, /* an enum, its value the word's place in words */
	VALUE_BOOL, /* bool */
	VALUE_COUNT, /* unsigned */
	VALUE_INT, /* int64_t */
	VALUE_USD, /* int64_t, millionths of a dollar */
	VALUE_REAL, /* double, and a bool at count_offset: it is set */
	VALUE_DURATION, /* int64_t, ns */
	VALUE_SIZE, /* size_t */
	VALUE_SECRET, /* struct secret * */
	VALUE_PROVIDER, /* const struct provider * */
	VALUE_CONTRACT, /* const struct contract * */
	VALUE_BUDGET, /* const struct budget * */
	VALUE_TENANT, /* const struct tenant * */
	VALUE_DIALECT, /* const struct dialect * */
	VALUE_PROBES, /* adds to struct endpoint's probes: words says which */
	VALUE_PATTERN, /* struct pattern *, and the text at count_offset */
	VALUE_RANGE, /* two int64_t */
	VALUE_JSON, /* const char *, a JSON object */
	VALUE_PROBE, /* enum probe_kind, one of words */
	VALUE_OUTCOMES, /* uint64_t, a bit each */
	VALUE_STATUSES, /* const int * and its count */
	VALUE_TIME_OF_DAY, /* int, minutes */
	VALUE_DAYS, /* unsigned, bit 0 = Monday */
	VALUE_ENDPOINTS, /* const struct endpoint ** and its count */
	VALUE_STATE_FILE, /* const char *, absolute */
	VALUE_FIELDS, /* struct field_list */
	VALUE_PATH, /* const char *, a complete path into a JSON document */
	VALUE_DATE, /* int64_t, days since 1970-01-01; DATE_NOT_SET where it has none */
	VALUE_RULE, /* enum finding_rule */
	VALUE_GRADE, /* enum severity, and a bool at count_offset: the rule is off */
	VALUE_REASONS, /* unsigned, bit 1 << enum fallback_reason */
	VALUE_KINDS,
};

enum key_flags {
	KEY_REQUIRED = 1,
	KEY_LATER = 2, /* not implemented yet: an error that says so */
	KEY_OWN = 4, /* never inherited from `defaults` */
	KEY_UNIQUE = 8, /* differs between the elements of its list */
	KEY_PROSE = 16, /* free text: line breaks and < > may be in it */
	KEY_EMPTY = 32, /* "" is a value */
	KEY_HIDE = 64, /* messages never show its value: somebody may have put a key there */
	KEY_IF_THERE = 128, /* a group whose members' defaults hold only where it is written */
	KEY_EXACT = 256, /* a list: texts that differ in case only are two */
	KEY_NO_USAGE = 512, /* fields: not those of token usage */
	KEY_HEADERS = 1024, /* a path may also be "header:NAME" */
};

struct schema_group;

struct schema_key {
	const char *name;
	enum value_kind kind;
	unsigned flags; /* enum key_flags */
	size_t offset, count_offset;
	const struct schema_group *sub;
	const char *const *words; /* NULL-terminated: what the value may be */
	int64_t min, max; /* of numbers, durations (ns), sizes; of lists their length. max 0 = no bounds */
	syntax_check *check; /* of a text, or of each one in a list */
	const char *fallback; /* the default without quotes, a list's elements with a comma between; NULL = not set */
	const char *text; /* one line for people */
};

struct schema_group {
	const char *path; /* "endpoints[].timeout"; "" = the top */
	size_t element_bytes; /* where it is the element of a list */
	const struct schema_key *keys; /* the last one has no name */
};

extern const struct schema_group schema_top;
extern const struct schema_group schema_endpoint; /* also what `defaults` is read by */
/* The sections that are to come; schema.c includes them where they belong. */
extern const struct schema_group schema_parser, schema_golden, schema_gate, schema_fleet, schema_web_tls,
    schema_web_user;

/* NULL when the group has no such key. */
const struct schema_key *schema_find(const struct schema_group *group, const char *name);
/* The default as it would be written in the file ("\"60s\"", "( \"sync\" )"); nothing when there is none. */
void schema_write_fallback(const struct schema_key *key, struct buf *out);
/* "text", "duration", "list of texts": for messages and the manual. */
const char *schema_kind_text(enum value_kind kind);

#endif
