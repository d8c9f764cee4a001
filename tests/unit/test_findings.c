/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every rule of finding.def is raised by some answer, and by that answer alone among the rules above info. Most have a
 * recording (an .expect below tests/data/dialect, held to their exact findings by test_replay); what takes a contract, a
 * baseline, time or several answers has its case here; what only documents say has a pair of them below tests/data/docs.
 */
#include "config.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/json.h"
#include "classify/classify.h"
#include "contract/baseline.h"
#include "contract/ledger.h"
#include "dialect/reader.h"
#include "file.h"

enum { SAMPLES = 5, TEXT_MAX = 1024 * 1024, ARENA_BYTES = 256 * 1024 };

#define JSON_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define EVENTS_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define USAGE(input, total) \
	",\"usage\":{\"prompt_tokens\":" input ",\"completion_tokens\":1,\"total_tokens\":" total "}}"
#define CHAT_OF(id, members, usage) \
	"{\"id\":\"" id "\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\"" members usage
#define CHAT(members) CHAT_OF("chatcmpl-1", members, USAGE("15", "16"))
#define CHOICE(members) \
	",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ok\"" members \
	"},\"finish_reason\":\"stop\"}]"
#define CHUNK(delta, finish) \
	"data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":" \
	"[{\"index\":0,\"delta\":{" delta "},\"finish_reason\":" finish "}]}\n\n"
#define VECTOR(numbers) \
	"{\"object\":\"list\",\"model\":\"m\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[" numbers \
	"]}],\"usage\":{\"prompt_tokens\":9,\"total_tokens\":9}}"
#define EIGHT "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8"
#define IMAGE(form) "{\"created\":1,\"data\":[{\"" form "\":\"eA==\"}]}"
#define ERROR(status, members) \
	"HTTP/1.1 " status "\r\nContent-Type: application/json\r\n\r\n{\"error\":{\"message\":\"no\"," members "}}"

static const char *codes[] = { "unauthorized" };
static const struct enum_spec enums[] = { { "$.error.code", codes, ARRAY_LEN(codes) } };
static const struct evidence evidence[] = { { .area = AREA_REQUEST, .status = EVIDENCE_DOCUMENTED } };

#define SYNC(name, where, family, before, after) \
	{ \
		.rule = RULE_##name, .path = where, .dialect = family, .learnt = before, .answer = after \
	}

/* What an answer raises beside the first answer, from which the baseline has learnt. */
static const struct rule_case {
	enum finding_rule rule;
	const char *path, *dialect;
	const char *learnt; /* NULL = no baseline */
	const char *answer;
	struct timeline at;
	bool stream;
} cases[] = {
	SYNC(ARRAY_BECAME_EMPTY, "$.tags", "openai-chat", JSON_HEAD "\r\n" CHAT(",\"tags\":[1]" CHOICE("")),
	    JSON_HEAD "\r\n" CHAT(",\"tags\":[]" CHOICE(""))),
	SYNC(FIELD_ADDED, "$.fresh", "openai-chat", JSON_HEAD "\r\n" CHAT(CHOICE("")),
	    JSON_HEAD "\r\n" CHAT(",\"fresh\":1" CHOICE(""))),
	SYNC(FIELD_REMOVED, "$.choices[].message.refusal", "openai-chat",
	    JSON_HEAD "\r\n" CHAT(CHOICE(",\"refusal\":null")), JSON_HEAD "\r\n" CHAT(CHOICE(""))),
	SYNC(HEADER_REMOVED, "header:x-request-id", "openai-chat", JSON_HEAD "X-Request-Id: 1\r\n\r\n" CHAT(CHOICE("")),
	    JSON_HEAD "\r\n" CHAT(CHOICE(""))),
	SYNC(BACKEND_CHANGED, "$.id", "openai-chat", JSON_HEAD "\r\n" CHAT_OF("gen-1", CHOICE(""), USAGE("15", "16")),
	    JSON_HEAD "\r\n" CHAT(CHOICE(""))),
	SYNC(PROMPT_TOKENS_CHANGED, "$.usage", "openai-chat",
	    JSON_HEAD "\r\n" CHAT_OF("chatcmpl-1", CHOICE(""), USAGE("14", "15")), JSON_HEAD "\r\n" CHAT(CHOICE(""))),
	SYNC(EMBEDDING_DIMENSION_CHANGED, "$.data[].embedding", "openai-embeddings",
	    JSON_HEAD "\r\n" VECTOR(EIGHT "," EIGHT), JSON_HEAD "\r\n" VECTOR(EIGHT ",0.9")),
	SYNC(IMAGE_FORM_CHANGED, "$.data[]", "openai-images", JSON_HEAD "\r\n" IMAGE("b64_json"),
	    JSON_HEAD "\r\n" IMAGE("url")),
	SYNC(IMAGE_FORM_CHANGED, "$.data[]", "openai-images", JSON_HEAD "\r\n" IMAGE("url"),
	    JSON_HEAD "\r\n" IMAGE("b64_json")),
	SYNC(ERROR_CODE_CHANGED, "$.error.code", "openai-chat", NULL,
	    ERROR("401 No", "\"type\":\"auth\",\"code\":\"invalid_key\"")),
	SYNC(PARAMETER_REFUSED, "$.max_tokens", "openai-chat", NULL,
	    ERROR("400 No", "\"type\":\"invalid_request_error\",\"param\":\"max_tokens\",\"code\":null")),
	SYNC(RETRY_AFTER_UNPARSABLE, "header:retry-after", "openai-chat", NULL,
	    "HTTP/1.1 429 Slow\r\nRetry-After: soon\r\nContent-Type: application/json\r\n\r\n"
	    "{\"error\":{\"message\":\"slow\",\"type\":\"rate_limit\",\"code\":null}}"),
	{ .rule = RULE_SSE_BUFFERED,
	    .path = "$",
	    .dialect = "openai-chat",
	    .answer = EVENTS_HEAD CHUNK("\"content\":\"a\"", "null") CHUNK("\"content\":\"b\"", "null")
		CHUNK("\"content\":\"c\"", "\"stop\"") "data: [DONE]\n\n",
	    .at = { .start = { NS_PER_SEC },
		.head = { NS_PER_SEC },
		.first_content = { 3 * NS_PER_SEC - 40 * NS_PER_MS },
		.last_content = { 3 * NS_PER_SEC },
		.end = { 3 * NS_PER_SEC } },
	    .stream = true },
};

/* What is not a burst. */
static const struct timeline calm[] = {
	{ .head = { NS_PER_SEC },
	    .first_content = { 2 * NS_PER_SEC },
	    .last_content = { 3 * NS_PER_SEC },
	    .end = { 3 * NS_PER_SEC } }, /* it trickles */
	{ .head = { NS_PER_SEC },
	    .first_content = { NS_PER_SEC + 1 },
	    .last_content = { NS_PER_SEC + 2 },
	    .end = { 3 * NS_PER_SEC } }, /* at once, and the stream stays open */
	{ .head = { 3 * NS_PER_SEC - 1 },
	    .first_content = { 3 * NS_PER_SEC },
	    .last_content = { 3 * NS_PER_SEC },
	    .end = { 3 * NS_PER_SEC } }, /* the head waits for the first token: short answers look like this */
	{ .head = { 0 },
	    .first_content = { 3 * NS_PER_SEC },
	    .last_content = { 3 * NS_PER_SEC },
	    .end = { 3 * NS_PER_SEC } },
};

/* ---- judging ---- */

static const struct expectation expectation = { .prompt_tokens_min = -1, .prompt_tokens_max = -1 };

struct bed {
	struct contract contract;
	struct arena arena;
};

static struct asked
ask(const struct bed *bed, const struct rule_case *row)
{
	return (struct asked){ .dialect = dialect_find(str_of(row->dialect)),
		.probe = row->stream ? PROBE_STREAM : PROBE_SYNC,
		.stream = row->stream,
		.model = STR("m"),
		.caps = { TEXT_MAX, TEXT_MAX, TEXT_MAX, TEXT_MAX },
		.expect = &expectation,
		.contract = &bed->contract };
}

/* Judges one answer; learns from it where there is something that learns. */
static struct findings
judge(struct bed *bed, const struct asked *asked, const char *text, const struct timeline *at, struct baseline *learns)
{
	struct reader reader;
	struct reply reply;
	struct head head;
	size_t head_len = head_length(str_of(text));
	assert_true(head_parse(str_span(text, head_len), &head));
	reader_init(&reader, asked, &reply, &bed->arena);
	reader_head(&reader, &head, (struct wall){ 0 });
	reader_feed(&reader, text + head_len, strlen(text) - head_len);
	reader_end(&reader);
	const struct exchange exchange = { .end = END_COMPLETE, .head_whole = true, .status = head.status, .at = *at };
	classify(&exchange, &reply, asked);
	if (learns) {
		assert_non_null(reply.shape);
		baseline_learn(learns, reply.shape);
	}
	struct findings findings = reply.findings;
	reader_done(&reader);
	reply_done(&reply);
	arena_reset(&bed->arena);
	return findings;
}

static struct findings
judge_case(struct bed *bed, const struct rule_case *row)
{
	struct asked asked = ask(bed, row);
	struct baseline *baseline = row->learnt ? baseline_new() : NULL;
	for (unsigned i = 0; baseline && i < SAMPLES; i++)
		judge(bed, &asked, row->learnt, &row->at, baseline);
	if (baseline)
		baseline_pin(baseline);
	asked.baseline = baseline;
	struct findings findings = judge(bed, &asked, row->answer, &row->at, NULL);
	baseline_free(baseline);
	return findings;
}

static int
set_up(void **state)
{
	static struct bed bed;
	bed.contract = (struct contract){ .name = "c",
		.enums = (struct enum_spec *)(uintptr_t)enums,
		.enum_count = ARRAY_LEN(enums),
		.evidence = (struct evidence *)(uintptr_t)evidence,
		.evidence_count = ARRAY_LEN(evidence),
		.baseline_mode = BASELINE_LEARN,
		.baseline_samples = SAMPLES };
	arena_init(&bed.arena, ARENA_BYTES);
	*state = &bed;
	return 0;
}

static int
tear_down(void **state)
{
	struct bed *bed = *state;
	arena_done(&bed->arena);
	return 0;
}

/* ---- the tests ---- */

static void
each_case_raises_its_rule_alone(void **state)
{
	struct bed *bed = *state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = judge_case(bed, &cases[i]);
		bool found = false;
		for (size_t j = 0; j < findings.count; j++) {
			const struct finding *finding = &findings.list[j];
			bool same = finding->rule == cases[i].rule && strcmp(finding->path, cases[i].path) == 0;
			found = found || same;
			if (!same && finding->severity > SEVERITY_INFO)
				fail_msg("case %zu, %s: also %s@%s", i, finding_rule_id(cases[i].rule),
				    finding_rule_id(finding->rule), finding->path);
		}
		if (!found)
			fail_msg("case %zu: no %s@%s", i, finding_rule_id(cases[i].rule), cases[i].path);
	}
}

/* The answers that the cases above differ from raise nothing above info. */
static void
what_was_learnt_raises_nothing(void **state)
{
	struct bed *bed = *state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rule_case row = cases[i];
		if (!row.learnt)
			continue;
		row.answer = row.learnt;
		struct findings findings = judge_case(bed, &row);
		if (findings.by_severity[SEVERITY_WARNING] + findings.by_severity[SEVERITY_BREAKING] > 0)
			fail_msg("case %zu: %s", i, finding_rule_id(findings.list[0].rule));
	}
}

