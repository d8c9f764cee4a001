/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays the scenarios beside it (*.scn): the real schedule, pipeline and metrics on a simulated clock and a scripted
 * network. One scenario is one TAP test; it ends at the first expectation that does not hold. README.md has the verbs.
 */
#include "config.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/drift.h"
#include "app/engine.h"
#include "app/reload.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/parse.h"
#include "record/exposition.h"
#include "record/latest.h"
#include "record/metrics.h"
#include "script.h"
#include "store/store.h"
#include "transport/fake.h"
#include "transport/transport.h"

enum { TEXT_MAX = 64 * 1024 * 1024, MESSAGE_MAX = 1024, PATH_MAX_BYTES = 512 };

struct stage {
	const char *folder;
	struct arena memory; /* of the replies' texts */
	struct loop *loop;
	struct transport *transport;
	struct metrics *metrics;
	struct latest *latest;
	struct drift *drift;
	struct flight flight;
	struct engine *engine;
	struct store *store; /* NULL = none */
	struct wall wall; /* the scenario's first moment */
	char config_path[PATH_MAX_BYTES], log_path[PATH_MAX_BYTES], store_path[PATH_MAX_BYTES];
	long log_from; /* what was logged before is forgotten */
	size_t first_request; /* likewise */
	bool idle;
	char message[MESSAGE_MAX]; /* what did not hold */
};

