/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"

/* Each event as name|data; with a ~ in front when it was unfinished. */
static void
note(void *arg, const struct sse_event *event, bool unfinished)
{
	struct buf *notes = arg;
	buf_printf(notes, "%s%.*s|%.*s;", unfinished ? "~" : "", STR_ARG(event->name), STR_ARG(event->data));
}

static const struct {
	const char *stream, *events;
	bool fragment, broken;
	unsigned comments;
} cases[] = {
	{ "data: a\n\ndata: b\n\n", "|a;|b;", false, false, 0 },
	{ "data:a\r\n\r\ndata:b\r\rdata: c\n\n", "|a;|b;|c;", false, false, 0 },
	{ "\xEF\xBB\xBF"
	  "data: a\n\n",
	    "|a;", false, false, 0 },
	{ "event: x\ndata: a\ndata: b\n\n", "x|a\nb;", false, false, 0 },
	{ ": PING\n\n:\n\ndata: a\n\n", "|a;", false, false, 2 },
	{ "event: ping\n\ndata:  two\n\n", "| two;", false, false, 0 },
	{ "data\n\ndata:\n\n", "|;|;", false, false, 0 },
	{ "id: 1\nretry: 5\nfoo: bar\ndata: a\n\n", "|a;", false, false, 0 },
	{ "data: a\n\ndata: b", "|a;~|b;", false, false, 0 },
	{ "data: a\n\ndata: b\n", "|a;~|b;", false, false, 0 },
	{ "data: a\n\ndat", "|a;", true, false, 0 },
	{ "data: a\n\nevent: done\n", "|a;", true, false, 0 },
	{ "data: a\n\nevent: done", "|a;", true, false, 0 },
	{ "data: a\n\n: ping", "|a;", false, false, 0 },
	{ "data: a\n\n{\"error\":1}\n\ndata: b\n\n", "|a;|b;", false, true, 0 },
	{ "data : a\n\n", "", false, true, 0 },
	{ "data: \xC3\x28\n\n", "|\xC3\x28;", false, true, 0 },
	{ "", "", false, false, 0 },
};

struct result {
	struct buf notes;
	bool fragment, broken, fed;
	unsigned comments;
};

/* Feeds the stream in two or three pieces, cut at the given places. */
static void
run(struct result *result, struct str stream, size_t cut1, size_t cut2)
{
	struct sse sse;
	buf_reset(&result->notes);
	sse_init(&sse, 256, 256, note, &result->notes);
	result->fed = sse_feed(&sse, stream.at, cut1) && sse_feed(&sse, stream.at + cut1, cut2 - cut1) &&
	    sse_feed(&sse, stream.at + cut2, stream.len - cut2);
	result->fragment = sse_end(&sse);
	result->broken = sse.broken_framing;
	result->comments = sse.comments;
	sse_done(&sse);
}

static void
any_split_gives_the_same_events(void **state)
{
	(void)state;
	struct result result = { .notes = BUF_INIT(4096) };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str stream = str_of(cases[i].stream);
		for (size_t cut1 = 0; cut1 <= stream.len; cut1++) {
			for (size_t cut2 = cut1; cut2 <= stream.len; cut2++) {
				run(&result, stream, cut1, cut2);
				assert_true(result.fed);
				if (strcmp(buf_cstr(&result.notes), cases[i].events) != 0)
					fail_msg(
					    "case %zu cut at %zu and %zu: %s", i, cut1, cut2, buf_cstr(&result.notes));
				assert_int_equal(result.fragment, cases[i].fragment);
				assert_int_equal(result.broken, cases[i].broken);
				assert_int_equal(result.comments, cases[i].comments);
			}
		}
	}
	buf_done(&result.notes);
}

static void
caps_hold(void **state)
{
	(void)state;
	struct result result = { .notes = BUF_INIT(1 << 16) };
	char line[400] = "data: ";
	memset(line + 6, 'x', sizeof(line) - 6);
	run(&result, str_span(line, sizeof(line)), 10, 300); /* a line over its cap, its end never seen */
	assert_false(result.fed);
	line[sizeof(line) - 1] = '\n';
	run(&result, str_span(line, sizeof(line)), 0, 0); /* the same in one piece */
	assert_false(result.fed);
	char lines[3 * 200];
	for (size_t i = 0; i < 3; i++) {
		memcpy(lines + i * 200, line, 199);
		lines[i * 200 + 199] = '\n';
	}
	run(&result, str_span(lines, sizeof(lines)), 0, 0); /* each line fits, the event does not */
	assert_false(result.fed);
	assert_string_equal(buf_cstr(&result.notes), "");
	buf_done(&result.notes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_split_gives_the_same_events),
		cmocka_unit_test(caps_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