static void
calm_streams_are_no_burst(void **state)
{
	struct bed *bed = *state;
	struct rule_case row = cases[ARRAY_LEN(cases) - 1];
	assert_int_equal(row.rule, RULE_SSE_BUFFERED);
	for (size_t i = 0; i < ARRAY_LEN(calm); i++) {
		row.at = calm[i];
		struct findings findings = judge_case(bed, &row);
		if (findings_has(&findings, RULE_SSE_BUFFERED))
			fail_msg("calm[%zu]", i);
	}
}

static bool
is_above_info(struct str id)
{
	return finding_rule_severity(finding_rule_from_id(id)) > SEVERITY_INFO;
}

/* Marks the rules that a recording raises without another one above info. */
static void
mark_recording(const char *path, bool raised[RULE_COUNT])
{
	auto_buf struct buf text = BUF_INIT(64 * 1024);
	assert_true(file_read(path, &text));
	auto_json struct json root = JSON_NOTHING;
	assert_int_equal(json_parse(buf_view(&text), JSON_DEPTH_MAX, &root), JSON_FINE);
	struct json list = json_get(root, "findings");
	size_t above = 0;
	for (size_t i = 0; i < json_count(list); i++)
		above += is_above_info(json_str(json_at(list, i)));
	for (size_t i = 0; i < json_count(list); i++) {
		struct str id = json_str(json_at(list, i));
		enum finding_rule rule = finding_rule_from_id(id);
		if (rule != RULE_COUNT && above <= is_above_info(id))
			raised[rule] = true;
	}
}

