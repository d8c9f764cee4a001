/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/loop.h"
#include "base/xalloc.h"
#include "metrics_fixture.h"
#include "store/schema.h"

enum { PATH_MAX_BYTES = 512, EVENTS_MAX = 64, PATIENCE_S = 30 };

struct bed {
	char folder[64];
	char path[PATH_MAX_BYTES];
	struct loop *loop;
	struct store *store;
	struct loop_timer patience;
	size_t events;
	enum store_event event[EVENTS_MAX];
	char said[EVENTS_MAX][PATH_MAX_BYTES];
	size_t waiting; /* callbacks that are to come before the loop stops */
	enum store_event awaited;
	bool awaits_event;
	int error; /* of the last callback; and how many had one: */
	size_t failures;
	size_t granted, denied;
	struct store_grant grant;
	struct store_items *items; /* what a load brought, by key */
	char loaded[256];
};

static void
on_patience(void *arg)
{
	(void)arg;
	fail_msg("waited %d s", PATIENCE_S);
}

static void
run_loop(struct bed *bed)
{
	loop_timer_set(
	    bed->loop, &bed->patience, mono_add_ns(loop_now(bed->loop), PATIENCE_S * NS_PER_SEC), on_patience, bed);
	loop_run(bed->loop);
	loop_timer_cancel(bed->loop, &bed->patience);
}

static void
on_event(void *arg, enum store_event event, const char *text)
{
	struct bed *bed = arg;
	assert_true(bed->events < EVENTS_MAX);
	bed->event[bed->events] = event;
	snprintf(bed->said[bed->events++], PATH_MAX_BYTES, "%s", text);
	if (bed->awaits_event && event == bed->awaited)
		loop_stop(bed->loop);
}

static size_t
events_of(const struct bed *bed, enum store_event event)
{
	size_t count = 0;
	for (size_t i = 0; i < bed->events; i++)
		count += bed->event[i] == event;
	return count;
}

static const char *
said_of(const struct bed *bed, enum store_event event)
{
	for (size_t i = 0; i < bed->events; i++)
		if (bed->event[i] == event)
			return bed->said[i];
	return "";
}

static void
await_event(struct bed *bed, enum store_event event)
{
	if (events_of(bed, event))
		return;
	bed->awaited = event;
	bed->awaits_event = true;
	run_loop(bed);
	bed->awaits_event = false;
}

static void
one_came(struct bed *bed, int error)
{
	bed->error = error;
	bed->failures += error != 0;
	assert_true(bed->waiting > 0);
	if (--bed->waiting == 0)
		loop_stop(bed->loop);
}

static void
on_done(void *arg, int error)
{
	one_came(arg, error);
}

static void
on_grant(void *arg, const struct store_grant *grant)
{
	struct bed *bed = arg;
	bed->grant = *grant;
	bed->granted += grant->granted;
	bed->denied += !grant->granted && grant->error == 0;
	one_came(bed, grant->error);
}

static void
on_load(void *arg, int error, const struct store_items *items)
{
	struct bed *bed = arg;
	struct buf said = BUF_INIT(sizeof(bed->loaded) - 1);
	for (size_t i = 0; i < items->count; i++) {
		const struct store_item *item = &items->list[i];
		buf_printf(&said, "%.*s@%lld=%.*s;", STR_ARG(item->key), (long long)item->at.us, STR_ARG(item->value));
	}
	snprintf(bed->loaded, sizeof(bed->loaded), "%s", buf_cstr(&said));
	buf_done(&said);
	one_came(bed, error);
}

static int
open_as(struct bed *bed, struct store_options options, struct buf *why)
{
	options.path = bed->path;
	options.event = on_event;
	options.arg = bed;
	return store_open(&options, why, &bed->store);
}

static void
open_store(struct bed *bed)
{
	auto_buf struct buf why = BUF_INIT(1024);
	assert_int_equal(open_as(bed, (struct store_options){ .loop = bed->loop }, &why), 0);
}

static void
reopen(struct bed *bed)
{
	assert_true(store_close(bed->store));
	bed->events = 0;
	open_store(bed);
}

