/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/check.h"

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
#include "contract/active.h"
#include "contract/baseline.h"

#define KIND(k) (1U << JSON_##k)

static struct json
parse(const char *text)
{
	struct json root;
	if (json_parse(str_of(text), JSON_DEPTH_MAX, &root) != JSON_FINE)
		fail_msg("no JSON: %s", text);
	return root;
}

/* "rule@path rule@path" in the order in which they were found. */
static const char *
told(const struct findings *findings)
{
	static char text[2048];
	text[0] = '\0';
	for (size_t i = 0; i < findings->count; i++) {
		size_t len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "%s%s@%s", i ? " " : "",
		    finding_rule_id(findings->list[i].rule), findings->list[i].path);
	}
	return text;
}

static struct field_spec required[] = {
	{ "$.id", KIND(STRING) },
	{ "$.choices[].message.content", KIND(STRING) | KIND(NULL) },
	{ "$.choices[].finish_reason", KIND(STRING) },
	{ "$.created", KIND(INT) },
};
static struct field_spec optional[] = { { "$.service_tier", KIND(STRING) } };
static struct field_spec stream_required[] = { { "$.choices[].delta", KIND(OBJECT) },
	{ "$.usage.total_tokens", KIND(INT) } };
static struct field_spec error_required[] = { { "$.error.message", KIND(STRING) } };
static const char *finishes[] = { "stop", "length" };
static struct enum_spec enums[] = { { "$.choices[].finish_reason", finishes, 2 } };
static const struct contract contract = {
	.name = "chat",
	.required = { required, ARRAY_LEN(required) },
	.optional = { optional, ARRAY_LEN(optional) },
	.stream_required = { stream_required, ARRAY_LEN(stream_required) },
	.error_required = { error_required, ARRAY_LEN(error_required) },
	.enums = enums,
	.enum_count = ARRAY_LEN(enums),
};

static void
bodies_are_held_against_the_contract(void **state)
{
	(void)state;
#define REST "\"created\":1,\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"ok\"}}]"
	static const struct {
		const char *body, *findings;
	} cases[] = {
		{ "{\"id\":\"x\"," REST "}", "" },
		{ "{\"id\":\"x\",\"service_tier\":null," REST "}", "" },
		{ "{\"id\":\"x\",\"service_tier\":7," REST "}", "field-type-changed@$.service_tier" },
		{ "{" REST "}", "id-missing@$.id" },
		{ "{\"id\":5," REST "}", "id-missing@$.id" },
		{ "{\"id\":\"x\",\"created\":null,\"choices\":[]}", "field-became-null@$.created" },
		{ "{\"id\":\"x\",\"created\":1.5,\"choices\":[]}", "field-type-changed@$.created" },
		{ "{\"id\":\"x\",\"created\":1,\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":null}}]}",
		    "" },
		{ "{\"id\":\"x\",\"created\":1,\"choices\":[{\"finish_reason\":\"stop\",\"message\":{}}]}",
		    "required-field-missing@$.choices[].message.content" },
		{ "{\"id\":\"x\",\"created\":1,\"choices\":[{\"message\":{\"content\":\"a\"}}]}",
		    "finish-reason-missing@$.choices[].finish_reason" },
		{ "{\"id\":\"x\",\"created\":1,\"choices\":[{\"finish_reason\":\"eos\",\"message\":{\"content\":\"a\"}}]}",
		    "enum-value-unknown@$.choices[].finish_reason" },
		{ "{\"id\":\"x\",\"created\":1}",
		    "required-field-missing@$.choices[].message.content finish-reason-missing@$.choices[].finish_reason" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { 0 };
		auto_json struct json root = parse(cases[i].body);
		check_body(&contract, root, &findings);
		if (strcmp(told(&findings), cases[i].findings) != 0)
			fail_msg("%s: %s", cases[i].body, told(&findings));
	}
}

