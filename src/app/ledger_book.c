/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ledger_book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/conf_file.h"
#include "app/doc_evidence.h"
#include "app/ledger_store.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "config/load.h"

enum { REASON_MAX = 4096 };

static const enum store_kind kinds[BOOK_KINDS] = {
	[BOOK_FINDINGS] = STORE_FINDINGS, [BOOK_VERIFIED] = STORE_VERIFIED, [BOOK_BASELINES] = STORE_BASELINE
};

static int
fail(const struct ledger_book *book, const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", book->command, what, why);
	return EX_NOINPUT;
}

static int
do_without(const struct ledger_book *book, enum book_mode mode, const char *what, const char *why)
{
	int code = fail(book, what, why);
	return mode == BOOK_READS_IF_THERE ? 0 : code;
}

static int
open_store(struct ledger_book *book, enum book_mode mode)
{
	const struct store_config *wanted = &book->config->store;
	const struct store_options options = {
		.path = wanted->path, .retention_ns = wanted->retention_ns, .read_only = mode != BOOK_WRITES
	};
	auto_buf struct buf why = BUF_INIT(REASON_MAX);
	if (!wanted->path[0])
		return do_without(
		    book, mode, "store", "is not in the configuration: nothing is kept that could be shown");
	int error = store_open(&options, &why, &book->store);
	if (error == -ENOENT)
		return do_without(book, mode, wanted->path, "there is no store yet: the daemon makes it when it runs");
	return error ? fail(book, wanted->path, why.len ? buf_cstr(&why) : strerror(-error)) : 0;
}

static void
take_docs(struct ledger_book *book)
{
	const struct config *config = book->config;
	book->docs = xcalloc(config->doc_count + 1, sizeof(*book->docs));
	for (size_t i = 0; i < config->doc_count; i++) {
		char key[DOC_EVIDENCE_KEY_BYTES];
		doc_evidence_key(&config->docs[i], key);
		const struct store_item *item = store_items_find(&book->items[BOOK_VERIFIED], str_of(key));
		if (item)
			doc_evidence_restore(&config->docs[i], item->value, &book->docs[i]);
	}
}

int
ledger_book_open(struct ledger_book *book, const char *command, const char *config_file, enum book_mode mode)
{
	*book = (struct ledger_book){ .command = command, .today_days = clock_wall().us / (86400 * US_PER_SEC) };
	book->config = conf_file_load_without_secrets(config_file);
	if (!book->config)
		return EX_CONFIG;
	int code = open_store(book, mode);
	for (size_t i = 0; book->store && code == 0 && i < BOOK_KINDS; i++) {
		int error = store_read(book->store, kinds[i], STR_NONE, &book->items[i]);
		if (error)
			code = fail(book, book->config->store.path, strerror(-error));
	}
	if (code == 0)
		take_docs(book);
	return code;
}

const struct doc_evidence *
ledger_book_doc(void *arg, const char *name)
{
	const struct ledger_book *book = arg;
	const struct doc *doc = config_find_doc(book->config, name);
	return doc ? &book->docs[doc->index] : NULL;
}

void
ledger_book_close(struct ledger_book *book)
{
	for (size_t i = 0; i < BOOK_KINDS; i++)
		store_items_done(&book->items[i]);
	for (size_t i = 0; book->docs && i < book->config->doc_count; i++)
		doc_evidence_done(&book->docs[i]);
	free(book->docs);
	store_close(book->store);
	config_release(book->config);
}

const struct endpoint *
ledger_book_endpoint(const struct ledger_book *book, const char *name)
{
	const struct endpoint *endpoint = config_find_endpoint(book->config, name);
	if (!endpoint)
		fprintf(stderr, "%s: there is no endpoint '%s' in the configuration\n", book->command, name);
	return endpoint;
}

static void
tell_trouble(void *arg, const struct endpoint *endpoint, const char *what, const char *why)
{
	const struct ledger_book *book = arg;
	fprintf(stderr, "%s: %s: inconclusive: %s in the store %s\n", book->command, endpoint->name, what, why);
}

void
ledger_book_read(const struct ledger_book *book, const struct endpoint *endpoint, struct ledger *ret_ledger)
{
	const struct ledger_place place = { endpoint, ret_ledger };
	ledger_init(ret_ledger, endpoint);
	for (size_t i = 0; i < BOOK_KINDS; i++) {
		ledger_store_take(&place, kinds[i], &book->items[i], tell_trouble, (void *)(uintptr_t)book);
		if (kinds[i] == STORE_BASELINE)
			ledger_store_take_pins(&place, &book->items[i]);
	}
}
