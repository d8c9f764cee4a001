/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/load.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/parse.h"
#include "base/pattern.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "config/dump.h"
#include "config/forecast.h"
#include "config/schema.h"
#include "model/cost.h"
#include "model/dialect.h"
#include "file.h"

/* The corpus is in tests/data/config: bad/NAME.conf with NAME.expected, one rule each; good/NAME.conf with NAME.dump.
 * UPDATE_GOLDEN=1 writes what is expected. */

enum { TEXT_MAX = 1 << 20 };

/* libconfig 1.5 loses the text of a string when a syntax error follows it: once for each such file that is loaded. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

static const char SECRET_VALUE[] = "marker-secret-7f3a";

static void
enter(const char *folder)
{
	auto_buf struct buf path = BUF_INIT(4096);
	const char *data = getenv("TEST_DATA");
	assert_non_null(data);
	buf_printf(&path, "%s/config/%s", data, folder);
	assert_int_equal(chdir(buf_cstr(&path)), 0);
	buf_reset(&path);
	buf_printf(&path, "%s/config/credentials", data);
	setenv("CREDENTIALS_DIRECTORY", buf_cstr(&path), 1);
}

static int
prepare(void **state)
{
	(void)state;
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	setenv("CANARY_TEST_KEY", SECRET_VALUE, 1);
	setenv("CANARY_TEST_EMPTY", "", 1);
	buf_printf(&text, "%s\n%s", SECRET_VALUE, SECRET_VALUE);
	setenv("CANARY_TEST_LINES", buf_cstr(&text), 1);
	buf_reset(&text);
	buf_printf(&text, "%s\x01", SECRET_VALUE);
	setenv("CANARY_TEST_CONTROL", buf_cstr(&text), 1);
	buf_reset(&text);
	for (int i = 0; i < 1000; i++)
		buf_text(&text, SECRET_VALUE);
	setenv("CANARY_TEST_LONG", buf_cstr(&text), 1);
	unsetenv("CANARY_TEST_UNSET");
	setenv("STATE_DIRECTORY", "/var/lib/cometcanary:/var/lib/other", 1);
	return 0;
}

/* Dates are judged by one day, whatever the clock says. */
static struct config *
load_at(const char *name, const char *today, struct diags *diags)
{
	struct config_options options = { 0 };
	assert_true(parse_date(str_of(today), &options.today_days));
	return config_load_with(name, &options, diags);
}

static int
is_conf(const struct dirent *entry)
{
	return str_ends(str_of(entry->d_name), STR(".conf"));
}

/* "NAME.conf" → "NAME" and the ending. */
static void
sibling(struct buf *path, const char *name, const char *ending)
{
	buf_reset(path);
	buf_printf(path, "%.*s%s", (int)(strlen(name) - strlen(".conf")), name, ending);
}

/* True when the file holds the text; with UPDATE_GOLDEN it does afterwards. An empty text may have no file. */
static bool
matches_golden(const char *path, struct buf *text)
{
	auto_buf struct buf expected = BUF_INIT(TEXT_MAX);
	if (getenv("UPDATE_GOLDEN")) {
		if (text->len == 0)
			return unlink(path) == 0 || errno == ENOENT;
		return file_write(path, buf_view(text));
	}
	bool there = file_read(path, &expected);
	if ((there || text->len == 0) && str_eq(buf_view(&expected), buf_view(text)))
		return true;
	print_message("# %s\n# expected:\n%s# got:\n%s", path, buf_cstr(&expected), buf_cstr(text));
	return false;
}

static size_t
for_each_conf(const char *folder, bool (*check)(const char *name))
{
	struct dirent **entries;
	enter(folder);
	int count = scandir(".", &entries, is_conf, alphasort);
	assert_true(count > 0);
	size_t failures = 0;
	for (int i = 0; i < count; i++) {
		if (!check(entries[i]->d_name)) {
			print_message("# %s/%s failed\n", folder, entries[i]->d_name);
			failures++;
		}
		free(entries[i]);
	}
	free(entries);
	assert_int_equal(failures, 0);
	return (size_t)count;
}

static bool
leaks(struct buf *text)
{
	return strstr(buf_cstr(text), SECRET_VALUE) || strstr(buf_cstr(text), "literal") ||
	    strstr(buf_cstr(text), "0123456789") || strstr(buf_cstr(text), "user:word") ||
	    strstr(buf_cstr(text), "key=abc");
}

