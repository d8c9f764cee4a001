/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/journal.h"

#include <stdlib.h>

#include "base/jsonw.h"
#include "base/xalloc.h"
#include "sim/http.h"

enum { HEADERS_TEXT_MAX = 16 * 1024 };

/* What says something about the client and nothing about its key. */
static const char *const kept_headers[] = { "accept", "accept-encoding", "anthropic-version", "content-type", "expect",
	"idempotency-key", "if-modified-since", "if-none-match", "traceparent", "transfer-encoding", "user-agent",
	"x-request-id" };

static void
copy_text(char *to, size_t room, struct str text)
{
	size_t len = text.len < room - 1 ? text.len : room - 1;
	if (len > 0)
		memcpy(to, text.at, len);
	to[len] = '\0';
}

static char *
headers_text(const struct http_request *request)
{
	auto_buf struct buf text = BUF_INIT(HEADERS_TEXT_MAX);
	struct jsonw w;
	jsonw_init(&w, &text);
	jsonw_open_object(&w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(kept_headers); i++) {
		struct str value = http_header(request, kept_headers[i]);
		if (value.len > 0)
			jsonw_str(&w, kept_headers[i], value.len < 256 ? value : str_span(value.at, 256));
	}
	jsonw_close_object(&w);
	return xstrdup(buf_cstr(&text));
}

static struct journal_entry *
slot(const struct journal *journal, uint64_t sequence)
{
	return &journal->entries[sequence % JOURNAL_ENTRIES];
}

static void
forget(struct journal_entry *entry)
{
	free(entry->headers);
	free(entry->body);
	*entry = (struct journal_entry){ .sequence = 0 };
}

struct journal_entry *
journal_begin(struct journal *journal, const struct http_request *request, bool with_body)
{
	if (!journal->entries) {
		journal->entries = xcalloc(JOURNAL_ENTRIES, sizeof(*journal->entries));
		journal->first = journal->next = 1;
	}
	if (journal->next - journal->first == JOURNAL_ENTRIES)
		journal->first++;
	struct journal_entry *entry = slot(journal, journal->next);
	forget(entry);
	entry->sequence = journal->next++;
	copy_text(entry->method, sizeof(entry->method), request->method);
	copy_text(entry->path, sizeof(entry->path), request->path);
	entry->headers = headers_text(request);
	entry->body_bytes = request->body.len;
	entry->ended = "open";
	if (with_body && request->body.len > 0) {
		entry->body = xmalloc(request->body.len);
		entry->body_len = request->body.len;
		memcpy(entry->body, request->body.at, request->body.len);
	}
	return entry;
}

struct journal_entry *
journal_find(struct journal *journal, uint64_t sequence)
{
	return sequence >= journal->first && sequence < journal->next ? slot(journal, sequence) : NULL;
}

static void
write_entry(const struct journal_entry *entry, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_int(&w, "sequence", (int64_t)entry->sequence);
	jsonw_time(&w, "time", entry->time);
	jsonw_text(&w, "method", entry->method);
	jsonw_text(&w, "path", entry->path);
	jsonw_text(&w, "kind", entry->kind);
	jsonw_text(&w, "provider", entry->provider);
	jsonw_bool(&w, "key_present", entry->key_present);
	if (entry->key[0])
		jsonw_text(&w, "key", entry->key);
	jsonw_int(&w, "body_bytes", (int64_t)entry->body_bytes);
	if (entry->model[0])
		jsonw_text(&w, "model", entry->model);
	jsonw_bool(&w, "stream", entry->stream);
	if (entry->faults[0])
		jsonw_text(&w, "faults", entry->faults);
	jsonw_int(&w, "status", entry->status);
	jsonw_int(&w, "bytes_sent", (int64_t)entry->bytes_sent);
	jsonw_int(&w, "duration_us", entry->duration_us);
	jsonw_text(&w, "ended", entry->ended);
	if (entry->body)
		jsonw_str(&w, "body", str_span(entry->body, entry->body_len));
	jsonw_close_object(&w);
	/* The headers are JSON already: they go in before the last brace. */
	out->len--;
	buf_printf(out, ",\"headers\":%s}", entry->headers);
}

void
journal_write(const struct journal *journal, const struct journal_query *query, struct buf *out)
{
	uint64_t left = query->limit;
	bool first = true;
	if (!query->lines)
		buf_char(out, '[');
	for (uint64_t i = query->since > journal->first ? query->since : journal->first; i < journal->next && left > 0;
	     i++) {
		const struct journal_entry *entry = slot(journal, i);
		if (query->kind.at && !str_eq(query->kind, str_of(entry->kind)))
			continue;
		if (!first && !query->lines)
			buf_char(out, ',');
		write_entry(entry, out);
		if (query->lines)
			buf_char(out, '\n');
		first = false;
		left--;
	}
	if (!query->lines)
		buf_text(out, "]\n");
}

void
journal_clear(struct journal *journal)
{
	for (uint64_t i = journal->first; i < journal->next; i++)
		forget(slot(journal, i));
	journal->first = journal->next;
}

void
journal_done(struct journal *journal)
{
	journal_clear(journal);
	free(journal->entries);
	journal->entries = NULL;
}