static bool failed(struct stage *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool
failed(struct stage *stage, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(stage->message, sizeof(stage->message), format, args);
	va_end(args);
	return false;
}

static void
on_idle(void *arg)
{
	struct stage *stage = arg;
	stage->idle = true;
}

/* What is in the memory of the canary's process. */
static void
build_canary(struct stage *stage)
{
	stage->metrics = metrics_new();
	stage->latest = latest_new();
	stage->drift = drift_new(stage->metrics, stage->store);
	struct engine_parts parts = { .loop = stage->loop,
		.transport = stage->transport,
		.metrics = stage->metrics,
		.latest = stage->latest,
		.store = stage->store,
		.drift = stage->drift,
		.flight = &stage->flight,
		.seed = 1,
		.idle = on_idle,
		.arg = stage };
	stage->engine = engine_new(&parts);
}

static void
free_canary(struct stage *stage)
{
	engine_free(stage->engine);
	drift_free(stage->drift);
	metrics_free(stage->metrics);
	latest_free(stage->latest);
}

/* The world of a scenario; made by its first command that needs it. */
static void
build(struct stage *stage)
{
	if (stage->loop)
		return;
	stage->loop = loop_sim_new((struct mono){ 3600 * NS_PER_SEC }, stage->wall);
	log_open(stage->loop, stage->log_path, true, LOG_DEBUG);
	stage->transport = fake_new(stage->loop);
	build_canary(stage);
}

static bool
write_config(struct stage *stage, const char *text)
{
	FILE *file = fopen(stage->config_path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		return failed(stage, "cannot write %s", stage->config_path);
	return true;
}

static bool
load(struct stage *stage, struct buf *errors)
{
	struct reload reload = { .engine = stage->engine, .metrics = stage->metrics, .path = stage->config_path };
	return reload_run(&reload, errors) == 0;
}

/* config <<EOF: the first one starts the canary, later ones are reloads that must be taken. */
static bool
verb_config(struct stage *stage, const struct command *command)
{
	build(stage);
	if (!command->text || !write_config(stage, command->text))
		return failed(stage, "config needs a text");
	auto_buf struct buf errors = BUF_INIT(64 * 1024);
	if (load(stage, &errors)) {
		loop_sim_settle(stage->loop);
		return true;
	}
	return failed(stage, "the configuration has errors: %s", buf_cstr(&errors));
}

/* store: what is learnt outlives the canary. Before the first config. */
static bool
verb_store(struct stage *stage, const struct command *command)
{
	(void)command;
	auto_buf struct buf why = BUF_INIT(MESSAGE_MAX);
	const struct store_options options = { .path = stage->store_path };
	if (stage->loop)
		return failed(stage, "store comes before config");
	return store_open(&options, &why, &stage->store) == 0 || failed(stage, "%s", buf_cstr(&why));
}

/* kill-and-restart: whatever is only in memory is gone; the configuration is the last one. */
static bool
verb_kill_and_restart(struct stage *stage, const struct command *command)
{
	(void)command;
	auto_buf struct buf errors = BUF_INIT(64 * 1024);
	free_canary(stage);
	build_canary(stage);
	if (!load(stage, &errors))
		return failed(stage, "the configuration has errors: %s", buf_cstr(&errors));
	loop_sim_settle(stage->loop);
	return true;
}

/* config-refused <<EOF: a reload that must be refused. */
static bool
verb_config_refused(struct stage *stage, const struct command *command)
{
	build(stage);
	if (!command->text || !write_config(stage, command->text))
		return failed(stage, "config-refused needs a text");
	auto_buf struct buf errors = BUF_INIT(64 * 1024);
	if (load(stage, &errors))
		return failed(stage, "the configuration was taken");
	return true;
}

/* at DATE HH:MM: where the wall clock begins. Before everything else. */
static bool
verb_at(struct stage *stage, const struct command *command)
{
	int64_t days;
	int minute;
	if (stage->loop || command->count != 3 || !parse_date(str_of(command->words[1]), &days) ||
	    !parse_time_of_day(str_of(command->words[2]), &minute))
		return failed(stage, "at DATE HH:MM, first of all");
	stage->wall = (struct wall){ (days * 86400 + minute * 60) * US_PER_SEC };
	return true;
}

static bool
read_duration(const char *text, int64_t *ret_ns)
{
	if (text && strcmp(text, "never") == 0) {
		*ret_ns = FAKE_NEVER;
		return true;
	}
	bool negative = text && text[0] == '-';
	if (!text || !parse_duration(str_of(text + negative), ret_ns))
		return false;
	if (negative)
		*ret_ns = -*ret_ns;
	return true;
}

/* The keys that reply and fail share. */
static bool
read_script(struct stage *stage, const struct command *command, struct fake_script *script)
{
	const struct {
		const char *key;
		int64_t *ns;
	} times[] = {
		{ "dns", &script->dns_ns },
		{ "connect", &script->connect_ns },
		{ "tls", &script->tls_ns },
		{ "send", &script->send_ns },
		{ "first-byte", &script->first_byte_ns },
		{ "end-after", &script->end_ns },
	};
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		const char *value = script_value(command, times[i].key);
		if (value && !read_duration(value, times[i].ns))
			return failed(stage, "%s: '%s' is no duration", times[i].key, value);
	}
	script->url = script_value(command, "url");
	script->header = script_value(command, "header");
	script->body = script_value(command, "body");
	const char *count = script_value(command, "times");
	if (count && !parse_u64(str_of(count), &script->times))
		return failed(stage, "times: '%s' is no number", count);
	return true;
}

/* The body in pieces: whole, or (with a gap) event by event. */
static void
split_body(struct stage *stage, struct fake_script *script, char *body, int64_t gap_ns)
{
	size_t n = 0;
	while (gap_ns && n + 1 < FAKE_CHUNKS_MAX) {
		char *cut = strstr(body, "\n\n");
		if (!cut || cut[2] == '\0')
			break;
		const char *piece = arena_dup(&stage->memory, str_span(body, (size_t)(cut + 2 - body)));
		script->chunks[n] = (struct fake_chunk){ n ? gap_ns : 0, piece, 0 };
		n++;
		body = cut + 2;
	}
	if (body[0])
		script->chunks[n] = (struct fake_chunk){ n ? gap_ns : 0, body, 0 };
}

/* reply FILE [url= header= body= times= dns= connect= tls= send= first-byte= gap= end-after= end=closed] */
static bool
verb_reply(struct stage *stage, const struct command *command)
{
	build(stage);
	struct fake_script script = { .connect_ns = 10 * NS_PER_MS, .first_byte_ns = 100 * NS_PER_MS };
	if (command->count < 2 || !read_script(stage, command, &script))
		return stage->message[0] ? false : failed(stage, "reply FILE …");
	char path[PATH_MAX_BYTES];
	snprintf(path, sizeof(path), "%s/replies/%s", stage->folder, command->words[1]);
	char *text = script_slurp(&stage->memory, path);
	char *body = text ? strstr(text, "\n\n") : NULL;
	if (!body)
		return failed(stage, "%s: cannot be read, or has no head", path);
	/* the file has plain line ends in its head */
	auto_buf struct buf head = BUF_INIT(64 * 1024);
	for (const char *p = text; p < body + 2; p++)
		buf_printf(&head, *p == '\n' ? "\r\n" : "%c", *p);
	script.head = arena_dup(&stage->memory, buf_view(&head));
	const char *gap = script_value(command, "gap");
	int64_t gap_ns = 0;
	if (gap && !read_duration(gap, &gap_ns))
		return failed(stage, "gap: '%s' is no duration", gap);
	split_body(stage, &script, body + 2, gap_ns);
	const char *end = script_value(command, "end");
	if (end && strcmp(end, "closed") == 0)
		script.end = END_CLOSED;
	fake_add(stage->transport, &script);
	return true;
}

/* fail dns|connect|tls|closed|local [the same keys] */
static bool
verb_fail(struct stage *stage, const struct command *command)
{
	build(stage);
	static const struct {
		const char *name;
		enum exchange_end end;
	} ends[] = {
		{ "dns", END_DNS }, { "connect", END_CONNECT }, { "tls", END_TLS }, { "closed", END_CLOSED },
		{ "local", END_LOCAL }, { "hang", END_COMPLETE }, /* with a stage that takes never */
	};
	struct fake_script script = { .connect_ns = 10 * NS_PER_MS, .tls_ns = 10 * NS_PER_MS };
	if (command->count < 2 || !read_script(stage, command, &script))
		return stage->message[0] ? false : failed(stage, "fail HOW …");
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		if (strcmp(ends[i].name, command->words[1]) != 0)
			continue;
		script.end = ends[i].end;
		fake_add(stage->transport, &script);
		return true;
	}
	return failed(stage, "fail: '%s' is no way to fail", command->words[1]);
}