static bool
check_bad(const char *name)
{
	auto_diags struct diags diags = DIAGS_INIT;
	auto_buf struct buf text = BUF_INIT(TEXT_MAX), path = BUF_INIT(4096);
	struct config *config = load_at(name, "2026-12-01", &diags);
	diags_render(&diags, &text);
	sibling(&path, name, ".expected");
	bool fine = !config && diags.errors > 0 && !leaks(&text);
	config_release(config);
	return matches_golden(buf_cstr(&path), &text) && fine;
}

static void
test_bad(void **state)
{
	(void)state;
	assert_true(for_each_conf("bad", check_bad) >= 60);
}

/* The dump with a reference where a secret is shown. */
static void
put_references_back(struct buf *dump, struct buf *out)
{
	static const char shown[] = "\"<secret>\"";
	const char *rest = buf_cstr(dump);
	for (const char *hit; (hit = strstr(rest, shown)); rest = hit + strlen(shown)) {
		buf_add(out, rest, (size_t)(hit - rest));
		buf_text(out, "{ env = \"CANARY_TEST_KEY\"; }");
	}
	buf_text(out, rest);
}

static bool
check_good(const char *name)
{
	auto_diags struct diags diags = DIAGS_INIT, again = DIAGS_INIT;
	auto_buf struct buf text = BUF_INIT(TEXT_MAX), path = BUF_INIT(4096), dump = BUF_INIT(TEXT_MAX);
	auto_buf struct buf back = BUF_INIT(TEXT_MAX), second = BUF_INIT(TEXT_MAX);
	struct config *config = load_at(name, "2026-12-01", &diags);
	diags_render(&diags, &text);
	if (!config) {
		print_message("# %s", buf_cstr(&text));
		return false;
	}
	bool fine = config_dump(config, &dump) && !leaks(&dump);
	config_release(config);
	put_references_back(&dump, &back);
	config = config_load_text("dump", buf_view(&back), &again);
	fine &= config && config_dump(config, &second) && str_eq(buf_view(&dump), buf_view(&second));
	config_release(config);
	sibling(&path, name, ".expected");
	fine &= matches_golden(buf_cstr(&path), &text);
	sibling(&path, name, ".dump");
	return matches_golden(buf_cstr(&path), &dump) && fine;
}

static void
test_good(void **state)
{
	(void)state;
	for_each_conf("good", check_good);
}

static struct config *
load_good(const char *name)
{
	auto_diags struct diags diags = DIAGS_INIT;
	enter("good");
	struct config *config = config_load(name, &diags);
	assert_non_null(config);
	return config;
}

static void
test_documented_defaults(void **state)
{
	(void)state;
	struct config *config = load_good("minimal.conf");
	assert_int_equal(config->web.listen_count, 1);
	assert_string_equal(config->web.listen[0], "127.0.0.1:10077");
	assert_string_equal(config->web.telemetry_path, "/metrics");
	assert_false(config->web.lifecycle);
	assert_int_equal(config->web.max_connections, 64);
	assert_int_equal(config->log.level, LOG_LEVEL_INFO);
	assert_int_equal(config->log.format, LOG_FORMAT_JSON);
	assert_string_equal(config->log.file, "");
	const struct provider *provider = &config->providers[0];
	assert_null(provider->auth.header);
	assert_null(provider->auth.secret);
	assert_string_equal(provider->request_id_header, "X-Request-ID");
	assert_int_equal(provider->response_id_header_count, 3);
	assert_int_equal(provider->max_in_flight, 8);
	assert_int_equal(provider->tls.min_version, TLS_VERSION_1_2);
	const struct endpoint *endpoint = &config->endpoints[0];
	assert_true(endpoint->enabled);
	assert_ptr_equal(endpoint->provider, provider);
	assert_int_equal(endpoint->interval_ns, 60 * NS_PER_SEC);
	assert_int_equal(endpoint->negative_interval_ns, 900 * NS_PER_SEC);
	assert_int_equal(endpoint->connection, CONNECTION_FRESH);
	assert_int_equal(endpoint->probe_count, 1);
	assert_int_equal(endpoint->probes[0], PROBE_SYNC);
	assert_int_equal(endpoint->deadlines.connect_ns, 5 * NS_PER_SEC);
	assert_int_equal(endpoint->deadlines.first_byte_ns, 20 * NS_PER_SEC);
	assert_int_equal(endpoint->deadlines.first_token_ns, 20 * NS_PER_SEC);
	assert_int_equal(endpoint->deadlines.idle_ns, 10 * NS_PER_SEC);
	assert_int_equal(endpoint->deadlines.total_ns, 30 * NS_PER_SEC);
	assert_int_equal(endpoint->negative_timeout_ns, 50 * NS_PER_MS);
	assert_int_equal(endpoint->caps.body_bytes, 1 << 20);
	assert_int_equal(endpoint->caps.head_bytes, 64 << 10);
	assert_int_equal(endpoint->caps.line_bytes, 256 << 10);
	assert_int_equal(endpoint->caps.event_bytes, 1 << 20);
	assert_int_equal(endpoint->expect.prompt_tokens_min, -1);
	assert_int_equal(config->self_check.anchor_count, 0);
	assert_false(config->self_check.loopback);
	config_release(config);
}

