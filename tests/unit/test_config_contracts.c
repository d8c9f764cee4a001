/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/contracts.h"

#include <dirent.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/replay.h"
#include "base/json.h"
#include "base/parse.h"
#include "config/load.h"
#include "model/dialect.h"

/* The contracts, the store, and loading without secrets: what the corpus of test_config.c cannot show by its texts. */

static void
enter(const char *folder)
{
	auto_buf struct buf path = BUF_INIT(4096);
	const char *data = getenv("TEST_DATA");
	assert_non_null(data);
	buf_printf(&path, "%s/%s", data, folder);
	assert_int_equal(chdir(buf_cstr(&path)), 0);
}

static int
prepare(void **state)
{
	(void)state;
	enter("config/good");
	setenv("CANARY_TEST_KEY", "marker-secret-7f3a", 1);
	setenv("STATE_DIRECTORY", "/var/lib/cometcanary", 1);
	return 0;
}

static int64_t
day(const char *text)
{
	int64_t days = 0;
	assert_true(parse_date(str_of(text), &days));
	return days;
}

static struct config *
load_good(const char *name, struct diags *diags)
{
	const struct config_options options = { .today_days = day("2026-12-01") };
	struct config *config = config_load_with(name, &options, diags);
	assert_non_null(config);
	return config;
}

#define KIND(name) (1U << JSON_##name)

static void
expect_field(const struct field_list *fields, size_t index, const char *path, unsigned kinds)
{
	assert_true(index < fields->count);
	assert_string_equal(fields->items[index].path, path);
	assert_int_equal(fields->items[index].kinds, kinds);
}

static void
check_evidence(const struct contract *contract)
{
	assert_int_equal(contract->reviewed_days, day("2026-11-22"));
	assert_int_equal(contract->evidence_count, AREA_COUNT);
	static const char *const areas[AREA_COUNT] = { "path", "errors", "limits", "auth", "request", "response" };
	for (size_t i = 0; i < AREA_COUNT; i++)
		assert_string_equal(contract_area_name(contract->evidence[i].area), areas[i]);
	const struct evidence *path = contract_find_evidence(contract, AREA_PATH);
	assert_int_equal(path->status, EVIDENCE_DOCUMENTED);
	assert_string_equal(path->title, "Create a chat completion");
	assert_string_equal(path->url, "https://docs.example.com/chat?v=2#top");
	assert_int_equal(path->accessed_days, day("2026-11-22"));
	const struct evidence *limits = contract_find_evidence(contract, AREA_LIMITS);
	assert_int_equal(limits->status, EVIDENCE_UNDOCUMENTED);
	assert_int_equal(limits->accessed_days, DATE_NOT_SET);
	assert_null(limits->title);
	assert_int_equal(contract_find_evidence(contract, AREA_ERRORS)->status, EVIDENCE_OBSERVED);
}

static void
check_grades(const struct contract *contract)
{
	static const struct severity_rule grades[] = {
		{ RULE_FIELD_ADDED, true, SEVERITY_INFO },
		{ RULE_MODEL_MISMATCH, false, SEVERITY_BREAKING },
		{ RULE_USAGE_MISSING, false, SEVERITY_INFO },
		{ RULE_BACKEND_CHANGED, false, SEVERITY_WARNING },
	};
	assert_int_equal(contract->severity_count, ARRAY_LEN(grades));
	for (size_t i = 0; i < ARRAY_LEN(grades); i++) {
		assert_int_equal(contract->severity[i].rule, grades[i].rule);
		assert_int_equal(contract->severity[i].disabled, grades[i].disabled);
		assert_int_equal(contract->severity[i].level, grades[i].level);
	}
}

static void
check_acknowledgements(const struct contract *contract)
{
	assert_int_equal(contract->acknowledgement_count, 3);
	const struct acknowledgement *all = contract->acknowledgements;
	assert_string_equal(all[0].endpoint, "chat");
	assert_int_equal(all[0].rule, RULE_MODEL_MISMATCH);
	assert_string_equal(all[0].path, "$.model");
	assert_int_equal(all[0].until_days, day("2027-01-31"));
	assert_null(all[1].endpoint);
	assert_string_equal(all[1].path, "header:sunset"); /* as findings write it */
	assert_null(all[2].path);
}