static bool
verb_clear_replies(struct stage *stage, const struct command *command)
{
	(void)command;
	fake_clear(stage->transport);
	return true;
}

static bool
take_time(struct stage *stage, const struct command *command, int64_t *ret_ns)
{
	build(stage);
	if (command->count != 2 || !read_duration(command->words[1], ret_ns))
		return failed(stage, "%s DURATION", command->words[0]);
	return true;
}

static bool
verb_advance(struct stage *stage, const struct command *command)
{
	int64_t ns;
	if (!take_time(stage, command, &ns))
		return false;
	loop_sim_advance(stage->loop, ns);
	return true;
}

/* stall DURATION: time passes and nothing runs; then the loop goes on. */
static bool
verb_stall(struct stage *stage, const struct command *command)
{
	int64_t ns;
	if (!take_time(stage, command, &ns))
		return false;
	loop_sim_stall(stage->loop, ns);
	loop_sim_settle(stage->loop);
	return true;
}

static bool
verb_step_wall(struct stage *stage, const struct command *command)
{
	int64_t ns;
	if (!take_time(stage, command, &ns))
		return false;
	loop_sim_step_wall(stage->loop, ns / NS_PER_US);
	return true;
}

static bool
verb_stop(struct stage *stage, const struct command *command)
{
	(void)command;
	engine_stop(stage->engine);
	loop_sim_settle(stage->loop);
	return true;
}

static bool
verb_switch_fallback(struct stage *stage, const struct command *command)
{
	bool fit = command->count == 3;
	bool on = fit && strcmp(command->words[2], "on") == 0;
	if (!fit || engine_switch_fallback(stage->engine, str_of(command->words[1]), on) != 0)
		return failed(stage, "switch-fallback POLICY on|off: no such policy");
	return true;
}

static bool
verb_forget(struct stage *stage, const struct command *command)
{
	(void)command;
	loop_sim_settle(stage->loop);
	fake_requests(stage->transport, &stage->first_request);
	FILE *file = fopen(stage->log_path, "re");
	if (file && fseek(file, 0, SEEK_END) == 0)
		stage->log_from = ftell(file);
	if (file)
		fclose(file);
	return true;
}

static void
render(struct stage *stage, struct buf *page)
{
	struct exposition *exposition = exposition_new(stage->metrics, EXPOSITION_TEXT);
	while (exposition_render(exposition, page, 64 * 1024))
		;
	exposition_free(exposition);
}