static void
check_full_provider(const struct provider *provider)
{
	assert_string_equal(provider->base_url, "https://api.example.com:8443/gateway");
	assert_string_equal(provider->auth.header, "x-api-key");
	assert_string_equal(provider->auth.scheme, "");
	struct str key = secret_bytes(provider->auth.secret);
	assert_true(str_eq(key, str_of(SECRET_VALUE)));
	assert_int_equal(provider->header_count, 2);
	assert_string_equal(provider->headers[0].value, "sre \"core\"");
	assert_int_equal(provider->tls.min_version, TLS_VERSION_1_3);
	assert_int_equal(provider->ip_family, IP_FAMILY_V6);
	assert_int_equal(provider->http_version, HTTP_VERSION_1_1);
	assert_int_equal(provider->max_in_flight, 16);
	assert_string_equal(provider->models_path, "/v1/models?all=1");
	assert_int_equal(provider->models_interval_ns, 1800 * NS_PER_SEC);
}

static void
check_full_chat(const struct endpoint *chat)
{
	assert_string_equal(chat->dialect->name, "openai-chat");
	assert_int_equal(chat->probe_count, 8);
	assert_int_equal(chat->probes[1], PROBE_STREAM);
	assert_int_equal(chat->probes[7], PROBE_WRONG_PATH);
	/* key by key: connect and total are inherited, first_byte is its own, 20 s become the total */
	assert_int_equal(chat->deadlines.connect_ns, 2 * NS_PER_SEC);
	assert_int_equal(chat->deadlines.first_byte_ns, 10 * NS_PER_SEC);
	assert_int_equal(chat->deadlines.first_token_ns, 9500 * NS_PER_MS);
	assert_int_equal(chat->deadlines.total_ns, 20 * NS_PER_SEC);
	assert_int_equal(chat->connection, CONNECTION_REUSE);
	assert_int_equal(chat->request.max_tokens, 8);
	assert_true(chat->request.has_temperature);
	assert_string_equal(chat->request.token_field, "max_completion_tokens");
	assert_false(chat->request.stream_usage);
	assert_int_equal(chat->expect.usage, USAGE_DOCUMENTED);
	assert_int_equal(chat->expect.model, MODEL_MATCH_EXACT);
	assert_true(pattern_matches(chat->expect.output, STR("OK.")));
	assert_false(pattern_matches(chat->expect.output, STR("okay")));
	assert_int_equal(chat->expect.prompt_tokens_min, 8);
	assert_int_equal(chat->expect.prompt_tokens_max, 40);
	assert_int_equal(chat->expect.refusal_count, 2);
	const struct refusal *refusal = &chat->expect.refusals[0];
	assert_int_equal(refusal->probe, PROBE_INVALID_MODEL);
	assert_int_equal(
	    refusal->outcomes, UINT64_C(1) << OUTCOME_MODEL_UNAVAILABLE | UINT64_C(1) << OUTCOME_BAD_REQUEST);
	assert_int_equal(refusal->status_count, 2);
	assert_int_equal(refusal->statuses[1], 404);
	assert_int_equal(chat->expect.refusals[1].outcomes, 0);
}

