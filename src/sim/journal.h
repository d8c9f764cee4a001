/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the simulator was asked and what became of it: a ring of the last requests. A key is named, its value is never
 * kept; bodies only on demand. Loop thread.
 */
#ifndef COMETCANARY_SIM_JOURNAL_H
#define COMETCANARY_SIM_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

enum { JOURNAL_ENTRIES = 10000 };

struct journal_entry {
	uint64_t sequence;
	struct wall time;
	struct mono start;
	char method[16], path[160], model[96];
	const char *kind; /* static: "api"; "docs" = the documentation */
	const char *provider; /* NULL = none of the API's paths */
	char key[64]; /* name of the key; "" = none of ours */
	bool key_present, stream;
	char *headers; /* JSON object, owned */
	char *body; /* owned; NULL = not kept */
	size_t body_bytes, body_len;
	char faults[160]; /* names, separated by commas */
	int status;
	uint64_t bytes_sent;
	int64_t duration_us;
	const char *ended; /* static */
};

struct journal {
	struct journal_entry *entries; /* ring */
	uint64_t first, next; /* sequence numbers that are in it: first … next - 1 */
};

struct http_request;

/* The entry of a new request; valid until the ring comes round. */
struct journal_entry *journal_begin(struct journal *journal, const struct http_request *request, bool with_body);
/* NULL when it has been overwritten or cleared. */
struct journal_entry *journal_find(struct journal *journal, uint64_t sequence);
struct journal_query {
	uint64_t since, limit; /* entries from `since` on, at most `limit` */
	struct str kind; /* absent = any */
	bool lines; /* a JSON object a line, else one JSON array */
};

void journal_write(const struct journal *journal, const struct journal_query *query, struct buf *out);
void journal_clear(struct journal *journal);
void journal_done(struct journal *journal);

#endif