static int
set_up(void **state)
{
	struct bed *bed = xcalloc(1, sizeof(*bed));
	snprintf(bed->folder, sizeof(bed->folder), "/tmp/test_store.XXXXXX");
	assert_non_null(mkdtemp(bed->folder));
	snprintf(bed->path, sizeof(bed->path), "%s/state/here/canary.db", bed->folder);
	bed->loop = loop_uv_new();
	assert_non_null(bed->loop);
	*state = bed;
	return 0;
}

static int
remove_one(const char *path, const struct stat *seen, int type, struct FTW *where)
{
	(void)seen, (void)type, (void)where;
	return remove(path);
}

static int
tear_down(void **state)
{
	struct bed *bed = *state;
	store_close(bed->store);
	loop_free(bed->loop);
	nftw(bed->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(bed);
	return 0;
}

static void
ask_put(struct bed *bed, enum store_kind kind, const char *key, const char *value)
{
	const struct store_item item = { .kind = kind, .key = str_of(key), .at = { 42 }, .value = str_of(value) };
	bed->waiting++;
	store_put(bed->store, &item, on_done, bed);
}

static void
put(struct bed *bed, enum store_kind kind, const char *key, const char *value)
{
	ask_put(bed, kind, key, value);
	run_loop(bed);
}

static const char *
load(struct bed *bed, enum store_kind kind)
{
	bed->waiting++;
	store_load(bed->store, kind, on_load, bed);
	run_loop(bed);
	assert_int_equal(bed->error, 0);
	return bed->loaded;
}

static void
add_history(struct bed *bed, struct wall finished, enum outcome outcome)
{
	struct fixture_config config;
	struct fixture_run run;
	fixture_config_init(&config);
	fixture_run_init(&run, &config.endpoints[0], PROBE_STREAM, outcome);
	fixture_usage(&run, USAGE_VERDICT_PRESENT, 11, 7);
	run.record.finished = finished;
	store_history(bed->store, &run.record);
}

/* ---- another program on the same file ---- */

static sqlite3 *
other_open(struct bed *bed)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(bed->path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, PATIENCE_S * 1000);
	return db;
}

