/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport's side in its tests: a loop, the real transport, and calls that keep what they were told.
 */
#ifndef COMETCANARY_TESTS_CLIENT_H
#define COMETCANARY_TESTS_CLIENT_H

#include "base/buf.h"
#include "base/loop.h"
#include "transport/transport.h"

struct client {
	struct loop *loop;
	struct transport *transport;
	struct provider provider;
	size_t open_calls;
	struct loop_timer guard;
};

struct call {
	struct client *client;
	struct request request;
	char url[128];
	/* At which bytes of the body the reader reacts. */
	const char *stop_at, *linger_at, *content_at;
	/* What it was told. */
	struct buf head, body;
	int heads, dones;
	struct exchange exchange;
	struct transfer *transfer;
	struct call *then; /* started from inside done */
};

void client_open(struct client *client);
void client_close(struct client *client);
/* The same for cmocka: each test of the group gets the client as its state. */
int client_set_up(void **state);
int client_tear_down(void **state);
#define CLIENT_TEST(test, client) \
	cmocka_unit_test_prestate_setup_teardown(test, client_set_up, client_tear_down, client)

/* A sync POST with a small body, fresh, with long deadlines; scheme is "http" or "https", host a name or address. */
void call_init(struct call *call, struct client *client, const char *scheme, const char *host, int port);
void call_start(struct call *call);
void call_done(struct call *call);
/* Runs the loop until no call is open; a test that takes longer than 20 s fails. */
void client_run(struct client *client);
/* The two together. */
void call_run(struct call *call);

/* ms from the start of the exchange; -1 when the stage was not reached. */
int64_t call_at_ms(const struct call *call, struct mono at);
/* Stages are in order. */
void call_check_timeline(const struct call *call);

#endif