static void
test_every_key(void **state)
{
	(void)state;
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = load_good("contracts.conf", &diags);
	assert_int_equal(diags.count, 1); /* that it has no budget */
	assert_int_equal(config->contract_count, 2);
	const struct contract *chat = &config->contracts[0], *bare = &config->contracts[1];
	assert_ptr_equal(config->endpoints[0].contract, chat); /* inherited */
	assert_ptr_equal(config->endpoints[1].contract, bare);
	check_evidence(chat);
	check_grades(chat);
	check_acknowledgements(chat);
	assert_int_equal(chat->required.count, 4);
	expect_field(&chat->required, 0, "$.id", KIND(STRING));
	expect_field(&chat->required, 1, "$.created", KIND(INT));
	expect_field(&chat->required, 2, "$.choices[].message.content", KIND(STRING) | KIND(NULL));
	expect_field(&chat->required, 3, "$.größe-x_1.$ref[][].y", KIND(BOOL) | KIND(ARRAY) | KIND(OBJECT));
	expect_field(&chat->optional, 2, "$.score", KIND(INT) | KIND(REAL) | KIND(NULL));
	expect_field(&chat->optional, 3, "$", KIND(OBJECT));
	expect_field(&chat->stream_required, 0, "$.choices[].delta", KIND(OBJECT));
	expect_field(&chat->error_required, 1, "$.error.code", KIND(STRING) | KIND(INT) | KIND(NULL));
	assert_int_equal(chat->enum_count, 2);
	assert_string_equal(chat->enums[0].path, "$.choices[].finish_reason");
	assert_int_equal(chat->enums[0].count, 4);
	assert_string_equal(chat->enums[1].path, "$[].x");
	assert_int_equal(chat->baseline_mode, BASELINE_PINNED);
	assert_int_equal(chat->baseline_samples, 5);
	assert_int_equal(bare->baseline_mode, BASELINE_LEARN); /* the defaults of a group that is there */
	assert_int_equal(bare->baseline_samples, 20);
	assert_int_equal(bare->reviewed_days, DATE_NOT_SET);
	config_release(config);
}

static void
test_what_is_absent_is_off(void **state)
{
	(void)state;
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = load_good("warn-contracts.conf", &diags);
	assert_string_equal(config->store.path, "");
	assert_int_equal(config->contracts[3].baseline_mode, BASELINE_OFF);
	assert_int_equal(config->contracts[3].required.count, 0);
	config_release(config);
}

static void
expect_store(const char *path)
{
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = load_good("store.conf", &diags);
	assert_string_equal(config->store.path, path);
	assert_int_equal(config->store.retention_ns, 30 * 86400 * NS_PER_SEC);
	config_release(config);
}

static void
test_where_the_store_is(void **state)
{
	(void)state;
	setenv("STATE_DIRECTORY", "/state/one:/state/two", 1);
	setenv("XDG_STATE_HOME", "/xdg", 1);
	setenv("HOME", "/home/sre", 1);
	expect_store("/state/one/cometcanary.db");
	unsetenv("STATE_DIRECTORY");
	expect_store("/xdg/cometcanary/cometcanary.db");
	setenv("XDG_STATE_HOME", "relative", 1); /* such a value is to be ignored */
	expect_store("/home/sre/.local/state/cometcanary/cometcanary.db");
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	auto_diags struct diags diags = DIAGS_INIT;
	auto_buf struct buf text = BUF_INIT(4096);
	assert_null(config_load("store.conf", &diags));
	diags_render(&diags, &text);
	assert_string_equal(buf_cstr(&text),
	    "store.conf:2: store.path: write an absolute path: none of $STATE_DIRECTORY, $XDG_STATE_HOME and $HOME says "
	    "what it is relative to\n");
}

static void
test_without_secrets(void **state)
{
	(void)state;
	const struct config_options options = { .without_secrets = true };
	auto_diags struct diags diags = DIAGS_INIT, none = DIAGS_INIT;
	enter("config/bad");
	assert_null(config_load("secret-unset.conf", &diags));
	struct config *config = config_load_with("secret-unset.conf", &options, &none);
	assert_non_null(config);
	assert_int_equal(none.count, 1); /* that it has no budget */
	assert_string_equal(config->providers[0].auth.header, "Authorization");
	assert_null(config->providers[0].auth.secret);
	config_release(config);
	config = config_load_with("tls-file.conf", &options, &none); /* a key that only the daemon may read */
	assert_non_null(config);
	config_release(config);
	assert_null(config_load_with("secret-written.conf", &options, &none)); /* what is wrong stays wrong */
	enter("config/good");
}

static size_t
count_samples(void)
{
	size_t count = 0;
	DIR *folder = opendir("../../../../etc/contracts");
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));)
		count += str_ends(str_of(entry->d_name), STR(".conf"));
	closedir(folder);
	return count;
}