/* The value of a series; absent when there is none. The series is written as on the page, without the prefix. */
static struct str
find_series(struct str page, const char *series)
{
	auto_buf struct buf start = BUF_INIT(MESSAGE_MAX);
	buf_printf(&start, "cometcanary_%s ", series);
	while (page.at) {
		struct str line = str_split(&page, '\n');
		if (str_starts(line, buf_view(&start)))
			return str_span(line.at + start.len, line.len - start.len);
	}
	return STR_NONE;
}

static bool
holds(double value, const char *op, double bound)
{
	return strcmp(op, "==") == 0 ? value >= bound && value <= bound
	    : strcmp(op, ">=") == 0  ? value >= bound
	    : strcmp(op, "<=") == 0  ? value <= bound
				     : false;
}

/* expect-metric SERIES ==|>=|<= NUMBER, or SERIES absent */
static bool
verb_expect_metric(struct stage *stage, const struct command *command)
{
	if (command->count < 3)
		return failed(stage, "expect-metric SERIES OP NUMBER");
	auto_buf struct buf page = BUF_INIT(TEXT_MAX);
	render(stage, &page);
	struct str value = find_series(buf_view(&page), command->words[1]);
	if (strcmp(command->words[2], "absent") == 0)
		return !value.at || failed(stage, "%s is %.*s", command->words[1], STR_ARG(value));
	if (!value.at)
		return failed(stage, "%s is absent", command->words[1]);
	char number[64];
	snprintf(number, sizeof(number), "%.*s", STR_ARG(value));
	for (size_t i = 2; i + 1 < command->count; i += 2)
		if (!holds(strtod(number, NULL), command->words[i], strtod(command->words[i + 1], NULL)))
			return failed(stage, "%s is %s", command->words[1], number);
	return true;
}

static bool
line_has(struct json line, const char *pair)
{
	const char *equals = strchr(pair, '=');
	auto_buf struct buf key = BUF_INIT(MESSAGE_MAX), seen = BUF_INIT(MESSAGE_MAX);
	buf_add(&key, pair, (size_t)(equals - pair));
	struct json value = json_get(line, buf_cstr(&key));
	switch (value.kind) {
	case JSON_STRING:
		buf_str(&seen, json_str(value));
		break;
	case JSON_INT:
		buf_printf(&seen, "%lld", (long long)json_int(value));
		break;
	case JSON_BOOL:
		buf_text(&seen, json_truth(value) ? "true" : "false");
		break;
	case JSON_ABSENT:
		buf_text(&seen, "absent");
		break;
	case JSON_NULL:
	case JSON_REAL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		return false;
	}
	return strcmp(buf_cstr(&seen), equals + 1) == 0;
}

/* How many lines, since the last `forget`, have all the pairs; -1 when the log cannot be read. */
static int
count_log_lines(struct stage *stage, const struct command *command)
{
	loop_sim_settle(stage->loop);
	struct arena memory;
	arena_init(&memory, TEXT_MAX);
	const char *text = script_slurp(&memory, stage->log_path);
	struct str rest = text ? str_of(text + stage->log_from) : STR_NONE;
	int found = text ? 0 : -1;
	while (rest.at) {
		auto_json struct json line = JSON_NOTHING;
		if (json_parse(str_split(&rest, '\n'), 8, &line) != JSON_FINE)
			continue;
		bool all = true;
		for (size_t i = 1; i < command->count && all; i++)
			all = strchr(command->words[i], '=') && line_has(line, command->words[i]);
		found += all;
	}
	arena_done(&memory);
	return found;
}

/* What the log says instead. */
static void
show_log(const struct stage *stage)
{
	struct arena memory;
	arena_init(&memory, TEXT_MAX);
	const char *text = script_slurp(&memory, stage->log_path);
	struct str rest = text ? str_of(text + stage->log_from) : STR_NONE;
	while (rest.at) {
		struct str line = str_split(&rest, '\n');
		printf("# %.*s\n", STR_ARG(line));
	}
	arena_done(&memory);
}

static bool
verb_expect_log(struct stage *stage, const struct command *command)
{
	if (count_log_lines(stage, command) > 0)
		return true;
	show_log(stage);
	return failed(stage, "no such line in the log");
}