static void
test_every_key(void **state)
{
	(void)state;
	struct config *config = load_good("full.conf");
	check_full_provider(&config->providers[0]);
	check_full_chat(&config->endpoints[0]);
	assert_true(str_eq(secret_bytes(config->providers[1].auth.secret), STR("credential-key-0123")));
	const struct endpoint *embed = config_find_endpoint(config, "embed_2");
	assert_ptr_equal(embed, &config->endpoints[1]);
	assert_int_equal(embed->index, 1);
	assert_false(embed->enabled);
	assert_null(embed->expect.output); /* inherited, and an embedding has no text */
	assert_int_equal(embed->request.max_tokens, 0);
	assert_null(config_find_endpoint(config, "embed"));
	assert_int_equal(config->maintenance_count, 2);
	assert_int_equal(config->maintenance[0].start_minute, 17 * 60);
	assert_int_equal(config->maintenance[0].days, 1 | 1 << 6);
	assert_int_equal(config->maintenance[0].endpoint_count, 2);
	assert_ptr_equal(config->maintenance[0].endpoints[1], &config->endpoints[2]);
	assert_int_equal(config->maintenance[1].days, 0x7f);
	assert_int_equal(config->maintenance[1].endpoint_count, 0);
	assert_int_equal(config->self_check.anchor_count, 3);
	config_release(config);
}

static void
test_uses(void **state)
{
	(void)state;
	struct config *config = load_good("minimal.conf");
	assert_ptr_equal(config_hold(config), config);
	config_release(config);
	assert_string_equal(config->endpoints[0].name, "health"); /* still there */
	config_release(config);
	config_release(NULL);
}

static void
test_text(void **state)
{
	(void)state;
	auto_diags struct diags diags = DIAGS_INIT;
	auto_buf struct buf text = BUF_INIT(4096);
	assert_null(config_load_text("memory", STR("# one\n@include \"x.conf\"\n"), &diags));
	diags_render(&diags, &text);
	assert_string_equal(buf_cstr(&text), "memory:2: @include: a text in memory includes no file\n");
	/* the view's end counts, not a NUL */
	auto_diags struct diags cut = DIAGS_INIT;
	assert_null(config_load_text("memory", str_span("version = 1;garbage", 12), &cut));
	assert_int_equal(cut.count, 2);
}

static void
test_missing_file(void **state)
{
	(void)state;
	auto_diags struct diags diags = DIAGS_INIT;
	auto_buf struct buf text = BUF_INIT(4096);
	assert_null(config_load("/nonexistent/canary.conf", &diags));
	diags_render(&diags, &text);
	assert_string_equal(buf_cstr(&text), "/nonexistent/canary.conf: cannot be read: No such file or directory\n");
}

static void
test_forecast(void **state)
{
	(void)state;
	struct config *config = load_good("full.conf");
	struct forecast forecast = forecast_make(config);
	assert_int_equal(forecast.count, 8 + 1); /* the endpoint that is not enabled has no row */
	assert_int_equal(forecast.rows[0].runs, 86400 / 30);
	assert_int_equal(forecast.rows[0].output_tokens, 8);
	assert_true(forecast.rows[0].input_tokens > 0);
	assert_int_equal(forecast.rows[0].day.tokens, forecast.rows[0].runs * (forecast.rows[0].input_tokens + 8));
	assert_int_equal(forecast.rows[2].probe, PROBE_MISSING_AUTH);
	assert_int_equal(forecast.rows[2].day.requests, 86400 / 300);
	assert_int_equal(forecast.rows[2].day.tokens, 0);
	assert_true(forecast.rows[4].day.tokens > 0); /* invalid_model carries the real key */
	assert_int_equal(forecast.rows[8].day.tokens, 0); /* a list of models */
	int64_t requests = 0, tokens = 0;
	for (size_t i = 0; i < forecast.count; i++) {
		requests += forecast.rows[i].day.requests;
		tokens += forecast.rows[i].day.tokens;
	}
	assert_int_equal(forecast.day.requests, requests);
	assert_int_equal(forecast.day.tokens, tokens);
	forecast_done(&forecast);
	config_release(config);
}

/* What budgets count with is the cap that is really sent. */
static void
test_caps_in_extra(void **state)
{
	(void)state;
	static const struct {
		const char *endpoint;
		int64_t tokens;
	} rows[] = {
		{ "chat", 64 },
		{ "both", 2 * 200 },
		{ "other-field", 8 },
		{ "not-ours", 16 },
		{ "removed", MAX_TOKENS_MAX },
		{ "responses", 300 },
		{ "messages", 128 },
		{ "messages-removed", MAX_TOKENS_MAX },
		{ "gemini", 3 * 4096 },
		{ "gemini-snake", 32 },
		{ "gemini-replaced", MAX_TOKENS_MAX },
		{ "gemini-null", MAX_TOKENS_MAX },
		{ "gemini-beside", 16 },
	};
	struct config *config = load_good("extra-caps.conf");
	assert_int_equal(config->endpoint_count, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct endpoint *endpoint = config_find_endpoint(config, rows[i].endpoint);
		if (cost_output_tokens_max(endpoint) != rows[i].tokens)
			fail_msg("%s: %lld", rows[i].endpoint, (long long)cost_output_tokens_max(endpoint));
		assert_int_equal(cost_worst_case(endpoint).tokens, cost_prompt_tokens_max(endpoint) + rows[i].tokens);
	}
	config_release(config);
}