/* One for each dialect; each asks for something, and none asserts that anything is documented or observed. */
static void
test_shipped_samples(void **state)
{
	(void)state;
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = load_good("samples.conf", &diags);
	assert_int_equal(diags.count, 1); /* that they have no budget */
	size_t count = 0;
	for (; dialects[count]; count++) {
		const struct endpoint *endpoint = config_find_endpoint(config, dialects[count]->name);
		assert_non_null(endpoint);
		assert_ptr_equal(endpoint->dialect, dialects[count]);
		const struct contract *contract = endpoint->contract;
		assert_string_equal(contract->name, dialects[count]->name);
		assert_true(contract->required.count > 0);
		assert_int_equal(contract->stream_required.count > 0, (endpoint->dialect->caps & DIALECT_STREAM) != 0);
		assert_int_equal(contract->evidence_count, AREA_COUNT);
		for (size_t i = 0; i < contract->evidence_count; i++)
			assert_int_equal(contract->evidence[i].status, EVIDENCE_UNDOCUMENTED);
	}
	assert_int_equal(config->contract_count, count);
	assert_int_equal(count_samples(), count);
	config_release(config);
}

/* What the sample says to change for such an answer. */
static bool
is_of_another_kind(const char *path)
{
	static const struct str endings[] = { STR("openai-embeddings/ok_base64.http"), STR("openai-images/ok_url.http"),
		STR("openai-models/ok_public.http") };
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (str_ends(str_of(path), endings[i]))
			return true;
	return false;
}

static void
expect_no_objection(const char *path, const struct endpoint *endpoint)
{
	struct asked asked = { .dialect = endpoint->dialect,
		.probe = strstr(path, "/stream_") ? PROBE_STREAM : PROBE_SYNC,
		.stream = strstr(path, "/stream_") != NULL,
		.max_tokens = 16,
		.caps = endpoint->caps,
		.expect = &endpoint->expect };
	auto_buf struct buf without = BUF_INIT(1 << 16), with = BUF_INIT(1 << 16);
	assert_int_equal(replay_file(path, &asked, true, &without), 0);
	asked.contract = endpoint->contract;
	assert_int_equal(replay_file(path, &asked, true, &with), 0);
	assert_string_equal(buf_cstr(&with), buf_cstr(&without));
}

/* Healthy answers of each family: a sample adds no finding to them. */
static void
test_samples_object_to_nothing_healthy(void **state)
{
	(void)state;
	static const char *const patterns[] = { "sync_ok*.http", "stream_ok*.http", "ok*.http" };
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = load_good("samples.conf", &diags);
	size_t count = 0;
	for (size_t i = 0; dialects[i]; i++) {
		const struct endpoint *endpoint = config_find_endpoint(config, dialects[i]->name);
		for (size_t k = 0; k < ARRAY_LEN(patterns) && strcmp(endpoint->name, "json-get") != 0; k++) {
			auto_buf struct buf pattern = BUF_INIT(4096);
			glob_t found;
			buf_printf(&pattern, "../../dialect/%s/%s", endpoint->name, patterns[k]);
			if (glob(buf_cstr(&pattern), 0, NULL, &found) != 0)
				continue;
			for (size_t n = 0; n < found.gl_pathc; n++) {
				if (is_of_another_kind(found.gl_pathv[n]))
					continue;
				expect_no_objection(found.gl_pathv[n], endpoint);
				count++;
			}
			globfree(&found);
		}
	}
	assert_true(count >= 40);
	config_release(config);
}

static void
test_field_as_text(void **state)
{
	(void)state;
	auto_buf struct buf text = BUF_INIT(4096);
	contracts_write_field(&text, &(struct field_spec){ "$.a", KIND(INT) });
	contracts_write_field(&text, &(struct field_spec){ " $.b", KIND(INT) | KIND(REAL) | KIND(NULL) });
	assert_string_equal(buf_cstr(&text), "$.a:integer $.b:number|null");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_key, prepare),
		cmocka_unit_test_setup(test_what_is_absent_is_off, prepare),
		cmocka_unit_test_setup(test_where_the_store_is, prepare),
		cmocka_unit_test_setup(test_without_secrets, prepare),
		cmocka_unit_test_setup(test_shipped_samples, prepare),
		cmocka_unit_test_setup(test_samples_object_to_nothing_healthy, prepare),
		cmocka_unit_test_setup(test_field_as_text, prepare),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
