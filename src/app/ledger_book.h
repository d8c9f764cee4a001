/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration and store together, for the commands that show what is known of the contracts: they read what the daemon
 * has last committed, and need neither keys nor a running daemon. Says on stderr what is wrong.
 */
#ifndef COMETCANARY_APP_LEDGER_BOOK_H
#define COMETCANARY_APP_LEDGER_BOOK_H

#include "base/attr.h"
#include "contract/ledger_print.h"
#include "model/conf.h"
#include "store/store.h"

enum { BOOK_FINDINGS, BOOK_VERIFIED, BOOK_BASELINES, BOOK_KINDS };

struct ledger_book {
	const char *command; /* for messages: "cometcanary drift" */
	struct config *config;
	struct store *store; /* NULL = there is none yet */
	struct store_items items[BOOK_KINDS];
	int64_t today_days;
	struct doc_evidence *docs; /* of each document of the configuration; owned */
};

/* What a command does with the store. BOOK_READS_IF_THERE: without one nothing is verified, which is told, and the book is
 * what the configuration says. */
enum book_mode { BOOK_READS, BOOK_READS_IF_THERE, BOOK_WRITES };

/* 0, or the exit code. To be closed in any case. */
int ledger_book_open(struct ledger_book *book, const char *command, const char *config_file, enum book_mode mode);
void ledger_book_close(struct ledger_book *book);
#define auto_ledger_book ATTR_CLEANUP(ledger_book_close)

/* doc_book's: arg is the book. */
const struct doc_evidence *ledger_book_doc(void *arg, const char *doc);
/* NULL, and a message, when there is none. */
const struct endpoint *ledger_book_endpoint(const struct ledger_book *book, const char *name);
/* Fills *ret_ledger: ledger_done() is due. */
void ledger_book_read(const struct ledger_book *book, const struct endpoint *endpoint, struct ledger *ret_ledger);

#endif