static bool
verb_expect_no_log(struct stage *stage, const struct command *command)
{
	int lines = count_log_lines(stage, command);
	return lines == 0 || failed(stage, "%d such lines in the log", lines);
}

/* expect-no-secret TEXT: neither in the whole log nor on the page */
static bool
verb_expect_no_secret(struct stage *stage, const struct command *command)
{
	loop_sim_settle(stage->loop);
	auto_buf struct buf page = BUF_INIT(TEXT_MAX);
	render(stage, &page);
	struct arena memory;
	arena_init(&memory, TEXT_MAX);
	const char *log = script_slurp(&memory, stage->log_path);
	bool in_log = !log || strstr(log, command->words[1]), in_page = strstr(buf_cstr(&page), command->words[1]);
	arena_done(&memory);
	return (!in_log && !in_page) || failed(stage, "it is in the %s", in_log ? "log" : "metrics");
}

/* "5" or "5..7" */
static bool
read_range(const char *text, uint64_t *ret_min, uint64_t *ret_max)
{
	const char *dots = strstr(text, "..");
	if (!dots)
		return parse_u64(str_of(text), ret_min) && parse_u64(str_of(text), ret_max);
	return parse_u64(str_span(text, (size_t)(dots - text)), ret_min) && parse_u64(str_of(dots + 2), ret_max);
}

static bool
fits(const struct fake_request *request, const struct command *command)
{
	const char *url = script_value(command, "url"), *body = script_value(command, "body");
	if (url && !strstr(request->url, url))
		return false;
	return !body || (request->body.len && memmem(request->body.at, request->body.len, body, strlen(body)));
}

/* expect-requests N|A..B [url= body=]: since the last `forget` */
static bool
verb_expect_requests(struct stage *stage, const struct command *command)
{
	uint64_t min, max, seen = 0;
	if (command->count < 2 || !read_range(command->words[1], &min, &max))
		return failed(stage, "expect-requests N or A..B");
	size_t count;
	const struct fake_request *requests = fake_requests(stage->transport, &count);
	for (size_t i = stage->first_request; i < count; i++)
		seen += fits(&requests[i], command);
	return (seen >= min && seen <= max) || failed(stage, "%llu requests", (unsigned long long)seen);
}

/* expect-period DURATION within=DURATION [url=]: the mean time between two starts */
static bool
verb_expect_period(struct stage *stage, const struct command *command)
{
	int64_t period, within = 0;
	if (command->count < 2 || !read_duration(command->words[1], &period) ||
	    !read_duration(script_value(command, "within"), &within))
		return failed(stage, "expect-period DURATION within=DURATION");
	size_t count;
	const struct fake_request *requests = fake_requests(stage->transport, &count);
	int64_t first = 0, last = 0, seen = 0;
	for (size_t i = stage->first_request; i < count; i++) {
		if (!fits(&requests[i], command))
			continue;
		last = requests[i].start.ns;
		first = seen++ ? first : last;
	}
	if (seen < 2)
		return failed(stage, "%lld requests are no rate", (long long)seen);
	int64_t mean = (last - first) / (seen - 1);
	return llabs(mean - period) <= within ||
	    failed(stage, "the mean period is %lld ms", (long long)(mean / NS_PER_MS));
}

/* expect-gap DURATION [url=]: the least time between two starts is at least that */
static bool
verb_expect_gap(struct stage *stage, const struct command *command)
{
	int64_t wanted, least = INT64_MAX, last = 0;
	if (command->count < 2 || !read_duration(command->words[1], &wanted))
		return failed(stage, "expect-gap DURATION");
	size_t count;
	const struct fake_request *requests = fake_requests(stage->transport, &count);
	for (size_t i = stage->first_request; i < count; i++) {
		if (!fits(&requests[i], command))
			continue;
		if (last && requests[i].start.ns - last < least)
			least = requests[i].start.ns - last;
		last = requests[i].start.ns;
	}
	return least >= wanted || failed(stage, "two starts are %lld us apart", (long long)(least / NS_PER_US));
}

static bool
verb_expect_idle(struct stage *stage, const struct command *command)
{
	(void)command;
	loop_sim_settle(stage->loop);
	return stage->idle || failed(stage, "runs are still under way");
}

