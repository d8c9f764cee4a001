/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documentation watch: looks at each configured document on its own interval, one request at a time a host, keeps
 * its versions in the store, and tells what has changed: to the metrics, the log, the ledgers of the endpoints that rely
 * on it, and to its owner, who revalidates them. What could not be looked at is never a change. Loop thread.
 */
#ifndef COMETCANARY_APP_WATCH_H
#define COMETCANARY_APP_WATCH_H

#include <stdint.h>

#include "base/attr.h"
#include "model/conf.h"

struct drift;
struct loop;
struct metrics;
struct store;
struct transport;
struct watch;

struct watch_parts {
	struct loop *loop;
	struct transport *transport;
	struct metrics *metrics;
	struct drift *drift;
	struct store *store; /* NULL = versions are kept in memory only */
	uint64_t seed; /* of the jitter */
	/* A confirmed change of a document: its endpoints are in doc->relying. */
	void (*changed)(void *arg, const struct doc *doc);
	void *arg;
};

/* All parts are borrowed. Returns owned; nothing happens before watch_configure(). */
struct watch *watch_new(const struct watch_parts *parts) ATTR_NODISCARD;
/* Puts a configuration into force and holds it. What is known of documents that stay goes on. After drift_configure(). */
void watch_configure(struct watch *watch, struct config *config);
/* False: our own network does not work, and nothing is looked at. */
void watch_set_online(struct watch *watch, bool online);
/* Of a document in force. Borrowed until the loop turns. */
void watch_status(const struct watch *watch, const struct doc *doc, struct doc_status *ret_status);
void watch_free(struct watch *watch);

#endif