static void
a_stream_has_its_fields_somewhere(void **state)
{
	(void)state;
	struct findings findings = { 0 };
	uint64_t seen = 0;
	auto_json struct json chunk = parse("{\"choices\":[{\"delta\":{}}]}");
	auto_json struct json tail = parse("{\"choices\":[],\"usage\":{\"total_tokens\":3}}");
	check_event(&contract, chunk, &seen, &findings);
	check_event(&contract, tail, &seen, &findings);
	check_stream_end(&contract, seen, &findings);
	assert_string_equal(told(&findings), "");
	seen = 0;
	check_event(&contract, chunk, &seen, &findings);
	check_stream_end(&contract, seen, &findings);
	assert_string_equal(told(&findings), "required-field-missing@$.usage.total_tokens");
	auto_json struct json odd = parse("{\"choices\":[{\"delta\":\"x\"}]}");
	check_event(&contract, odd, &seen, &findings);
	assert_true(findings_has(&findings, RULE_FIELD_TYPE_CHANGED));
}

static void
error_bodies_too(void **state)
{
	(void)state;
	struct findings findings = { 0 };
	auto_json struct json good = parse("{\"error\":{\"message\":\"x\"}}");
	auto_json struct json bad = parse("{\"error\":\"x\"}");
	check_error(&contract, good, &findings);
	assert_string_equal(told(&findings), "");
	check_error(&contract, bad, &findings);
	assert_string_equal(told(&findings), "error-envelope-changed@$.error.message");
}

static void
severities_are_the_operators(void **state)
{
	(void)state;
	struct severity_rule rules[] = { { RULE_FIELD_ADDED, true, SEVERITY_INFO },
		{ RULE_MODEL_MISMATCH, false, SEVERITY_BREAKING } };
	struct contract own = { .severity = rules, .severity_count = ARRAY_LEN(rules) };
	struct findings findings = { 0 };
	findings_add(&findings, RULE_FIELD_ADDED, SOURCE_BASELINE, STR("$.a"));
	findings_add(&findings, RULE_MODEL_MISMATCH, SOURCE_CONTRACT, STR("$.model"));
	contract_grade(&own, &findings);
	assert_string_equal(told(&findings), "model-mismatch@$.model");
	assert_int_equal(findings.by_severity[SEVERITY_BREAKING], 1);
	assert_int_equal(findings.by_severity[SEVERITY_INFO], 0);
	contract_grade(NULL, &findings);
	assert_int_equal(findings.count, 1);
}

static void
acknowledgements_end(void **state)
{
	(void)state;
	struct acknowledgement acks[] = { { "chat", RULE_MODEL_MISMATCH, "$.model", 100, "alias" } };
	struct contract own = { .acknowledgements = acks, .acknowledgement_count = 1 };
	struct finding finding = { .rule = RULE_MODEL_MISMATCH, .path = "$.model" };
	struct finding elsewhere = { .rule = RULE_MODEL_MISMATCH, .path = "$.x" };
	assert_true(contract_acknowledges(&own, "chat", &finding, 100));
	assert_false(contract_acknowledges(&own, "chat", &finding, 101));
	assert_false(contract_acknowledges(&own, "other", &finding, 100));
	assert_false(contract_acknowledges(&own, "chat", &elsewhere, 100));
	assert_false(contract_acknowledges(NULL, "chat", &finding, 100));
}

/* ---- baselines ---- */

static void
shape_of(struct shape *shape, struct arena *arena, const char *text)
{
	auto_json struct json root = parse(text);
	shape_init(shape, arena);
	shape_add(shape, root);
	shape_add_header(shape, STR("X-Request-Id"));
	shape_finish(shape);
}

#define SAMPLE(more) \
	"{\"id\":\"chatcmpl-A\",\"n\":1,\"list\":[{\"a\":1}],\"tags\":[],\"opt\":null,\"usage\":{\"p\":1}" more "}"

static struct baseline *
learnt(struct arena *arena)
{
	struct baseline *baseline = baseline_new();
	struct shape shape;
	for (int i = 0; i < 5; i++) {
		shape_of(&shape, arena, i == 2 ? SAMPLE(",\"rare\":true") : SAMPLE(""));
		baseline_learn(baseline, &shape);
	}
	baseline_pin(baseline);
	return baseline;
}