/* Marks the rule that a pair of documents raises alone: `expected` in tests/data/docs, held to its findings by
 * test_docs. */
static void
mark_documents(const char *path, bool raised[RULE_COUNT])
{
	auto_buf struct buf text = BUF_INIT(64 * 1024);
	assert_true(file_read(path, &text));
	struct str rest = buf_view(&text);
	enum finding_rule rule = RULE_COUNT;
	size_t findings = 0;
	while (rest.at) {
		struct str line = str_split(&rest, '\n');
		if (!str_eq(str_split(&line, ' '), STR("finding:")))
			continue;
		rule = finding_rule_from_id(str_split(&line, ' '));
		assert_int_not_equal(rule, RULE_COUNT);
		findings++;
	}
	if (findings == 1)
		raised[rule] = true;
}

/* Calls mark with each file that the pattern below the tests' data finds; there is one at least. */
static void
mark_files(const char *below, void (*mark)(const char *path, bool raised[RULE_COUNT]), bool raised[RULE_COUNT])
{
	const char *data = getenv("TEST_DATA");
	char pattern[512];
	snprintf(pattern, sizeof(pattern), "%s/%s", data ? data : "tests/data", below);
	glob_t found = { 0 };
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		mark(found.gl_pathv[i], raised);
	globfree(&found);
}

static void
every_rule_has_its_answer(void **state)
{
	(void)state;
	bool raised[RULE_COUNT] = {
		/* test_ledger: they take two answers, or the provider's list */
		[RULE_USAGE_DIFFERS_BY_MODE] = true,
		[RULE_FINISH_REASON_DIFFERS_BY_MODE] = true,
		[RULE_MODEL_UNLISTED] = true,
	};
	mark_files("dialect/*/*.expect", mark_recording, raised);
	mark_files("docs/*/expected", mark_documents, raised);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		raised[cases[i].rule] = true;
	for (unsigned i = 0; i < RULE_COUNT; i++)
		if (!raised[i])
			fail_msg("no answer raises %s alone", finding_rule_id((enum finding_rule)i));
}

int
main(void)
{
#define WITH_BED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_BED(each_case_raises_its_rule_alone),
		WITH_BED(what_was_learnt_raises_nothing),
		WITH_BED(calm_streams_are_no_burst),
		cmocka_unit_test(every_rule_has_its_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
