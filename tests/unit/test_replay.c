/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded responses with their expected verdicts: tests/data/dialect/DIALECT/NAME.http beside NAME.expect. An .expect
 * is a JSON object: "probe", "usage_contract", "model", "max_tokens", "output" say what was asked (all optional), every
 * other member is compared with the member of that name in the verdict; "findings" is the exact set of rules.
 */
#include "config.h"

#include "app/replay.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/pattern.h"
#include "model/dialect.h"
#include "file.h"

struct fixture {
	char path[512];
	struct buf expect_text, verdict_text;
	struct json expect, verdict;
	char model[128], image_form[16];
	struct asked asked;
	struct expectation expectation;
	struct buf complaints;
};

static const struct dialect *
dialect_of(const char *path)
{
	struct str rest = str_of(strstr(path, "/dialect/") + strlen("/dialect/"));
	return dialect_find(str_split(&rest, '/'));
}

static enum usage_contract
usage_contract_of(struct str name)
{
	if (str_eq(name, STR("documented")))
		return USAGE_DOCUMENTED;
	return str_eq(name, STR("none")) ? USAGE_NONE : USAGE_OPTIONAL;
}

static void
set_asked(struct fixture *f)
{
	struct str probe = json_str(json_get(f->expect, "probe"));
	struct str model = json_str(json_get(f->expect, "model"));
	struct str image_form = json_str(json_get(f->expect, "image_form"));
	snprintf(f->model, sizeof(f->model), "%.*s", STR_ARG(model));
	snprintf(f->image_form, sizeof(f->image_form), "%.*s", STR_ARG(image_form));
	f->expectation = replay_default_expectation;
	f->expectation.usage = usage_contract_of(json_str(json_get(f->expect, "usage_contract")));
	struct str output = json_str(json_get(f->expect, "output"));
	char error[128];
	size_t offset;
	if (output.at)
		f->expectation.output = pattern_new(output.at, error, sizeof(error), &offset);
	f->asked = (struct asked){
		.dialect = dialect_of(f->path),
		.probe = probe.at ? probe_from_name(probe) : PROBE_SYNC,
		.stream = str_eq(probe, STR("stream")),
		.model = model.at ? str_of(f->model) : STR_NONE,
		.max_tokens = json_int(json_get(f->expect, "max_tokens")),
		.base64 = json_truth(json_get(f->expect, "base64")),
		.dimensions = json_int(json_get(f->expect, "dimensions")),
		.image_form = image_form.at ? f->image_form : NULL,
		.caps = replay_default_caps,
		.expect = &f->expectation,
	};
	assert_non_null(f->asked.dialect);
	assert_int_not_equal(f->asked.probe, PROBE_COUNT);
}

static void
print_value(struct buf *out, struct json value)
{
	if (value.kind == JSON_STRING)
		buf_str(out, json_str(value));
	else if (value.kind == JSON_INT)
		buf_printf(out, "%lld", (long long)json_int(value));
	else
		buf_text(out, json_kind_name(value.kind));
}

static void
compare(struct fixture *f, const char *name, struct json want, struct json got)
{
	auto_buf struct buf wanted = BUF_INIT(4096);
	auto_buf struct buf gotten = BUF_INIT(4096);
	print_value(&wanted, want);
	print_value(&gotten, got);
	if (!str_eq(buf_view(&wanted), buf_view(&gotten)))
		buf_printf(
		    &f->complaints, "%s: %s is %s, want %s\n", f->path, name, buf_cstr(&gotten), buf_cstr(&wanted));
}

static bool
has_rule(struct json findings, struct str rule)
{
	for (size_t i = 0; i < json_count(findings); i++) {
		struct json item = json_at(findings, i);
		struct str id = item.kind == JSON_STRING ? json_str(item) : json_str(json_get(item, "rule"));
		if (str_eq(id, rule))
			return true;
	}
	return false;
}

static void
compare_findings(struct fixture *f)
{
	struct json want = json_get(f->expect, "findings"), got = json_get(f->verdict, "findings");
	for (size_t i = 0; i < json_count(want); i++)
		if (!has_rule(got, json_str(json_at(want, i))))
			buf_printf(&f->complaints, "%s: no %.*s\n", f->path, STR_ARG(json_str(json_at(want, i))));
	for (size_t i = 0; i < json_count(got); i++) {
		struct str rule = json_str(json_get(json_at(got, i), "rule"));
		struct str at = json_str(json_get(json_at(got, i), "path"));
		if (!has_rule(want, rule))
			buf_printf(
			    &f->complaints, "%s: unexpected %.*s at %.*s\n", f->path, STR_ARG(rule), STR_ARG(at));
	}
}

static void
compare_all(struct fixture *f)
{
	static const char *const inputs[] = { "probe", "usage_contract", "model", "max_tokens", "output", "base64",
		"dimensions", "image_form", "findings" };
	struct json_walk walk = { 0 };
	while (json_next(f->expect, &walk)) {
		bool input = false;
		for (size_t i = 0; i < ARRAY_LEN(inputs); i++)
			input = input || strcmp(walk.key, inputs[i]) == 0;
		struct json got = json_get(f->verdict, walk.key);
		if (strcmp(walk.key, "usage") == 0)
			got = json_get(got, "verdict");
		if (!input)
			compare(f, walk.key, walk.value, got);
	}
	compare_findings(f);
}

static void
check_fixture(struct fixture *f, const char *http_path)
{
	buf_reset(&f->expect_text);
	buf_reset(&f->verdict_text);
	snprintf(f->path, sizeof(f->path), "%.*s.expect", (int)(strlen(http_path) - strlen(".http")), http_path);
	if (!file_read(f->path, &f->expect_text))
		fail_msg("%s: cannot be opened", f->path);
	if (json_parse(buf_view(&f->expect_text), JSON_DEPTH_MAX, &f->expect) != JSON_FINE)
		fail_msg("%s: no JSON", f->path);
	set_asked(f);
	assert_int_equal(replay_file(http_path, &f->asked, true, &f->verdict_text), 0);
	assert_int_equal(json_parse(buf_view(&f->verdict_text), JSON_DEPTH_MAX, &f->verdict), JSON_FINE);
	compare_all(f);
	pattern_free(f->expectation.output);
	json_free(f->expect);
	json_free(f->verdict);
}

static void
recordings_get_their_verdicts(void **state)
{
	(void)state;
	struct fixture f = {
		.expect_text = BUF_INIT(1 << 16),
		.verdict_text = BUF_INIT(1 << 20),
		.complaints = BUF_INIT(1 << 20),
	};
	char pattern[512];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "%s/dialect/*/*.http", getenv("TEST_DATA"));
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_fixture(&f, found.gl_pathv[i]);
	print_message("%zu recordings\n", found.gl_pathc);
	globfree(&found);
	if (f.complaints.len > 0)
		fail_msg("\n%s", buf_cstr(&f.complaints));
	buf_done(&f.expect_text);
	buf_done(&f.verdict_text);
	buf_done(&f.complaints);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_get_their_verdicts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
