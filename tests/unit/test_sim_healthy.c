/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Healthy answers of the simulator, varied as those of a healthy provider may be, raise no alarm: our own requests, in
 * all dialects, sync and stream, answered in this process. `HEALTHY_ANSWERS=100000 tests/unit/test_sim_healthy` is the
 * proof in full. Framing and content codings are left to the transport and its tests.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/loop.h"
#include "healthy_bed.h"
#include "request/build.h"
#include "sim/http.h"
#include "sim/output.h"
#include "sim/respond.h"
#include "sim/sim.h"

enum { ANSWERS = 12000, PROFILES = 4, REQUEST_ROOM = 256 * 1024 };

#define START ((struct wall){ INT64_C(1795341600) * US_PER_SEC })

static const struct healthy_family families[] = {
	{ "openai-chat", "gpt-5.4-mini", "/v1/chat/completions", true },
	{ "openai-responses", "gpt-5.4-mini", "/v1/responses", true },
	{ "anthropic-messages", "claude-haiku-4-5-20251001", "/v1/messages", true },
	{ "gemini", "gemini-2.5-flash", "/v1beta/models/{model}:generateContent", true },
	{ "openai-embeddings", "text-embedding-3-small", "/v1/embeddings", false },
	{ "openai-images", "gpt-image-2", "/v1/images/generations", false },
	{ "openai-models", NULL, "/v1/models", false },
	{ "json-get", NULL, "/api/models", false },
};

/* As HTTP/1.0 and without a coding, so that the body comes as it is; with the key where each profile looks for it. */
static void
write_request(struct healthy_bed *bed, const struct healthy_question *question, struct buf *out)
{
	struct request request;
	assert_int_equal(request_build(question->endpoint, &question->asked, STR("run"), &bed->arena, &request), 0);
	buf_printf(out, "%s %s HTTP/1.0\r\n%s\r\nX-Api-Key: k\r\nX-Goog-Api-Key: k\r\n",
	    request.method == HTTP_POST ? "POST" : "GET", request.url + strlen(question->endpoint->provider->base_url),
	    request.secret_header);
	for (size_t i = 0; i < request.header_count; i++)
		buf_printf(out, "%s\r\n", request.headers[i]);
	buf_printf(out, "Content-Length: %zu\r\n\r\n", request.body.len);
	buf_str(out, request.body);
	request_done(&request);
}

static void
ask(struct sim *sim, struct healthy_bed *bed, struct output *output)
{
	auto_buf struct buf text = BUF_INIT(REQUEST_ROOM);
	struct http_request request;
	size_t used;
	uint64_t sequence;
	write_request(bed, healthy_next(bed), &text);
	assert_int_equal(http_parse(text.at, text.len, &request, &used), HTTP_WHOLE);
	respond(sim, &request, output, &sequence);
	assert_int_equal(output->end, OUTPUT_CLOSE);
}

static void
ask_one(struct sim *sim, struct healthy_bed *bed, struct wall now)
{
	struct output output;
	output_init(&output);
	ask(sim, bed, &output);
	struct str bytes = buf_view(&output.bytes);
	const char *blank = memmem(bytes.at, bytes.len, "\r\n\r\n", 4);
	assert_non_null(blank);
	size_t head_len = (size_t)(blank + 4 - bytes.at);
	healthy_judge(bed, str_span(bytes.at, head_len), str_span(bytes.at + head_len, bytes.len - head_len), now);
	output_done(&output);
}

static void
healthy_answers_raise_nothing(const char *profile, uint64_t seed)
{
	struct healthy_bed bed;
	struct loop *loop = loop_sim_new((struct mono){ 1 }, START);
	const struct sim_options options = { .seed = seed, .profile = profile, .any_key = true, .vary = true };
	auto_buf struct buf error = BUF_INIT(1024);
	struct sim *sim = sim_new(loop, &options, &error);
	assert_non_null(sim);
	healthy_begin(&bed, families, ARRAY_LEN(families));
	for (uint64_t wanted = healthy_wanted(ANSWERS) / PROFILES; wanted > 0; wanted--) {
		ask_one(sim, &bed, loop_wall(loop));
		loop_sim_advance(loop, NS_PER_SEC);
	}
	healthy_end(&bed);
	sim_free(sim);
	loop_free(loop);
}

static void
of_the_gateway(void **state)
{
	(void)state;
	healthy_answers_raise_nothing("comet", 1);
}

static void
of_the_makers(void **state)
{
	(void)state;
	healthy_answers_raise_nothing("openai", 2);
	healthy_answers_raise_nothing("anthropic", 3);
	healthy_answers_raise_nothing("gemini", 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_gateway),
		cmocka_unit_test(of_the_makers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
