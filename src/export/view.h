/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the web pages may see and ask of the daemon: filled once by app/, read by export/. All calls on the loop's thread,
 * from inside a request.
 */
#ifndef COMETCANARY_EXPORT_VIEW_H
#define COMETCANARY_EXPORT_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/conf.h"
#include "model/revalidation.h"

struct latest;
struct ledger;
struct metrics;

struct export_view {
	const struct metrics *metrics;
	const struct latest *latest;
	const char *version; /* of the program */
	struct wall started;
	/* The configuration in force; it stays valid until the loop turns. */
	const struct config *(*config)(void *arg);
	/* What is known of the contract of an endpoint in force; NULL = nothing is. */
	const struct ledger *(*ledger)(void *arg, const struct endpoint *endpoint);
	/* Days since 1970-01-01, UTC: on which acknowledgements hold. */
	int64_t (*today_days)(void *arg);
	/* What keeps the daemon from its work, in a few words; NULL when it is healthy. */
	const char *(*trouble)(void *arg);
	/* A configuration is loaded and its first round is scheduled. */
	bool (*ready)(void *arg);
	/* Loads the configuration again: 0, or -errno and what is wrong as lines for people. */
	int (*reload)(void *arg, struct buf *ret_errors);
	/* Starts one run now: 0 and its id (RUN_ID_BYTES with the NUL), or -errno: -EBUSY while one is under way. */
	int (*probe_now)(void *arg, const struct endpoint *endpoint, enum probe_kind probe, char *ret_run_id);
	/* Every probe of the endpoint, as soon as possible: 0 or -errno. */
	int (*revalidate)(void *arg, const struct endpoint *endpoint);
	/* What is known of a watched document in force, and of an endpoint's last revalidation. */
	void (*doc_status)(void *arg, const struct doc *doc, struct doc_status *ret_status);
	void (*revalidation_status)(void *arg, const struct endpoint *endpoint, struct revalidation_status *ret_status);
	/* The kill switch of a fallback policy: 0, or -ENOENT. */
	int (*switch_fallback)(void *arg, struct str policy, bool enabled);
	void *arg;
};

#endif
