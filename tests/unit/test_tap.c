/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "app/tap.h"
#include "base/loop.h"
#include "transport/fake.h"

/* What came by, as one line of words: once through the tap's view, once through the run's own sink. */
struct world {
	struct loop *loop;
	struct transport *fake, *tap;
	char shown[256], taken[256];
	struct provider provider;
	struct request request;
};

static void
note(char *line, const char *word, size_t n)
{
	size_t len = strlen(line);
	snprintf(line + len, sizeof(((struct world *)NULL)->shown) - len, "%s:%zu ", word, n);
}

static void
view_request(void *arg, const struct request *request)
{
	struct world *w = arg;
	note(w->shown, "request", strlen(request->url));
}

static void
view_head(void *arg, struct str bytes)
{
	struct world *w = arg;
	note(w->shown, "head", bytes.len);
}

static void
view_body(void *arg, struct str bytes)
{
	struct world *w = arg;
	note(w->shown, "body", bytes.len);
}

static void
view_done(void *arg, const struct exchange *exchange)
{
	struct world *w = arg;
	note(w->shown, exchange_end_name(exchange->end), (size_t)exchange->status);
}

static enum sink_wants
sink_head(void *arg, int status, const char *bytes, size_t len)
{
	struct world *w = arg;
	(void)status, (void)bytes;
	note(w->taken, "head", len);
	return SINK_MORE;
}

static enum sink_wants
sink_body(void *arg, const char *bytes, size_t len)
{
	struct world *w = arg;
	(void)bytes;
	note(w->taken, "body", len);
	return SINK_CONTENT;
}

static void
sink_done(void *arg, const struct exchange *exchange)
{
	struct world *w = arg;
	note(w->taken, exchange_end_name(exchange->end), exchange->at.first_content.ns > 0);
}

static const struct tap_view view = { view_request, view_head, view_body, view_done };
static const struct sink sink = { sink_head, sink_body, sink_done };

static int
setup(void **state)
{
	static struct world w;
	w = (struct world){ .loop = loop_sim_new((struct mono){ NS_PER_SEC }, (struct wall){ 1 }) };
	w.fake = fake_new(w.loop);
	w.tap = tap_new(w.fake, &view, &w);
	int64_t s = NS_PER_SEC;
	w.request = (struct request){ .method = HTTP_GET,
		.url = "http://a/",
		.provider = &w.provider,
		.deadlines = { s, s, s, s, s },
		.caps = { 4096, 4096, 4096, 4096 } };
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	transport_free(w->tap);
	transport_free(w->fake);
	loop_free(w->loop);
	return 0;
}

static void
test_shows_and_changes_nothing(void **state)
{
	struct world *w = *state;
	fake_add(w->fake,
	    &(struct fake_script){
		.head = "HTTP/1.1 200 OK\r\n\r\n", .chunks = { { 0, "abc", 0 }, { NS_PER_MS, "de", 0 } } });
	transport_start(w->tap, &w->request, &sink, w);
	loop_sim_advance(w->loop, NS_PER_SEC);
	assert_string_equal(w->shown, "request:9 head:19 body:3 body:2 complete:200 ");
	assert_string_equal(w->taken, "head:19 body:3 body:2 complete:1 ");
}

static void
test_cancel_reaches_the_other_side(void **state)
{
	struct world *w = *state;
	fake_add(w->fake, &(struct fake_script){ .connect_ns = FAKE_NEVER });
	struct transfer *transfer = transport_start(w->tap, &w->request, &sink, w);
	loop_sim_advance(w->loop, NS_PER_MS);
	transport_cancel(w->tap, transfer);
	loop_sim_advance(w->loop, 10 * NS_PER_SEC);
	assert_string_equal(w->shown, "request:9 ");
	assert_string_equal(w->taken, "");
	assert_int_equal(fake_in_flight(w->fake), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shows_and_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cancel_reaches_the_other_side, setup, teardown),
	};
	return cmocka_run_group_tests_name("tap", tests, NULL, NULL);
}