static void
answers_are_held_against_the_baseline(void **state)
{
	(void)state;
	static const struct {
		const char *body, *findings;
	} cases[] = {
		{ SAMPLE(""), "" },
		{ SAMPLE(",\"rare\":false"), "" },
		{ SAMPLE(",\"fresh\":{\"deep\":1}"), "field-added@$.fresh" },
		{ SAMPLE(",\"rare\":null"), "" }, /* it was absent at times: null is no news */
		{ "{\"id\":\"chatcmpl-A\",\"n\":null,\"list\":[{\"a\":1}],\"tags\":[],\"opt\":null,\"usage\":{\"p\":1}}",
		    "field-became-null@$.n" },
		{ SAMPLE(",\"rare\":\"yes\""), "field-type-changed@$.rare" },
		{ "{\"id\":\"chatcmpl-A\",\"list\":[{\"a\":1}],\"tags\":[],\"opt\":null,\"usage\":{\"p\":1}}",
		    "field-removed@$.n" },
		{ "{\"id\":\"chatcmpl-A\",\"n\":1.5,\"list\":[{\"a\":1}],\"tags\":[\"x\"],\"opt\":\"now\",\"usage\":{\"p\":1}}",
		    "" },
		{ "{\"id\":\"chatcmpl-A\",\"n\":1,\"list\":[],\"tags\":[],\"opt\":null,\"usage\":{\"p\":1}}",
		    "array-became-empty@$.list" },
		{ "{\"id\":\"chatcmpl-A\",\"n\":1,\"list\":[{}],\"tags\":[],\"opt\":null,\"usage\":{\"p\":1}}",
		    "field-removed@$.list[].a" },
		{ "{\"id\":\"gen-7\",\"n\":1,\"list\":[{\"a\":1}],\"tags\":[],\"opt\":null,\"usage\":{\"p\":1}}",
		    "backend-changed@$.id" },
		{ "{\"id\":\"chatcmpl-A\",\"n\":1,\"list\":[{\"a\":1}],\"tags\":[],\"opt\":null,\"usage\":{\"p\":1,\"q\":2}}",
		    "backend-changed@$.usage.q" },
		{ "{\"id\":\"chatcmpl-A\",\"n\":1,\"list\":[{\"a\":1}],\"tags\":[],\"opt\":null,\"usage\":null}", "" },
		{ "{\"id\":\"chatcmpl-A\",\"n\":1,\"list\":[{\"a\":1}],\"tags\":[],\"opt\":null}", "" },
	};
	struct arena arena;
	arena_init(&arena, 1 << 20);
	struct baseline *baseline = learnt(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { 0 };
		struct shape shape;
		shape_of(&shape, &arena, cases[i].body);
		baseline_compare(baseline, &shape, NULL, &findings);
		if (strcmp(told(&findings), cases[i].findings) != 0)
			fail_msg("%s: %s", cases[i].body, told(&findings));
	}
	baseline_free(baseline);
	arena_done(&arena);
}

static void
baselines_survive_the_disk_or_say_why_not(void **state)
{
	(void)state;
	struct arena arena;
	const char *why = "";
	arena_init(&arena, 1 << 20);
	struct baseline *baseline = learnt(&arena);
	auto_buf struct buf text = BUF_INIT(1 << 16);
	auto_buf struct buf again = BUF_INIT(1 << 16);
	assert_true(baseline_save(baseline, &text));
	struct baseline *copy = baseline_load(buf_view(&text), &why);
	assert_non_null(copy);
	assert_true(baseline_is_pinned(copy));
	assert_int_equal(baseline_samples(copy), 5);
	assert_true(baseline_save(copy, &again));
	assert_true(str_eq(buf_view(&text), buf_view(&again)));
	baseline_free(copy);

	for (size_t cut = 0; cut + 2 < text.len; cut += 7)
		assert_null(baseline_load(str_span(text.at, cut), &why));
	const char *at = strstr(buf_cstr(&text), "\"samples\":5");
	if (!at)
		fail();
	else
		text.at[at - text.at + 10] = '4';
	assert_null(baseline_load(buf_view(&text), &why));
	assert_string_equal(why, "is corrupt");
	assert_null(baseline_load(STR("{\"format\":\"cometcanary-baseline\",\"version\":2}\n0\n"), &why));
	assert_string_equal(why, "was written by a newer version");
	assert_null(baseline_load(STR("{\"format\":\"cometcanary-baseline\",\"version\":0}\n0\n"), &why));
	assert_null(baseline_load(STR("gibberish"), &why));
	baseline_free(baseline);
	arena_done(&arena);
}

