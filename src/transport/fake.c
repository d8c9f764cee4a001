/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/fake.h"

#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/xalloc.h"
#include "decode/head.h"
#include "transport/deadline.h"
#include "transport/transport.h"

/* What a transfer waits for; in the order of its life. */
enum stage { STAGE_DNS, STAGE_CONNECT, STAGE_TLS, STAGE_SEND, STAGE_FIRST_BYTE, STAGE_HEAD, STAGE_BODY, STAGE_END };

struct script {
	struct fake_script is;
	uint64_t used;
	struct script *next;
};

struct fake {
	struct transport transport;
	struct loop *loop;
	struct script *scripts;
	struct fake_request *requests;
	size_t request_count;
	uint64_t forgotten; /* requests before the first of the list */
	struct transfer *transfers;
	size_t in_flight;
};

struct transfer {
	struct fake *fake;
	const struct request *request;
	const struct sink *sink;
	void *arg;
	struct fake_script script;
	enum stage stage;
	size_t chunk;
	uint64_t number; /* of the request, since the beginning */
	struct loop_timer step;
	struct deadline_watch deadline;
	struct exchange exchange;
	struct transfer *next, *prev;
};

static struct fake *
fake_of(struct transport *transport)
{
	return CONTAINER_OF(transport, struct fake, transport);
}

/* NULL once the request has been forgotten. */
static struct fake_request *
recorded(struct transfer *transfer)
{
	struct fake *fake = transfer->fake;
	return transfer->number < fake->forgotten ? NULL : &fake->requests[transfer->number - fake->forgotten];
}

static void
transfer_free(struct transfer *transfer)
{
	struct fake *fake = transfer->fake;
	loop_timer_cancel(fake->loop, &transfer->step);
	deadline_stop(&transfer->deadline);
	*(transfer->prev ? &transfer->prev->next : &fake->transfers) = transfer->next;
	if (transfer->next)
		transfer->next->prev = transfer->prev;
	fake->in_flight--;
	free(transfer);
}

static void
finish(struct transfer *transfer, enum exchange_end end)
{
	struct exchange exchange = transfer->exchange;
	exchange.end = end;
	exchange.at.end = loop_now(transfer->fake->loop);
	if (end == END_CONNECT || end == END_CLOSED || end == END_LOCAL)
		exchange.os_errno = transfer->script.os_errno;
	struct fake_request *record = recorded(transfer);
	if (record) {
		record->done = true;
		record->end = end;
	}
	const struct sink *sink = transfer->sink;
	void *arg = transfer->arg;
	transfer_free(transfer);
	sink->done(arg, &exchange);
}

static void
expired(void *arg, enum exchange_end end)
{
	finish(arg, end);
}

/* ---- the stages; each ends in false when the transfer has ended ---- */

static bool
obey(struct transfer *transfer, enum sink_wants wants)
{
	if (deadline_obey(&transfer->deadline, wants, loop_now(transfer->fake->loop)))
		return true;
	finish(transfer, END_STOPPED);
	return false;
}

static bool
give_head(struct transfer *transfer, struct mono now)
{
	const char *head = transfer->script.head;
	size_t len = strlen(head);
	struct exchange *exchange = &transfer->exchange;
	exchange->head_bytes = len;
	if (len > transfer->request->caps.head_bytes || transfer->script.end == END_HEAD_TOO_LARGE) {
		finish(transfer, END_HEAD_TOO_LARGE);
		return false;
	}
	struct head parsed;
	exchange->status = head_parse(str_of(head), &parsed) ? parsed.status : 0;
	exchange->head_whole = true;
	exchange->at.head = transfer->deadline.last_byte = now;
	return obey(transfer, transfer->sink->head(transfer->arg, exchange->status, head, len));
}

static bool
give_chunk(struct transfer *transfer, struct mono now)
{
	const struct fake_chunk *chunk = &transfer->script.chunks[transfer->chunk++];
	size_t len = chunk->len ? chunk->len : strlen(chunk->text);
	transfer->exchange.body_bytes += len;
	transfer->deadline.last_byte = now;
	return obey(transfer, transfer->sink->body(transfer->arg, chunk->text, len));
}

static bool
has_chunk(const struct transfer *transfer)
{
	return transfer->chunk < FAKE_CHUNKS_MAX && transfer->script.chunks[transfer->chunk].text;
}

