/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the simulated documentation says: a page is one file with one row, as a provider is. The fields of an operation
 * are the only source of its specification, as JSON and as YAML, and of its example. To add a page: a file like
 * site_chat.c, its line in site_page.def. Constant data.
 */
#ifndef COMETCANARY_SIM_SITE_PAGE_H
#define COMETCANARY_SIM_SITE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

enum site_type { /* bits: a field may have several types */
	TYPE_STRING = 1,
	TYPE_INTEGER = 2,
	TYPE_NUMBER = 4,
	TYPE_BOOLEAN = 8,
	TYPE_OBJECT = 16,
	TYPE_ARRAY = 32,
	TYPE_NULL = 64,
};

enum site_part { PART_REQUEST, PART_RESPONSE, PART_ERROR, PART_COUNT };

/* REQUIRED: wherever its parent is. */
enum site_presence { OPTIONAL, REQUIRED };

/* A field follows its parent; the items of an array are "data[]", their members "data[].id". */
struct site_field {
	const char *path;
	unsigned types;
	enum site_presence presence;
	const char *values; /* of an enum, separated by spaces; NULL = any */
	const char *sample; /* JSON of the example; NULL = by the type in an answer, left out of a request */
	const char *text; /* for people; NULL = none */
};

struct site_status {
	int code;
	const char *meaning;
	const char *retry; /* may the same request be sent again */
};

enum site_auth { AUTH_BEARER, AUTH_X_API_KEY, AUTH_X_GOOG_API_KEY, AUTH_NONE, AUTH_COUNT };

struct site_page {
	const char *name; /* in control requests */
	const char *path; /* below /docs/, without .md */
	const char *title, *description;
	const char *const *prose; /* blocks of Markdown, ends with NULL */
	const char *mention; /* a phrase of the prose that a ledger may rely on */
	bool unlisted; /* it comes into being by the change index-added */
	bool is_error_guide; /* its statuses and the error's envelope are told in the prose */
	/* Of the page of an operation; spec is NULL for the others. */
	const char *spec; /* below /docs/ */
	const char *method, *api_path, *operation, *summary;
	const struct site_field *request; /* NULL = takes no body; all lists end with a path of NULL */
	const struct site_field *response;
	enum site_auth auth; /* the first of those that are taken, or AUTH_NONE */
	/* What the changes of the contract hit, unless they are told otherwise; NULL = has no such. */
	struct {
		const char *field, *list, *request_field, *optional_field, *integer_field;
	} usual;
};

#define SITE_PAGE(row) extern const struct site_page row;
#include "sim/site_page.def"
#undef SITE_PAGE

size_t site_page_count(void);
const struct site_page *site_page_at(size_t index);

/* What all operations share: the envelope of errors, and the statuses, which end with a code of 0. */
extern const struct site_field site_error_fields[];
extern const struct site_status site_statuses[];

#endif
