/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "app/fetch.h"
#include "app/loopback.h"
#include "app/self_check.h"
#include "base/loop.h"
#include "transport/transport.h"

struct world {
	struct loop *loop;
	struct transport *transport;
	unsigned rounds;
	bool online;
};

static int
setup(void **state)
{
	static struct world w;
	const char *why;
	w = (struct world){ .loop = loop_uv_new() };
	assert_non_null(w.loop);
	w.transport = transport_multi_new(w.loop, &why);
	assert_non_null(w.transport);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	transport_free(w->transport);
	loop_free(w->loop);
	return 0;
}

static void
test_answers_again_and_again(void **state)
{
	struct world *w = *state;
	struct loopback *loopback = loopback_new(w->loop);
	assert_non_null(loopback);
	for (int i = 0; i < 3; i++) {
		auto_fetched struct fetched fetched;
		fetch_get(w->loop, w->transport, loopback_url(loopback), &fetched);
		assert_null(fetched.trouble);
		assert_int_equal(fetched.status, 204);
	}
	loopback_free(loopback);
}

static void
on_round(void *arg, bool online)
{
	struct world *w = arg;
	w->rounds++;
	w->online = online;
	loop_stop(w->loop);
}

static bool
check_once(struct world *w, const char *anchor)
{
	const char *anchors[] = { anchor };
	struct self_check_config config = { anchors, anchor ? 1 : 0, 10 * NS_PER_SEC, true };
	struct self_check *check = self_check_new(w->loop, w->transport, on_round, w);
	assert_true(self_check_configure(check, &config));
	loop_run(w->loop);
	self_check_free(check);
	return w->online;
}

static void
test_loopback_alone_is_online(void **state)
{
	struct world *w = *state;
	assert_true(check_once(w, NULL));
	assert_int_equal(w->rounds, 1);
}

/* The loopback says that we work; it says nothing about the way out. */
static void
test_loopback_does_not_stand_for_the_anchors(void **state)
{
	struct world *w = *state;
	assert_false(check_once(w, "tcp://127.0.0.1:1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers_again_and_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loopback_alone_is_online, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loopback_does_not_stand_for_the_anchors, setup, teardown),
	};
	return cmocka_run_group_tests_name("loopback", tests, NULL, NULL);
}