static bool
fails_here(struct transfer *transfer, bool here)
{
	if (here)
		finish(transfer, transfer->script.end);
	return here;
}

/* The stage under way is over. */
static bool
end_stage(struct transfer *transfer)
{
	struct mono now = loop_now(transfer->fake->loop);
	const struct fake_script *script = &transfer->script;
	struct timeline *at = &transfer->exchange.at;
	switch (transfer->stage) {
	case STAGE_DNS:
		if (fails_here(transfer, script->end == END_DNS || script->end == END_LOCAL))
			return false;
		at->dns = now;
		break;
	case STAGE_CONNECT:
		if (fails_here(transfer, script->end == END_CONNECT))
			return false;
		at->connect = now;
		break;
	case STAGE_TLS:
		if (fails_here(transfer, script->end == END_TLS))
			return false;
		if (script->tls_ns)
			at->tls = now;
		transfer->exchange.certificate_not_after = script->certificate_not_after;
		transfer->deadline.connected = now;
		break;
	case STAGE_SEND:
		at->sent = now;
		break;
	case STAGE_FIRST_BYTE:
		if (!script->head) {
			finish(transfer, script->end == END_COMPLETE ? END_CLOSED : script->end);
			return false;
		}
		at->first_byte = now;
		break;
	case STAGE_HEAD:
		return give_head(transfer, now);
	case STAGE_BODY:
		return give_chunk(transfer, now);
	case STAGE_END:
		finish(transfer, script->end);
		return false;
	}
	return true;
}

static int64_t
stage_ns(const struct transfer *transfer)
{
	const struct fake_script *script = &transfer->script;
	switch (transfer->stage) {
	case STAGE_DNS:
		return script->dns_ns;
	case STAGE_CONNECT:
		return script->connect_ns;
	case STAGE_TLS:
		return script->tls_ns;
	case STAGE_SEND:
		return script->send_ns;
	case STAGE_FIRST_BYTE:
		return script->first_byte_ns;
	case STAGE_HEAD:
		return script->head_ns;
	case STAGE_BODY:
		return script->chunks[transfer->chunk].after_ns;
	case STAGE_END:
		return script->end_ns;
	}
	return 0;
}

static void
next_stage(struct transfer *transfer)
{
	if (transfer->stage < STAGE_BODY)
		transfer->stage++;
	if (transfer->stage == STAGE_BODY && !has_chunk(transfer))
		transfer->stage = STAGE_END;
}

static void on_step(void *arg);

/* True when the stage takes no time. */
static bool
begin_stage(struct transfer *transfer)
{
	int64_t ns = stage_ns(transfer);
	if (ns == 0)
		return true;
	struct loop *loop = transfer->fake->loop;
	if (ns != FAKE_NEVER)
		loop_timer_set(loop, &transfer->step, mono_add_ns(loop_now(loop), ns), on_step, transfer);
	return false;
}

static void
on_step(void *arg)
{
	struct transfer *transfer = arg;
	do {
		if (!end_stage(transfer))
			return;
		next_stage(transfer);
		deadline_update(&transfer->deadline);
	} while (begin_stage(transfer));
}

static void
on_start(void *arg)
{
	struct transfer *transfer = arg;
	if (transfer->script.reused) {
		transfer->stage = STAGE_SEND;
		transfer->deadline.connected = transfer->exchange.at.start;
	}
	if (begin_stage(transfer))
		on_step(transfer);
}

/* ---- what came in ---- */

static bool
has_header(const struct fake_request *record, const char *header)
{
	for (size_t i = 0; record->headers[i]; i++)
		if (strcmp(record->headers[i], header) == 0)
			return true;
	return false;
}

static bool
fits(const struct fake_script *script, const struct fake_request *record)
{
	return (!script->url || strstr(record->url, script->url)) &&
	    (!script->header || has_header(record, script->header)) &&
	    (!script->body ||
		(record->body.len && memmem(record->body.at, record->body.len, script->body, strlen(script->body))));
}

static const struct fake_script *
find_script(struct fake *fake, const struct fake_request *record)
{
	static const struct fake_script unknown = { .end = END_CONNECT };
	for (struct script *script = fake->scripts; script; script = script->next) {
		if (script->is.times && script->used >= script->is.times)
			continue;
		if (!fits(&script->is, record))
			continue;
		script->used++;
		return &script->is;
	}
	return &unknown;
}

