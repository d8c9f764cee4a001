/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_writer FILE FIRST ITEMS: writes to a store without end, and says on stdout, one write(2) a line, what it was told:
 * "acked N" for item N (under the key N % 10), "granted N" for a request taken from the budget, and "history N US"
 * right before run N goes into the history, with the monotonic time. Items are numbered from FIRST; after ITEMS of them
 * only the history goes on. It is there to be killed.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/parse.h"
#include "model/record.h"
#include "store/store.h"

enum { KEYS = 10, HISTORY_EVERY_MS = 2 };

struct writer {
	struct loop *loop;
	struct store *store;
	struct loop_timer timer;
	uint64_t number, items_left;
};

static void
say(const char *what, uint64_t number, int64_t us)
{
	char line[96];
	int len = us ? snprintf(line, sizeof(line), "%s %llu %lld\n", what, (unsigned long long)number, (long long)us)
		     : snprintf(line, sizeof(line), "%s %llu\n", what, (unsigned long long)number);
	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(EX_IOERR);
}

static void next(struct writer *writer);

static void
fail(const char *what, int error)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-error));
	exit(EX_SOFTWARE);
}

static void
on_grant(void *arg, const struct store_grant *grant)
{
	struct writer *writer = arg;
	if (!grant->granted)
		fail("budget", grant->error);
	say("granted", writer->number++, 0);
	next(writer);
}

static void
on_put(void *arg, int error)
{
	struct writer *writer = arg;
	if (error)
		fail("item", error);
	say("acked", writer->number, 0);
	const struct store_claim claim = {
		.budget = "killed", .amount = { 1, 0, 0 }, .limit = { STORE_NO_LIMIT, STORE_NO_LIMIT, STORE_NO_LIMIT }
	};
	store_budget_reserve(writer->store, &claim, 1, on_grant, writer);
}

static void
next(struct writer *writer)
{
	char key[24], value[24];
	if (writer->items_left-- == 0)
		return;
	snprintf(key, sizeof(key), "%llu", (unsigned long long)(writer->number % KEYS));
	snprintf(value, sizeof(value), "%llu", (unsigned long long)writer->number);
	const struct store_item item = { .kind = STORE_BASELINE, .key = str_of(key), .value = str_of(value) };
	store_put(writer->store, &item, on_put, writer);
}

static void
on_time(void *arg)
{
	struct writer *writer = arg;
	static uint64_t rows;
	char run_id[24];
	uint64_t row = rows++;
	struct mono now = clock_mono();
	say("history", row, now.ns / NS_PER_US);
	snprintf(run_id, sizeof(run_id), "%llu", (unsigned long long)row);
	const struct endpoint endpoint = { .name = "killed" };
	const struct reply reply = { 0 };
	const struct record record = { .finished = clock_wall(),
		.run_id = str_of(run_id),
		.endpoint = &endpoint,
		.verdict = { .outcome = OUTCOME_OK },
		.reply = &reply };
	store_history(writer->store, &record);
	loop_timer_set(writer->loop, &writer->timer, mono_add_ns(now, HISTORY_EVERY_MS * NS_PER_MS), on_time, writer);
}

int
main(int argc, char **argv)
{
	struct writer writer = { .loop = loop_uv_new() };
	if (argc != 4 || !parse_u64(str_of(argv[2]), &writer.number) ||
	    !parse_u64(str_of(argv[3]), &writer.items_left) || !writer.loop)
		return EX_USAGE;
	auto_buf struct buf why = BUF_INIT(4096);
	const struct store_options options = { .path = argv[1], .loop = writer.loop };
	int error = store_open(&options, &why, &writer.store);
	if (error)
		fail(buf_cstr(&why), error);
	on_time(&writer);
	next(&writer);
	loop_run(writer.loop);
	return EX_SOFTWARE;
}
