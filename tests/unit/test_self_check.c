/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "app/self_check.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "transport/transport.h"

/* A transport that answers after 100 ms in the way that the test has set. */
struct double_transport {
	struct transport base;
	struct loop *loop;
	struct exchange answer;
	bool silent;
	unsigned started, cancelled;
	char last_url[256];
};

struct transfer {
	struct double_transport *owner;
	struct loop_timer timer;
	const struct sink *sink;
	void *arg;
};

static void
on_answer(void *arg)
{
	struct transfer *transfer = arg;
	struct exchange answer = transfer->owner->answer;
	transfer->sink->done(transfer->arg, &answer);
	free(transfer);
}

static struct transfer *
double_start(struct transport *transport, const struct request *request, const struct sink *sink, void *arg)
{
	struct double_transport *d = (struct double_transport *)(void *)transport;
	struct transfer *transfer = xcalloc(1, sizeof(*transfer));
	*transfer = (struct transfer){ .owner = d, .sink = sink, .arg = arg };
	d->started++;
	snprintf(d->last_url, sizeof(d->last_url), "%s", request->url);
	if (!d->silent)
		loop_timer_set(
		    d->loop, &transfer->timer, mono_add_ns(loop_now(d->loop), 100 * NS_PER_MS), on_answer, transfer);
	return transfer;
}

static void
double_cancel(struct transfer *transfer)
{
	transfer->owner->cancelled++;
	loop_timer_cancel(transfer->owner->loop, &transfer->timer);
	free(transfer);
}

static const struct transport_ops double_ops = { double_start, double_cancel, NULL };

struct fixture {
	struct double_transport transport;
	struct self_check *check;
	unsigned rounds;
	bool online;
};

static void
on_round(void *arg, bool online)
{
	struct fixture *f = arg;
	f->rounds++;
	f->online = online;
}

static int
setup(void **state)
{
	static struct fixture f;
	f = (struct fixture){ .transport = { .base = { &double_ops } } };
	f.transport.loop = loop_sim_new((struct mono){ NS_PER_SEC }, (struct wall){ 1 });
	f.check = self_check_new(f.transport.loop, &f.transport.base, on_round, &f);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	self_check_free(f->check);
	loop_free(f->transport.loop);
	return 0;
}

static void
configure(struct fixture *f, const char *first, const char *second)
{
	const char *anchors[] = { first, second };
	struct self_check_config config = { anchors, second ? 2 : first ? 1 : 0, 15 * NS_PER_SEC, false };
	self_check_configure(f->check, &config);
}

static void
test_any_answer_is_online(void **state)
{
	struct fixture *f = *state;
	f->transport.answer = (struct exchange){ .end = END_STOPPED, .head_whole = true, .status = 503 };
	configure(f, "https://a.example/", "tcp://192.0.2.1:443");
	loop_sim_advance(f->transport.loop, NS_PER_SEC);
	assert_int_equal(f->rounds, 1);
	assert_true(f->online);
	assert_string_equal(f->transport.last_url, "http://192.0.2.1:443/");
	loop_sim_advance(f->transport.loop, 150 * NS_PER_SEC);
	assert_int_equal(f->rounds, 11);
}

static void
test_all_silent_is_offline(void **state)
{
	struct fixture *f = *state;
	f->transport.answer = (struct exchange){ .end = END_TIMEOUT_CONNECT };
	configure(f, "https://a.example/", "tcp://192.0.2.1:443");
	loop_sim_advance(f->transport.loop, NS_PER_SEC);
	assert_int_equal(f->rounds, 1);
	assert_false(f->online);
	f->transport.answer.head_whole = true;
	loop_sim_advance(f->transport.loop, 15 * NS_PER_SEC);
	assert_true(f->online);
}

/* A connection alone proves a tcp:// anchor, and proves nothing about an https:// one. */
static void
test_tcp_needs_the_connection_only(void **state)
{
	struct fixture *f = *state;
	f->transport.answer = (struct exchange){ .end = END_TIMEOUT_FIRST_BYTE, .at = { .connect = { 5 } } };
	configure(f, "https://a.example/", NULL);
	loop_sim_advance(f->transport.loop, NS_PER_SEC);
	assert_false(f->online);
	configure(f, "tcp://a.example:5", NULL);
	loop_sim_advance(f->transport.loop, NS_PER_SEC);
	assert_true(f->online);
}

static void
test_a_new_configuration_cancels(void **state)
{
	struct fixture *f = *state;
	f->transport.silent = true;
	configure(f, "https://a.example/", "https://b.example/");
	loop_sim_advance(f->transport.loop, NS_PER_SEC);
	assert_int_equal(f->transport.started, 2);
	configure(f, NULL, NULL);
	assert_int_equal(f->transport.cancelled, 2);
	loop_sim_advance(f->transport.loop, 60 * NS_PER_SEC);
	assert_int_equal(f->transport.started, 2);
	assert_int_equal(f->rounds, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_any_answer_is_online, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_silent_is_offline, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tcp_needs_the_connection_only, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_new_configuration_cancels, setup, teardown),
	};
	return cmocka_run_group_tests_name("self_check", tests, NULL, NULL);
}