static void
test_form_asked_in_extra(void **state)
{
	(void)state;
	struct config *config = load_good("extra-asked.conf");
	const struct request_config *vectors = &config->endpoints[0].request, *images = &config->endpoints[1].request;
	const struct request_config *plain = &config->endpoints[2].request;
	assert_true(vectors->base64 && vectors->dimensions == 256 && !vectors->image_form);
	assert_true(!images->base64 && images->dimensions == 0);
	assert_string_equal(images->image_form, "b64_json");
	assert_true(!plain->base64 && plain->dimensions == 0 && !plain->image_form);
	config_release(config);
}

/* Three that draw on three budgets, one of them by way of the tenant. */
static void
test_forecast_of_budgets(void **state)
{
	(void)state;
	struct config *config = load_good("budgets.conf");
	struct forecast forecast = forecast_make(config);
	assert_int_equal(forecast.budget_count, 3);
	const struct forecast_budget *hourly = &forecast.budgets[0], *day = &forecast.budgets[1];
	const struct forecast_budget *month = &forecast.budgets[2];
	assert_int_equal(hourly->day.requests, 2 * 1440);
	assert_true(hourly->lasts.whole); /* 120 an hour: just enough */
	assert_int_equal(day->day.requests, 1440);
	assert_int_equal(day->day.tokens, 1440 * 124);
	assert_int_equal(day->day.usd_micro, 1440 * (108 / 4 + 16 * 2));
	assert_true(day->lasts.whole);
	assert_int_equal(month->day.tokens, day->day.tokens);
	assert_int_equal(forecast.day.usd_micro, 3 * day->day.usd_micro);
	forecast_done(&forecast);
	config->budgets[1].max_requests = 720;
	forecast = forecast_make(config);
	assert_false(forecast.budgets[1].lasts.whole);
	assert_true(forecast.budgets[1].lasts.days > 0.499 && forecast.budgets[1].lasts.days < 0.501);
	forecast_done(&forecast);
	config_release(config);
}

/* A run that is repeated twice and then asks one of two targets; a probe that is neither; a target with its own budget. */
static void
test_forecast_of_the_worst_day(void **state)
{
	(void)state;
	enum { PROMPT = 108, ANSWER = 16, RUNS = 1440, NEGATIVE = 96 };
	struct config *config = load_good("worst.conf");
	struct forecast forecast = forecast_make(config);
	const int64_t run = PROMPT + ANSWER, long_run = PROMPT + 100;
	const struct forecast_row *sync = &forecast.rows[0], *stream = &forecast.rows[1], *negative = &forecast.rows[2];
	assert_int_equal(forecast.count, 3); /* the targets are not enabled: they are asked, and have no row */
	assert_int_equal(sync->attempts, 3);
	assert_int_equal(sync->targets, 1);
	assert_int_equal(sync->day.requests, RUNS);
	assert_int_equal(sync->day.tokens, RUNS * run);
	/* one cooldown of an hour for both probes: 25 fallbacks a day, and the first row has them */
	assert_int_equal(sync->fallbacks, 25);
	assert_int_equal(stream->fallbacks, 0);
	assert_int_equal(sync->worst.requests, 3 * RUNS + 25);
	assert_int_equal(sync->worst.tokens, 3 * RUNS * run + 25 * long_run); /* the dearer of the two targets */
	assert_int_equal(stream->worst.requests, 3 * RUNS);
	assert_int_equal(negative->probe, PROBE_INVALID_MODEL);
	assert_int_equal(negative->attempts, 1);
	assert_int_equal(negative->worst.requests, NEGATIVE);
	assert_int_equal(forecast.day.requests, 2 * RUNS + NEGATIVE);
	assert_int_equal(forecast.worst.requests, 6 * RUNS + 25 + NEGATIVE);

	const struct forecast_budget *own = &forecast.budgets[0], *theirs = &forecast.budgets[1];
	assert_int_equal(own->day.requests, 2 * RUNS + NEGATIVE);
	assert_int_equal(own->worst.requests, 6 * RUNS + NEGATIVE);
	assert_true(own->lasts.whole); /* 2976 a day of 2976 */
	assert_false(own->worst_lasts.whole);
	assert_true(own->worst_lasts.days > 0.340 && own->worst_lasts.days < 0.341); /* 2976 of 8736 */
	assert_int_equal(theirs->day.requests, 0);
	assert_int_equal(theirs->worst.requests, 25);
	assert_int_equal(theirs->worst.tokens, 25 * long_run);
	assert_true(theirs->lasts.whole);
	assert_true(theirs->worst_lasts.days > 7.99 && theirs->worst_lasts.days < 8.01); /* 200 a month */
	forecast_done(&forecast);

	struct fallback_policy *policy = &config->policies[0];
	policy->cooldown_ns = 0;
	forecast = forecast_make(config);
	assert_int_equal(forecast.budgets[1].worst.requests, 2 * RUNS);
	forecast_done(&forecast);
	policy->mode = FALLBACK_SIMULATE;
	forecast = forecast_make(config);
	assert_int_equal(forecast.budgets[1].worst.requests, 0);
	assert_int_equal(forecast.rows[0].worst.requests, 3 * RUNS);
	forecast_done(&forecast);
	config_release(config);
}

