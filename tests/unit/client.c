/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum sink_wants
react(struct call *call, const char *bytes, size_t len)
{
	if (call->stop_at && memmem(bytes, len, call->stop_at, strlen(call->stop_at)))
		return SINK_STOP;
	if (call->linger_at && memmem(bytes, len, call->linger_at, strlen(call->linger_at)))
		return SINK_LINGER;
	if (call->content_at && memmem(bytes, len, call->content_at, strlen(call->content_at)))
		return SINK_CONTENT;
	return SINK_MORE;
}

static enum sink_wants
on_head(void *arg, int status, const char *bytes, size_t len)
{
	struct call *call = arg;
	assert_int_equal(call->dones, 0);
	assert_true(status >= 100 && status <= 999);
	call->heads++;
	buf_add(&call->head, bytes, len);
	return react(call, bytes, len);
}

static enum sink_wants
on_body(void *arg, const char *bytes, size_t len)
{
	struct call *call = arg;
	assert_int_equal(call->heads, 1);
	assert_int_equal(call->dones, 0);
	buf_add(&call->body, bytes, len);
	return react(call, bytes, len);
}

static void
on_done(void *arg, const struct exchange *exchange)
{
	struct call *call = arg;
	assert_int_equal(call->dones, 0);
	call->dones++;
	call->exchange = *exchange;
	call->transfer = NULL;
	if (call->then)
		call_start(call->then);
	if (--call->client->open_calls == 0)
		loop_stop(call->client->loop);
}

static const struct sink sink = { on_head, on_body, on_done };

void
client_open(struct client *client)
{
	const char *why = NULL;
	*client = (struct client){ .loop = loop_uv_new() };
	assert_non_null(client->loop);
	client->transport = transport_multi_new(client->loop, &why);
	assert_non_null(client->transport);
	client->provider = (struct provider){
		.name = "test",
		.tls = { "", "", "", TLS_VERSION_1_2 },
		.proxy = "",
		.ip_family = IP_FAMILY_V4,
		.http_version = HTTP_VERSION_ANY,
	};
}

void
client_close(struct client *client)
{
	transport_free(client->transport);
	loop_free(client->loop);
}

int
client_set_up(void **state)
{
	client_open(*state);
	return 0;
}

int
client_tear_down(void **state)
{
	client_close(*state);
	return 0;
}

void
call_init(struct call *call, struct client *client, const char *scheme, const char *host, int port)
{
	*call = (struct call){ .client = client, .head = BUF_INIT(1 << 20), .body = BUF_INIT(64 << 20) };
	snprintf(call->url, sizeof(call->url), "%s://%s:%d/v1/chat", scheme, host, port);
	call->request = (struct request){
		.method = HTTP_POST,
		.url = call->url,
		.headers = { "Content-Type: application/json", "User-Agent: canary-test" },
		.header_count = 2,
		.body = STR("{\"probe\":1}"),
		.fresh = true,
		.provider = &client->provider,
		.deadlines = { 10 * NS_PER_SEC, 10 * NS_PER_SEC, 10 * NS_PER_SEC, 10 * NS_PER_SEC, 15 * NS_PER_SEC },
		.caps = { .head_bytes = 65536 },
	};
}

void
call_start(struct call *call)
{
	call->client->open_calls++;
	call->transfer = transport_start(call->client->transport, &call->request, &sink, call);
	assert_int_equal(call->dones, 0);
}

void
call_done(struct call *call)
{
	buf_done(&call->head);
	buf_done(&call->body);
}

static void
on_guard(void *arg)
{
	struct client *client = arg;
	loop_stop(client->loop);
	fail_msg("%zu calls did not end", client->open_calls);
}

void
client_run(struct client *client)
{
	if (client->open_calls == 0)
		return;
	struct mono limit = mono_add_ns(loop_now(client->loop), 20 * NS_PER_SEC);
	loop_timer_set(client->loop, &client->guard, limit, on_guard, client);
	loop_run(client->loop);
	loop_timer_cancel(client->loop, &client->guard);
}

void
call_run(struct call *call)
{
	call_start(call);
	client_run(call->client);
	assert_int_equal(call->dones, 1);
}

int64_t
call_at_ms(const struct call *call, struct mono at)
{
	return at.ns ? mono_diff_ns(at, call->exchange.at.start) / NS_PER_MS : -1;
}

void
call_check_timeline(const struct call *call)
{
	const struct timeline *at = &call->exchange.at;
	const struct mono stages[] = { at->start, at->dns, at->connect, at->tls, at->sent, at->first_byte, at->head,
		at->first_content, at->last_content, at->end };
	struct mono last = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		if (!stages[i].ns)
			continue;
		assert_false(mono_before(stages[i], last));
		last = stages[i];
	}
	assert_true(at->start.ns && at->end.ns);
}