static void
hostile_shapes_are_compared_with_nothing(void **state)
{
	(void)state;
	struct arena arena;
	struct findings findings = { 0 };
	arena_init(&arena, 1 << 20);
	struct baseline *baseline = learnt(&arena);
	auto_buf struct buf wide = BUF_INIT(1 << 20);
	buf_char(&wide, '{');
	for (int i = 0; i < 2000; i++)
		buf_printf(&wide, "%s\"k%d\":1", i ? "," : "", i);
	buf_char(&wide, '}');
	struct shape shape;
	shape_of(&shape, &arena, buf_cstr(&wide));
	assert_true(shape.incomplete);
	baseline_compare(baseline, &shape, NULL, &findings);
	assert_int_equal(findings.count, 0);
	baseline_free(baseline);
	arena_done(&arena);
}

static void
the_hash_of_a_shape_is_stable(void **state)
{
	(void)state;
	struct arena arena;
	struct shape one, two, three;
	arena_init(&arena, 1 << 20);
	shape_of(&one, &arena, "{\"a\":1,\"b\":[{\"c\":\"x\"}]}");
	shape_of(&two, &arena, "{\"b\":[{\"c\":\"y\"},{\"c\":\"z\"}],\"a\":2.5}");
	shape_of(&three, &arena, "{\"b\":[{\"c\":\"y\"}],\"a\":\"2\"}");
	assert_true(shape_hash(&one) == shape_hash(&two));
	assert_true(shape_hash(&one) != shape_hash(&three));
	arena_done(&arena);
}

/* ---- what is active ---- */

/* One letter a run: b a breaking finding, w a warning, . nothing. What is active after each run, as 0 and 1. */
static void
play(const char *runs, const char *want)
{
	struct active_set set = { 0 };
	char got[32] = "";
	for (size_t i = 0; runs[i]; i++) {
		struct findings findings = { 0 };
		if (runs[i] != '.')
			findings_add(&findings, runs[i] == 'b' ? RULE_ID_MISSING : RULE_MODEL_MISMATCH, SOURCE_DIALECT,
			    STR("$.x"));
		active_update(&set, &findings, ACTIVE_LOOKED_AT_ALL, (struct wall){ (int64_t)i + 1 });
		bool active = false;
		for (size_t n = 0; n < set.count; n++)
			active = active || set.items[n].active;
		got[i] = active ? '1' : '0';
	}
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s, want %s", runs, got, want);
	active_done(&set);
}

static void
findings_have_hysteresis(void **state)
{
	(void)state;
	play("b...", "1110");
	play("b..b...", "1111110");
	play("w....w", "000000");
	play("w...w", "00001");
	play("ww...", "01110");
	play("w.w.w....", "001111100");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_held_against_the_contract),
		cmocka_unit_test(a_stream_has_its_fields_somewhere),
		cmocka_unit_test(error_bodies_too),
		cmocka_unit_test(severities_are_the_operators),
		cmocka_unit_test(acknowledgements_end),
		cmocka_unit_test(answers_are_held_against_the_baseline),
		cmocka_unit_test(baselines_survive_the_disk_or_say_why_not),
		cmocka_unit_test(hostile_shapes_are_compared_with_nothing),
		cmocka_unit_test(the_hash_of_a_shape_is_stable),
		cmocka_unit_test(findings_have_hysteresis),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