static struct fake_request *
keep_request(struct fake *fake, const struct request *request)
{
	fake->requests = xrealloc(fake->requests, (fake->request_count + 1) * sizeof(fake->requests[0]));
	struct fake_request *record = &fake->requests[fake->request_count++];
	*record = (struct fake_request){
		.start = loop_now(fake->loop),
		.wall = loop_wall(fake->loop),
		.method = request->method,
		.url = xstrdup(request->url),
		.stream = request->stream,
		.fresh = request->fresh,
	};
	size_t count = 0;
	for (; count < request->header_count; count++)
		record->headers[count] = xstrdup(request->headers[count]);
	if (request->secret_header)
		record->headers[count] = xstrdup(request->secret_header);
	if (request->body.at)
		record->body = (struct str){ xstrndup(request->body.at, request->body.len), request->body.len };
	return record;
}

static struct transfer *
fake_start(struct transport *transport, const struct request *request, const struct sink *sink, void *arg)
{
	struct fake *fake = fake_of(transport);
	struct fake_request *record = keep_request(fake, request);
	struct transfer *transfer = xcalloc(1, sizeof(*transfer));
	*transfer = (struct transfer){
		.fake = fake,
		.request = request,
		.sink = sink,
		.arg = arg,
		.script = *find_script(fake, record),
		.number = fake->forgotten + fake->request_count - 1,
		.next = fake->transfers,
	};
	if (fake->transfers)
		fake->transfers->prev = transfer;
	fake->transfers = transfer;
	fake->in_flight++;
	struct exchange *exchange = &transfer->exchange;
	exchange->at.start = loop_now(fake->loop);
	exchange->reused = transfer->script.reused;
	exchange->connects = transfer->script.connects ? transfer->script.connects : !transfer->script.reused;
	exchange->http_version = HTTP_VERSION_1_1;
	exchange->ip_family = 4;
	transfer->deadline = (struct deadline_watch){
		.loop = fake->loop,
		.limits = &request->deadlines,
		.stream = request->stream,
		.expired = expired,
		.arg = transfer,
		.at = &exchange->at,
	};
	deadline_update(&transfer->deadline);
	loop_timer_set(fake->loop, &transfer->step, exchange->at.start, on_start, transfer);
	return transfer;
}

static void
fake_cancel(struct transfer *transfer)
{
	struct fake_request *record = recorded(transfer);
	if (record)
		record->cancelled = true;
	transfer_free(transfer);
}

static void
fake_free(struct transport *transport)
{
	struct fake *fake = fake_of(transport);
	while (fake->transfers)
		transfer_free(fake->transfers);
	fake_clear(transport);
	fake_forget(transport);
	free(fake);
}

static const struct transport_ops fake_ops = { .start = fake_start, .cancel = fake_cancel, .free = fake_free };

struct transport *
fake_new(struct loop *loop)
{
	struct fake *fake = xcalloc(1, sizeof(*fake));
	fake->transport.ops = &fake_ops;
	fake->loop = loop;
	return &fake->transport;
}

void
fake_add(struct transport *transport, const struct fake_script *script)
{
	struct script **end = &fake_of(transport)->scripts;
	while (*end)
		end = &(*end)->next;
	*end = xcalloc(1, sizeof(**end));
	(*end)->is = *script;
}

void
fake_clear(struct transport *transport)
{
	struct fake *fake = fake_of(transport);
	while (fake->scripts) {
		struct script *script = fake->scripts;
		fake->scripts = script->next;
		free(script);
	}
}

const struct fake_request *
fake_requests(const struct transport *transport, size_t *ret_count)
{
	const struct fake *fake = (const struct fake *)transport;
	*ret_count = fake->request_count;
	return fake->requests;
}

void
fake_forget(struct transport *transport)
{
	struct fake *fake = fake_of(transport);
	for (size_t i = 0; i < fake->request_count; i++) {
		struct fake_request *record = &fake->requests[i];
		free(record->url);
		for (size_t j = 0; record->headers[j]; j++)
			free(record->headers[j]);
		free((void *)(uintptr_t)record->body.at);
	}
	free(fake->requests);
	fake->requests = NULL;
	fake->forgotten += fake->request_count;
	fake->request_count = 0;
}

size_t
fake_in_flight(const struct transport *transport)
{
	return ((const struct fake *)transport)->in_flight;
}
