/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/baseline.h"

#include "base/arena.h"
#include "base/attr.h"
#include "contract/check.h"

#include "fuzz.h"

/* Two documents, one a line: what is learnt from the first is held against both. Properties: an answer never differs from
 * what was learnt from it alone; a baseline that was saved is read back the same; no document breaks a contract's checks. */

enum { ARENA_BYTES = 1 << 20, TEXT_BYTES = 1 << 20 };

#define KIND(k) (1U << JSON_##k)

static struct field_spec fields[] = {
	{ "$.id", KIND(STRING) },
	{ "$.choices[].message.content", KIND(STRING) | KIND(NULL) },
	{ "$.data[].embedding[]", KIND(INT) | KIND(REAL) },
	{ "$[][].x", KIND(OBJECT) },
};
static const char *values[] = { "stop", "" };
static struct enum_spec enums[] = { { "$.choices[].finish_reason", values, 2 } };
static const struct contract contract = {
	.name = "fuzz",
	.required = { fields, ARRAY_LEN(fields) },
	.optional = { fields, 2 },
	.stream_required = { fields, ARRAY_LEN(fields) },
	.error_required = { fields, 1 },
	.enums = enums,
	.enum_count = 1,
};

static void
check_all(struct json root)
{
	static struct findings findings;
	uint64_t seen = 0;
	findings = (struct findings){ 0 };
	check_body(&contract, root, &findings);
	check_error(&contract, root, &findings);
	check_event(&contract, root, &seen, &findings);
	check_stream_end(&contract, seen, &findings);
	contract_grade(&contract, &findings);
	FUZZ_REQUIRE(findings.count <= FINDINGS_MAX);
}

static void
save_and_load(const struct baseline *baseline)
{
	const char *why = NULL;
	auto_buf struct buf text = BUF_INIT(TEXT_BYTES);
	auto_buf struct buf again = BUF_INIT(TEXT_BYTES);
	if (!baseline_save(baseline, &text))
		return;
	struct baseline *copy = baseline_load(buf_view(&text), &why);
	FUZZ_REQUIRE(copy);
	FUZZ_REQUIRE(baseline_save(copy, &again));
	FUZZ_REQUIRE(str_eq(buf_view(&text), buf_view(&again)));
	baseline_free(copy);
}

static void
make_shape(struct shape *shape, struct arena *arena, struct json root)
{
	shape_init(shape, arena);
	shape_add(shape, root);
	shape_finish(shape);
}

static void
compare(struct json first, struct json second)
{
	static struct findings findings;
	struct arena arena;
	struct shape learnt, other;
	arena_init(&arena, ARENA_BYTES);
	make_shape(&learnt, &arena, first);
	make_shape(&other, &arena, second);
	struct baseline *baseline = baseline_new();
	baseline_learn(baseline, &learnt);
	baseline_pin(baseline);
	findings = (struct findings){ 0 };
	baseline_compare(baseline, &learnt, &contract, &findings);
	FUZZ_REQUIRE(findings.count == 0);
	baseline_compare(baseline, &other, &contract, &findings);
	save_and_load(baseline);
	baseline_free(baseline);
	arena_done(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	struct str rest = str_span((const char *)data, size);
	baseline_free(baseline_load(rest, &why));
	struct str line = str_split(&rest, '\n');
	auto_json struct json first = JSON_NOTHING;
	auto_json struct json second = JSON_NOTHING;
	if (json_parse(line, JSON_DEPTH_MAX, &first) != JSON_FINE)
		return 0;
	check_all(first);
	if (rest.at && json_parse(rest, JSON_DEPTH_MAX, &second) == JSON_FINE)
		check_all(second);
	compare(first, second);
	return 0;
}