static void
other_runs(sqlite3 *db, const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

static int64_t
other_asks(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int64_t number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

static void
other_does(struct bed *bed, const char *sql)
{
	sqlite3 *db = other_open(bed);
	other_runs(db, sql);
	sqlite3_close(db);
}

static int64_t
number_of(struct bed *bed, const char *sql)
{
	sqlite3 *db = other_open(bed);
	int64_t number = other_asks(db, sql);
	sqlite3_close(db);
	return number;
}

/* ---- items ---- */

static void
test_made_for_the_owner(void **state)
{
	struct bed *bed = *state;
	mode_t before = umask(0);
	open_store(bed);
	umask(before);
	struct stat seen;
	assert_int_equal(stat(bed->path, &seen), 0);
	assert_int_equal(seen.st_mode & 0777, 0600);
	*strrchr(bed->path, '/') = '\0';
	assert_int_equal(stat(bed->path, &seen), 0);
	assert_int_equal(seen.st_mode & 0777, 0700);
}

static void
test_items_outlive(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	ask_put(bed, STORE_BASELINE, "chat/sync", "one");
	ask_put(bed, STORE_BASELINE, "chat/stream", "two");
	ask_put(bed, STORE_BASELINE, "chat/sync", "three"); /* replaces */
	ask_put(bed, STORE_FINDINGS, "chat/sync", "");
	run_loop(bed);
	assert_int_equal(bed->failures, 0);
	assert_int_equal(store_stats(bed->store).ok, 4);
	reopen(bed);
	auto_store_items struct store_items items;
	assert_int_equal(store_read(bed->store, STORE_BASELINE, STR("chat/sync"), &items), 0);
	assert_int_equal(items.count, 1);
	assert_true(str_eq(items.list[0].value, STR("three")));
	assert_int_equal(items.list[0].at.us, 42);
	assert_string_equal(load(bed, STORE_BASELINE), "chat/stream@42=two;chat/sync@42=three;");
	assert_string_equal(load(bed, STORE_FINDINGS), "chat/sync@42=;");
	assert_string_equal(load(bed, STORE_GOLDEN), "");
	bed->waiting = 1;
	store_remove(bed->store, STORE_BASELINE, STR("chat/sync"), on_done, bed);
	run_loop(bed);
	assert_string_equal(load(bed, STORE_BASELINE), "chat/stream@42=two;");
}

static void
test_documents_have_versions(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	for (int i = 1; i <= 23; i++) {
		char value[16];
		snprintf(value, sizeof(value), "v%d", i);
		ask_put(bed, STORE_DOCUMENT, "chat", value);
	}
	ask_put(bed, STORE_DOCUMENT, "models", "other");
	run_loop(bed);
	auto_store_items struct store_items items;
	assert_int_equal(store_read(bed->store, STORE_DOCUMENT, STR("chat"), &items), 0);
	assert_int_equal(items.count, 20);
	assert_true(str_eq(items.list[0].value, STR("v23")));
	assert_true(str_eq(items.list[19].value, STR("v4")));
}

/* A load sees what was asked before it in the same turn. */
static void
test_load_after_put(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	ask_put(bed, STORE_GOLDEN, "k", "v");
	bed->waiting++;
	store_load(bed->store, STORE_GOLDEN, on_load, bed);
	run_loop(bed);
	assert_string_equal(bed->loaded, "k@42=v;");
}

static void
test_bad_items(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	put(bed, STORE_GOLDEN, "", "no key");
	assert_int_equal(bed->error, -EINVAL);
	auto_free char *large = xcalloc(1, STORE_VALUE_MAX + 1);
	struct store_item item = { .kind = STORE_GOLDEN, .key = STR("k"), .value = { large, STORE_VALUE_MAX + 1 } };
	bed->waiting = 1;
	store_put(bed->store, &item, on_done, bed);
	run_loop(bed);
	assert_int_equal(bed->error, -EFBIG);
	item.value.len--;
	bed->waiting = 1;
	store_put(bed->store, &item, on_done, bed);
	run_loop(bed);
	assert_int_equal(bed->error, 0);
	assert_int_equal(store_stats(bed->store).failed, 2);
}

/* ---- no store, no loop ---- */

static void
test_off(void **state)
{
	struct bed *bed = *state;
	bed->path[0] = '\0';
	open_store(bed);
	assert_false(store_is_on(bed->store));
	ask_put(bed, STORE_GOLDEN, "k", "v");
	const struct store_claim claim = { .budget = "b", .amount = { 1, 1, 1 }, .limit = { 9, 9, 9 } };
	bed->waiting++;
	store_budget_reserve(bed->store, &claim, 1, on_grant, bed);
	assert_int_equal(bed->failures, 0); /* not from inside */
	run_loop(bed);
	assert_int_equal(bed->failures, 2);
	assert_int_equal(bed->grant.error, -ENODEV);
	assert_false(bed->grant.granted);
	add_history(bed, FIXTURE_NOW, OUTCOME_OK);
	struct store_items items;
	assert_int_equal(store_read(bed->store, STORE_GOLDEN, STR_NONE, &items), -ENODEV);
	const struct store_stats stats = store_stats(bed->store);
	assert_int_equal(stats.ok + stats.failed + stats.dropped, 0);
	store_history(NULL, NULL);
}

static void
test_command(void **state)
{
	struct bed *bed = *state;
	auto_buf struct buf why = BUF_INIT(1024);
	assert_int_equal(open_as(bed, (struct store_options){ .read_only = true }, &why), -ENOENT);
	assert_string_equal(buf_cstr(&why), "No such file or directory");
	assert_null(bed->store);
	buf_reset(&why);
	assert_int_equal(open_as(bed, (struct store_options){ 0 }, &why), 0);
	bed->waiting = 2;
	const struct store_item item = { .kind = STORE_BASELINE, .key = STR("k"), .value = STR("v") };
	store_put(bed->store, &item, on_done, bed);
	assert_int_equal(bed->waiting, 1);
	assert_int_equal(bed->error, 0);
	assert_true(store_close(bed->store));
	assert_int_equal(open_as(bed, (struct store_options){ .read_only = true }, &why), 0);
	store_load(bed->store, STORE_BASELINE, on_load, bed);
	assert_int_equal(bed->waiting, 0);
	assert_string_equal(bed->loaded, "k@0=v;");
	bed->waiting = 2;
	store_put(bed->store, &item, on_done, bed);
	assert_int_equal(bed->error, -EROFS);
}

/* ---- history ---- */

static void
on_last(void *arg, const struct store_last_run *last)
{
	struct buf *buf = arg;
	buf_printf(buf, "%.*s %.*s %lld %lld %.*s;", STR_ARG(last->endpoint), STR_ARG(last->probe),
	    (long long)last->run.us, (long long)last->success.us,
	    STR_ARG(last->outcome.len ? last->outcome : STR("?")));
}

static void
test_history(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	add_history(bed, (struct wall){ 1000 }, OUTCOME_OK);
	add_history(bed, (struct wall){ 2000 }, OUTCOME_NOT_JSON);
	reopen(bed); /* closing writes what waits */
	assert_int_equal(
	    number_of(bed,
		"SELECT count(*) FROM history WHERE run_id = '01JDXR0000000000000000TEST' AND endpoint = 'chat' AND"
		" probe = 'stream' AND http_status = 200 AND latency_us = 750000 AND ttft_us = 420000 AND"
		" input_tokens = 11 AND output_tokens = 7 AND usage = 'present' AND findings = 0"),
	    2);
	assert_int_equal(number_of(bed, "SELECT finished_us FROM history WHERE outcome = 'ok' AND class = 'ok'"), 1000);
	auto_buf struct buf said = BUF_INIT(1024);
	assert_int_equal(store_last_runs(bed->store, on_last, &said), 0);
	assert_string_equal(buf_cstr(&said), "chat stream 2000 1000 not_json;");
	other_does(bed, "DELETE FROM history");
	buf_reset(&said);
	assert_int_equal(store_last_runs(bed->store, on_last, &said), 0);
	assert_string_equal(buf_cstr(&said), "chat stream 2000 1000 ?;"); /* the retention is over */
}

static void
on_look(void *arg)
{
	struct bed *bed = arg;
	if (store_stats(bed->store).ok + store_stats(bed->store).failed == 1)
		loop_stop(bed->loop);
	else
		loop_timer_set(bed->loop, &bed->patience, mono_add_ns(loop_now(bed->loop), NS_PER_MS), on_look, bed);
}

/* Without anybody who waits for an answer. */
static void
test_history_within_a_second(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	struct mono began = clock_mono();
	add_history(bed, FIXTURE_NOW, OUTCOME_OK);
	on_look(bed);
	loop_run(bed->loop);
	loop_timer_cancel(bed->loop, &bed->patience);
	assert_int_equal(store_stats(bed->store).ok, 1);
	assert_int_equal(number_of(bed, "SELECT count(*) FROM history"), 1);
	assert_true(mono_diff_ns(clock_mono(), began) >= NS_PER_SEC / 4); /* it does wait for more */
}

/* More than the queue holds, while another process has the file. */
static void
test_queue_full(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	sqlite3 *other = other_open(bed);
	other_runs(other, "BEGIN IMMEDIATE");
	for (int i = 0; i < 8192 + 10; i++)
		add_history(bed, FIXTURE_NOW, OUTCOME_OK);
	assert_int_equal(store_stats(bed->store).dropped, 10);
	for (int i = 0; i < 4096 + 3; i++)
		ask_put(bed, STORE_GOLDEN, "k", "v");
	other_runs(other, "COMMIT");
	sqlite3_close(other);
	run_loop(bed);
	assert_int_equal(bed->failures, 3);
	assert_int_equal(store_stats(bed->store).failed, 3);
	reopen(bed);
	assert_int_equal(number_of(bed, "SELECT count(*) FROM history"), 8192);
}

static void
test_stuck(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	sqlite3 *other = other_open(bed);
	other_runs(other, "BEGIN IMMEDIATE");
	struct mono now = clock_mono();
	assert_false(store_is_stuck(bed->store, mono_add_ns(now, 29 * NS_PER_SEC)));
	assert_true(store_is_stuck(bed->store, mono_add_ns(now, 40 * NS_PER_SEC)));
	ask_put(bed, STORE_GOLDEN, "k", "v");
	run_loop(bed); /* it gives up after a while */
	assert_int_equal(bed->error, -EBUSY);
	assert_int_equal(events_of(bed, STORE_DOWN), 1);
	other_runs(other, "COMMIT");
	sqlite3_close(other);
	put(bed, STORE_GOLDEN, "k", "v");
	assert_int_equal(bed->error, 0);
	assert_int_equal(events_of(bed, STORE_UP), 1);
}

static void
test_retention(void **state)
{
	struct bed *bed = *state;
	const int64_t day_us = 86400 * US_PER_SEC;
	struct wall now = clock_wall();
	open_store(bed);
	for (int i = 0; i < 1200; i++) /* more than one slice */
		add_history(bed, (struct wall){ now.us - 3 * day_us - i }, OUTCOME_OK);
	add_history(bed, (struct wall){ now.us - day_us }, OUTCOME_OK);
	assert_true(store_close(bed->store));
	other_does(bed, "INSERT INTO budget VALUES ('old', 1000, 1, 1, 1)");
	auto_buf struct buf why = BUF_INIT(1024);
	assert_int_equal(open_as(bed, (struct store_options){ .loop = bed->loop }, &why), 0); /* for ever */
	store_retain(bed->store, 2 * 86400 * NS_PER_SEC);
	sqlite3 *other = other_open(bed);
	struct mono limit = mono_add_ns(clock_mono(), PATIENCE_S * NS_PER_SEC);
	while (other_asks(other, "SELECT count(*) FROM history") > 1)
		assert_true(mono_before(clock_mono(), limit));
	assert_int_equal(other_asks(other, "SELECT count(*) FROM budget"), 0);
	sqlite3_close(other);
}

/* ---- budgets ---- */

static void
reserve(struct bed *bed, const struct store_claim *claims, size_t count)
{
	bed->waiting++;
	store_budget_reserve(bed->store, claims, count, on_grant, bed);
}

static void
test_budget_is_never_overspent(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	/* another process, with a share of its own in the race */
	struct store *other, *mine = bed->store;
	auto_buf struct buf why = BUF_INIT(1024);
	assert_int_equal(open_as(bed, (struct store_options){ .loop = bed->loop }, &why), 0);
	other = bed->store;
	const struct store_claim claim = { .budget = "daily",
		.window_start_s = 86400,
		.amount = { 1, 100, 7 },
		.limit = { 10, STORE_NO_LIMIT, STORE_NO_LIMIT } };
	for (int i = 0; i < 200; i++) {
		bed->store = i % 2 ? mine : other;
		reserve(bed, &claim, 1);
	}
	run_loop(bed);
	assert_int_equal(bed->failures, 0);
	assert_int_equal(bed->granted, 10);
	assert_int_equal(bed->denied, 190);
	assert_int_equal(bed->grant.spent[0].requests, 10);
	assert_int_equal(bed->grant.spent[0].tokens, 1000);
	struct store_amount spent;
	assert_int_equal(store_budget_spent(mine, "daily", 86400, &spent), 0);
	assert_int_equal(spent.usd_micro, 70);
	assert_int_equal(store_budget_spent(mine, "daily", 2 * 86400, &spent), 0);
	assert_int_equal(spent.usd_micro, 0);
	store_close(other);
	bed->store = mine;
}

static void
test_budget_all_or_none(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	const struct store_claim claims[] = {
		{ .budget = "daily", .amount = { 1, 50, 0 }, .limit = { 100, 1000, STORE_NO_LIMIT } },
		{ .budget = "tenant", .amount = { 1, 50, 0 }, .limit = { 100, 120, STORE_NO_LIMIT } },
	};
	for (int i = 0; i < 3; i++)
		reserve(bed, claims, ARRAY_LEN(claims));
	run_loop(bed);
	assert_int_equal(bed->granted, 2);
	assert_false(bed->grant.granted);
	assert_int_equal(bed->grant.denied_by, 1);
	assert_int_equal(bed->grant.spent[0].tokens, 100); /* the third took nothing of the first either */
	assert_int_equal(bed->grant.spent[1].tokens, 100);
	reopen(bed);
	reserve(bed, claims, ARRAY_LEN(claims));
	run_loop(bed);
	assert_false(bed->grant.granted);
	const struct store_claim back = { .budget = "tenant", .amount = { 0, -30, 5 } };
	bed->waiting++;
	store_budget_adjust(bed->store, &back, 1, on_grant, bed);
	reserve(bed, claims, ARRAY_LEN(claims));
	run_loop(bed);
	assert_true(bed->grant.granted);
	assert_int_equal(bed->grant.spent[1].tokens, 120);
	assert_int_equal(bed->grant.spent[1].usd_micro, 5);
	const struct store_claim too_much_back = { .budget = "tenant", .amount = { -9, -900, -9 } };
	bed->waiting++;
	store_budget_adjust(bed->store, &too_much_back, 1, on_grant, bed);
	run_loop(bed);
	assert_int_equal(bed->grant.spent[0].requests, 0);
	assert_int_equal(bed->grant.spent[0].tokens, 0);
}

static void
test_budget_odd_numbers(void **state)
{
	static const struct {
		struct store_amount amount, limit;
		int error;
		bool granted;
	} rows[] = {
		{ { 0, 0, 0 }, { 0, 0, 0 }, 0, true },
		{ { 1, 0, 0 }, { 0, 0, 0 }, 0, false },
		{ { 0, 0, 1 }, { 9, 9, 0 }, 0, false },
		{ { -1, 0, 0 }, { 9, 9, 9 }, -EINVAL, false },
		{ { 1, 1, INT64_MAX }, { 9, 9, STORE_NO_LIMIT }, -EINVAL, false },
		{ { 1, 1, 1 }, { 9, 9, -1 }, -EINVAL, false },
		{ { 1, 1, INT64_C(1000000000000000) }, { 9, 9, STORE_NO_LIMIT }, 0, true },
	};
	struct bed *bed = *state;
	open_store(bed);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct store_claim claim = { .budget = "b", .amount = rows[i].amount, .limit = rows[i].limit };
		reserve(bed, &claim, 1);
		run_loop(bed);
		assert_int_equal(bed->grant.error, rows[i].error);
		assert_int_equal(bed->grant.granted, rows[i].granted);
	}
	reserve(bed, NULL, 0);
	run_loop(bed);
	assert_int_equal(bed->grant.error, -EINVAL);
}

/* ---- what may have happened to the file ---- */

static void
write_file(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void
expect_set_aside(struct bed *bed)
{
	await_event(bed, STORE_SET_ASIDE);
	const char *name = said_of(bed, STORE_SET_ASIDE);
	char start[PATH_MAX_BYTES + 16];
	snprintf(start, sizeof(start), "%s.corrupt-2", bed->path);
	assert_int_equal(strncmp(name, start, strlen(start)), 0);
	assert_int_equal(strlen(name), strlen(bed->path) + strlen(".corrupt-20261122T100000Z"));
	assert_int_equal(access(name, F_OK), 0);
	put(bed, STORE_GOLDEN, "k", "v");
	assert_int_equal(bed->error, 0);
	assert_int_equal(number_of(bed, "PRAGMA user_version"), SCHEMA_VERSION);
}

static void
test_garbage_is_set_aside(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	store_close(bed->store);
	write_file(bed->path, "this is no database, and long enough to look at", 47);
	open_store(bed);
	expect_set_aside(bed);
	struct stat seen;
	assert_int_equal(stat(said_of(bed, STORE_SET_ASIDE), &seen), 0);
	assert_int_equal(seen.st_size, 47);
}

static void
spoil(struct bed *bed)
{
	int fd = open(bed->path, O_WRONLY);
	assert_true(fd >= 0);
	char junk[4096];
	memset(junk, 0xa5, sizeof(junk));
	for (off_t page = 1; page < 6; page++)
		assert_int_equal(pwrite(fd, junk, sizeof(junk), page * 4096), sizeof(junk));
	close(fd);
}

static void
test_damage_is_found_at_the_start(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	put(bed, STORE_BASELINE, "chat/sync", "text");
	store_close(bed->store);
	spoil(bed);
	auto_buf struct buf why = BUF_INIT(1024);
	bed->store = NULL;
	assert_int_equal(open_as(bed, (struct store_options){ .read_only = true }, &why), -EUCLEAN);
	open_store(bed);
	expect_set_aside(bed);
	assert_string_equal(load(bed, STORE_BASELINE), "");
}

static void
test_damage_under_way(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	for (int i = 0; i < 300; i++) {
		char key[32];
		snprintf(key, sizeof(key), "key-%d", i);
		ask_put(bed, STORE_BASELINE, key, "some text that fills pages, so that they are read again");
	}
	run_loop(bed);
	other_does(bed, "PRAGMA wal_checkpoint(TRUNCATE)");
	spoil(bed);
	other_does(bed, "PRAGMA user_version = 2"); /* so that nothing of it is trusted to be in memory */
	put(bed, STORE_BASELINE, "key-1", "new");
	assert_int_equal(bed->error, -EUCLEAN);
	expect_set_aside(bed);
	assert_int_equal(events_of(bed, STORE_UP), 1);
}

static char *
read_file(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	char *bytes = xcalloc(1, 1 << 20);
	*ret_len = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

static void
expect_refused_untouched(struct bed *bed, const char *reason)
{
	size_t len, len_after;
	auto_free char *before = read_file(bed->path, &len);
	auto_buf struct buf why = BUF_INIT(1024);
	assert_int_equal(open_as(bed, (struct store_options){ .loop = bed->loop }, &why), -ENOTSUP);
	bed->store = NULL;
	assert_non_null(strstr(buf_cstr(&why), reason));
	auto_free char *after = read_file(bed->path, &len_after);
	assert_int_equal(len, len_after);
	assert_memory_equal(before, after, len);
}

static void
test_newer_is_refused(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	store_close(bed->store);
	other_does(bed, "PRAGMA user_version = 99");
	expect_refused_untouched(bed, "newer version of cometcanary (format 99");
}

/* The newer version was killed: its last word is still in the log beside the file. */
static void
test_newer_in_the_log_is_refused(void **state)
{
	struct bed *bed = *state;
	char copy[PATH_MAX_BYTES + 8], wal[PATH_MAX_BYTES + 8];
	open_store(bed);
	store_close(bed->store);
	sqlite3 *other = other_open(bed);
	other_runs(other, "PRAGMA user_version = 99");
	size_t len, wal_len;
	snprintf(wal, sizeof(wal), "%s-wal", bed->path);
	auto_free char *file_bytes = read_file(bed->path, &len);
	auto_free char *wal_bytes = read_file(wal, &wal_len);
	sqlite3_close(other);
	snprintf(copy, sizeof(copy), "%s.2", bed->path);
	write_file(copy, file_bytes, len);
	memcpy(bed->path, copy, sizeof(bed->path));
	snprintf(wal, sizeof(wal), "%s-wal", bed->path);
	write_file(wal, wal_bytes, wal_len);
	expect_refused_untouched(bed, "newer version");
	size_t wal_len_after;
	auto_free char *wal_after = read_file(wal, &wal_len_after);
	assert_int_equal(wal_len, wal_len_after);
	assert_memory_equal(wal_bytes, wal_after, wal_len);
}

static void
make_state_folder(struct bed *bed)
{
	char folder[PATH_MAX_BYTES];
	snprintf(folder, sizeof(folder), "%s/state", bed->folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	snprintf(folder, sizeof(folder), "%s/state/here", bed->folder);
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void
test_of_another_program_is_refused(void **state)
{
	struct bed *bed = *state;
	make_state_folder(bed);
	other_does(bed, "CREATE TABLE theirs (x)");
	expect_refused_untouched(bed, "another program");
}

static void
test_version_1_is_brought_up_to_date(void **state)
{
	struct bed *bed = *state;
	make_state_folder(bed);
	const char *data = getenv("TEST_DATA");
	char path[PATH_MAX_BYTES];
	snprintf(path, sizeof(path), "%s/store/version-1.sql", data ? data : "../tests/data");
	size_t len;
	auto_free char *sql = read_file(path, &len);
	other_does(bed, sql);
	auto_buf struct buf why = BUF_INIT(1024);
	assert_int_equal(open_as(bed, (struct store_options){ .read_only = true }, &why), -ENOTSUP);
	assert_non_null(strstr(buf_cstr(&why), "older version"));
	open_store(bed);
	assert_int_equal(number_of(bed, "PRAGMA user_version"), SCHEMA_VERSION);
	assert_string_equal(load(bed, STORE_BASELINE), "chat/sync@1795341600000000=baseline text;");
	auto_buf struct buf said = BUF_INIT(1024);
	assert_int_equal(store_last_runs(bed->store, on_last, &said), 0);
	assert_string_equal(buf_cstr(&said),
	    "chat stream 1795341605000000 0 connect;chat sync 1795341603000000 1795341601000000 not_json;");
	struct store_amount spent;
	assert_int_equal(store_budget_spent(bed->store, "daily", 1795305600, &spent), 0);
	assert_int_equal(spent.tokens, 300);
}

static void
test_others_are_noticed(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	put(bed, STORE_BASELINE, "k", "mine"); /* which is no news */
	assert_int_equal(events_of(bed, STORE_CHANGED), 0);
	other_does(bed, "UPDATE item SET value = CAST('theirs' AS BLOB)");
	await_event(bed, STORE_CHANGED);
	assert_string_equal(load(bed, STORE_BASELINE), "k@42=theirs;");
}

/* What is acknowledged is in the file that bears the name. */
static void
test_removed_file_is_made_again(void **state)
{
	struct bed *bed = *state;
	open_store(bed);
	put(bed, STORE_BASELINE, "k", "old");
	char wal[PATH_MAX_BYTES + 8];
	snprintf(wal, sizeof(wal), "%s-wal", bed->path);
	assert_int_equal(unlink(bed->path), 0);
	assert_int_equal(unlink(wal), 0);
	put(bed, STORE_BASELINE, "k", "new");
	assert_int_equal(bed->error, 0);
	assert_int_equal(number_of(bed, "SELECT count(*) FROM item WHERE value = CAST('new' AS BLOB)"), 1);
	await_event(bed, STORE_CHANGED);
}

static void
test_full_disk(void **state)
{
	struct bed *bed = *state;
	struct rlimit before, small;
	open_store(bed);
	put(bed, STORE_BASELINE, "k", "old");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 64 * 1024;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	auto_free char *large = xcalloc(1, 256 * 1024 + 1);
	memset(large, 'x', 256 * 1024);
	put(bed, STORE_BASELINE, "k", large);
	assert_true(bed->error < 0);
	put(bed, STORE_BASELINE, "k", large);
	assert_true(bed->error < 0);
	add_history(bed, FIXTURE_NOW, OUTCOME_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(events_of(bed, STORE_DOWN), 1);
	struct mono limit = mono_add_ns(clock_mono(), PATIENCE_S * NS_PER_SEC);
	do {
		put(bed, STORE_BASELINE, "k", "new");
		assert_true(mono_before(clock_mono(), limit));
	} while (bed->error);
	assert_int_equal(events_of(bed, STORE_UP), 1);
	assert_string_equal(load(bed, STORE_BASELINE), "k@42=new;");
}

/* A folder that cannot be: the daemon starts without, and begins to write when the folder can be made. */
static void
test_path_that_cannot_be(void **state)
{
	struct bed *bed = *state;
	char folder[PATH_MAX_BYTES];
	snprintf(folder, sizeof(folder), "%s/state", bed->folder);
	write_file(folder, "", 0);
	open_store(bed);
	await_event(bed, STORE_DOWN);
	assert_string_equal(said_of(bed, STORE_DOWN), "Not a directory");
	put(bed, STORE_GOLDEN, "k", "v");
	assert_int_equal(bed->error, -ENOTDIR);
	struct store_items items;
	assert_int_equal(store_read(bed->store, STORE_GOLDEN, STR_NONE, &items), -ENOTDIR);
	assert_int_equal(unlink(folder), 0);
	await_event(bed, STORE_CHANGED);
	put(bed, STORE_GOLDEN, "k", "v");
	assert_int_equal(bed->error, 0);
	assert_int_equal(events_of(bed, STORE_UP), 1);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_made_for_the_owner),
		STORE_TEST(test_items_outlive),
		STORE_TEST(test_documents_have_versions),
		STORE_TEST(test_load_after_put),
		STORE_TEST(test_bad_items),
		STORE_TEST(test_off),
		STORE_TEST(test_command),
		STORE_TEST(test_history),
		STORE_TEST(test_history_within_a_second),
		STORE_TEST(test_queue_full),
		STORE_TEST(test_stuck),
		STORE_TEST(test_retention),
		STORE_TEST(test_budget_is_never_overspent),
		STORE_TEST(test_budget_all_or_none),
		STORE_TEST(test_budget_odd_numbers),
		STORE_TEST(test_garbage_is_set_aside),
		STORE_TEST(test_damage_is_found_at_the_start),
		STORE_TEST(test_damage_under_way),
		STORE_TEST(test_newer_is_refused),
		STORE_TEST(test_newer_in_the_log_is_refused),
		STORE_TEST(test_of_another_program_is_refused),
		STORE_TEST(test_version_1_is_brought_up_to_date),
		STORE_TEST(test_others_are_noticed),
		STORE_TEST(test_removed_file_is_made_again),
		STORE_TEST(test_full_disk),
		STORE_TEST(test_path_that_cannot_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