static void
replace(struct buf *text, const char *from, const char *to)
{
	auto_buf struct buf out = BUF_INIT(TEXT_MAX);
	const char *rest = buf_cstr(text);
	const char *hit = strstr(rest, from);
	assert_non_null(hit);
	buf_add(&out, rest, (size_t)(hit - rest));
	buf_text(&out, to);
	buf_text(&out, hit + strlen(from));
	buf_reset(text);
	buf_str(text, buf_view(&out));
}

/* The shipped sample is refused for its placeholders and nothing else, and works once they are gone. */
static void
test_sample(void **state)
{
	(void)state;
	auto_diags struct diags diags = DIAGS_INIT, none = DIAGS_INIT;
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	enter("../../../etc");
	setenv("COMETAPI_KEY", SECRET_VALUE, 1);
	assert_null(config_load("cometcanary.conf", &diags));
	assert_int_equal(diags.count, 3);
	for (size_t i = 0; i < diags.count; i++)
		assert_non_null(strstr(diags.items[i].text, "a placeholder is still here"));
	assert_true(file_read("cometcanary.conf", &text));
	replace(&text, "REPLACE_WITH_API_HOST", "api.example.com");
	replace(&text, "REPLACE_WITH_PATH", "/v1/chat/completions");
	replace(&text, "REPLACE_WITH_MODEL_ID", "gpt-5.4-mini");
	struct config *config = config_load_text("sample", buf_view(&text), &none);
	assert_non_null(config);
	assert_int_equal(none.count, 0);
	config_release(config);
	unsetenv("COMETAPI_KEY");
}

/* Every row is fit for the manual, and every default could be written in a file as it is shown. */
static void
check_rows(const struct schema_group *group, unsigned depth, size_t *count)
{
	assert_true(depth < 8);
	for (const struct schema_key *key = group->keys; key->name; key++) {
		auto_buf struct buf shown = BUF_INIT(4096);
		assert_non_null(key->text);
		assert_true(str_is_utf8(str_of(key->text)));
		assert_false(key->fallback && (key->flags & KEY_REQUIRED));
		schema_write_fallback(key, &shown);
		assert_true(key->fallback ? shown.len > 0 : shown.len == 0);
		if (key->kind == VALUE_WORD)
			assert_non_null(key->words);
		*count += 1;
		if (key->sub && key->sub != &schema_endpoint)
			check_rows(key->sub, depth + 1, count);
	}
}

static void
test_schema_rows(void **state)
{
	(void)state;
	size_t count = 0;
	check_rows(&schema_top, 0, &count);
	check_rows(&schema_endpoint, 0, &count);
	assert_true(count > 150);
	auto_buf struct buf shown = BUF_INIT(4096);
	schema_write_fallback(schema_find(&schema_endpoint, "probes"), &shown);
	assert_string_equal(buf_cstr(&shown), "( \"sync\" )");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_documented_defaults),
		cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_forecast),
		cmocka_unit_test(test_caps_in_extra),
		cmocka_unit_test(test_form_asked_in_extra),
		cmocka_unit_test(test_forecast_of_budgets),
		cmocka_unit_test(test_forecast_of_the_worst_day),
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_schema_rows),
	};
	return cmocka_run_group_tests(tests, prepare, NULL);
}