static const struct verb {
	const char *name;
	bool (*play)(struct stage *stage, const struct command *command);
} verbs[] = {
	{ "advance", verb_advance },
	{ "at", verb_at },
	{ "clear-replies", verb_clear_replies },
	{ "config", verb_config },
	{ "config-refused", verb_config_refused },
	{ "expect-gap", verb_expect_gap },
	{ "expect-idle", verb_expect_idle },
	{ "expect-log", verb_expect_log },
	{ "expect-metric", verb_expect_metric },
	{ "expect-no-log", verb_expect_no_log },
	{ "expect-no-secret", verb_expect_no_secret },
	{ "expect-period", verb_expect_period },
	{ "expect-requests", verb_expect_requests },
	{ "fail", verb_fail },
	{ "forget", verb_forget },
	{ "kill-and-restart", verb_kill_and_restart },
	{ "reply", verb_reply },
	{ "stall", verb_stall },
	{ "step-wall", verb_step_wall },
	{ "stop", verb_stop },
	{ "store", verb_store },
	{ "switch-fallback", verb_switch_fallback },
};

static bool
play_command(struct stage *stage, const struct command *command)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, command->words[0]) == 0)
			return verbs[i].play(stage, command);
	return failed(stage, "there is no verb '%s'", command->words[0]);
}

static void
tear_down(struct stage *stage)
{
	free_canary(stage);
	store_close(stage->store);
	transport_free(stage->transport);
	log_close(100);
	if (stage->loop)
		loop_free(stage->loop);
	arena_done(&stage->memory);
	unlink(stage->config_path);
	unlink(stage->log_path);
	static const char *const of_store[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < ARRAY_LEN(of_store); i++) {
		char path[PATH_MAX_BYTES + 8];
		snprintf(path, sizeof(path), "%s%s", stage->store_path, of_store[i]);
		unlink(path);
	}
}

static bool
play(const char *folder, const char *temporary, const char *path)
{
	struct script script;
	static struct stage stage;
	/* Monday, 2026-11-23 00:00 UTC */
	stage = (struct stage){ .folder = folder, .wall = { INT64_C(1795392000) * US_PER_SEC } };
	arena_init(&stage.memory, TEXT_MAX);
	snprintf(stage.config_path, sizeof(stage.config_path), "%s/scenario.conf", temporary);
	snprintf(stage.store_path, sizeof(stage.store_path), "%s/scenario.db", temporary);
	snprintf(stage.log_path, sizeof(stage.log_path), "%s/scenario.log", temporary);
	bool ok = script_read(&script, path);
	for (size_t i = 0; ok && i < script.count; i++) {
		ok = play_command(&stage, &script.commands[i]);
		if (!ok)
			printf("# %s:%u: %s: %s\n", path, script.commands[i].line, script.commands[i].words[0],
			    stage.message);
	}
	script_done(&script);
	tear_down(&stage);
	return ok;
}

int
main(int argc, char **argv)
{
	const char *data = getenv("TEST_DATA");
	char folder[PATH_MAX_BYTES], pattern[PATH_MAX_BYTES + 8], temporary[] = "/tmp/scenario.XXXXXX";
	snprintf(folder, sizeof(folder), "%s/../scenario", data ? data : "tests/data");
	snprintf(pattern, sizeof(pattern), "%s/*.scn", folder);
	glob_t found = { 0 };
	if (argc == 1)
		glob(pattern, 0, NULL, &found);
	size_t count = argc > 1 ? (size_t)argc - 1 : found.gl_pathc;
	char **paths = argc > 1 ? argv + 1 : found.gl_pathv;
	if (count == 0 || !mkdtemp(temporary)) {
		printf("Bail out! no scenario in %s\n", folder);
		return 1;
	}
	setenv("SCENARIO_KEY", "sk-scenario-marker", 1);
	printf("1..%zu\n", count);
	bool all = true;
	for (size_t i = 0; i < count; i++) {
		bool ok = play(folder, temporary, paths[i]);
		const char *name = strrchr(paths[i], '/');
		printf("%sok %zu - %s\n", ok ? "" : "not ", i + 1, name ? name + 1 : paths[i]);
		fflush(stdout);
		all = all && ok;
	}
	rmdir(temporary);
	globfree(&found);
	return all ? 0 : 1;
}
